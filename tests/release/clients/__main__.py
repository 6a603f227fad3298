"""Sign in with foreign programs: `python -m tests.release.clients` (DOMAIN 11; what issue 6 is checked by).

It serves a demo as in production, registers a client for each program in the administration, starts the program with
the ready settings that the administration shows, as they stand there, and lets people come in a real browser: one with
the role, who has to be let in; one without, who must not be; and where the program keeps a session and takes messages
that a sign-on is over, a role is ended while they watch. A program that is not installed is listed as missing. The
table is written to var/release/clients.md; the exit code is 1 if a program did not do what it should.

    apt-get install apache2 libapache2-mod-auth-openidc curl jq openssl
    npm install openid-client        somewhere outside of this repository; its folder in OPENID_CLIENT

`--only NAME ...` runs some programs only.
"""

import argparse
import os
import sys
import time
from dataclasses import dataclass

from playwright.sync_api import Browser, sync_playwright

from tests.plugins import chromium
from tests.release.clients.portal import ENDS, INSIDE, OUTSIDE, Registered, end_role, fresh, register, signed_in
from tests.release.clients.programs import PROGRAMS, Program
from tests.release.portal import ROOT, served

OUTPUT = ROOT / "var" / "release"
ADMIN = "Sofie De Smet"
ROLE = "FLUVIUS_ENERGY_PORTAL_ADMIN"
ROLE_IN_WORDS = "energy portal"
PROMISED = 60.0  # seconds


@dataclass(frozen=True)
class Row:
    """What one program did."""

    name: str
    version: str
    with_role: str
    without_role: str
    after_end: str

    @property
    def is_right(self) -> bool:
        """Whether it did what it should."""
        is_told = self.after_end == "keeps no session" or self.after_end.startswith("out after")
        return (self.with_role, self.without_role) == ("let in", "kept out") and is_told


def tried(browser: Browser, base: str, program: Program, client: Registered) -> Row:
    """Let people come to one program."""
    with program.running(client):
        with fresh(browser, base) as page:
            outside = program.visit(page, OUTSIDE)
        with fresh(browser, base) as page:
            inside = program.visit(page, INSIDE)
            after = "keeps no session"
            if program.still_in(page) is not None:
                after = _after_the_end(browser, base, program, page)
    if inside.roles and inside.roles != (ROLE,):
        raise RuntimeError(f"{program.name} saw {inside.roles}")
    return Row(
        program.name,
        program.version(),
        "let in" if inside.let_in else "kept out",
        "let in" if outside.let_in else "kept out",
        after,
    )


def _after_the_end(browser: Browser, base: str, program: Program, page: object) -> str:
    """End the role while its holder is in, and return how long it took until the program knew."""
    if not program.still_in(page):  # type: ignore[arg-type]
        return "was out before"
    with signed_in(browser, base, ENDS) as jean:
        end_role(jean, base, INSIDE, ROLE_IN_WORDS)
        began = time.monotonic()
        while time.monotonic() - began < PROMISED:
            if not program.still_in(page):  # type: ignore[arg-type]
                return f"out after {time.monotonic() - began:.1f} s"
            time.sleep(0.25)
    return "still in"


def as_table(rows: list[Row]) -> str:
    """Return the rows as a table in Markdown."""
    heads = ("Program", "Version", "With the role", "Without the role", "Role ended while they watch")
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    lines += [
        f"| {row.name} | {row.version} | {row.with_role} | {row.without_role} | {row.after_end} |" for row in rows
    ]
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Run the programs, print and write the table; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.release.clients", description="Sign in with foreign programs."
    )
    names = [program.name for program in PROGRAMS]
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=names, help=f"some of: {', '.join(names)}")
    chosen = parser.parse_args(arguments)
    programs = [program() for program in PROGRAMS if not chosen.only or program.name in chosen.only]
    rows: list[Row] = []
    with served() as base, sync_playwright() as playwright:
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=chromium.find_chromium(), args=sandbox)
        # The one whose role is ended comes last: the others need it.
        for program in sorted(programs, key=lambda one: "backchannel_logout_uri" in one.registration()):
            if missing := program.missing():
                rows.append(Row(program.name, "missing", f"needs {missing}", "-", "-"))
                continue
            with signed_in(browser, base, ADMIN) as sofie:
                client = register(sofie, base, program.name.replace(" ", "-"), **program.registration())
            rows.append(tried(browser, base, program, client))
            print(as_table(rows[-1:]).splitlines()[-1], flush=True)
        browser.close()
    OUTPUT.mkdir(parents=True, exist_ok=True)
    (OUTPUT / "clients.md").write_text(as_table(rows), "utf-8")
    print("\n" + as_table(rows))
    return 0 if all(row.is_right or row.version == "missing" for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
