"""Proving who one is with the card's PIN.

A try is counted before anything is compared, and everything is stored at once, in transactions of its own, so that
no error and no parallel try wins one back. Hashing stays outside transactions (TRUST, section 5).
"""

import hmac
from datetime import datetime, timedelta

from django.db import transaction

from csam.idp.operations.subjects import confirm, record_block, subject_of
from csam.keys import KeyName
from csam.models import LoginTicket
from csam.operations import blocks, record_failure
from csam.operations.outcome import Outcome
from tenants.models import RegisteredPerson
from vault import throttle

# Every card of the simulation has this PIN; the page says so.
DEMO_PIN = "1234"  # noqa: S105 - public, it protects nothing but the simulation's flow
PIN_TRIES = 3
PIN_BLOCK = timedelta(hours=1)
PINS_IN_A_ROW = 100
NEVER_ENDS = timedelta(days=3650)


def card_block_end(card: RegisteredPerson, *, now: datetime) -> datetime | None:
    """Return until when the card is blocked, None if it is not."""
    return throttle.peek(blocks.PIN_BLOCK, card.key, limit=1, per=PIN_BLOCK, now=now).retry_at


def check_pin(ticket: LoginTicket, card: RegisteredPerson, pin: str, *, now: datetime) -> Outcome:
    """Compare a card's PIN. The third wrong one blocks this card for an hour, other keys stay."""
    if blocked_until := card_block_end(card, now=now):
        return Outcome(retry_at=blocked_until)
    verdict = throttle.take(blocks.PIN, card.key, limit=PIN_TRIES, per=PIN_BLOCK, now=now)
    if not verdict.allowed:
        return Outcome(retry_at=verdict.retry_at)
    if not throttle.take(blocks.PIN_ROW, card.key, limit=PINS_IN_A_ROW, per=NEVER_ENDS, now=now).allowed:
        return Outcome(is_locked=True)
    is_last = verdict.remaining == 0
    if is_last:  # an hour from now on; a right PIN takes it back
        throttle.take(blocks.PIN_BLOCK, card.key, limit=1, per=PIN_BLOCK, now=now)
    if hmac.compare_digest(pin.encode("utf-8"), DEMO_PIN.encode("utf-8")):
        blocks.forget_tries(card.key, KeyName.EID)
        confirmed = confirm(ticket, KeyName.EID, register_key=card.key, now=now)
        return Outcome(confirmed=confirmed, is_expired=not confirmed)
    subject = subject_of(card)
    with transaction.atomic():
        record_failure(
            subject=subject, key=KeyName.EID.value, reason="wrong_pin", now=now, tries_left=verdict.remaining
        )
        if is_last:
            record_block(subject, KeyName.EID, until=now + PIN_BLOCK, now=now)
    if is_last:
        return Outcome(retry_at=now + PIN_BLOCK)
    return Outcome(tries_left=verdict.remaining)
