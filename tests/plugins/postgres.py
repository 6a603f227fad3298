"""A PostgreSQL server for one test run, made from the installed binaries and thrown away afterwards.

It is used when TEST_DATABASE=postgres. TEST_DATABASE_URL names a server to use instead. The cluster that a
distribution may have started on port 5432 is never touched.
"""

import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.plugins.environment import temporary_folder

VERSIONED = Path("/usr/lib/postgresql")
INSTALL_LINE = "apt-get install -y --no-install-recommends postgresql"

# Nothing of a test run has to survive a crash.
SPEED_UP = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "autovacuum=off",
    "jit=off",
    "max_connections=200",
)


def find_binaries() -> Path | None:
    """Return the folder of the newest `initdb`: Debian keeps one per version, others have it on the path."""
    versions = [folder for folder in VERSIONED.glob("*/bin") if (folder / "initdb").exists()]
    if versions:
        return max(versions, key=lambda folder: _number(folder.parent.name))
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def _number(text: str) -> int:
    found = re.match(r"\d+", text)
    return int(found[0]) if found else 0


class Cluster:
    """One server on a free loopback port, in a temporary directory that holds its socket as well."""

    def __init__(self, binaries: Path) -> None:
        self.binaries = binaries
        self.folder = Path(temporary_folder("portal-pg-"))
        self.user = self._user()
        self.port = free_port()

    @staticmethod
    def _user() -> str | None:
        """Return whom to become: the server refuses to run as root."""
        if os.geteuid() != 0:
            return None
        names = {entry.pw_name for entry in pwd.getpwall()}
        return "postgres" if "postgres" in names else "nobody"

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self.binaries / program), *arguments],
            user=self.user,
            cwd=self.folder,
            # No inherited PGHOST, PGDATA or locale; the log file takes what the server says.
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            raise pytest.UsageError(f"{program} failed while starting PostgreSQL for the tests:\n{done.stdout}")

    def start(self) -> str:
        """Create and start the server; return its address for DATABASE_URL."""
        if self.user:
            shutil.chown(self.folder, self.user)
        data = str(self.folder / "data")
        self._run("initdb", "-D", data, "-U", "portal", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        options = " ".join(
            f"-c {option}"
            for option in (
                f"port={self.port}",
                "listen_addresses=127.0.0.1",
                f"unix_socket_directories={self.folder}",
                *SPEED_UP,
            )
        )
        log = str(self.folder / "server.log")
        self._run("pg_ctl", "-D", data, "-l", log, "-w", "-t", "60", "-o", options, "start")
        return f"postgres://portal@127.0.0.1:{self.port}/postgres"

    def stop(self) -> None:
        """Stop at once and remove everything."""
        try:
            self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)


def free_port() -> int:
    """Return a loopback port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


_cluster: list[Cluster] = []


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Generator[None]:
    """Start the server in the controlling process only, before pytest-django reads the settings."""
    wanted = os.environ.get("TEST_DATABASE", "")
    if wanted not in {"", "sqlite", "postgres"}:
        raise pytest.UsageError("TEST_DATABASE should be sqlite or postgres.")
    if "PYTEST_XDIST_WORKER" not in os.environ:
        if wanted == "sqlite":
            os.environ.pop("DATABASE_URL", None)
        elif wanted == "postgres":
            os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL") or _start()
    return (yield)


def _start() -> str:
    binaries = find_binaries()
    if binaries is None:
        raise pytest.UsageError(f"No PostgreSQL server binaries found. Install them: {INSTALL_LINE}")
    cluster = Cluster(binaries)
    _cluster.append(cluster)
    try:
        return cluster.start()
    except BaseException:
        pytest_unconfigure()
        raise


def pytest_unconfigure() -> None:
    """Throw the server away."""
    while _cluster:
        _cluster.pop().stop()


if __name__ == "__main__":  # `python -m tests.plugins.postgres` says whether the binaries are there
    sys.exit(0 if find_binaries() else 1)
