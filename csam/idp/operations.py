"""Proving who one is: the card's PIN, the code by e-mail.

A try is counted before anything is compared, and everything is stored at once, in transactions of its own, so that
no error and no parallel try wins one back. Hashing stays outside transactions (TRUST, section 5).
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import F

from audit.record import record
from csam.events import SignInEvent
from csam.idp.receivers import Receiver, receiver_of_address
from csam.keys import KeyName
from csam.models import MAX_CODE_TRIES, LoginTicket, MailCode
from csam.operations import ATTEMPT_LIFE, RegisterEntry, confirm_attempt, record_failure
from outbox.compose import compose
from tenants.folding import fold_email
from tenants.models import Person, RegisteredPerson
from vault import throttle

# Every card of the simulation has this PIN; the page says so.
DEMO_PIN = "1234"  # noqa: S105 - public, it protects nothing but the simulation's flow
PIN_TRIES = 3
PIN_BLOCK = timedelta(hours=1)
PINS_IN_A_ROW = 100
NEVER_ENDS = timedelta(days=3650)

CODE_DIGITS = 8
CODES_PER_ATTEMPT = 5
CODES_PER_ADDRESS = 10  # a day

_NOBODY = Receiver("-", "nobody@example.invalid", "en")

_PIN, _BLOCK, _ROW = "csam.pin", "csam.pin_block", "csam.pin_row"
_CODES, _ADDRESS = "csam.mail_code_attempt", "csam.mail_code_address"


@dataclass(frozen=True)
class Outcome:
    """What became of a try.

    `confirmed`: the attempt may go back to the portal. `tries_left`: wrong, that many remain. `retry_at`: no more
    tries until then. `is_expired`: there is no code (any more) to compare with. `is_locked`: for good.
    """

    confirmed: bool = False
    tries_left: int | None = None
    retry_at: datetime | None = None
    is_expired: bool = False
    is_locked: bool = False


def card_block_end(card: RegisteredPerson, *, now: datetime) -> datetime | None:
    """Return until when the card is blocked, None if it is not."""
    return throttle.peek(_BLOCK, card.key, limit=1, per=PIN_BLOCK, now=now).retry_at


def check_pin(ticket: LoginTicket, card: RegisteredPerson, pin: str, *, now: datetime) -> Outcome:
    """Compare a card's PIN. The third wrong one blocks this card for an hour, other keys stay."""
    if blocked_until := card_block_end(card, now=now):
        return Outcome(retry_at=blocked_until)
    verdict = throttle.take(_PIN, card.key, limit=PIN_TRIES, per=PIN_BLOCK, now=now)
    if not verdict.allowed:
        return Outcome(retry_at=verdict.retry_at)
    if not throttle.take(_ROW, card.key, limit=PINS_IN_A_ROW, per=NEVER_ENDS, now=now).allowed:
        return Outcome(is_locked=True)
    is_last = verdict.remaining == 0
    if is_last:  # an hour from now on; a right PIN takes it back
        throttle.take(_BLOCK, card.key, limit=1, per=PIN_BLOCK, now=now)
    if hmac.compare_digest(pin.encode("utf-8"), DEMO_PIN.encode("utf-8")):
        unblock_card(card.key)
        confirmed = confirm_attempt(ticket, register_key=card.key, now=now)
        return Outcome(confirmed=confirmed, is_expired=not confirmed)
    subject = _subject(card)
    with transaction.atomic():
        record_failure(
            subject=subject, key=KeyName.EID.value, reason="wrong_pin", now=now, tries_left=verdict.remaining
        )
        if is_last:
            _record_block(subject, KeyName.EID, until=now + PIN_BLOCK, now=now)
    if is_last:
        return Outcome(retry_at=now + PIN_BLOCK)
    return Outcome(tries_left=verdict.remaining)


def unblock_card(card_key: str) -> None:
    """Forget the wrong PINs of a card."""
    for scope in (_PIN, _BLOCK, _ROW):
        throttle.clear(scope, card_key)


def unblock_card_of(card: RegisteredPerson, *, acting: Any, now: datetime) -> None:
    """Forget the wrong PINs of a card, done by an admin (TRUST, section 4)."""
    unblock_card(card.key)
    record(SignInEvent.KEY_UNBLOCKED, actor=acting, subject=_subject(card), now=now, key=KeyName.EID.value)


def send_code(ticket: LoginTicket, address: str, *, now: datetime) -> datetime | None:
    """Send a code to an address if somebody is known there. Returns when it works again if the limit is reached.

    Known and unknown addresses get the same answer after the same work. A new code replaces the old one; the tries
    of the attempt go on counting (TRUST, threat 19).
    """
    address = address.strip()
    if MailCode.objects.filter(ticket=ticket, tries__gte=MAX_CODE_TRIES).exists():
        return ticket.expires_at
    for scope, subject, limit, per in (
        (_CODES, str(ticket.pk), CODES_PER_ATTEMPT, ATTEMPT_LIFE),
        (_ADDRESS, fold_email(address), CODES_PER_ADDRESS, timedelta(days=1)),
    ):
        verdict = throttle.take(scope, subject, limit=limit, per=per, now=now)
        if not verdict.allowed:
            record_failure(subject=None, key=KeyName.EMAIL.value, reason="too_many_codes", now=now)
            return verdict.retry_at
    receiver = receiver_of_address(address)
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    _store_code(ticket, address, receiver, code, make_password(code), now=now)
    return None


def _store_code(
    ticket: LoginTicket, address: str, receiver: Receiver | None, code: str, code_hash: str, *, now: datetime
) -> None:
    expires_at = now + ATTEMPT_LIFE
    values = {
        "address": address,
        "person": receiver.person if receiver else None,
        "register_key": receiver.register_key if receiver else "",
        "code_hash": code_hash,
        "sent_at": now,
        "expires_at": expires_at,
        "used_at": None,
    }
    with transaction.atomic():
        LoginTicket.objects.select_for_update().get(pk=ticket.pk)
        # The attempt lasts as long as its newest code.
        LoginTicket.objects.filter(pk=ticket.pk, confirmed_at__isnull=True).update(expires_at=expires_at)
        if not MailCode.objects.filter(ticket=ticket).update(**values):
            MailCode.objects.create(ticket=ticket, **values)
        # A letter to nobody is written, too, and taken back: the same work for both (TRUST, threat 16).
        point = transaction.savepoint()
        to = receiver or _NOBODY
        compose(
            "security_code",
            to=to.address,
            language=to.language,
            context={"name": to.name, "expires_at": expires_at},
            secrets={"code": code},
            now=now,
        )
        if receiver is None:
            transaction.savepoint_rollback(point)
            record_failure(subject=None, key=KeyName.EMAIL.value, reason="unknown_address", now=now)
            return
        transaction.savepoint_commit(point)
        record(SignInEvent.CODE_SENT, actor=None, subject=receiver, now=now, key=KeyName.EMAIL.value)


def check_code(ticket: LoginTicket, typed: str, *, now: datetime) -> Outcome:
    """Compare the code that came by e-mail: five tries for the whole attempt, once, within ten minutes."""
    counted = MailCode.objects.filter(
        ticket=ticket, tries__lt=MAX_CODE_TRIES, used_at__isnull=True, expires_at__gt=now
    ).update(tries=F("tries") + 1)
    row = MailCode.objects.select_related("person").filter(ticket=ticket).first()
    if row is None or (not counted and row.tries < MAX_CODE_TRIES):
        return Outcome(is_expired=True)
    if not counted:
        return Outcome(is_expired=True) if row.used_at else Outcome(retry_at=ticket.expires_at)
    is_right = check_password("".join(typed.split()), row.code_hash)
    if is_right and (row.person is not None or row.register_key):
        with transaction.atomic():
            used = MailCode.objects.filter(
                pk=row.pk, code_hash=row.code_hash, used_at__isnull=True, expires_at__gt=now
            ).update(used_at=now)
            if used and confirm_attempt(ticket, person=row.person, register_key=row.register_key, now=now):
                return Outcome(confirmed=True)
        return Outcome(is_expired=True)
    tries_left = MAX_CODE_TRIES - row.tries
    subject = row.person or _register_entry(row.register_key)
    with transaction.atomic():
        record_failure(subject=subject, key=KeyName.EMAIL.value, reason="wrong_code", now=now, tries_left=tries_left)
        if not tries_left:
            _record_block(subject, KeyName.EMAIL, until=ticket.expires_at, now=now)
    return Outcome(tries_left=tries_left) if tries_left else Outcome(retry_at=ticket.expires_at)


def _record_block(subject: Any, key: KeyName, *, until: datetime, now: datetime) -> None:
    record(SignInEvent.KEY_BLOCKED, actor=None, subject=subject, now=now, key=key.value, until_at=until.isoformat())


def _subject(card: RegisteredPerson) -> Any:
    """Return the portal's person of a card, or the register's entry where the portal knows nobody."""
    known = Person.objects.filter(national_number_index=card.national_number_index).first()
    return known or RegisterEntry(card.key, str(card))


def _register_entry(key: str) -> RegisterEntry | None:
    card = RegisteredPerson.objects.filter(key=key).first() if key else None
    return RegisterEntry(card.key, str(card)) if card else None
