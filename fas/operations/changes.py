"""Giving the noted changes of roles their places in the feed, and forgetting them in time. Jobs of the worker."""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Max

from fas.models import RoleChange
from fas.operations.tidying import delete_in_batches

AT_ONCE = 1_000
# How long a client may stay away from the feed before it has to begin anew.
KEPT = timedelta(days=30)


def seal_changes(*, now: datetime) -> int:
    """Give positions to the changes that are noted and have none; return how many.

    One sealer at a time, until it commits: what becomes readable therefore always comes after all that was readable
    before. A change whose transaction is still open is not seen here, and gets a later position.
    """
    sealed = 0
    while count := _seal_some(now=now):
        sealed += count
        if count < AT_ONCE:
            break
    return sealed


def _seal_some(*, now: datetime) -> int:
    noted = RoleChange.objects.filter(position__isnull=True)
    if not noted.exists():
        return 0  # without waiting for anybody, and on SQLite without its lock for writing
    with transaction.atomic():
        _wait_until_alone()
        last = last_position()
        rows = list(noted.order_by("id")[:AT_ONCE])
        for place, row in enumerate(rows, start=last + 1):
            row.position, row.sealed_at = place, now
        RoleChange.objects.bulk_update(rows, ["position", "sealed_at"])
    return len(rows)


def _wait_until_alone() -> None:
    """Let no other sealer begin before this transaction has ended. Nobody who notes or reads changes waits for it.

    On SQLite a transaction is alone from its first statement on.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE fas_rolechange IN SHARE UPDATE EXCLUSIVE MODE")


def last_position() -> int:
    """Return the position of the newest change that can be read, 0 where there was none."""
    return RoleChange.objects.aggregate(last=Max("position"))["last"] or 0


def forget_old_changes(*, now: datetime) -> int:
    """Delete what was readable for 30 days, the oldest first; return how many.

    The newest stays: positions are counted on from it. Nowhere between two that can be read is one missing.
    """
    old = RoleChange.objects.filter(sealed_at__lt=now - KEPT, position__lt=last_position())
    return delete_in_batches(old, by="position")
