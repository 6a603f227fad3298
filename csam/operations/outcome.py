"""What became of a try with a code."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Outcome:
    """One of these, nothing else.

    `confirmed`: it was right, and the way goes on. `tries_left`: wrong, that many remain. `retry_at`: no more tries
    until then. `is_expired`: there is no code (any more) to compare with. `is_locked`: for good. `is_used`: right, but
    it has counted before. `is_missing`: this key was never activated. `is_taken`: right, but what it was for belongs
    to somebody else. `minutes_off`: right for a clock that is so many minutes ahead (below 0: behind).
    """

    confirmed: bool = False
    tries_left: int | None = None
    retry_at: datetime | None = None
    is_expired: bool = False
    is_locked: bool = False
    is_used: bool = False
    is_missing: bool = False
    is_taken: bool = False
    minutes_off: int = 0
