"""What the states of signing in begin with: an attempt, a card, tries that were counted, a code via app."""

from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from csam.models import AppKey, LoginTicket
from csam.operations import start_attempt
from tenants.models import Person, RegisteredPerson
from tests.csam.flows import key_named
from tests.screens.stage import NOBODY, Stage
from tests.screens.table import Answer, state
from vault import throttle

LONG_AGO = "2020-01-01T12:00:00+00:00"
CODE = "12345678"


def idp(route: str, name: str, **told: Any) -> Callable[[Callable[[Stage], Answer]], Callable[[Stage], Answer]]:
    """Enter a state of the identity provider: whoever is there is not signed in yet."""
    return state(f"idp:{route}", name, **{"who": NOBODY, **told})


def attempt(stage: Stage, key: str, *, next_path: str = "", minimum_level: int = 0) -> LoginTicket:
    """Begin a sign-in with a key in the browser on the stage."""
    ticket, secret = start_attempt(
        key_named(key), next_path=next_path, minimum_level=minimum_level, purpose="sign_in", now=timezone.now()
    )
    stage.client.cookies["ticket"] = secret
    return ticket


def card_of(person: Person) -> str:
    """Return the key of a person's demo card."""
    return RegisteredPerson.objects.get(national_number_index=person.national_number_index).key


def count(scope: str, subject: str, times: int, per: timedelta) -> None:
    """Let so many tries be counted."""
    for _time in range(times):
        throttle.take(scope, subject, limit=times, per=per, now=timezone.now())


def used_up(person: Person) -> None:
    """Let a person have had sent all the codes of the hour."""
    count("csam.address_codes", person.key, 5, timedelta(hours=1))


@cache
def hashed_code() -> str:
    """Return the hash of a code; it takes a while, so it is made once."""
    return make_password(CODE)


def app_key(stage: Stage, *, active: bool) -> AppKey:
    """Let Jean have a code via app, or its secret shown."""
    AppKey.objects.filter(person=stage.jean).delete()
    activated = {"activated_at": stage.ago(days=40), "last_step": 1} if active else {}
    row: AppKey = AppKey.objects.create(
        person=stage.jean, secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", created_at=timezone.now(), **activated
    )
    return row
