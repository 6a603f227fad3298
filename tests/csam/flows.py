"""What a browser does to sign in, step by step."""

import json
import time
from datetime import datetime
from typing import Any

from django.test import Client

from csam.keys import KEYS, DigitalKey
from csam.models import LoginTicket
from csam.operations import start_attempt
from outbox.models import OutgoingEmail
from rolemgmt.demo.numbers import enterprise_number
from tenants.models import Organisation, Person, RegisteredPerson

PIN = "1234"


def organisation_called(name: str, **values: Any) -> Organisation:
    """Store an organisation with this one name."""
    number = enterprise_number(70_000 + Organisation.objects.count())
    return Organisation.objects.create(enterprise_number=number, name_fr=name, **values)


def card_of(person: Person, *, position: int = 10) -> RegisteredPerson:
    """Give a person of the portal a demo card."""
    card = RegisteredPerson(
        given_name=person.given_name,
        family_name=person.family_name,
        email=person.email,
        language=person.language,
        position=position,
    )
    card.set_national_number(person.national_number)
    card.save()
    return card


def stranger(digits: str, **values: Any) -> RegisteredPerson:
    """Put somebody into the pretend National Register whom the portal does not know."""
    given = {"given_name": "Noor", "family_name": "Van Acker", "email": "noor@post.example", "language": "nl"}
    card = RegisteredPerson(**{**given, **values})
    card.set_national_number(digits)
    card.save()
    return card


def key_named(name: str) -> DigitalKey:
    """Return one of the digital keys."""
    return next(key for key in KEYS if key.name == name)


def attempt_with(key: str, *, now: datetime, next_path: str = "") -> LoginTicket:
    """Begin an attempt without a browser, for acts that are raced against each other."""
    return start_attempt(key_named(key), next_path=next_path, minimum_level=0, purpose="sign_in", now=now)[0]


def early_in_a_step(seconds: float = 3) -> None:
    """Wait until the code that an app shows now is good for so many seconds more: at most that long."""
    left = 30 - time.time() % 30
    if left < seconds:
        time.sleep(left + 0.01)


def begin(client: Client, key: str, next_path: str = "") -> Any:
    """Choose a key on the login page."""
    return client.post(f"/login/{key}/", {"next": next_path} if next_path else {})


def insert_card(client: Client, card: RegisteredPerson, pin: str = PIN) -> Any:
    """Choose a card at the identity provider and type its PIN."""
    return client.post("/idp/eid/", {"card": card.key, "pin": pin})


def sign_in_with_card(client: Client, card: RegisteredPerson, next_path: str = "") -> Any:
    """Go the whole way with an eID; return the answer to the return to the portal."""
    assert begin(client, "eid", next_path).status_code == 303
    assert insert_card(client, card).url == "/login/return/"
    return client.get("/login/return/")


def ask_code(client: Client, address: str, next_path: str = "") -> Any:
    """Choose the key by e-mail and ask for a code."""
    begin(client, "email", next_path)
    return client.post("/idp/email/", {"address": address})


def code_of(letter: OutgoingEmail | None = None) -> str:
    """Return the code in a letter, by default the newest."""
    letter = letter or OutgoingEmail.objects.order_by("-id").first()
    assert letter is not None
    assert letter.secrets is not None
    return str(json.loads(letter.secrets)["code"])


def another_code(code: str) -> str:
    """Return a code that is certainly wrong."""
    return f"{(int(code) + 1) % 10**8:08d}"
