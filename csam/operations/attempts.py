"""One attempt to sign in: begun, confirmed by the identity provider, redeemed once, forgotten."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db.models import Q

from csam.keys import DigitalKey
from csam.models import AddressChange, AppKey, LoginTicket
from tenants.models import Person, RegisteredPerson
from tenants.paths import local_path

ATTEMPT_LIFE = timedelta(minutes=10)
KEEP_ENDED_ATTEMPTS = timedelta(days=1)


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


def is_confirmed(secret: str) -> bool:
    """Say whether the attempt of this browser was confirmed and waits to be redeemed."""
    waiting = LoginTicket.objects.filter(confirmed_at__isnull=False, used_at__isnull=True)
    return bool(secret) and waiting.filter(secret_hash=hash_secret(secret)).exists()


def confirm_attempt(
    ticket: LoginTicket,
    *,
    register_key: str = "",
    person: Person | None = None,
    level: int,
    proved_at: datetime | None,
    made_known: bool = False,
    now: datetime,
) -> bool:
    """Put down who it is, how surely, and when it was shown: the identity provider's word.

    Returns False when the attempt had ended before.
    """
    return bool(
        LoginTicket.objects.filter(pk=ticket.pk, confirmed_at__isnull=True, expires_at__gt=now).update(
            confirmed_at=now,
            register_key="" if person else register_key,
            person=person,
            level=level,
            proved_at=proved_at,
            made_known=made_known,
        )
    )


def end_attempt(ticket: LoginTicket, *, now: datetime) -> bool:
    """End an attempt that nobody has confirmed. Its row stays for a day; returns False when it had ended before."""
    # An attempt that began this very moment ends a moment later: its end is always after its beginning.
    ends_at = max(now, ticket.created_at + timedelta(microseconds=1))
    return bool(
        LoginTicket.objects.filter(pk=ticket.pk, confirmed_at__isnull=True, expires_at__gt=ends_at).update(
            expires_at=ends_at
        )
    )


def end_attempts_of(person: Person, *, now: datetime) -> int:
    """End whatever was begun to sign in as a person, confirmed or not; return how many attempts.

    Whoever takes an account back must not find that a code sent before still opens it.
    """
    cards = RegisteredPerson.objects.filter(national_number_index=person.national_number_index).values("key")
    return LoginTicket.objects.filter(
        Q(person=person)
        | Q(register_key__in=cards)
        | Q(mail_code__person=person)
        | Q(mail_code__register_key__in=cards)
        | Q(phone_request__register_key__in=cards),
        used_at__isnull=True,
        created_at__lt=now,
        expires_at__gt=now,
    ).update(expires_at=now)


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


def forget_old_attempts(*, now: datetime) -> int:
    """Delete attempts and codes that ended a day ago; return how many attempts. A periodic job of the worker."""
    ended = LoginTicket.objects.filter(expires_at__lte=now - KEEP_ENDED_ATTEMPTS)
    count = ended.count()
    ended.delete()
    AddressChange.objects.filter(expires_at__lte=now - KEEP_ENDED_ATTEMPTS).delete()
    # A secret that was shown and never used.
    AppKey.objects.filter(activated_at__isnull=True, created_at__lte=now - KEEP_ENDED_ATTEMPTS).delete()
    return count
