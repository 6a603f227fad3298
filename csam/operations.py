"""Acts around signing in. Each writes what happened in a transaction of its own: a failure must not be lost."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from audit.record import Snapshot, record
from csam.events import SignInEvent
from csam.keys import DigitalKey
from csam.models import LoginTicket, User
from tenants.middleware import LEVEL, SIGNED_IN_AT
from tenants.models import Person
from tenants.operations import create_person
from tenants.paths import local_path
from tenants.registers import RegisterRecord

ATTEMPT_LIFE = timedelta(minutes=10)
KEEP_ENDED_ATTEMPTS = timedelta(days=1)

# What the session keeps beside the level: with which key, and when something was last done.
SIGN_IN_KEY = "sign_in_key"
SEEN_AT = "seen_at"


def hash_secret(secret: str) -> str:
    """Return what the row keeps of a ticket's secret. It has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(secret.encode("utf-8")).hexdigest()


def start_attempt(
    key: DigitalKey, *, next_path: str, minimum_level: int, purpose: str, now: datetime
) -> tuple[LoginTicket, str]:
    """Begin a sign-in with `key`; return the ticket and its secret, which goes into a cookie and nowhere else."""
    secret = secrets.token_urlsafe(32)
    ticket = LoginTicket.objects.create(
        secret_hash=hash_secret(secret),
        key_name=key.name,
        purpose=purpose,
        minimum_level=minimum_level,
        next_path=local_path(next_path),
        created_at=now,
        expires_at=now + ATTEMPT_LIFE,
    )
    return ticket, secret


def find_attempt(secret: str, *, now: datetime) -> LoginTicket | None:
    """Return the open attempt of the browser that holds `secret`, or None."""
    if not secret:
        return None
    ticket = LoginTicket.objects.filter(secret_hash=hash_secret(secret)).first()
    return ticket if ticket is not None and ticket.is_open(now) else None


def confirm_attempt(
    ticket: LoginTicket, *, register_key: str = "", person: Person | None = None, now: datetime
) -> bool:
    """Put down who it is: the identity provider's word. Returns False when the attempt had ended before."""
    return bool(
        LoginTicket.objects.filter(pk=ticket.pk, confirmed_at__isnull=True, expires_at__gt=now).update(
            confirmed_at=now, register_key="" if person else register_key, person=person
        )
    )


def redeem_attempt(secret: str, *, now: datetime) -> LoginTicket | None:
    """Use up the confirmed attempt of this browser and return it; None for every other, and for a second use."""
    if not secret:
        return None
    used = LoginTicket.objects.filter(
        secret_hash=hash_secret(secret), confirmed_at__isnull=False, used_at__isnull=True, expires_at__gt=now
    ).update(used_at=now)
    if not used:
        return None
    return LoginTicket.objects.select_related("person").get(secret_hash=hash_secret(secret))


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


def sign_in(request: HttpRequest, user: User, *, key: DigitalKey, purpose: str, now: datetime) -> None:
    """Give the browser a session of the level of `key`, always under a new session id."""
    with transaction.atomic():
        login(request, user)
        # Django keeps the id when the same person signs in again; a step-up must not (TRUST, threat 14).
        request.session.cycle_key()
        request.session[LEVEL] = int(key.level)
        request.session[SIGNED_IN_AT] = now.isoformat()
        request.session[SEEN_AT] = now.isoformat()
        request.session[SIGN_IN_KEY] = key.name.value
        request.session.set_expiry(settings.SESSION_ABSOLUTE)
        record(
            SignInEvent.SUCCEEDED,
            actor=user,
            subject=user.person,
            now=now,
            key=key.name.value,
            level=int(key.level),
            purpose=purpose,
        )


def sign_out(request: HttpRequest, *, now: datetime) -> None:
    """End the session at once. Whoever is not signed in leaves no trace."""
    user = request.user
    if isinstance(user, AnonymousUser):
        return
    with transaction.atomic():
        record(SignInEvent.SIGNED_OUT, actor=user, subject=user.person, now=now)
        logout(request)


def end_all_sessions(user: User, *, acting: Any, now: datetime) -> None:
    """End every session of a login, on all devices: the value all of them were made from is renewed."""
    with transaction.atomic():
        user.set_unusable_password()
        user.save(update_fields=["password"])
        record(SignInEvent.SIGNED_OUT, actor=acting, subject=user.person, now=now, everywhere=True)


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


def forget_old_attempts(*, now: datetime) -> int:
    """Delete attempts and codes that ended a day ago; return how many attempts. A periodic job of the worker."""
    ended = LoginTicket.objects.filter(expires_at__lte=now - KEEP_ENDED_ATTEMPTS)
    count = ended.count()
    ended.delete()
    return count
