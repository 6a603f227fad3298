"""What staff do in the administration, as the audit trail keeps it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import transaction

from audit.record import Auditable, Snapshot, record
from tenants.events import TenantEvent
from tenants.models import Person
from vault import throttle


@dataclass(frozen=True)
class Described:
    """What the audit trail keeps of a thing that has no snapshot of its own."""

    type: str
    key: str
    label: str

    def audit_snapshot(self) -> Snapshot:
        """Return kind, key and label."""
        return Snapshot(self.type, self.key, self.label)


def record_staff_change(
    event: StrEnum, subject: Auditable, *, acting: Any, now: datetime, organisation: Any = None, changes: Any
) -> None:
    """Write into the trail what somebody of the staff has just stored in the administration, in its transaction.

    `changes` maps the name of each field to its old and new value, or to None where the trail keeps no value.
    """
    with transaction.atomic():
        record(event, actor=acting, subject=subject, organisation=organisation, now=now, by_staff=True, changes=changes)


def find_person_by_number(digits: str, *, acting: Any, now: datetime) -> Person | None:
    """Return the person with eleven checked digits, for staff. Counted by the hour and recorded, without the number.

    Raises LookupLimitReached when the look-ups of the hour are used up.
    """
    verdict = throttle.take(
        "staff_number_lookup",
        acting.person.key,
        limit=settings.NUMBER_LOOKUP_QUOTA,
        per=timedelta(hours=1),
        now=now,
    )
    if not verdict.allowed:
        with transaction.atomic():
            record(TenantEvent.LOOKUP_REFUSED, actor=acting, now=now, by_staff=True)
        raise LookupLimitReached(verdict.retry_at)
    person = Person.objects.with_number(digits).first()
    with transaction.atomic():
        record(
            TenantEvent.PERSON_LOOKED_UP, actor=acting, subject=person, now=now, by_staff=True, found=person is not None
        )
    return person


class LookupLimitReached(Exception):
    """There were as many look-ups as an hour allows."""

    def __init__(self, retry_at: datetime | None) -> None:
        super().__init__("the look-ups of this hour are used up")
        self.retry_at = retry_at
