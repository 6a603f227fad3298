"""What every act that ends assignments writes: the end itself, once, and an entry of the trail for each row."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q

from audit.models import AuditEntry
from audit.record import entry
from roles.errors import TooLate
from roles.events import RoleEvent
from roles.models import RoleAssignment
from roles.models.assignment import EndReason
from tenants.models import Person
from tenants.periods import local_day


def write_end(
    rows: Iterable[RoleAssignment],
    *,
    at: datetime,
    by: Person | None,
    reason: EndReason,
    note: str = "",
    now: datetime,
) -> None:
    """End rows at a moment, where no end has come yet, and say so on the rows themselves.

    An end that was only planned gives way. Of two acts at once, one statement wins. Raises TooLate for the other.
    """
    open_still = Q(refused_at__isnull=True) & (Q(ended_at__isnull=True) | Q(ended_at__gt=now))
    change = {"ended_at": at, "ended_on": local_day(at), "ended_by": by, "end_reason": reason, "end_note": note}
    rows = list(rows)
    if RoleAssignment.objects.filter(open_still, pk__in=[row.pk for row in rows]).update(**change) != len(rows):
        raise TooLate
    for row in rows:
        for field, value in change.items():
            setattr(row, field, value)


def record_about(
    event: RoleEvent,
    rows: Iterable[RoleAssignment],
    *,
    actor: Person | None,
    now: datetime,
    of: Callable[[RoleAssignment], dict[str, Any]] = lambda row: {},
    **data: Any,
) -> None:
    """Record an event for each row, in one INSERT: with its role and holder, by which histories are read.

    `of` gives what differs from row to row, `data` what is the same for all.
    """
    AuditEntry.objects.bulk_create(
        entry(
            event,
            actor=actor,
            subject=row,
            organisation=row.organisation,
            now=now,
            role=row.role.code,
            assignee=row.assignee.key,
            **data,
            **of(row),
        )
        for row in rows
    )
