"""The measures of a release read their tools right, and say what misses its target. Nothing is measured here."""

import pytest

from tests.release import tools
from tests.release.measure import Measured, as_table
from tests.release.portal import Visit

REPORT = {
    "environment": {"benchmarkIndex": 1500.5},
    "categories": {
        "accessibility": {"score": 1, "auditRefs": [{"id": "image-alt", "weight": 10}]},
        "performance": {
            "score": 0.98,
            "auditRefs": [{"id": "total-blocking-time", "weight": 30}, {"id": "unused-css", "weight": 0}],
        },
        "best-practices": {"score": 0.96, "auditRefs": [{"id": "errors-in-console", "weight": 1}]},
    },
    "audits": {
        "image-alt": {"score": None},
        "unused-css": {"score": 0.5},
        "errors-in-console": {"score": 0},
        "total-blocking-time": {"score": 0.9, "numericValue": 40},
        "largest-contentful-paint": {"score": 1, "numericValue": 1100.4},
        "cumulative-layout-shift": {"score": 1, "numericValue": 0},
        "network-requests": {"details": {"items": [{"transferSize": 1800}, {"transferSize": 7000}, {}]}},
    },
}
GOOD = tools.Lighthouse(100, 100, 100, lcp=1100, cls=0, tbt=0, bytes=9000, requests=4, machine=1500, failed=())


def measured(**changed: object) -> Measured:
    values = {"name": "start", "language": "fr", "lighthouse": GOOD, "errors": (), "slow_lcp": 1200, "slow_cls": 0}
    return Measured(**{**values, **changed})  # type: ignore[arg-type]


def test_a_report_of_lighthouse_is_read() -> None:
    found = tools.read_lighthouse(REPORT)
    assert (found.accessibility, found.performance, found.best_practices) == (100, 98, 96)
    assert (found.lcp, found.cls, found.tbt) == (1100.4, 0, 40)
    assert (found.bytes, found.requests, found.machine) == (8800, 3, 1500.5)
    # Only what costs points: neither what does not apply nor what weighs nothing.
    assert found.failed == ("errors-in-console", "total-blocking-time")


def test_a_good_page_misses_nothing() -> None:
    assert measured().misses() == []


def test_what_misses_its_target_is_named() -> None:
    assert measured(slow_lcp=2100, slow_cls=0.2).misses() == [
        "start: LCP on a slow line 2100, more than 2000",
        "start: CLS 0.2, more than 0.01",
    ]
    assert measured(errors=("label #q (fr)",)).misses() == ["start: label #q (fr)"]
    assert measured(lighthouse=tools.read_lighthouse(REPORT)).misses() == [
        "start: performance 98, not 100 (errors-in-console, total-blocking-time)",
        "start: best practices 96, not 100 (errors-in-console, total-blocking-time)",
        "start: TBT 40, more than 0",
    ]
    assert measured(lighthouse=None).misses() == ["start: Lighthouse did not finish"]


def test_the_table_has_a_cell_for_every_head() -> None:
    heads, line, *rows = as_table([measured(), measured(lighthouse=None)]).splitlines()
    assert {row.count("|") for row in (heads, line, *rows)} == {heads.count("|")}
    assert rows[0].startswith("| start | fr | 100 | 100 | 100 | 1100 | 0 | 0.000 | 9.0 | 4 |")


def test_the_cookies_of_a_page_go_with_its_language() -> None:
    assert (
        Visit("tasks", "/", (("session", "a"), ("csrf", "b"))).cookie_header("de") == "session=a; csrf=b; language=de"
    )


def test_a_missing_tool_is_named_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("LIGHTHOUSE", raising=False)
    monkeypatch.setenv("PA11Y", "/opt/pa11y")
    monkeypatch.setenv("CHROMIUM", "/opt/chromium")
    with pytest.raises(SystemExit, match=r"lighthouse \(on PATH, or its path in LIGHTHOUSE\)\. npm install"):
        tools.find_tools()
