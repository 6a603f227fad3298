"""A list that leaves the portal as a file is remembered: who took which, and how long it was."""

from datetime import datetime

from django.db import transaction

from audit.record import record
from roles.events import RoleEvent
from tenants.acting import ActingContext
from tenants.models import Organisation


def record_export(
    what: str, rows: int, *, acting: ActingContext, organisation: Organisation | None, now: datetime
) -> None:
    """Record that somebody downloaded a list of `rows` lines; `what` names the list."""
    with transaction.atomic():
        record(
            RoleEvent.ASSIGNMENTS_EXPORTED,
            actor=acting.person,
            organisation=organisation,
            now=now,
            what=what,
            rows=rows,
        )
