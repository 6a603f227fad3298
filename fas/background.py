"""What the worker does for services all the time: sees what is over, and tells them, each at its own pace.

A service that is away or slow keeps a few threads waiting, never the others: a message that fails leaves its thread,
and comes back later by itself.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime

from django.db import close_old_connections, connections
from django.utils import timezone

from fas.keys import is_provider
from fas.operations.logouts import claim, deliver, due_by_client
from fas.operations.lost_roles import end_of_lost_roles
from fas.operations.sign_ons import end_of_over_sessions, end_of_switched_off

log = logging.getLogger(__name__)

LOOK_EVERY = 5.0  # seconds between two looks at what is over
SENDERS = 12  # messages under way at the same time
SENDERS_PER_CLIENT = 3
LONGEST_PAUSE = 10.0  # seconds between tries while the database is away

LOOKS: tuple[Callable[..., int], ...] = (end_of_over_sessions, end_of_switched_off, end_of_lost_roles)


def tell_services(*, worker: str, stop: threading.Event, poll: float, once: bool = False) -> None:
    """Look and send until `stop` is set; `once`: look, send what is due now, and end."""
    if not is_provider():
        return
    with ThreadPoolExecutor(SENDERS, thread_name_prefix="logout") as pool:
        senders = Senders(pool, worker, stop)
        looked_at, pause = -LOOK_EVERY, poll
        while not stop.is_set():
            if once:
                look(now=timezone.now())
                while senders.send_due(now=timezone.now()):
                    senders.wait()
                return
            try:
                close_old_connections()
                if time.monotonic() - looked_at >= LOOK_EVERY:
                    looked_at = time.monotonic()
                    look(now=timezone.now())
                senders.send_due(now=timezone.now())
                pause = poll
            except Exception as error:  # the database is away, most likely; the log never holds its words
                log.warning("Worker %s waits: %s", worker, type(error).__name__)
                connections.close_all()
                pause = min(pause * 2, LONGEST_PAUSE)
            stop.wait(pause)
    connections.close_all()


def look(*, now: datetime) -> int:
    """End the sign-ons that are over, and return how many. A look that fails does not stop the others."""
    ended = 0
    for act in LOOKS:
        try:
            ended += act(now=now)
        except Exception as error:
            log.error("%s failed: %s", act.__name__, type(error).__name__)
            close_old_connections()
    return ended


class Senders:
    """The threads that send, and how many of them each client keeps busy."""

    def __init__(self, pool: ThreadPoolExecutor, worker: str, stop: threading.Event) -> None:
        self.pool, self.worker, self.stop = pool, worker, stop
        self.busy: Counter[int] = Counter()
        self.lock = threading.Lock()
        self.open: set[Future[None]] = set()

    def send_due(self, *, now: datetime) -> int:
        """Give each client with messages that are due as many threads as it has messages, and may have.

        Return how many threads have begun.
        """
        begun = 0
        self.open = {future for future in self.open if not future.done()}
        for client, due in due_by_client(now=now).items():
            with self.lock:
                more = max(0, min(due, SENDERS_PER_CLIENT) - self.busy[client])
                self.busy[client] += more
            self.open.update(self.pool.submit(self._send, client) for _thread in range(more))
            begun += more
        return begun

    def wait(self) -> None:
        """Wait until all of them have done."""
        wait(self.open)

    def _send(self, client: int) -> None:
        """Send the messages of a client one after the other, as long as it takes them."""
        try:
            close_old_connections()
            while not self.stop.is_set():
                row = claim(client, worker=self.worker, now=timezone.now())
                if row is None or not deliver(row, now=timezone.now()):
                    break
        except Exception as error:  # what was claimed has a lease, which runs out
            log.warning("A message to a service was not sent: %s", type(error).__name__)
        finally:
            connections.close_all()
            with self.lock:
                self.busy[client] -= 1
