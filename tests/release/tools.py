"""What measures a page: Lighthouse, pa11y, and Chromium behind a slow line."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from tests.plugins import chromium
from tests.release.portal import Visit

# Installed by whoever measures a release; the portal itself needs neither.
NEEDED = {"lighthouse": "LIGHTHOUSE", "pa11y": "PA11Y"}
CATEGORIES = ("accessibility", "performance", "best-practices")
CHROMIUM_FLAGS = ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage")
TOOL_SECONDS = 180
LIGHTHOUSE_RUNS = 3
SLOW_BYTES_A_SECOND, SLOW_LATENCY_MS = 400_000 // 8, 400


def find_tools() -> dict[str, str]:
    """Return name -> program, from the variable or from PATH. Ends with a clear line when one is missing."""
    found = {name: os.environ.get(variable) or shutil.which(name) for name, variable in NEEDED.items()}
    missing = [f"{name} (on PATH, or its path in {NEEDED[name]})" for name, program in found.items() if not program]
    if chromium.find_chromium() is None:
        missing.append(f"Chromium ({chromium.INSTALL_LINE})")
    if missing:
        sys.exit(f"To measure a release these are needed: {'; '.join(missing)}. npm install lighthouse@12 pa11y@8")
    return {name: program for name, program in found.items() if program}


@dataclass(frozen=True)
class Lighthouse:
    """Scores from 0 to 100, times in ms, bytes as they travelled; `failed` are the audits that cost points.

    `machine` is Lighthouse's own index of how fast this machine was meanwhile: below 1000 times say little.
    """

    accessibility: int
    performance: int
    best_practices: int
    lcp: float
    cls: float
    tbt: float
    bytes: int
    requests: int
    machine: float
    failed: tuple[str, ...]


def lighthouse(
    program: str, base: str, visit: Visit, language: str, *, report: Path, slowdown: float
) -> Lighthouse | None:
    """Return what Lighthouse finds in its mobile setting, None when it never finishes; its report stays in `report`.

    Other work on the machine only ever makes a page slower: what is not 100 is tried again, and the best run counts.
    `slowdown` is how many times slower than this machine the phone is.
    """
    best: Lighthouse | None = None
    for _run in range(LIGHTHOUSE_RUNS):
        found = _run_lighthouse(program, base, visit, language, report, slowdown)
        if found and (best is None or found.performance > best.performance):
            best = found
        if best and best.performance == 100:
            break
    return best


def _run_lighthouse(
    program: str, base: str, visit: Visit, language: str, report: Path, slowdown: float
) -> Lighthouse | None:
    with tempfile.NamedTemporaryFile("w", suffix=".json") as headers:
        json.dump({"Cookie": visit.cookie_header(language)}, headers)
        headers.flush()
        command = [
            *(program, base + visit.path, "--quiet", "--output=json", f"--output-path={report}"),
            *(f"--only-categories={','.join(CATEGORIES)}", f"--extra-headers={headers.name}"),
            *(f"--chrome-flags={' '.join(CHROMIUM_FLAGS)}", f"--throttling.cpuSlowdownMultiplier={slowdown:g}"),
        ]
        environment = {**os.environ, "CHROME_PATH": str(chromium.find_chromium())}
        try:
            subprocess.run(command, env=environment, check=True, timeout=TOOL_SECONDS, capture_output=True, text=True)
        except subprocess.CalledProcessError as error:
            print(f"Lighthouse did not finish on {visit.name}:", *error.stderr.strip().splitlines()[-3:], flush=True)
            return None
        except subprocess.TimeoutExpired:
            print(f"Lighthouse did not finish on {visit.name} within {TOOL_SECONDS} seconds", flush=True)
            return None
    return read_lighthouse(json.loads(report.read_text("utf-8")))


def read_lighthouse(report: dict[str, Any]) -> Lighthouse:
    """Return what we hold ourselves to."""
    audits = report["audits"]
    scores = {name: round(100 * (report["categories"][name]["score"] or 0)) for name in CATEGORIES}
    weighed = {one["id"] for name in CATEGORIES for one in report["categories"][name]["auditRefs"] if one["weight"]}
    failed = [name for name in sorted(weighed) if audits[name]["score"] is not None and audits[name]["score"] < 1]
    requests = audits["network-requests"]["details"]["items"]
    return Lighthouse(
        accessibility=scores["accessibility"],
        performance=scores["performance"],
        best_practices=scores["best-practices"],
        lcp=audits["largest-contentful-paint"]["numericValue"],
        cls=audits["cumulative-layout-shift"]["numericValue"],
        tbt=audits["total-blocking-time"]["numericValue"],
        bytes=sum(item.get("transferSize", 0) for item in requests),
        requests=len(requests),
        machine=report["environment"]["benchmarkIndex"],
        failed=tuple(failed),
    )


def pa11y(program: str, base: str, visit: Visit, language: str) -> list[str]:
    """Return the errors of HTML_CodeSniffer and of axe, none on a good page."""
    settings = {
        "runners": ["htmlcs", "axe"],
        "standard": "WCAG2AA",
        "headers": {"Cookie": visit.cookie_header(language)},
        "timeout": 60_000,
        "chromeLaunchConfig": {"executablePath": chromium.find_chromium(), "args": CHROMIUM_FLAGS[1:]},
    }
    with tempfile.NamedTemporaryFile("w", suffix=".json") as config:
        json.dump(settings, config)
        config.flush()
        command = [program, "--reporter", "json", "--config", config.name, base + visit.path]
        done = subprocess.run(command, capture_output=True, timeout=TOOL_SECONDS, text=True, check=False)
    if done.returncode not in (0, 2):
        raise RuntimeError(f"pa11y did not finish on {visit.name}: {done.stderr.strip()}")
    found = json.loads(done.stdout)
    return [f"{one['code']} {one['selector']}" for one in found if one["type"] == "error"]


_LAYOUT = """
() => new Promise((resolve) => {
  let lcp = 0, cls = 0;
  new PerformanceObserver((list) => { for (const one of list.getEntries()) lcp = one.startTime; })
    .observe({ type: "largest-contentful-paint", buffered: true });
  new PerformanceObserver((list) => { for (const one of list.getEntries()) cls += one.value; })
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve([lcp, cls]), 500);
})
"""


def slow_line(browser: Browser, base: str, visit: Visit, language: str) -> tuple[float, float]:
    """Return LCP in milliseconds and CLS of a first visit by phone at 400 kbit/s with 400 ms of latency."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=2)
    try:
        pairs = (*visit.cookies, ("language", language))
        context.add_cookies([{"name": name, "value": value, "url": base} for name, value in pairs])
        page = context.new_page()
        line = {"offline": False, "latency": SLOW_LATENCY_MS}
        speed = {"downloadThroughput": SLOW_BYTES_A_SECOND, "uploadThroughput": SLOW_BYTES_A_SECOND}
        context.new_cdp_session(page).send("Network.emulateNetworkConditions", {**line, **speed})
        answer = page.goto(base + visit.path)
        assert answer is not None and answer.status == 200, f"{visit.name}: {visit.path} is no page"
        assert page.url == base + visit.path, f"{visit.name}: led on to {page.url}"
        lcp, cls = page.evaluate(_LAYOUT)
        return float(lcp), float(cls)
    finally:
        context.close()
