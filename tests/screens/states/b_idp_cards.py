"""S2a to S2c: the pretend identity provider: the card, itsme and its simulated phone."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

from django.utils import timezone

from csam.idp.operations.pin import NEVER_ENDS, PIN_BLOCK, PIN_TRIES
from csam.models import PhoneRequest
from csam.operations import blocks
from tests.screens.keys import attempt, card_of, count, idp
from tests.screens.stage import NOBODY, Stage
from tests.screens.table import Answer, state
from vault import throttle

HOUR = timedelta(hours=1)

# --- S2a: the eID ----------------------------------------------------------------------------------------------------


@idp(
    "eid",
    "first visit",
    template="idp/eid.html",
    shows=("Choose the card to insert", "Jean Dubois", "All demo cards: 1234"),
)
def eid(stage: Stage) -> Answer:
    attempt(stage, "eid")
    return stage.get("/idp/eid/")


@idp("eid", "second page", shows="Choose the card to insert – page 2")
def eid_page_two(stage: Stage) -> Answer:
    attempt(stage, "eid")
    return stage.get("/idp/eid/?page=2")


@idp("eid", "found", shows=("Cards with “peeters”", "Anna Peeters"))
def eid_found(stage: Stage) -> Answer:
    attempt(stage, "eid")
    return stage.post("/idp/search/", words="peeters")


@idp("eid", "none found", shows=("Cards with “zzzz”", "Nobody has this name."))
def eid_none_found(stage: Stage) -> Answer:
    attempt(stage, "eid")
    return stage.post("/idp/search/", words="zzzz")


@idp("eid", "nothing chosen", errors="E37", says="Fill in “PIN code”")
def eid_nothing(stage: Stage) -> Answer:
    attempt(stage, "eid")
    return stage.post("/idp/eid/", pin="")


@idp("eid", "no card", errors="E37")
def eid_no_card(stage: Stage) -> Answer:
    attempt(stage, "eid")
    return stage.post("/idp/eid/", pin="1234")


@idp("eid", "no card, none found", errors="E37")
def eid_no_card_found(stage: Stage) -> Answer:
    attempt(stage, "eid")
    stage.post("/idp/search/", words="zzzz")
    return stage.post("/idp/eid/", pin="1234")


@idp("eid", "wrong PIN", errors="E35")
def eid_wrong_pin(stage: Stage) -> Answer:
    attempt(stage, "eid")
    return stage.post("/idp/eid/", card=card_of(stage.jean), pin="9999")


@idp("eid", "third wrong PIN", status=429, says="This card is blocked until")
def eid_blocked(stage: Stage) -> Answer:
    attempt(stage, "eid")
    card = card_of(stage.jean)
    count(blocks.PIN, card, PIN_TRIES, PIN_BLOCK)
    return stage.post("/idp/eid/", card=card, pin="9999")


@idp("eid", "blocked for good", status=429, says="This card is blocked. Choose another key")
def eid_locked(stage: Stage) -> Answer:
    attempt(stage, "eid")
    card = card_of(stage.jean)
    with patch("csam.idp.operations.pin.PINS_IN_A_ROW", 1):
        count(blocks.PIN_ROW, card, 1, NEVER_ENDS)
        return stage.post("/idp/eid/", card=card, pin="9999")


@idp("eid", "attempt over", status=400, shows="This sign-in attempt has ended")
def eid_over(stage: Stage) -> Answer:
    return stage.get("/idp/eid/")


@state(
    "csam:login",
    "cancelled at the provider",
    template="csam/login.html",
    who=NOBODY,
    shows="Sign in: choose your digital key",
)
def cancelled(stage: Stage) -> Answer:
    attempt(stage, "eid", next_path="/my-roles/")
    return stage.post("/idp/cancel/")


# --- S2b: itsme ------------------------------------------------------------------------------------------------------


@idp("itsme", "first visit", template="idp/itsme.html", shows=("itsme: whose phone?", "Send to the phone"))
def itsme(stage: Stage) -> Answer:
    attempt(stage, "itsme")
    return stage.get("/idp/itsme/")


@idp("itsme", "none found", shows="Nobody has this name.")
def itsme_none_found(stage: Stage) -> Answer:
    attempt(stage, "itsme")
    return stage.post("/idp/search/", words="zzzz")


@idp("itsme", "nobody chosen", errors="E37")
def itsme_nobody(stage: Stage) -> Answer:
    attempt(stage, "itsme")
    return stage.post("/idp/itsme/")


@idp("itsme", "blocked", status=429, says="This key is blocked until")
def itsme_blocked(stage: Stage) -> Answer:
    attempt(stage, "itsme")
    card = card_of(stage.jean)
    count(blocks.ITSME_BLOCK, card, 1, HOUR)
    return stage.post("/idp/itsme/", card=card)


def phone_asked(stage: Stage, *, minutes: int = 0, answer: str = "") -> PhoneRequest:
    """Let the phone of Jean be asked so many minutes ago, by the browser on the stage."""
    sent_at = timezone.now() - timedelta(minutes=minutes)
    row: PhoneRequest = PhoneRequest.objects.create(
        ticket=attempt(stage, "itsme"),
        register_key=card_of(stage.jean),
        number=47,
        choices=[12, 47, 83],
        sent_at=sent_at,
        expires_at=sent_at + timedelta(minutes=3),
        answer=answer,
        answered_at=sent_at if answer else None,
    )
    return row


@idp(
    "itsme_waiting",
    "asked",
    template="idp/itsme_waiting.html",
    shows=("Confirm in the itsme app", "On the phone of Jean Dubois", "47"),
)
def waiting(stage: Stage) -> Answer:
    phone_asked(stage)
    return stage.get("/idp/itsme/waiting/")


@idp("itsme_not_yet", "pressed too early", says="Not confirmed yet. Confirm on the phone first")
def not_yet(stage: Stage) -> Answer:
    phone_asked(stage)
    return stage.post("/idp/itsme/waiting/")


@idp(
    "itsme_waiting", "expired", template="idp/itsme_ended.html", shows=("The request has expired", "Send a new request")
)
def waiting_expired(stage: Stage) -> Answer:
    phone_asked(stage, minutes=4)
    return stage.get("/idp/itsme/waiting/")


@idp("itsme_waiting", "refused", shows=("Refused on the phone", "Send a new request"))
def waiting_refused(stage: Stage) -> Answer:
    phone_asked(stage, answer="refused")
    return stage.get("/idp/itsme/waiting/")


@idp("itsme_waiting", "another number", shows="Another number was chosen on the phone")
def waiting_wrong_number(stage: Stage) -> Answer:
    phone_asked(stage, answer="wrong_number")
    return stage.get("/idp/itsme/waiting/")


@idp("itsme_waiting", "blocked", shows=("itsme is blocked for an hour", "Choose another key"))
def waiting_blocked(stage: Stage) -> Answer:
    phone_asked(stage, answer="blocked")
    return stage.get("/idp/itsme/waiting/")


@idp("itsme_waiting", "attempt over", template="idp/ended.html", status=400, shows="This sign-in attempt has ended")
def waiting_over(stage: Stage) -> Answer:
    return stage.get("/idp/itsme/waiting/")


# --- S2c: the phone --------------------------------------------------------------------------------------------------


def phone(stage: Stage, *, own: bool = False, **told: Any) -> str:
    """Return the address of Jean's phone, in a browser of its own unless it is the one that signs in."""
    address = f"/idp/phone/{phone_asked(stage, **told).key}/"
    if not own:
        stage.becomes(NOBODY)
    return address


@idp(
    "phone",
    "asked",
    template="idp/phone.html",
    shows=("Do you want to sign in?", "Which number does the other screen show?", "47"),
)
def phone_asks(stage: Stage) -> Answer:
    return stage.get(phone(stage))


@idp("phone", "nothing typed", says=("Choose the number that the other screen shows", "Fill in “itsme code”"))
def phone_nothing(stage: Stage) -> Answer:
    return stage.post(phone(stage), answer="approve", code="")


@idp("phone", "no code", says="Fill in “itsme code”")
def phone_no_code(stage: Stage) -> Answer:
    return stage.post(phone(stage), answer="approve", number="47", code="")


@idp("phone", "wrong code", errors="E35")
def phone_wrong_code(stage: Stage) -> Answer:
    return stage.post(phone(stage), answer="approve", number="47", code="99999")


@idp("phone", "third wrong code", template="idp/phone_ended.html", shows="itsme is blocked for an hour")
def phone_third_wrong_code(stage: Stage) -> Answer:
    address = phone(stage)
    for _time in range(2):
        throttle.take(blocks.ITSME_CODE, card_of(stage.jean), limit=3, per=HOUR, now=timezone.now())
    return stage.post(address, answer="approve", number="47", code="99999")


@idp("phone", "blocked", status=429, says="This key is blocked until")
def phone_blocked(stage: Stage) -> Answer:
    address = phone(stage)
    count(blocks.ITSME_CODE, card_of(stage.jean), 3, HOUR)
    return stage.post(address, answer="approve", number="47", code="12345")


@idp("phone", "wrong number", shows="That was not the right number")
def phone_wrong_number(stage: Stage) -> Answer:
    return stage.post(phone(stage), answer="approve", number="12", code="12345")


@idp("phone", "confirmed", shows=("Confirmed", "Go back to the page on which you are signing in"))
def phone_confirmed(stage: Stage) -> Answer:
    return stage.post(phone(stage), answer="approve", number="47", code="12345")


@idp("phone", "confirmed in the same browser", shows=("Confirmed", "Back to signing in"))
def phone_confirmed_here(stage: Stage) -> Answer:
    return stage.post(phone(stage, own=True), answer="approve", number="47", code="12345")


@idp("phone", "refused", shows=("Refused", "Nobody is signed in."))
def phone_refused(stage: Stage) -> Answer:
    return stage.post(phone(stage), answer="refuse")


@idp("phone", "too late", shows=("This request has ended", "A request lasts 3 minutes"))
def phone_too_late(stage: Stage) -> Answer:
    return stage.get(phone(stage, minutes=4))


@idp("phone", "unknown address", status=404, shows="Page not found")
def phone_unknown(stage: Stage) -> Answer:
    return stage.get("/idp/phone/no-such-key-anywhere00/")
