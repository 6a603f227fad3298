"""The worker: sends letters, runs the periodic jobs about every minute, and what higher floors do all the time.

Any number of workers may run.
"""

import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections, connections
from django.utils import timezone
from django.utils.module_loading import import_string

from outbox.delivery import deliver_due
from vault import throttle

log = logging.getLogger(__name__)

BATCH = 20
JOBS_EVERY = timedelta(seconds=60)
LONGEST_PAUSE = 10.0  # seconds between tries while the database is away


class Command(BaseCommand):
    """Deliver until told to stop."""

    help = "Sends the letters of the outbox and runs the periodic jobs, until SIGTERM or Ctrl-C."
    requires_system_checks: list[str] = []  # the database may be away when it starts

    def add_arguments(self, parser: CommandParser) -> None:
        """Take --once and --poll."""
        parser.add_argument("--once", action="store_true", help="run the jobs, send what is due, and end")
        parser.add_argument("--poll", type=float, default=1.0, help="seconds between looks, by default 1")

    def handle(self, *args: Any, **options: Any) -> None:
        """Work."""
        stop = threading.Event()
        worker = f"{socket.gethostname()[:40]}-{os.getpid()}-{threading.get_ident() % 10_000}"
        if options["once"]:
            run_jobs(now=timezone.now(), claimed=lambda path, now: True)
            while deliver_due(worker=worker, now=timezone.now(), limit=BATCH):
                pass
            for path in settings.BACKGROUND_LOOPS:
                import_string(path)(worker=worker, stop=stop, poll=options["poll"], once=True)
            return
        with _stopped_by_signals(stop), _background(worker, stop, poll=options["poll"]):
            log.info("Worker %s begins", worker)
            work(worker, stop, poll=options["poll"])
            log.info("Worker %s ends", worker)


def work(worker: str, stop: threading.Event, *, poll: float) -> None:
    """Deliver and run jobs until `stop` is set. Survives the absence of the database and of the mail server."""
    jobs_at: datetime | None = None
    pause = poll
    while not stop.is_set():
        try:
            close_old_connections()
            now = timezone.now()
            # A clock that was set back must not stop the jobs until it has caught up.
            if jobs_at is None or not timedelta(0) <= now - jobs_at < JOBS_EVERY:
                jobs_at = now
                run_jobs(now=now, claimed=_nobody_else_did)
            sent = deliver_due(worker=worker, now=now, limit=BATCH, stopping=stop.is_set)
        except Exception as error:  # the database is away, most likely; the log never holds its words
            log.warning("Worker %s waits: %s", worker, type(error).__name__)
            connections.close_all()
            stop.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            continue
        pause = poll
        if sent < BATCH:
            stop.wait(poll)
    connections.close_all()


def run_jobs(*, now: datetime, claimed: Callable[[str, datetime], bool]) -> None:
    """Run each job of PERIODIC_JOBS that `claimed` gives us. One that fails does not stop the others."""
    for path in settings.PERIODIC_JOBS:
        if not claimed(path, now):
            continue
        try:
            import_string(path)(now=now)
        except Exception as error:
            log.error("The job %s failed: %s", path, type(error).__name__)
            # A connection that the failure broke must not break the next job.
            close_old_connections()


def _nobody_else_did(path: str, now: datetime) -> bool:
    """Say whether this worker may run the job now: of several workers, one does each minute."""
    window = JOBS_EVERY - timedelta(seconds=5)
    return throttle.take("worker.job", path, limit=1, per=window, now=now).allowed


@contextmanager
def _background(worker: str, stop: threading.Event, *, poll: float) -> Iterator[None]:
    """Run the BACKGROUND_LOOPS, each in a thread of its own that a slow mail server does not hold up, until `stop`."""
    threads = [
        threading.Thread(target=import_string(path), kwargs={"worker": worker, "stop": stop, "poll": poll}, name=path)
        for path in settings.BACKGROUND_LOOPS
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


@contextmanager
def _stopped_by_signals(stop: threading.Event) -> Iterator[None]:
    """Set `stop` on SIGTERM and SIGINT: the letter at hand is finished, the rest is given back."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may listen to signals; whoever runs us elsewhere has the event
        return

    def told(number: int, frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, told) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
