"""A new address for messages: asked for, confirmed by the code sent there, told to the old one."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from audit.record import record
from csam.events import SignInEvent
from csam.models import MAX_CODE_TRIES, AddressChange
from csam.operations.attempts import end_attempts_of
from csam.operations.mail_codes import new_code, take_for_new_address
from csam.operations.outcome import Outcome
from outbox.compose import compose
from tenants.models import Person
from tenants.operations import change_address
from vault import throttle

CODE_LIFE = timedelta(minutes=10)
CODES = 5  # that one person may have sent, within:
CODES_PER = timedelta(hours=1)

# In the session: which change this browser asked for.
ADDRESS_CHANGE = "address_change"

_CODES = "csam.address_codes"


def pending_change(session: Any, person: Person) -> AddressChange | None:
    """Return the change that this browser asked for and that waits for its code; None for every other browser."""
    key = session.get(ADDRESS_CHANGE)
    return AddressChange.objects.filter(key=key, person=person, used_at__isnull=True).first() if key else None


def ask_address(session: Any, person: Person, address: str, *, acting: Any, now: datetime) -> Outcome | None:
    """Send a code to a new address. Returns None when it was sent, else from when on it works again.

    Whether somebody else uses the address is not told here: only who reads what is sent there learns it.
    """
    if refused := _take(person, address, now=now):
        return refused
    code = new_code()
    code_hash = make_password(code)
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person.pk)
        AddressChange.objects.filter(person=person).delete()
        change = AddressChange.objects.create(
            person=person, address=address, code_hash=code_hash, sent_at=now, expires_at=now + CODE_LIFE
        )
        _send(change, person, code, acting=acting, now=now)
    session[ADDRESS_CHANGE] = change.key
    return None


def send_address_code_again(change: AddressChange, *, acting: Any, now: datetime) -> Outcome | None:
    """Send a new code to the same address; the tries go on counting. Returns as `ask_address`."""
    if change.tries >= MAX_CODE_TRIES:
        return Outcome(retry_at=change.expires_at) if now < change.expires_at else Outcome(is_expired=True)
    if refused := _take(change.person, change.address, now=now):
        return refused
    code = new_code()
    code_hash = make_password(code)
    with transaction.atomic():
        waits = AddressChange.objects.filter(pk=change.pk, used_at__isnull=True)
        if not waits.update(code_hash=code_hash, sent_at=now, expires_at=now + CODE_LIFE):
            return Outcome(is_expired=True)
        change.expires_at = now + CODE_LIFE
        _send(change, change.person, code, acting=acting, now=now)
    return None


def _take(person: Person, address: str, *, now: datetime) -> Outcome | None:
    for verdict in (
        throttle.take(_CODES, person.key, limit=CODES, per=CODES_PER, now=now),
        take_for_new_address(address, now=now),
    ):
        if not verdict.allowed:
            return Outcome(retry_at=verdict.retry_at)
    return None


def _send(change: AddressChange, person: Person, code: str, *, acting: Any, now: datetime) -> None:
    compose(
        "security_code",
        to=change.address,
        language=person.language,
        context={"name": person.full_name, "expires_at": change.expires_at, "for_address": True},
        secrets={"code": code},
        now=now,
    )
    record(SignInEvent.ADDRESS_CODE_SENT, actor=acting, subject=person, now=now)


def confirm_address(change: AddressChange, typed: str, *, acting: Any, now: datetime) -> Outcome:
    """Compare the code; the right one makes the address the person's. Five tries, once, within ten minutes.

    The try is counted before anything is compared. `is_taken`: the code was right, the address is somebody else's.
    """
    counted = AddressChange.objects.filter(
        pk=change.pk, tries__lt=MAX_CODE_TRIES, used_at__isnull=True, expires_at__gt=now
    ).update(tries=F("tries") + 1)
    row = AddressChange.objects.select_related("person").filter(pk=change.pk).first()
    if row is None or row.used_at is not None or now >= row.expires_at:
        return Outcome(is_expired=True)
    if not counted:
        return Outcome(retry_at=row.expires_at)
    if not check_password("".join(typed.split()), row.code_hash):
        tries_left = MAX_CODE_TRIES - row.tries
        with transaction.atomic():
            record(SignInEvent.ADDRESS_CODE_REFUSED, actor=acting, subject=row.person, now=now, tries_left=tries_left)
        return Outcome(tries_left=tries_left) if tries_left else Outcome(retry_at=row.expires_at)
    with transaction.atomic():
        used = AddressChange.objects.filter(
            pk=row.pk, code_hash=row.code_hash, used_at__isnull=True, expires_at__gt=now
        ).update(used_at=now)
        if not used:
            return Outcome(is_expired=True)
        try:
            change_address(row.person, email=row.address, acting=acting, now=now)
        except ValidationError:  # what it recorded stays, and so does that the code has counted
            return Outcome(is_taken=True)
        end_attempts_of(row.person, now=now)  # a code on its way to the old address opens nothing any more
    return Outcome(confirmed=True)
