"""The code via app as a key of one's own: its secret is shown, a first code activates it, it can be taken away.

The secret and the codes are those of RFC 6238 as every authenticator app knows them: SHA-1, 6 digits, 30 seconds.
"""

import hmac
from datetime import datetime, timedelta
from typing import Any

import pyotp
from django.db import transaction
from django.utils.translation import gettext as _

from audit.record import record
from csam.events import SignInEvent
from csam.keys import KeyName
from csam.models import AppKey
from csam.operations.attempts import end_attempts_of
from csam.operations.outcome import Outcome
from outbox.compose import compose
from tenants.models import Person
from vault import throttle

STEP_SECONDS = 30
SECRET_LENGTH = 32  # characters of base 32: 160 bits, as RFC 4226 recommends
FIRST_CODE_TRIES = 10
PER = timedelta(hours=1)
# How far a clock may be wrong to be told by how much, when the first code is typed: two hours either way.
_LOOK_AROUND = 240

_TRIES = "csam.app_first_code"


def step_of(now: datetime) -> int:
    """Return the number of the 30 seconds in which `now` lies."""
    return int(now.timestamp()) // STEP_SECONDS


def code_of_step(secret: str, step: int) -> str:
    """Return the six digits that an app shows in these 30 seconds."""
    return pyotp.TOTP(secret).generate_otp(step)


def is_code_of_step(secret: str, typed: str, step: int) -> bool:
    """Compare what was typed with the code of a step, spaces aside."""
    return hmac.compare_digest("".join(typed.split()).encode("utf-8"), code_of_step(secret, step).encode("ascii"))


def otpauth_address(key: AppKey) -> str:
    """Return the address by which an authenticator app takes over the secret. It names the person, never a number."""
    return pyotp.TOTP(key.secret).provisioning_uri(
        name=key.person.full_name, issuer_name=_("Role management – simulation")
    )


def begin_app_key(person: Person, *, acting: Any, now: datetime) -> AppKey:
    """Make a secret to show, and return it. One that is active stays as it is; one shown before is replaced."""
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person.pk)
        present = AppKey.objects.filter(person=person).first()
        if present is not None and present.activated_at is not None:
            return present
        AppKey.objects.filter(person=person).delete()
        return AppKey.objects.create(person=person, secret=pyotp.random_base32(SECRET_LENGTH), created_at=now)


def activate_app_key(person: Person, typed: str, *, acting: Any, now: datetime) -> Outcome:
    """Activate the key with its first code, and tell the person by e-mail.

    A code of another time tells by how many minutes the telephone's clock is wrong.
    """
    verdict = throttle.take(_TRIES, person.key, limit=FIRST_CODE_TRIES, per=PER, now=now)
    if not verdict.allowed:
        return Outcome(retry_at=verdict.retry_at)
    key = AppKey.objects.filter(person=person, activated_at__isnull=True).first()
    if key is None:
        return Outcome(is_missing=True)
    step = step_of(now)
    if not is_code_of_step(key.secret, typed, step):
        return Outcome(tries_left=verdict.remaining, minutes_off=_minutes_off(key.secret, typed, step))
    with transaction.atomic():
        activated = AppKey.objects.filter(pk=key.pk, activated_at__isnull=True).update(activated_at=now, last_step=step)
        if activated:
            record(SignInEvent.KEY_ENROLLED, actor=acting, subject=person, now=now, key=KeyName.APP.value)
            _tell(person, "key_activated", now=now)
    throttle.clear(_TRIES, person.key)
    return Outcome(confirmed=bool(activated), is_missing=not activated)


def _minutes_off(secret: str, typed: str, step: int) -> int:
    """Return by how many minutes the clock is ahead whose code this is (below 0: behind); 0 if none nearby is."""
    for distance in range(1, _LOOK_AROUND + 1):
        for other in (step + distance, step - distance):
            if is_code_of_step(secret, typed, other):
                minutes = max(1, round(distance * STEP_SECONDS / 60))
                return minutes if other > step else -minutes
    return 0


def remove_app_key(person: Person, *, acting: Any, now: datetime) -> bool:
    """Take the key away, with its secret, and tell the person. Returns False when there was none."""
    with transaction.atomic():
        key = AppKey.objects.select_for_update().filter(person=person).first()
        if key is None:
            return False
        was_active = key.activated_at is not None
        key.delete()
        if was_active:
            end_attempts_of(person, now=now)
            record(SignInEvent.KEY_REMOVED, actor=acting, subject=person, now=now, key=KeyName.APP.value)
            _tell(person, "key_removed", now=now)
    return was_active


def _tell(person: Person, letter: str, *, now: datetime) -> None:
    if person.email:
        compose(
            letter,
            to=person.email,
            language=person.language,
            context={"receiver": person.full_name, "changed_at": now.isoformat()},
            now=now,
        )
