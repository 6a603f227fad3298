"""Measure a release: `python -m tests.release.measure` (SCREENS 14, rows 3, 4 and 13).

It serves a demo as in production, walks through the main pages and asks Lighthouse (mobile setting), pa11y
(HTML_CodeSniffer and axe, in every language) and Chromium behind a slow line. The numbers are written to var/release/
(measures.md, measures.json, and Lighthouse's reports), and what misses its target is listed at the end: then the exit
code is 1. It is no part of `make test`, because it needs Node.js with two programs:

    npm install lighthouse@12 pa11y@8        somewhere outside of this repository
    PATH="$PWD/node_modules/.bin:$PATH"      or their paths in LIGHTHOUSE and PA11Y

`--only NAME ...` measures some pages only, `--list` names them. Times depend on the machine: keep it quiet meanwhile.
"""

import argparse
import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from tests.plugins import chromium
from tests.release import tools
from tests.release.portal import ROOT, Visit, pages, served

OUTPUT = ROOT / "var" / "release"
LANGUAGES = ("fr", "nl", "de", "en")
LCP_MS, SLOW_LCP_MS, TBT_MS, CLS = 1200, 2000, 0, 0.01


@dataclass(frozen=True)
class Measured:
    """All numbers of one page. Lighthouse and the slow line ran in `language`, pa11y in all of them."""

    name: str
    language: str
    lighthouse: tools.Lighthouse | None
    errors: tuple[str, ...]
    slow_lcp: float
    slow_cls: float

    def misses(self) -> list[str]:
        """Return the targets that the page misses, in words."""
        found = self.lighthouse
        if found is None:
            return [f"{self.name}: Lighthouse did not finish", *(f"{self.name}: {error}" for error in self.errors)]
        scores = (
            ("accessibility", found.accessibility),
            ("performance", found.performance),
            ("best practices", found.best_practices),
        )
        limits = (
            ("LCP", found.lcp, LCP_MS),
            ("LCP on a slow line", self.slow_lcp, SLOW_LCP_MS),
            ("TBT", found.tbt, TBT_MS),
            ("CLS", max(found.cls, self.slow_cls), CLS),
        )
        missed = [f"{name} {score}, not 100 ({', '.join(found.failed)})" for name, score in scores if score < 100]
        missed += [f"{name} {round(value, 3):g}, more than {limit}" for name, value, limit in limits if value > limit]
        return [f"{self.name}: {line}" for line in (*missed, *self.errors)]


def measure(
    browser: Browser, programs: dict[str, str], base: str, visit: Visit, *, language: str, options: argparse.Namespace
) -> Measured:
    """Measure one page with everything."""
    slow_lcp, slow_cls = tools.slow_line(browser, base, visit, language)
    report = OUTPUT / "lighthouse" / f"{visit.name}.json"
    found = tools.lighthouse(programs["lighthouse"], base, visit, language, report=report, slowdown=options.slowdown)
    errors = [
        f"{error} ({spoken})"
        for spoken in ([language] if options.quick else LANGUAGES)
        for error in tools.pa11y(programs["pa11y"], base, visit, spoken)
    ]
    return Measured(visit.name, language, found, tuple(errors), slow_lcp, slow_cls)


def as_table(rows: list[Measured]) -> str:
    """Return the numbers as a table in Markdown."""
    heads = (
        "Page",
        "Language",
        "Accessibility",
        "Performance",
        "Best practices",
        "LCP ms",
        "TBT ms",
        "CLS",
        "kB",
        "Requests",
        "Machine",
        "LCP ms, 400 kbit/s",
        "pa11y errors",
    )
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for row in rows:
        found = row.lighthouse
        cells: tuple[Any, ...] = ("-",) * 9
        if found:
            cells = (
                found.accessibility,
                found.performance,
                found.best_practices,
                f"{found.lcp:.0f}",
                f"{found.tbt:.0f}",
                f"{max(found.cls, row.slow_cls):.3f}",
                f"{found.bytes / 1000:.1f}",
                found.requests,
                f"{found.machine:.0f}",
            )
        cells = (row.name, row.language, *cells, f"{row.slow_lcp:.0f}", len(row.errors))
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Measure, write the tables, say what misses its target; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.release.measure", description="Measure a release.")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="measure these pages only")
    parser.add_argument("--quick", action="store_true", help="pa11y in one language per page, not in all")
    parser.add_argument(
        "--slowdown",
        type=float,
        default=4,
        metavar="N",
        help="how many times slower than this machine the phone is (Lighthouse says 4, and less on a slow machine)",
    )
    parser.add_argument("--list", action="store_true", help="name the pages and stop")
    chosen = parser.parse_args(arguments)
    programs = {} if chosen.list else tools.find_tools()
    (OUTPUT / "lighthouse").mkdir(parents=True, exist_ok=True)
    rows = []
    with served() as base, sync_playwright() as playwright:
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=chromium.find_chromium(), args=sandbox)
        visits = [visit for visit in pages(browser, base) if not chosen.only or visit.name in chosen.only]
        for number, visit in enumerate(visits):
            if chosen.list:
                print(visit.name)
                continue
            language = LANGUAGES[number % len(LANGUAGES)]
            rows.append(measure(browser, programs, base, visit, language=language, options=chosen))
            print(as_table(rows[-1:]).splitlines()[-1], flush=True)
        browser.close()
    if chosen.list:
        return 0
    write(OUTPUT / "measures.md", as_table(rows))
    write(OUTPUT / "measures.json", json.dumps([asdict(row) for row in rows], indent=1))
    misses = [line for row in rows for line in row.misses()]
    print(f"\n{len(rows)} pages measured, {len(misses)} targets missed. The numbers are in {OUTPUT}", *misses, sep="\n")
    return 1 if misses else 0


def write(path: Path, text: str) -> None:
    """Write a text file."""
    path.write_text(text, "utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
