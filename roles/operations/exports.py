"""Lists that leave the portal as files: who took which one, and how long it was."""

from datetime import date, datetime

from django.db import transaction

from audit.record import record
from roles.events import RoleEvent
from tenants.acting import ActingContext
from tenants.models import Organisation


def record_history_export(
    organisation: Organisation, *, month: date | None, lines: int, acting: ActingContext, now: datetime
) -> None:
    """Record that an access manager took the history of an organisation, or of one month of it, as a file."""
    with transaction.atomic():
        record(
            RoleEvent.HISTORY_EXPORTED,
            actor=acting.person,
            organisation=organisation,
            now=now,
            month=month.strftime("%Y-%m") if month else None,
            lines=lines,
        )


def record_activity_export(*, lines: int, acting: ActingContext, now: datetime) -> None:
    """Record that somebody took the list of the own activity as a file."""
    with transaction.atomic():
        record(RoleEvent.ACTIVITY_EXPORTED, actor=acting.person, subject=acting.person, now=now, lines=lines)


def record_assignments_export(organisation: Organisation, *, lines: int, acting: ActingContext, now: datetime) -> None:
    """Record that an access manager took a list of the organisation's assignments as a file."""
    with transaction.atomic():
        record(RoleEvent.ASSIGNMENTS_EXPORTED, actor=acting.person, organisation=organisation, now=now, lines=lines)
