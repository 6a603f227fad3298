"""Signing out of the demo services: by the button, and by the portal without a browser."""

import secrets
import time
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.csam.oidc_provider import token, unsigned
from tests.demo_services.provider import CLIENTS, LOGOUT_EVENT


def deliver(services: str, logout_token: str | None, site: str = "fluvius") -> requests.Response:
    """Send a logout token as the portal does."""
    data = {} if logout_token is None else {"logout_token": logout_token}
    return requests.post(f"{services}/{site}/backchannel-logout/", data=data, timeout=20, allow_redirects=False)


def is_inside(surfer) -> bool:
    surfer.open("/fluvius/")
    return "Exactly what was received" in surfer.words


def test_signing_out_here_leads_to_the_portal_and_back(jean, provider, services):
    jean.sign_in()
    address = jean.press("/fluvius/sign-out/")
    given = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert address.startswith(f"{provider.issuer}/connect/endSession?")
    assert given["post_logout_redirect_uri"] == f"{services}/fluvius/signed-out/"
    assert given["id_token_hint"].count(".") == 2
    assert given["client_id"] == CLIENTS["fluvius"][0]
    assert not is_inside(jean)  # signed out here before the portal says anything

    jean.open(f"{given['post_logout_redirect_uri']}?state={given['state']}")
    assert (jean.status, jean.heading) == (200, "You are signed out")
    assert "of this service and of the portal" in jean.words
    jean.open(f"{given['post_logout_redirect_uri']}?state={given['state']}")
    assert "You may still be signed in at the portal" in jean.words


def test_a_link_from_elsewhere_signs_nobody_out(jean):
    jean.sign_in()
    jean.open("/fluvius/signed-out/?state=invented")
    assert "You may still be signed in at the portal" in jean.words
    assert is_inside(jean)
    for path in ("/fluvius/sign-out/", "/fluvius/check/", "/fluvius/request-role/", "/fluvius/sign-in/"):
        assert jean.session.get(jean.base + path, timeout=10).status_code == 405
        assert jean.session.post(jean.base + path, timeout=10).status_code == 403
    assert is_inside(jean)


def test_the_portal_ends_a_visit_at_once(jean, provider, services):
    jean.sign_in()
    answer = deliver(services, provider.logout_token())
    assert (answer.status_code, answer.text, answer.headers["Cache-Control"]) == (200, "", "no-store")
    jean.open("/fluvius/")
    assert jean.heading == "You were signed out"
    assert "your session there is over, or your roles have changed" in jean.words
    jean.open("/fluvius/")
    assert "Sign in with the federal service" in jean.words


def test_only_the_visit_that_is_named_ends(jean, surf, provider, services):
    jean.sign_in()
    first, provider.sid = provider.sid, secrets.token_urlsafe(12)
    tom = surf()
    tom.sign_in()
    assert deliver(services, provider.logout_token(sid=first)).status_code == 200
    assert not is_inside(jean)
    assert is_inside(tom)


def test_the_visit_at_the_other_site_goes_on(jean, provider, services):
    jean.sign_in()
    assert deliver(services, provider.logout_token("safeonweb"), "safeonweb").status_code == 200
    assert is_inside(jean)
    assert deliver(services, provider.logout_token("fluvius"), "safeonweb").status_code == 400


def test_a_sign_in_that_the_portal_ended_meanwhile_does_not_begin(jean, provider, services):
    jean.open("/fluvius/")
    answer = provider.visit(jean.press("/fluvius/sign-in/"))
    assert deliver(services, provider.logout_token(iat=int(time.time()) + 5)).status_code == 200
    jean.open(answer)
    assert jean.heading == "You were signed out"
    assert not is_inside(jean)


def test_a_logout_token_of_somebody_unknown_is_taken(provider, services):
    assert deliver(services, provider.logout_token(sid="nobody")).status_code == 200


@pytest.mark.threat(42)
def test_a_logout_token_counts_once(jean, provider, services):
    said = provider.logout_token()
    assert deliver(services, said).status_code == 200
    jean.sign_in()
    again = deliver(services, said)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_request")


CHANGES = {
    "other issuer": {"iss": "https://evil.example"},
    "other audience": {"aud": CLIENTS["safeonweb"][0]},
    "two audiences": {"aud": [client for client, _secret in CLIENTS.values()]},
    "no audience": {"aud": None},
    "no time": {"iat": None},
    "old": {"iat": int(time.time()) - 4_000},
    "ahead": {"iat": int(time.time()) + 4_000},
    "expired": {"exp": 1_700_000_000},
    "no end": {"exp": None},
    "no jti": {"jti": None},
    "empty jti": {"jti": ""},
    "no sid": {"sid": None},
    "sid a number": {"sid": 7},
    "no events": {"events": None},
    "other events": {"events": {"http://schemas.openid.net/event/other": {}}},
    "events a list": {"events": [LOGOUT_EVENT]},
    "event no object": {"events": {LOGOUT_EVENT: True}},
    "with a nonce": {"nonce": "n"},
}


@pytest.mark.threat(42)
@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
def test_a_logout_token_with_wrong_claims_ends_nothing(jean, provider, services, changes):
    jean.sign_in()
    answer = deliver(services, provider.logout_token(**changes))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert is_inside(jean)


FORGED = {
    "alg none": lambda provider: provider.signers.update(logout=unsigned),
    "another's key": lambda provider: provider.signers.update(
        logout=lambda header, claims: token(header, claims, provider.other_key)
    ),
    "unknown key": lambda provider: provider.tamper.update(
        logout_header=lambda header: {**header, "typ": "logout+jwt", "kid": "x"}
    ),
    "an ID token's type": lambda provider: provider.tamper.update(logout_header=lambda header: header),
}


@pytest.mark.threat(42)
@pytest.mark.parametrize("bend", FORGED.values(), ids=FORGED)
def test_a_forged_logout_token_ends_nothing(jean, provider, services, bend):
    jean.sign_in()
    bend(provider)
    assert deliver(services, provider.logout_token()).status_code == 400
    assert is_inside(jean)


@pytest.mark.parametrize("text", [None, "", "a.b.c", "é.é.é", "x" * 40_000, "..", "e30.e30."])
def test_what_is_no_token_is_refused(services, text):
    assert deliver(services, text).status_code == 400


def test_an_oversized_body_is_refused_without_an_error_of_ours(services):
    answer = requests.post(f"{services}/fluvius/backchannel-logout/", data={"logout_token": "x" * 300_000}, timeout=20)
    assert answer.status_code in (400, 413)


def test_an_id_token_is_no_logout_token(jean, provider, services):
    jean.sign_in()
    given = parse_qs(urlsplit(jean.press("/fluvius/sign-out/")).query)
    provider.sid = secrets.token_urlsafe(12)
    jean.sign_in()
    assert deliver(services, given["id_token_hint"][0]).status_code == 400
    assert is_inside(jean)
