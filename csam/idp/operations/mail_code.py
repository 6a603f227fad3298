"""Proving who one is with a code that came by e-mail.

A try is counted before anything is compared. Hashing stays outside transactions (TRUST, section 5).
"""

from datetime import datetime

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import F

from audit.record import record
from csam.events import SignInEvent
from csam.idp.operations.subjects import confirm, record_block, register_entry
from csam.idp.receivers import Receiver, receiver_of_address
from csam.keys import KeyName
from csam.models import MAX_CODE_TRIES, LoginTicket, MailCode
from csam.operations import ATTEMPT_LIFE, record_failure
from csam.operations.mail_codes import new_code, take_for_address
from csam.operations.outcome import Outcome
from outbox.compose import compose
from vault import throttle

CODES_PER_ATTEMPT = 5

_NOBODY = Receiver("-", "nobody@example.invalid", "en")

_CODES = "csam.mail_code_attempt"


def send_code(ticket: LoginTicket, address: str, *, now: datetime) -> datetime | None:
    """Send a code to an address if somebody is known there. Returns when it works again if the limit is reached.

    Known and unknown addresses get the same answer after the same work. A new code replaces the old one; the tries
    of the attempt go on counting (TRUST, threat 19).
    """
    address = address.strip()
    if MailCode.objects.filter(ticket=ticket, tries__gte=MAX_CODE_TRIES).exists():
        return ticket.expires_at
    verdict = throttle.take(_CODES, str(ticket.pk), limit=CODES_PER_ATTEMPT, per=ATTEMPT_LIFE, now=now)
    if verdict.allowed:
        verdict = take_for_address(address, now=now)
    if not verdict.allowed:
        record_failure(subject=None, key=KeyName.EMAIL.value, reason="too_many_codes", now=now)
        return verdict.retry_at
    receiver = receiver_of_address(address)
    code = new_code()
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
            if used and confirm(ticket, KeyName.EMAIL, person=row.person, register_key=row.register_key, now=now):
                return Outcome(confirmed=True)
        return Outcome(is_expired=True)
    tries_left = MAX_CODE_TRIES - row.tries
    subject = row.person or register_entry(row.register_key)
    with transaction.atomic():
        record_failure(subject=subject, key=KeyName.EMAIL.value, reason="wrong_code", now=now, tries_left=tries_left)
        if not tries_left:
            record_block(subject, KeyName.EMAIL, until=ticket.expires_at, now=now)
    return Outcome(tries_left=tries_left) if tries_left else Outcome(retry_at=ticket.expires_at)
