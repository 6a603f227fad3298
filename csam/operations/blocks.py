"""Keys that are blocked after wrong codes: what is counted under which name, and how an admin forgets it."""

from datetime import datetime
from typing import Any

from django.db import transaction

from audit.record import record
from csam.events import SignInEvent
from csam.keys import KeyName
from tenants.models import Person, RegisteredPerson
from vault import throttle

# The eID: wrong PINs of the hour, the block, wrong PINs in a row.
PIN, PIN_BLOCK, PIN_ROW = "csam.pin", "csam.pin_block", "csam.pin_row"
# itsme: requests sent, wrong codes, refusals and wrong numbers, the block.
ITSME_ASKED, ITSME_CODE, ITSME_NO, ITSME_BLOCK = (
    "csam.itsme_asked",
    "csam.itsme_code",
    "csam.itsme_no",
    "csam.itsme_block",
)
# The code via app: wrong codes.
APP_CODE = "csam.app_code"

_SCOPES = {
    KeyName.EID: (PIN, PIN_BLOCK, PIN_ROW),
    KeyName.ITSME: (ITSME_ASKED, ITSME_CODE, ITSME_NO, ITSME_BLOCK),
    KeyName.APP: (APP_CODE,),
}


def forget_tries(card_key: str, key: KeyName) -> None:
    """Forget what was counted for a person's key."""
    for scope in _SCOPES[key]:
        throttle.clear(scope, card_key)


def unblock_keys_of(person: Person, *, acting: Any, now: datetime) -> None:
    """Forget the wrong codes of all keys of a person, done by an admin (TRUST, section 4)."""
    card = RegisteredPerson.objects.filter(national_number_index=person.national_number_index).first()
    if card is not None:
        for key in _SCOPES:
            forget_tries(card.key, key)
    with transaction.atomic():
        record(SignInEvent.KEY_UNBLOCKED, actor=acting, subject=person, now=now, keys=[key.value for key in _SCOPES])
