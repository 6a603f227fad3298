"""Proving who one is with itsme: a request on the phone, a number to compare, the itsme code.

Who asks and who approves are in two browsers. Approving writes an answer on the request; only the browser that holds
the ticket of the request can go on with it (TRUST, threat 21).
"""

import hmac
import secrets
from datetime import datetime, timedelta

from django.db import transaction

from audit.record import record
from csam.events import SignInEvent
from csam.idp.operations.subjects import confirm, record_block, subject_of
from csam.keys import KeyName
from csam.models import LoginTicket, PhoneRequest
from csam.operations import ATTEMPT_LIFE, blocks, record_failure
from csam.operations.outcome import Outcome
from tenants.models import RegisteredPerson
from vault import throttle

# Every itsme of the simulation has this code; the phone says so.
DEMO_ITSME_CODE = "12345"
REQUEST_LIFE = timedelta(minutes=3)
CODE_TRIES = 3
REQUESTS = 5  # to one person, within:
REQUESTS_PER = timedelta(minutes=10)
TIMES_NO = 3  # refusals and wrong numbers; the third blocks the key: somebody else is asking
BLOCK = timedelta(hours=1)

Answer = PhoneRequest.Answer


def ask_phone(ticket: LoginTicket, card: RegisteredPerson, *, now: datetime) -> Outcome | None:
    """Send a request to somebody's phone. Returns None when it was sent, else why not.

    A new request of the same attempt replaces the old one. How many reach one person is limited, whoever asks.
    """
    blocked = throttle.peek(blocks.ITSME_BLOCK, card.key, limit=1, per=BLOCK, now=now).retry_at
    if blocked:
        return Outcome(retry_at=blocked)
    verdict = throttle.take(blocks.ITSME_ASKED, card.key, limit=REQUESTS, per=REQUESTS_PER, now=now)
    if not verdict.allowed:
        record_failure(subject=subject_of(card), key=KeyName.ITSME.value, reason="too_many_requests", now=now)
        return Outcome(retry_at=verdict.retry_at)
    choices = secrets.SystemRandom().sample(range(10, 100), 3)
    with transaction.atomic():
        LoginTicket.objects.select_for_update().get(pk=ticket.pk)
        # The attempt outlives its newest request: one may come back from the phone a little later.
        LoginTicket.objects.filter(pk=ticket.pk, confirmed_at__isnull=True).update(expires_at=now + ATTEMPT_LIFE)
        PhoneRequest.objects.filter(ticket=ticket).delete()
        PhoneRequest.objects.create(
            ticket=ticket,
            register_key=card.key,
            number=secrets.choice(choices),
            choices=choices,
            sent_at=now,
            expires_at=now + REQUEST_LIFE,
        )
        record(SignInEvent.PHONE_ASKED, actor=None, subject=subject_of(card), now=now, key=KeyName.ITSME.value)
    return None


def answer_phone(
    request: PhoneRequest, *, chosen: int, code: str, in_own_browser: bool = False, now: datetime
) -> Outcome:
    """Approve a request on the phone: the itsme code first, then the number.

    Three wrong codes block the key for an hour. A wrong number ends the request in both windows: the outcome is then
    `is_expired`, and the request says why.
    """
    card = RegisteredPerson.objects.filter(key=request.register_key).first()
    if card is None or not request.is_open(now) or not request.ticket.is_open(now):
        return Outcome(is_expired=True)
    verdict = throttle.take(blocks.ITSME_CODE, card.key, limit=CODE_TRIES, per=BLOCK, now=now)
    if not verdict.allowed:
        return Outcome(retry_at=verdict.retry_at)
    if not hmac.compare_digest(code.encode("utf-8"), DEMO_ITSME_CODE.encode("utf-8")):
        return _wrong_code(request, card, verdict.remaining, now=now)
    throttle.clear(blocks.ITSME_CODE, card.key)
    if chosen != request.number:
        _say_no(request, card, Answer.WRONG_NUMBER, counts=not in_own_browser, now=now)
        return Outcome(is_expired=True)
    approved = _put_answer(request, Answer.APPROVED, now=now)
    return Outcome(confirmed=approved, is_expired=not approved)


def _wrong_code(request: PhoneRequest, card: RegisteredPerson, tries_left: int, *, now: datetime) -> Outcome:
    subject = subject_of(card)
    if not tries_left:
        throttle.take(blocks.ITSME_BLOCK, card.key, limit=1, per=BLOCK, now=now)
    with transaction.atomic():
        record_failure(subject=subject, key=KeyName.ITSME.value, reason="wrong_code", now=now, tries_left=tries_left)
        if not tries_left:
            _put_answer(request, Answer.BLOCKED, now=now)
            record_block(subject, KeyName.ITSME, until=now + BLOCK, now=now)
    return Outcome(tries_left=tries_left) if tries_left else Outcome(retry_at=now + BLOCK)


def refuse_phone(request: PhoneRequest, *, in_own_browser: bool = False, now: datetime) -> bool:
    """Refuse a request on the phone, which takes no code. Returns False when it had ended before.

    `in_own_browser`: whoever asked refuses it, too. That says nothing about the receiver, and blocks no key.
    """
    card = RegisteredPerson.objects.filter(key=request.register_key).first()
    return card is not None and _say_no(request, card, Answer.REFUSED, counts=not in_own_browser, now=now)


def _say_no(request: PhoneRequest, card: RegisteredPerson, answer: str, *, counts: bool, now: datetime) -> bool:
    """End a request that its receiver did not want; after the third within an hour nobody can ask for that long."""
    with transaction.atomic():
        said = _put_answer(request, answer, now=now)
        if said:
            record(
                SignInEvent.PHONE_REFUSED,
                actor=None,
                subject=subject_of(card),
                now=now,
                key=KeyName.ITSME.value,
                reason=str(answer),
            )
    if not (said and counts):
        return said
    if not throttle.take(blocks.ITSME_NO, card.key, limit=TIMES_NO, per=BLOCK, now=now).remaining:
        throttle.take(blocks.ITSME_BLOCK, card.key, limit=1, per=BLOCK, now=now)
        with transaction.atomic():
            record_block(subject_of(card), KeyName.ITSME, until=now + BLOCK, now=now)
    return said


def _put_answer(request: PhoneRequest, answer: str, *, now: datetime) -> bool:
    """Store the one answer of a request; the first one counts."""
    return bool(
        PhoneRequest.objects.filter(pk=request.pk, answer="", expires_at__gt=now).update(answer=answer, answered_at=now)
    )


def finish_phone(ticket: LoginTicket, *, now: datetime) -> bool:
    """Confirm the attempt if its own request was approved; the browser may then go back to the portal."""
    request = PhoneRequest.objects.filter(ticket=ticket, answer=Answer.APPROVED).first()
    return request is not None and confirm(
        ticket, KeyName.ITSME, register_key=request.register_key, proved_at=request.answered_at, now=now
    )
