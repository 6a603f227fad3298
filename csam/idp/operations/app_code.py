"""Proving who one is with the code that an app shows: the current 30 seconds only, each code once (TRUST 4)."""

from datetime import datetime, timedelta

from django.db import transaction

from csam.idp.operations.subjects import confirm, record_block, subject_of
from csam.keys import KeyName
from csam.models import AppKey, LoginTicket
from csam.operations import blocks, record_failure
from csam.operations.app_keys import is_code_of_step, step_of
from csam.operations.outcome import Outcome
from tenants.models import RegisteredPerson
from vault import throttle

CODE_TRIES = 5
BLOCK = timedelta(hours=1)


def check_app_code(ticket: LoginTicket, card: RegisteredPerson, typed: str, *, now: datetime) -> Outcome:
    """Compare the code of an app. Five wrong ones block the key for an hour, whoever types them; other keys stay."""
    key = AppKey.objects.filter(
        person__national_number_index=card.national_number_index, activated_at__isnull=False
    ).first()
    if key is None:
        return Outcome(is_missing=True)
    verdict = throttle.take(blocks.APP_CODE, card.key, limit=CODE_TRIES, per=BLOCK, now=now)
    if not verdict.allowed:
        return Outcome(retry_at=verdict.retry_at)
    step = step_of(now)
    if not is_code_of_step(key.secret, typed, step):
        return _wrong(card, verdict.remaining, now=now)
    with transaction.atomic():
        counted = AppKey.objects.filter(pk=key.pk, activated_at__isnull=False, last_step__lt=step).update(
            last_step=step
        )
        confirmed = bool(counted) and confirm(ticket, KeyName.APP, register_key=card.key, now=now)
    # The right code is no guess: also one that has counted before, by a second press, blocks nobody.
    throttle.clear(blocks.APP_CODE, card.key)
    if not counted:
        with transaction.atomic():
            record_failure(subject=subject_of(card), key=KeyName.APP.value, reason="used_code", now=now)
        return Outcome(is_used=True)
    return Outcome(confirmed=confirmed, is_expired=not confirmed)


def _wrong(card: RegisteredPerson, tries_left: int, *, now: datetime) -> Outcome:
    subject = subject_of(card)
    with transaction.atomic():
        record_failure(subject=subject, key=KeyName.APP.value, reason="wrong_code", now=now, tries_left=tries_left)
        if not tries_left:
            record_block(subject, KeyName.APP, until=now + BLOCK, now=now)
    return Outcome(tries_left=tries_left) if tries_left else Outcome(retry_at=now + BLOCK)
