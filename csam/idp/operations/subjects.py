"""Who a card belongs to, for the audit trail; and the identity provider's word that goes back to the portal."""

from datetime import datetime
from typing import Any

from audit.record import record
from csam.events import SignInEvent
from csam.keys import KEYS, KeyName
from csam.models import LoginTicket
from csam.operations import RegisterEntry, confirm_attempt
from tenants.models import Person, RegisteredPerson


def subject_of(card: RegisteredPerson) -> Any:
    """Return the portal's person of a card, or the register's entry where the portal knows nobody."""
    known = Person.objects.filter(national_number_index=card.national_number_index).first()
    return known or RegisterEntry(card.key, str(card))


def register_entry(key: str) -> RegisterEntry | None:
    """Return the register's entry of a key, None where there is none."""
    card = RegisteredPerson.objects.filter(key=key).first() if key else None
    return RegisterEntry(card.key, str(card)) if card else None


def confirm(
    ticket: LoginTicket,
    key: KeyName,
    *,
    register_key: str = "",
    person: Person | None = None,
    proved_at: datetime | None = None,
    now: datetime,
) -> bool:
    """Confirm the attempt with the level of `key`; shown now, unless `proved_at` says when. False: it had ended."""
    level = next(entry.level for entry in KEYS if entry.name == key)
    return confirm_attempt(
        ticket, register_key=register_key, person=person, level=level, proved_at=proved_at or now, now=now
    )


def record_block(subject: Any, key: KeyName, *, until: datetime, now: datetime) -> None:
    """Write down that a key is blocked."""
    record(SignInEvent.KEY_BLOCKED, actor=None, subject=subject, now=now, key=key.value, until_at=until.isoformat())
