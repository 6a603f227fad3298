"""Signing in at the demo services: with the role, without it, and everything that can go wrong on the way."""

import json
import time
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from tests.csam.oidc_provider import token, unsigned
from tests.demo_services.provider import CLIENTS, DUBOIS, JEAN, LEVEL, NUMBER, ServiceProvider, entry

ROLE = "CCB_SAFEONWEBATWORK_EDIT"


def test_who_holds_the_role_is_let_in_and_sees_what_was_received(jean, provider):
    jean.sign_in()
    assert (jean.status, jean.heading) == (200, "Boulangerie Dubois SRL")
    assert "0999.999.922" in jean.words
    assert "From 15 June 2026, no end date" in jean.words
    assert "AR-2026-004821-1" in jean.words
    assert '"roles_format": "rolemgmt/1"' in jean.words
    assert "•••••••••28" in jean.words
    asked = provider.requests[-1]
    assert asked["acr_values"] == " ".join(f"{LEVEL}{level}" for level in (500, 450, 400))
    assert (asked["ui_locales"], asked["client_id"]) == ("en", CLIENTS["fluvius"][0])


def test_a_role_may_come_as_a_string(jean, provider):
    provider.person["roles"] = json.dumps([entry(ROLE)])
    jean.sign_in("safeonweb")
    assert (jean.status, jean.heading) == (200, "Boulangerie Dubois SRL")
    assert "CCB SAFEONWEBATWORK EDIT" in jean.words


def test_the_national_number_is_nowhere_but_in_the_answer(jean):
    jean.sign_in()
    assert NUMBER not in jean.page
    assert NUMBER not in jean.cookies
    assert {cookie.name for cookie in jean.session.cookies} == {"services_session", "services_csrf"}


@pytest.mark.parametrize(
    "roles",
    [[], [entry(ROLE)], "[]", "no JSON", None, [[]], 7],
    ids=["none", "another", "empty string", "no JSON", "absent", "lists", "a number"],
)
def test_without_the_role_the_page_says_what_to_do(jean, provider, roles):
    provider.person["roles"] = roles
    jean.sign_in()
    assert (jean.status, jean.heading) == (403, "You have no access yet")
    for words in ("FLUVIUS_ENERGY_PORTAL_ADMIN", "Boulangerie Dubois SRL", "access managers", "Ask for this role"):
        assert words in jean.words
    assert "Electricity" not in jean.words


def test_a_role_for_this_service_does_not_open_the_other(jean):
    jean.sign_in()
    jean.open("/safeonweb/")
    assert "Sign in with the federal service" in jean.words
    assert "Dubois" not in jean.words


def test_properties_are_said_in_words(jean, provider):
    provider.person["roles"] = [entry(properties={"TYPES": ["A", "B"], "SENSITIVE": True}, validUntil="2027-01-31")]
    jean.sign_in()
    assert "TYPES: A, B" in jean.words
    assert "SENSITIVE: Yes" in jean.words
    assert "From 15 June 2026 to 31 January 2027" in jean.words


# --- The request for the role ----------------------------------------------------------------------------------------


def test_the_request_for_the_role_is_signed_and_good_once(jean, provider, request_key, services):
    provider.person["roles"] = []
    jean.sign_in()
    seen = set()
    for _press in range(2):
        address = jean.press("/fluvius/request-role/")
        parts = urlsplit(address)
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == provider.issuer.replace("/oauth2", "/request-role/")
        given = parse_qs(parts.query)
        said = jwt.decode(given["request"][0], request_key, algorithms=["RS256"])
        assert said.header["kid"] == "requests-1"
        claims = said.claims
        assert (claims["iss"], claims["aud"]) == (CLIENTS["fluvius"][0], provider.issuer)
        assert claims["exp"] - claims["iat"] == 300 and abs(claims["iat"] - time.time()) < 30
        assert (claims["role"], claims["enterpriseNumber"]) == ("FLUVIUS_ENERGY_PORTAL_ADMIN", DUBOIS)
        assert claims["return_to"] == f"{services}/fluvius/return/"
        assert not {"sub", "egovNRN"} & claims.keys()
        seen.add(claims["jti"])
    assert len(seen) == 2


def test_who_comes_back_from_the_request_signs_in_anew_and_is_let_in(jean, provider):
    provider.person["roles"] = []
    jean.sign_in()
    provider.person["roles"] = [entry()]
    provider.sid = "after the request"
    away = jean.open("/fluvius/return/")
    jean.open(provider.visit(away))
    assert (jean.status, jean.heading) == (200, "Boulangerie Dubois SRL")
    assert "prompt" not in provider.requests[-1]


# --- Asking again ----------------------------------------------------------------------------------------------------


def test_a_role_that_ended_is_seen_at_the_next_check(jean, provider):
    jean.sign_in()
    jean.press("/fluvius/check/")
    assert "Nothing has changed." in jean.words
    provider.person["roles"] = []
    jean.press("/fluvius/check/")
    assert (jean.status, jean.heading) == (403, "You have no access yet")
    assert "Your roles have changed." in jean.words
    jean.open("/fluvius/")
    assert "Your roles have changed." not in jean.words


def test_when_the_token_is_over_a_check_signs_in_without_a_page(jean, provider):
    jean.sign_in()
    provider.tokens_are_over = True
    away = jean.press("/fluvius/check/")
    provider.tokens_are_over = False
    provider.person["roles"] = []
    jean.open(provider.visit(away))
    asked = provider.requests[-1]
    assert asked["prompt"] == "none" and asked["id_token_hint"].count(".") == 2
    assert (jean.status, jean.heading) == (403, "You have no access yet")
    assert "Your roles have changed." in jean.words


def test_a_check_after_the_portal_signed_out_says_so(jean, provider):
    jean.sign_in()
    provider.tokens_are_over = True
    away = jean.press("/fluvius/check/")
    provider.error = "login_required"
    jean.open(provider.visit(away))
    assert (jean.status, jean.heading) == (200, "You were signed out")
    jean.open("/fluvius/")
    assert "Sign in with the federal service" in jean.words


def test_a_check_that_needs_a_page_after_all_shows_it(jean, provider):
    jean.sign_in()
    provider.tokens_are_over = True
    away = jean.press("/fluvius/check/")
    provider.error = "interaction_required"
    shown = jean.open(provider.visit(away))
    provider.error, provider.tokens_are_over = "", False
    jean.open(provider.visit(shown))
    assert "prompt" not in provider.requests[-1]
    assert (jean.status, jean.heading) == (200, "Boulangerie Dubois SRL")


def test_another_organisation_is_asked_for_by_choice(jean, provider):
    jean.sign_in()
    jean.press("/fluvius/sign-in/", other="1")
    provider.visit(jean.headers["Location"])
    assert provider.requests[-1]["prompt"] == "select_account"


# --- What the provider may say ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "status", "heading"),
    [
        ("access_denied", 400, "You did not finish signing in"),
        ("unmet_authentication_requirements", 403, "This service needs a surer digital key"),
        ("temporarily_unavailable", 503, "The federal service does not answer"),
        ("login_required", 400, "You could not be signed in"),
        ("invented_error", 400, "You could not be signed in"),
    ],
)
def test_an_error_in_place_of_a_code_is_explained(jean, provider, error, status, heading):
    provider.error = error
    jean.sign_in()
    assert (jean.status, jean.heading) == (status, heading)
    assert jean.page.count("Sign in with the federal service") == 1
    jean.open("/fluvius/")
    assert "Exactly what was received" not in jean.words


@pytest.mark.parametrize("said", [f"{LEVEL}300", f"{LEVEL}999x", "", None, 500], ids=str)
def test_a_level_that_is_too_low_or_none_is_refused(jean, provider, said):
    provider.acr = said
    jean.sign_in()
    assert (jean.status, jean.heading) == (403, "This service needs a surer digital key")


def test_each_site_asks_for_its_own_level(jean, provider):
    provider.acr = f"{LEVEL}400"
    provider.person["roles"] = [entry(), entry(ROLE)]
    jean.sign_in("fluvius")
    assert jean.status == 200
    provider.sid = "another"
    jean.sign_in("safeonweb")
    assert jean.status == 403


# --- Answers that nobody asked for -----------------------------------------------------------------------------------


FORGED = "This sign-in did not begin here"


def test_the_answer_of_another_browser_is_refused(jean, surf, provider):
    jean.open("/fluvius/")
    answer = provider.visit(jean.press("/fluvius/sign-in/"))
    mallory = surf()
    mallory.open("/fluvius/")
    mallory.press("/fluvius/sign-in/")
    mallory.open(answer)
    assert (mallory.status, mallory.heading) == (400, FORGED)
    jean.open(answer)
    assert jean.status == 200


def test_an_answer_counts_once(jean, provider):
    jean.open("/fluvius/")
    answer = provider.visit(jean.press("/fluvius/sign-in/"))
    jean.open(answer)
    jean.open(answer)
    assert (jean.status, jean.heading) == (400, FORGED)


def test_the_answer_for_one_site_does_not_count_at_the_other(jean, provider):
    jean.open("/fluvius/")
    answer = provider.visit(jean.press("/fluvius/sign-in/"))
    jean.open(answer.replace("/fluvius/", "/safeonweb/"))
    assert (jean.status, jean.heading) == (400, FORGED)


@pytest.mark.parametrize(
    "bend",
    [
        lambda answer: {**answer, "state": "invented"},
        lambda answer: {**answer, "state": ""},
        lambda answer: {"code": answer["code"]},
        lambda answer: {**answer, "state": [answer["state"], answer["state"]]},
        lambda answer: {**answer, "code": "invented"},
        lambda answer: {"state": answer["state"], "iss": answer["iss"], "code": ""},
    ],
    ids=["other state", "no state", "state missing", "state twice", "other code", "no code"],
)
def test_a_forged_return_signs_nobody_in(jean, provider, bend):
    provider.tamper["return"] = bend
    jean.sign_in()
    assert (jean.status, jean.heading) == (400, FORGED)


@pytest.mark.parametrize("issuer", ["https://evil.example", "", None])
def test_an_answer_of_another_provider_is_refused(jean, provider, issuer):
    provider.tamper["return"] = lambda answer: {
        name: value for name, value in {**answer, "iss": issuer}.items() if value is not None
    }
    jean.sign_in()
    assert jean.status == 502


def test_a_head_request_does_not_use_up_the_code(jean, provider, services):
    jean.open("/fluvius/")
    answer = provider.visit(jean.press("/fluvius/sign-in/"))
    assert jean.session.head(answer, timeout=10).status_code == 405
    jean.open(answer)
    assert jean.status == 200


# --- Forged tokens ---------------------------------------------------------------------------------------------------

Bend = Callable[[ServiceProvider], None]


def _claims(what: str, **changes: object) -> Bend:
    def bend(provider: ServiceProvider) -> None:
        provider.tamper[what] = lambda claims: {
            name: value for name, value in {**claims, **changes}.items() if value is not None
        }

    return bend


def _header(what: str, **changes: object) -> Bend:
    def bend(provider: ServiceProvider) -> None:
        provider.tamper[f"{what}_header"] = lambda header: {
            name: value for name, value in {**header, **changes}.items() if value is not None
        }

    return bend


def _signed_by_another(what: str) -> Bend:
    def bend(provider: ServiceProvider) -> None:
        provider.signers[what] = lambda header, claims: token(header, claims, provider.other_key)

    return bend


def _own_key_in_the_header(what: str) -> Bend:
    def bend(provider: ServiceProvider) -> None:
        jwk = provider.other_key.as_dict(private=False)
        provider.signers[what] = lambda header, claims: token({**header, "jwk": jwk}, claims, provider.other_key)

    return bend


def _unsigned(what: str) -> Bend:
    def bend(provider: ServiceProvider) -> None:
        provider.signers[what] = unsigned

    return bend


def _public_key_as_secret(what: str) -> Bend:
    def bend(provider: ServiceProvider) -> None:
        secret = OctKey.import_key(json.dumps(provider.key.as_dict(private=False)))
        provider.signers[what] = lambda header, claims: token({**header, "alg": "HS256"}, claims, secret)

    return bend


def _altered(what: str) -> Bend:
    def bend(provider: ServiceProvider) -> None:
        def sign(header, claims):
            head, body, signature = token(header, claims, provider.key).split(".")
            _head, other, _signature = token(header, {**claims, "surname": "Other"}, provider.key).split(".")
            return ".".join((head, other if what == "userinfo" else body[:-2] + "AA", signature))

        provider.signers[what] = sign

    return bend


OLD, AHEAD = -4_000, 4_000
FORGERIES = {
    "alg none": _unsigned,
    "signed with the public key": _public_key_as_secret,
    "signed by another": _signed_by_another,
    "brings its own key": _own_key_in_the_header,
    "altered": _altered,
    "unknown key": lambda what: _header(what, kid="nobody's"),
    "no key": lambda what: _header(what, kid=None),
    "a logout token": lambda what: _header(what, typ="logout+jwt"),
    "critical": lambda what: _header(what, crit=["b64"], b64=False),
    "other issuer": lambda what: _claims(what, iss="https://evil.example"),
    "no issuer": lambda what: _claims(what, iss=None),
    "other audience": lambda what: _claims(what, aud=CLIENTS["safeonweb"][0]),
    "two audiences": lambda what: _claims(what, aud=[client for client, _secret in CLIENTS.values()]),
    "no audience": lambda what: _claims(what, aud=None),
    "other person": lambda what: _claims(what, sub="somebody else" if what == "userinfo" else ""),
    "expired": lambda what: _claims(what, exp=int(time.time()) - 120),
    "not yet": lambda what: _claims(what, nbf=int(time.time()) + 600),
    "times in words": lambda what: _claims(what, iat="now"),
    "no time": lambda what: _claims(what, iat=None),
}


@pytest.mark.threat(42)
@pytest.mark.parametrize("what", ["id_token", "userinfo"])
@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_token_signs_nobody_in(jean, provider, what, forgery):
    FORGERIES[forgery](what)(provider)
    jean.sign_in()
    assert (jean.status, jean.heading) == (502, "The answer could not be trusted")
    jean.open("/fluvius/")
    assert "Exactly what was received" not in jean.words


@pytest.mark.parametrize("changes", [{"nonce": "other"}, {"nonce": None}, {"at_hash": "AAAA"}, {"at_hash": None},
                                     {"azp": "other"}, {"exp": None}, {"sid": None}, {"sid": 7}], ids=str)  # fmt: skip
def test_an_id_token_for_another_attempt_signs_nobody_in(jean, provider, changes):
    _claims("id_token", **changes)(provider)
    jean.sign_in()
    assert jean.status == 502


@pytest.mark.parametrize("seconds", [OLD, AHEAD])
def test_clocks_that_differ_are_named(jean, provider, seconds):
    provider.clock = seconds
    jean.sign_in()
    assert (jean.status, jean.heading) == (502, "Two clocks do not agree")


def test_userinfo_in_plain_json_is_refused(jean, provider):
    provider.replies["userinfo_reply"] = lambda: (200, {"Content-Type": "application/json"}, json.dumps(JEAN).encode())
    jean.sign_in()
    assert jean.status == 502


def test_a_new_key_is_found_and_an_old_one_forgotten(jean, provider):
    jean.sign_in()
    provider.published, provider.kid = [("key-2", provider.other_key)], "key-2"
    provider.signers["id_token"] = provider.signers["userinfo"] = lambda header, claims: token(
        header, claims, provider.other_key
    )
    provider.sid = "rotated"
    jean.open("/fluvius/return/")
    jean.open(provider.visit(jean.headers["Location"]))
    assert jean.status == 200


@pytest.mark.parametrize("step", ["token", "userinfo_reply"])
def test_a_provider_that_is_down_is_named(jean, provider, step):
    provider.replies[step] = lambda: (503, {"Content-Type": "text/html"}, b"down")
    jean.sign_in()
    assert jean.status in (502, 503)
    assert "Try again" in jean.words
