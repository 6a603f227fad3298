"""Acts around signing in. Each writes what happened in a transaction of its own: a failure must not be lost."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from audit.record import Snapshot, record
from csam.devices import device_of
from csam.events import SignInEvent
from csam.keys import DigitalKey
from csam.models import LoginTicket, OpenSession, User
from tenants.middleware import LEVEL, PROVED_AT, SIGNED_IN_AT
from tenants.models import Person
from tenants.operations import create_person
from tenants.registers import RegisterRecord

# What the session keeps beside the level: with which key, and when something was last done.
SIGN_IN_KEY = "sign_in_key"
SEEN_AT = "seen_at"


def person_of_record(source: RegisterRecord, *, now: datetime) -> tuple[Person, bool]:
    """Return the portal's person of a register entry, and whether the portal has just met them."""
    for _try in range(3):
        known = Person.objects.with_number(source.digits).first()
        if known is not None:
            return known, False
        try:
            return create_person(source, now=now), True
        except IntegrityError:
            # Two browsers at once: the other one was first, with the same number or the same address.
            continue
    raise RuntimeError("A person of the National Register could not be made known to the portal")


def user_of(person: Person) -> User:
    """Return the login of a person, made at the first sign-in."""
    user = User.objects.select_related("person").filter(person=person).first()
    if user is not None:
        return user
    try:
        with transaction.atomic():
            return User.objects.create_for(person)
    except IntegrityError:
        return User.objects.select_related("person").get(person=person)


def sign_in(request: HttpRequest, user: User, *, key: DigitalKey, ticket: LoginTicket, now: datetime) -> None:
    """Give the browser a session of the level that the redeemed ticket says, always under a new session id."""
    level = int(ticket.level or 0)
    with transaction.atomic():
        login(request, user)
        # Django keeps the id when the same person signs in again; a step-up must not (TRUST, threat 14).
        request.session.cycle_key()
        request.session[LEVEL] = level
        request.session[SIGNED_IN_AT] = now.isoformat()
        request.session[PROVED_AT] = ticket.proved_at.isoformat() if ticket.proved_at else ""
        request.session[SEEN_AT] = now.isoformat()
        request.session[SIGN_IN_KEY] = key.name.value
        request.session.set_expiry(settings.SESSION_ABSOLUTE)
        request.session.save()
        OpenSession.objects.create(
            user=user,
            session_id=str(request.session.session_key),
            device=device_of(request.headers.get("User-Agent", "")),
            opened_at=now,
        )
        record(
            SignInEvent.SUCCEEDED,
            actor=user,
            subject=user.person,
            now=now,
            key=key.name.value,
            level=level,
            purpose=ticket.purpose,
        )


def sign_out(request: HttpRequest, *, now: datetime) -> None:
    """End the session at once. Whoever is not signed in leaves no trace."""
    user = request.user
    if isinstance(user, AnonymousUser):
        return
    with transaction.atomic():
        record(SignInEvent.SIGNED_OUT, actor=user, subject=user.person, now=now)
        logout(request)


class RegisterEntry:
    """A person of the National Register in the audit trail, when the portal does not know them (yet)."""

    def __init__(self, key: str, name: str) -> None:
        self.key, self.name = key, name

    def audit_snapshot(self) -> Snapshot:
        """Return key and name; never the number."""
        return Snapshot("register_entry", self.key, self.name)


def record_failure(*, subject: Any, key: str, reason: str, now: datetime, **data: Any) -> None:
    """Write down a sign-in that failed. Nobody has shown who they are: there is no actor."""
    record(SignInEvent.FAILED, actor=None, subject=subject, now=now, key=key, reason=reason, **data)
