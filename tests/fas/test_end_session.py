"""Signing out at a service and at the portal: at once with a token of this session, else after a question."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client as Browser

from audit.models import AuditEntry
from fas.models import AccessToken, Client, SignOn
from roles.models import Role
from tests.conftest import Cast
from tests.fas.conftest import SignIn
from tests.fas.relying_party import BASE, RelyingParty, told, where_to
from tests.fas.rows import SIGNED_OUT, a_client

pytestmark = [pytest.mark.django_db, pytest.mark.asvs(60)]


def leave(browser: Browser, **sent: str) -> Any:
    return browser.get(f"{BASE}/connect/endSession?{urlencode(sent)}")


def is_signed_in(browser: Browser) -> bool:
    return browser.get("/my-roles/").status_code == 200


def test_a_token_of_this_session_signs_out_at_once(party: RelyingParty) -> None:
    tokens = party.tokens()
    answer = leave(party.browser, id_token_hint=tokens["id_token"], post_logout_redirect_uri=SIGNED_OUT, state="s t&te")
    assert answer.status_code == 302
    assert answer.url.startswith(SIGNED_OUT + "?")
    assert told(answer.url) == {"state": "s t&te"}
    assert not is_signed_in(party.browser)
    row = SignOn.objects.get()
    assert (row.end_reason, row.ended_at is not None) == ("signed_out", True)
    assert not AccessToken.objects.exists()
    assert party.userinfo(tokens["access_token"]).status_code == 401
    events = AuditEntry.objects.order_by("id").values_list("event", flat=True)
    assert list(events)[-2:] == ["sign_out:done", "sign_on:ended"]


def test_all_services_of_this_session_are_left_with_it(party: RelyingParty, energy: Role) -> None:
    other = RelyingParty(a_client(energy.services.get()), party.browser)
    tokens, theirs = party.tokens(), other.tokens()
    leave(party.browser, id_token_hint=tokens["id_token"])
    assert not SignOn.objects.open().exists()
    assert other.introspect(theirs["access_token"]) == {"active": False}


def test_a_service_that_names_no_address_leaves_the_browser_at_the_portal(party: RelyingParty) -> None:
    answer = leave(party.browser, id_token_hint=party.tokens()["id_token"])
    assert (answer.status_code, answer.url) == (303, "/logout/")


def test_without_a_token_the_person_is_asked(party: RelyingParty) -> None:
    party.sign_on()
    page = leave(party.browser, client_id="energy", post_logout_redirect_uri=SIGNED_OUT, state="x")
    assert page.status_code == 200
    assert "Mijn Fluvius asks to sign you out of this portal." in page.content.decode()
    assert is_signed_in(party.browser)
    answer = party.browser.post(f"{BASE}/connect/endSession", {**page.context["sent"], "answer": "leave"})
    assert where_to(answer) == f"{SIGNED_OUT}?state=x"
    assert not is_signed_in(party.browser)
    assert not SignOn.objects.open().exists()


def test_whoever_would_rather_stay_stays(party: RelyingParty) -> None:
    party.sign_on()
    page = leave(party.browser, client_id="energy", post_logout_redirect_uri=SIGNED_OUT)
    for answer in ("stay", "", "something else"):
        found = party.browser.post(f"{BASE}/connect/endSession", {**page.context["sent"], "answer": answer})
        assert (found.status_code, found.url) == (303, "/")
    assert is_signed_in(party.browser)
    assert SignOn.objects.open().exists()


def test_the_answer_needs_the_token_of_the_form(party: RelyingParty) -> None:
    party.sign_on()
    strict = Browser(enforce_csrf_checks=True)
    strict.cookies = party.browser.cookies
    answer = strict.post(f"{BASE}/connect/endSession", {"client_id": "energy", "answer": "leave"})
    assert answer.status_code == 403
    assert is_signed_in(party.browser)


def test_a_post_of_the_service_becomes_the_same_request_by_get(party: RelyingParty) -> None:
    sent = {"id_token_hint": party.tokens()["id_token"], "post_logout_redirect_uri": SIGNED_OUT, "more": "x"}
    strict = Browser(enforce_csrf_checks=True)
    answer = strict.post(f"{BASE}/connect/endSession", sent)
    del sent["more"]
    assert (answer.status_code, answer.url) == (303, f"{BASE}/connect/endSession?{urlencode(sent)}")


def test_a_service_that_nobody_named_sends_nobody_anywhere(party: RelyingParty) -> None:
    party.sign_on()
    page = leave(party.browser, post_logout_redirect_uri=SIGNED_OUT, state="x")
    assert "A service asks to sign you out of this portal." in page.content.decode()
    answer = party.browser.post(f"{BASE}/connect/endSession", {**page.context["sent"], "answer": "leave"})
    assert (answer.status_code, answer.url) == (303, "/logout/")
    assert not is_signed_in(party.browser)


def test_a_service_that_is_switched_off_gets_nobody_back(party: RelyingParty) -> None:
    tokens = party.tokens()
    Client.objects.update(is_enabled=False)
    answer = leave(party.browser, id_token_hint=tokens["id_token"], post_logout_redirect_uri=SIGNED_OUT)
    assert SIGNED_OUT not in answer.headers.get("Location", "") and SIGNED_OUT not in answer.content.decode()
    answer = leave(Browser(), client_id=party.client.client_id, post_logout_redirect_uri=SIGNED_OUT)
    assert SIGNED_OUT not in answer.headers.get("Location", "") and SIGNED_OUT not in answer.content.decode()


def test_a_token_of_another_person_asks_this_one(party: RelyingParty, cast: Cast, sign_in: SignIn) -> None:
    hint = party.tokens()["id_token"]
    jean = sign_in(cast.jean)
    assert leave(jean, id_token_hint=hint, post_logout_redirect_uri=SIGNED_OUT).status_code == 200
    assert is_signed_in(jean)
    assert SignOn.objects.open().exists()


def test_a_token_of_another_session_of_the_person_asks_too(party: RelyingParty, cast: Cast, sign_in: SignIn) -> None:
    hint = party.tokens()["id_token"]
    elsewhere = sign_in(cast.anna)
    assert leave(elsewhere, id_token_hint=hint).status_code == 200
    assert is_signed_in(elsewhere)


def test_whoever_is_not_signed_in_any_more_goes_back_at_once(party: RelyingParty) -> None:
    tokens = party.tokens()
    answer = leave(Browser(), id_token_hint=tokens["id_token"], post_logout_redirect_uri=SIGNED_OUT)
    assert (answer.status_code, answer.url) == (302, SIGNED_OUT)
    # The service has said whose sign-on it is about: that is over, the session of the other browser is not.
    assert not SignOn.objects.open().exists()
    assert is_signed_in(party.browser)


WRONG: list[dict[str, str]] = [
    {"post_logout_redirect_uri": "https://evil.example/"},
    {"post_logout_redirect_uri": SIGNED_OUT + "?more=1"},
    {"post_logout_redirect_uri": SIGNED_OUT + "/"},
    {"post_logout_redirect_uri": SIGNED_OUT + "#x"},
    {"post_logout_redirect_uri": SIGNED_OUT, "state": "x" * 2_000},
    {"id_token_hint": "no.token.here"},
    {"id_token_hint": "x" * 20_000},
    {"client_id": "nobody"},
    {"client_id": "x\x00"},
]


@pytest.mark.parametrize("changes", WRONG, ids=[str(changes)[:70] for changes in WRONG])
def test_a_wrong_request_ends_nothing_and_sends_nobody_away(party: RelyingParty, changes: dict[str, str]) -> None:
    sent = {"id_token_hint": party.tokens()["id_token"], **changes}
    answer = leave(party.browser, **sent)
    assert answer.status_code == 400
    assert "The service cannot sign you out" in answer.content.decode()
    assert is_signed_in(party.browser)
    posted = party.browser.post(f"{BASE}/connect/endSession", {**sent, "answer": "leave"})
    assert posted.status_code == 400
    assert is_signed_in(party.browser)


def test_the_client_that_is_named_is_that_of_the_token(party: RelyingParty, energy: Role) -> None:
    other = a_client(energy.services.get())
    hint = party.tokens()["id_token"]
    assert leave(party.browser, id_token_hint=hint, client_id=other.client_id).status_code == 400
    assert is_signed_in(party.browser)


def test_what_comes_twice_is_refused(party: RelyingParty) -> None:
    hint = party.tokens()["id_token"]
    query = urlencode([("id_token_hint", hint), ("post_logout_redirect_uri", SIGNED_OUT), ("id_token_hint", hint)])
    assert party.browser.get(f"{BASE}/connect/endSession?{query}").status_code == 400


def test_other_tokens_of_ours_are_no_id_tokens(party: RelyingParty) -> None:
    tokens = party.tokens()
    userinfo = party.userinfo(tokens["access_token"]).content.decode()
    for text in (userinfo, tokens["access_token"]):
        assert leave(party.browser, id_token_hint=text).status_code == 400
    assert is_signed_in(party.browser)


def test_looking_at_the_head_ends_nothing(party: RelyingParty) -> None:
    hint = party.tokens()["id_token"]
    assert party.browser.head(f"{BASE}/connect/endSession?id_token_hint={hint}").status_code == 200
    assert is_signed_in(party.browser)
