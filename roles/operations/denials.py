"""Refusals are remembered too: who tried what, and why it was not allowed."""

from django.db import transaction

from audit.record import record
from roles.events import RoleEvent
from roles.rules import Reason
from tenants.acting import ActingContext
from tenants.models import Organisation


def record_denial(reason: Reason, *, acting: ActingContext, organisation: Organisation | None, path: str) -> None:
    """Record that a page or an act was refused. `path` is the address without its query string."""
    with transaction.atomic():
        record(
            RoleEvent.ACCESS_DENIED,
            actor=acting.person,
            organisation=organisation,
            reason=str(reason),
            path=path,
            level=acting.level,
        )
