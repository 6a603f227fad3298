"""With CI=true a skipped test is a failure: a part that is missing there would otherwise go unnoticed."""

import os

import pytest

_skipped: list[str] = []


def in_ci() -> bool:
    """Say whether this run must be complete."""
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def note(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Remember a skip; an expected failure (xfail) is none."""
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
        _skipped.append(f"{report.nodeid}: {reason}")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """See each test's outcome."""
    note(report)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """See modules that skip themselves as a whole."""
    note(report)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the session."""
    if _skipped and in_ci() and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which tests were skipped, and that this is why the run failed."""
    if _skipped and in_ci():
        terminalreporter.section("skipped although CI=true: this run fails", red=True)
        for line in _skipped:
            terminalreporter.line(line)
