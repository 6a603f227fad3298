"""Doing things at the same time, each thread with a database connection of its own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connections

Result = TypeVar("Result")


def at_once(act: Callable[[int], Result], *, times: int, threads: int) -> list[Result]:
    """Return the results of `act(0)` to `act(times - 1)`, done by threads that begin together."""
    start = threading.Barrier(threads)

    def share(first: int) -> list[Result]:
        try:
            start.wait()
            return [act(number) for number in range(first, times, threads)]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(threads) as pool:
        return [result for results in pool.map(share, range(threads)) for result in results]
