"""One's own sign-ins, read from the audit trail."""

from dataclasses import dataclass
from datetime import datetime

from audit.models import AuditEntry
from csam.events import SignInEvent
from csam.keys import KeyName
from tenants.models import Person

MOST = 5


@dataclass(frozen=True)
class SignIn:
    """When, with which key, and whether it worked."""

    at: datetime
    key_name: str
    succeeded: bool


def recent_sign_ins(person: Person) -> list[SignIn]:
    """Return the last sign-ins as this person, also those that failed, newest first. One query."""
    entries = AuditEntry.objects.filter(
        subject_key=person.key, event__in=[SignInEvent.SUCCEEDED, SignInEvent.FAILED]
    ).order_by("-id")[:MOST]
    return [
        SignIn(entry.occurred_at, _label(entry.data.get("key", "")), entry.event == SignInEvent.SUCCEEDED)
        for entry in entries
    ]


def _label(name: str) -> str:
    return str(KeyName(name).label) if name in KeyName.values else ""
