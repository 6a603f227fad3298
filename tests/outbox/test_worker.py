"""The worker command: sends, runs jobs about every minute, survives absences, and stops when told."""

import os
import signal
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import OperationalError, connection
from pytest_django import Settings

from outbox.management.commands import worker as command
from outbox.models import OutgoingEmail, Status
from tests.outbox.conftest import NOW, Write
from vault import throttle

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)  # due by the real clock, which the command reads

RAN: list[datetime] = []


def job(*, now: datetime) -> None:
    """Note that the worker ran a job."""
    RAN.append(now)


def broken_job(*, now: datetime) -> None:
    """Fail, with a secret in the text."""
    raise ValueError("85.07.30-033.28")


@pytest.fixture(autouse=True)
def _nothing_ran() -> None:
    RAN.clear()


def jobs(*names: str) -> list[str]:
    return [f"{__name__}.{name}" for name in names]


def when(condition: Any, *, then: Any) -> threading.Thread:
    """Start a thread that calls `then` once `condition` holds, or after ten seconds."""

    def wait() -> None:
        deadline = time.monotonic() + 10
        while not condition() and time.monotonic() < deadline:
            time.sleep(0.02)
        then()

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def test_once_runs_the_jobs_and_sends_everything_that_is_due(db: None, write: Write, settings: Settings) -> None:
    settings.PERIODIC_JOBS = jobs("job")
    for number in range(45):
        write(f"p{number}@example.be", now=LONG_AGO)
    call_command("worker", "--once")
    assert len(mail.outbox) == 45
    assert len(RAN) == 1


def test_a_failing_job_stops_neither_the_next_nor_the_letters(
    transactional_db: None, write: Write, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.PERIODIC_JOBS = jobs("broken_job", "job")
    write(now=LONG_AGO)
    call_command("worker", "--once")
    assert len(RAN) == 1
    assert len(mail.outbox) == 1
    assert "broken_job failed: ValueError" in caplog.text
    assert "85.07" not in caplog.text


def test_of_several_workers_one_runs_a_job_each_minute(db: None, settings: Settings) -> None:
    settings.PERIODIC_JOBS = jobs("job")
    for _worker in range(3):
        command.run_jobs(now=NOW, claimed=command._nobody_else_did)
    assert RAN == [NOW]
    command.run_jobs(now=NOW + timedelta(minutes=1), claimed=command._nobody_else_did)
    assert [NOW, NOW + timedelta(minutes=1)] == RAN


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_works_until_it_is_told_to_stop(
    transactional_db: None, write: Write, settings: Settings, number: signal.Signals
) -> None:
    settings.PERIODIC_JOBS = jobs("job")
    before = signal.getsignal(number)
    write(now=LONG_AGO)
    connection.close()
    teller = when(lambda: mail.outbox and RAN, then=lambda: os.kill(os.getpid(), number))
    call_command("worker", "--poll", "0.05")
    teller.join()
    assert len(mail.outbox) == 1
    assert len(RAN) == 1
    assert OutgoingEmail.objects.get().status == Status.SENT
    assert signal.getsignal(number) is before


def test_it_survives_the_absence_of_the_database(
    transactional_db: None, write: Write, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    write(now=LONG_AGO)
    connection.close()
    real, calls = command.deliver_due, []

    def deliver(**arguments: Any) -> int:
        calls.append(arguments)
        if len(calls) < 3:
            raise OperationalError("server closed the connection; DETAIL anna@example.be")
        return real(**arguments)

    monkeypatch.setattr(command, "deliver_due", deliver)
    stop = threading.Event()
    teller = when(lambda: mail.outbox, then=stop.set)
    command.work("w1", stop, poll=0.01)
    teller.join()
    assert len(calls) >= 3
    assert len(mail.outbox) == 1
    assert "waits: OperationalError" in caplog.text
    assert "anna@example.be" not in caplog.text


def test_jobs_go_on_after_the_clock_was_set_back(
    transactional_db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PERIODIC_JOBS = jobs("job")
    monkeypatch.setattr(command, "_nobody_else_did", lambda path, now: True)
    stop = threading.Event()
    moments = iter([NOW, NOW + timedelta(seconds=59), NOW + timedelta(seconds=60), NOW - timedelta(days=1)])

    def now() -> datetime:
        moment = next(moments, None)
        if moment is None:
            stop.set()
            return NOW - timedelta(days=1)
        return moment

    monkeypatch.setattr(command.timezone, "now", now)
    command.work("w1", stop, poll=0)
    assert [NOW, NOW + timedelta(seconds=60), NOW - timedelta(days=1)] == RAN


def test_ended_counts_can_be_forgotten_by_a_job(db: None, settings: Settings) -> None:
    settings.PERIODIC_JOBS = ["vault.throttle.forget_ended"]
    throttle.take("pin", "anna", limit=3, per=timedelta(hours=1), now=NOW)
    command.run_jobs(now=NOW + timedelta(hours=2), claimed=lambda path, now: True)
    assert throttle.forget_ended(now=NOW + timedelta(hours=2)) == 0
