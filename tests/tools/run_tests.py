"""Run every test: on SQLite, on PostgreSQL, and the journeys in a browser. `make test` calls it.

What is missing is installed when this machine allows it; otherwise the part is left out visibly, and with CI=true
that is a failure.
"""

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass

from tests.plugins import chromium, no_skips, postgres

READ_IN_THE_BROWSER = "tests/screens/test_pages.py::test_every_state_is_right"
# What runs without a browser and a stopwatch, and does something with a database.
ON_THE_SECOND_DATABASE = "database and not browser and not benchmark"


@dataclass(frozen=True)
class Part:
    """One run of pytest."""

    name: str
    database: str
    arguments: tuple[str, ...] = ()


def missing_packages() -> list[str]:
    """Return the Debian packages of what is not there."""
    packages = []
    if chromium.find_chromium() is None:
        packages.append("chromium")
    if postgres.find_binaries() is None and not os.environ.get("TEST_DATABASE_URL"):
        packages.append("postgresql")
    return packages


def install(packages: list[str]) -> None:
    """Install with apt, as root on Debian or Ubuntu only; the lists are fetched when they are missing."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}

    def apt(*words: str) -> bool:
        command = ["apt-get", "-qq", *words]
        return subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False).returncode == 0

    def installed(names: list[str]) -> bool:
        return apt("install", "-y", "--no-install-recommends", *names)

    print("Installing with apt:", *packages, flush=True)
    quickest = [chromium.WITHOUT_WINDOWS if name == "chromium" else name for name in packages]
    if not installed(quickest):
        apt("update")
        if not installed(quickest):
            installed(packages)


def plan(missing: list[str]) -> tuple[list[Part], list[str]]:
    """Return the runs that can be made, and a line for each that cannot."""
    # The states of the screens are read in the browser too, on SQLite: there is one run for both.
    in_browser = () if "chromium" in missing else (f"--deselect={READ_IN_THE_BROWSER}",)
    parts = [Part("SQLite", "sqlite", in_browser)]
    left_out = []
    if "postgresql" in missing:
        left_out.append(f"PostgreSQL: no server binaries. Install them: {postgres.INSTALL_LINE}")
    else:
        parts.append(Part("PostgreSQL", "postgres", ("-m", ON_THE_SECOND_DATABASE)))
    if "chromium" in missing:
        left_out.append(f"journeys in the browser: no Chromium. Install it: {chromium.INSTALL_LINE}")
    else:
        parts.append(Part("journeys in Chromium", "sqlite", ("-m", "browser")))
    return parts, left_out


def run(part: Part, extra: list[str]) -> int:
    """Run pytest for one part and return its exit code; it is not 0 either when no test was found."""
    print(f"\n=== {part.name} ===", flush=True)
    return subprocess.run(
        # Work is stolen: whoever is done takes over half of what another one still has to do.
        [sys.executable, "-m", "pytest", "-n", "auto", "--dist", "worksteal", "-q", *part.arguments, *extra],
        env={**os.environ, "TEST_DATABASE": part.database},
        check=False,
    ).returncode


def main(extra: list[str]) -> int:
    """Run all parts, then say how each went."""
    if packages := missing_packages():
        install(packages)
    parts, left_out = plan(missing_packages())
    lines, failed = [], False
    for part in parts:
        begun = time.monotonic()
        code = run(part, extra)
        failed = failed or code != 0
        lines.append(f"{'passed' if code == 0 else 'FAILED'}   {part.name} ({time.monotonic() - begun:.0f} s)")
    lines += [f"SKIPPED  {line}" for line in left_out]
    print("\n" + "\n".join(lines), flush=True)
    if left_out and no_skips.in_ci():
        print("With CI=true nothing may be skipped: this run fails.")
        failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
