"""A message to the access managers of an organisation that does not show who they are."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from django.conf import settings
from django.db import transaction

from audit.record import record
from outbox.compose import compose
from outbox.models import OutgoingEmail
from tenants.events import TenantEvent
from tenants.models import AccessManagerAppointment, Organisation, Person
from tenants.models.appointment import AppointmentKind
from tenants.operations.appointments import lock_organisation
from tenants.operations.manager_letters import organisation_in
from tenants.periods import local_day
from vault import throttle
from vault.numbers import holds_national_number

DAY = timedelta(days=1)
MESSAGE_LENGTH = 300


class Outcome(StrEnum):
    """What became of a message."""

    SENT = "sent"
    SENT_BEFORE = "sent_before"
    UNKNOWN = "unknown"
    STOPPED = "stopped"
    NOBODY = "nobody"
    NO_ADDRESS = "no_address"


@dataclass(frozen=True)
class Contact:
    """The outcome, and the organisation where there is one with this number."""

    outcome: Outcome
    organisation: Organisation | None = None


class ContactLimitReached(Exception):
    """The person has written, or the organisation was written to, as often as a day allows; `retry_at` says when."""

    def __init__(self, retry_at: datetime, organisation: Organisation | None = None) -> None:
        super().__init__("no more messages to access managers for now")
        self.retry_at = retry_at
        self.organisation = organisation


def write_to_managers(enterprise_number: str, *, message: str, acting: Person, now: datetime) -> Contact:
    """Write to the chief and co-chiefs of the organisation with these ten checked digits.

    The letter names who asks and the address to answer to; nothing comes back but the outcome. Counted by the day,
    per person and per organisation, before anything is looked up; recorded, without the message. The same message
    twice in a day is one letter. Raises ContactLimitReached, and ValueError for a message that the page had to refuse.
    """
    if len(message) > MESSAGE_LENGTH or holds_national_number(message):
        raise ValueError("this message cannot be sent")
    _count("manager_contact", acting.key, settings.MANAGER_CONTACT_QUOTA, acting=acting, now=now)
    organisation = Organisation.objects.filter(enterprise_number=enterprise_number).first()
    if organisation is None:
        return Contact(Outcome.UNKNOWN)
    if organisation.is_stopped:
        return Contact(Outcome.STOPPED, organisation)
    _count(
        "manager_contacted",
        organisation.key,
        settings.ORGANISATION_CONTACT_QUOTA,
        acting=acting,
        organisation=organisation,
        now=now,
    )
    with transaction.atomic():
        return _write(lock_organisation(organisation.pk), message, acting=acting, now=now)


def _write(organisation: Organisation, message: str, *, acting: Person, now: datetime) -> Contact:
    """Write the letters of one message, and its entry."""
    rows = AccessManagerAppointment.objects.filter(
        organisation=organisation, kind__in=(AppointmentKind.CHIEF, AppointmentKind.CO_CHIEF)
    )
    managers = {row.person_id: row.person for row in rows.live(local_day(now)).for_page() if row.person.is_active}
    if not managers:
        return Contact(Outcome.NOBODY, organisation)
    receivers = {_once(acting, organisation, person, message, now): person for person in managers.values()}
    receivers = {key: person for key, person in receivers.items() if person.email}
    if not receivers:
        return Contact(Outcome.NO_ADDRESS, organisation)
    if OutgoingEmail.objects.filter(dedup_key__in=receivers).exists():
        return Contact(Outcome.SENT_BEFORE, organisation)
    for key, person in receivers.items():
        compose(
            "manager_contact",
            to=person.email,
            language=person.language,
            context={
                "receiver": person.full_name,
                **organisation_in(organisation, person.language),
                "asker": acting.full_name,
                "asker_email": acting.email,
                "asked_at": now.isoformat(),
                "message": message,
            },
            dedup_key=key,
            now=now,
        )
    record(
        TenantEvent.MANAGERS_CONTACTED,
        actor=acting,
        subject=organisation,
        organisation=organisation,
        now=now,
        letters=len(receivers),
        with_message=bool(message),
    )
    return Contact(Outcome.SENT, organisation)


def _once(acting: Person, organisation: Organisation, receiver: Person, message: str, now: datetime) -> str:
    """Return what tells one message of a day from another: a second press finds the letter of the first."""
    text = f"{organisation.key} {local_day(now).isoformat()} {message}"
    return f"contact:{acting.key}:{receiver.key}:{sha256(text.encode()).hexdigest()[:24]}"


def _count(
    scope: str, subject: str, limit: int, *, acting: Person, organisation: Organisation | None = None, now: datetime
) -> None:
    """Count one message. The count is committed on its own, so that no rollback gives it back."""
    verdict = throttle.take(scope, subject, limit=limit, per=DAY, now=now)
    if not verdict.allowed:
        with transaction.atomic():
            record(TenantEvent.CONTACT_LIMITED, actor=acting, organisation=organisation, now=now, scope=scope)
        raise ContactLimitReached(verdict.retry_at or now, organisation)
