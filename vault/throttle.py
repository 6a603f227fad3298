"""Counting tries, strictly, also under parallel calls.

The window begins with the first try and does not move. A try is counted before anything is compared, in a
transaction of its own, so that an error afterwards does not give it back (TRUST, section 5).
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet

from vault.models import Throttle
from vault.sealing import blind_index


@dataclass(frozen=True)
class Verdict:
    """Whether a try is (or would be) allowed, how many are left after it, and when it works again if not."""

    allowed: bool
    remaining: int
    retry_at: datetime | None


def seconds_until(moment: datetime, *, now: datetime) -> int:
    """Return the whole seconds until a moment, one at least: what the header Retry-After says."""
    return max(1, math.ceil((moment - now).total_seconds()))


def take(scope: str, subject: str, *, limit: int, per: timedelta, now: datetime) -> Verdict:
    """Count one try of `subject` and say whether it is among the `limit` allowed within `per`.

    Raises RuntimeError inside a transaction: the count would be lost with it.
    """
    rows = _rows(scope, subject)
    with transaction.atomic(durable=True):
        if not _count(rows, limit, per, now):
            # No row yet, or no try left. The row is made empty, so that one UPDATE decides here too.
            fresh = Throttle(scope=scope, subject=_hash(scope, subject), tries=0, ends_at=now + per)
            Throttle.objects.bulk_create([fresh], ignore_conflicts=True)
            if not _count(rows, limit, per, now):
                ends_at = rows.values_list("ends_at", flat=True).first()
                return Verdict(False, 0, ends_at or now)  # no row: cleared at this very moment
        # The row is locked by our UPDATE: nobody else has counted since.
        return Verdict(True, limit - rows.values_list("tries", flat=True).get(), None)


def _count(rows: QuerySet[Throttle], limit: int, per: timedelta, now: datetime) -> bool:
    """Count one try if there is one left; the database says whether there was."""
    if rows.filter(ends_at__gt=now, tries__lt=limit).update(tries=F("tries") + 1):
        return True
    return limit > 0 and bool(rows.filter(ends_at__lte=now).update(tries=1, ends_at=now + per))


def peek(scope: str, subject: str, *, limit: int, per: timedelta, now: datetime) -> Verdict:
    """Say what `take` would answer now, without counting; `remaining` is what is left before the try."""
    running = _rows(scope, subject).filter(ends_at__gt=now).values_list("tries", "ends_at").first()
    tries, ends_at = running or (0, now + per)
    if tries < limit:
        return Verdict(True, limit - tries, None)
    return Verdict(False, 0, ends_at)


def give_back(scope: str, subject: str) -> None:
    """Uncount one try that turned out right: what was wrong before it goes on counting, unlike with `clear`."""
    _rows(scope, subject).filter(tries__gt=0).update(tries=F("tries") - 1)


def clear(scope: str, subject: str) -> None:
    """Forget the tries of `subject`, for example after a right code."""
    _rows(scope, subject).delete()


def forget_ended(*, now: datetime) -> int:
    """Delete windows that ended; return how many. A periodic job of the worker."""
    return Throttle.objects.filter(ends_at__lte=now).delete()[0]


def _rows(scope: str, subject: str) -> QuerySet[Throttle]:
    return Throttle.objects.filter(scope=scope, subject=_hash(scope, subject))


def _hash(scope: str, subject: str) -> str:
    return blind_index(subject, purpose=f"throttle:{scope}")
