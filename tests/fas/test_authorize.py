"""The address where a service sends a browser: what is refused, and that nobody is sent where they must not be."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client as Browser
from django.test import override_settings

from fas.models import Client, Consent, Grant, SignOn
from roles.models import Role, RoleAssignment
from tests.conftest import Cast
from tests.fas.conftest import SignIn
from tests.fas.relying_party import BASE, RelyingParty, told, where_to
from tests.fas.rows import CALLBACK, a_client
from tests.fas.unreadable import UNREADABLE, UNREADABLE_NAMES

pytestmark = [pytest.mark.django_db, pytest.mark.asvs(59)]

# --- Wrong client or address: a page of ours, never a redirect ------------------------------------------------------

NEVER_REDIRECTED: list[dict[str, Any]] = [
    {"client_id": None},
    {"client_id": ""},
    {"client_id": "nobody"},
    {"client_id": "ener\x00gy"},
    {"redirect_uri": None},
    {"redirect_uri": ""},
    {"redirect_uri": "https://evil.example/callback"},
    {"redirect_uri": CALLBACK + "/"},
    {"redirect_uri": CALLBACK + "?more=1"},
    {"redirect_uri": CALLBACK + "#part"},
    {"redirect_uri": CALLBACK + "%00"},
    {"redirect_uri": CALLBACK.upper()},
    {"redirect_uri": CALLBACK.replace("https", "http")},
    {"redirect_uri": CALLBACK.replace("example", "example:443")},
    {"redirect_uri": CALLBACK.replace("//", "//user@")},
    {"redirect_uri": CALLBACK.replace("/callback", "/x/../callback")},
    {"redirect_uri": "javascript:alert(1)"},
    {"redirect_uri": "//service.example/callback"},
    {"redirect_uri": " " + CALLBACK},
    {"state": "with\x00nul"},
]


@pytest.mark.parametrize("changes", NEVER_REDIRECTED, ids=[repr(changes) for changes in NEVER_REDIRECTED])
def test_a_wrong_client_or_address_gets_a_page_and_nobody_is_sent_there(
    party: RelyingParty, changes: dict[str, Any]
) -> None:
    answer = party.ask(**changes)
    assert answer.status_code == 400
    assert "This service cannot sign you in" in answer.content.decode()
    assert "Location" not in answer.headers
    assert not SignOn.objects.exists()


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "state", "scope", "response_type", "nonce", "prompt"])
def test_a_parameter_that_comes_twice_gets_a_page(party: RelyingParty, name: str) -> None:
    query = [*party.query().items(), (name, party.query().get(name, "x"))]
    if name == "prompt":
        query.append((name, "none"))
    answer = party.browser.get(f"{BASE}/authorize?{urlencode(query)}")
    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_the_address_of_another_client_is_a_wrong_one(party: RelyingParty, energy: Role) -> None:
    a_client(energy.services.get(), redirect_uris="https://other.example/callback")
    assert party.ask(redirect_uri="https://other.example/callback").status_code == 400


def test_one_of_several_addresses_counts_to_the_letter(party: RelyingParty) -> None:
    other = "http://127.0.0.1:8100/callback?from=portal"
    Client.objects.update(redirect_uris=f"{CALLBACK}\n{other}")
    told_there = party.sign_on(redirect_uri=other)
    assert told_there["from"] == "portal"
    assert "code" in told_there
    # Other ports of this machine too: nothing is guessed (RFC 8252 would let them pass).
    assert party.ask(redirect_uri=other.replace("8100", "8101")).status_code == 400


def test_a_client_that_is_switched_off_is_unknown(party: RelyingParty) -> None:
    Client.objects.update(is_enabled=False)
    assert party.ask().status_code == 400


# --- What the service itself has to mend: it is told ---------------------------------------------------------------

LONG = "x" * 2_000
UNMET = "unmet_authentication_requirements"
TOLD: list[tuple[dict[str, Any], str]] = [
    ({"response_type": None}, "invalid_request"),
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"response_type": "id_token"}, "unsupported_response_type"),
    ({"response_type": "code id_token"}, "unsupported_response_type"),
    ({"response_type": "none"}, "unsupported_response_type"),
    ({"scope": "profile"}, "invalid_scope"),
    ({"scope": ""}, "invalid_scope"),
    ({"scope": None}, "invalid_scope"),
    ({"scope": "openid egovnrn"}, "invalid_scope"),
    ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
    ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"code_challenge_method": None}, "invalid_request"),
    ({"code_challenge_method": "S512"}, "invalid_request"),
    ({"code_challenge": "short"}, "invalid_request"),
    ({"code_challenge": "x" * 129}, "invalid_request"),
    ({"request": "e30.e30."}, "request_not_supported"),
    ({"request_uri": "https://service.example/request"}, "request_uri_not_supported"),
    ({"registration": "{}"}, "registration_not_supported"),
    ({"response_mode": "fragment"}, "invalid_request"),
    ({"response_mode": "form_post"}, "invalid_request"),
    ({"prompt": "none login"}, "invalid_request"),
    ({"max_age": "-1"}, "invalid_request"),
    ({"max_age": "soon"}, "invalid_request"),
    ({"max_age": "9" * 30}, "invalid_request"),
    ({"nonce": LONG}, "invalid_request"),
    ({"claims": "{"}, "invalid_request"),
    ({"claims": "[" * 50_000}, "invalid_request"),
    ({"claims": "[]"}, "invalid_request"),
    ({"claims": '{"id_token": [1]}'}, "invalid_request"),
    ({"claims": '{"id_token": {"acr": {"essential": true, "value": "Level999"}}}'}, UNMET),
    ({"claims": '{"id_token": {"acr": {"essential": true, "values": ["urn:be:fedict:iam:fas:Level999"]}}}'}, UNMET),
    ({"claims": '{"id_token": {"sub": {"values": ["one", "two"]}}}'}, "invalid_request"),
    ({"claims": '{"id_token": {"sub": {"value": "somebody-else"}}}'}, "login_required"),
    ({"id_token_hint": "no.token.here"}, "invalid_request"),
    ({"id_token_hint": LONG}, "invalid_request"),
]


@pytest.mark.parametrize(("changes", "error"), TOLD, ids=[str(changes)[:60] for changes, _error in TOLD])
def test_an_error_of_the_service_is_told_at_its_address(
    party: RelyingParty, changes: dict[str, Any], error: str
) -> None:
    answer = party.ask(**changes)
    assert answer.status_code == 302
    assert answer.url.startswith(CALLBACK + "?")
    found = told(answer.url)
    assert (found["error"], found["state"], found["iss"]) == (error, party.state, settings.FAS_ISSUER)
    assert not Grant.objects.exists()


def test_a_state_that_is_too_long_is_told_without_it(party: RelyingParty) -> None:
    found = told(party.ask(state=LONG).url)
    assert found["error"] == "invalid_request"
    assert "state" not in found


def test_unknown_scopes_are_left_out(party: RelyingParty) -> None:
    tokens = party.tokens(scope="openid email address profile offline_access")
    assert tokens["scope"] == "openid profile"


def test_a_client_without_pkce_needs_none_and_only_that_client(party: RelyingParty, energy: Role) -> None:
    other = RelyingParty(a_client(energy.services.get(), requires_pkce=False), party.browser)
    code = other.sign_on(code_challenge=None, code_challenge_method=None)["code"]
    assert other.token(code, code_verifier=None).status_code == 200
    assert told(party.ask(code_challenge=None, code_challenge_method=None).url)["error"] == "invalid_request"


def test_the_longest_request_fits_into_one_line(party: RelyingParty) -> None:
    Client.objects.update(redirect_uris=(address := f"{CALLBACK}/{'a' * 450}"))
    code = party.sign_on(redirect_uri=address)["code"]
    hint = party.token(code, redirect_uri=address).json()["id_token"]
    longest = party.query(redirect_uri=address, state="/" * 1_000, nonce="\U0001f511" * 255, id_token_hint=hint)
    assert len(f"GET {BASE}/authorize?{urlencode(longest)} HTTP/1.1") < 8_190
    answer = party.browser.get(f"{BASE}/authorize", longest)
    assert told(where_to(answer))["state"] == "/" * 1_000
    assert told(party.ask(redirect_uri=address, state="/" * 1_001).url)["error"] == "invalid_request"


# --- prompt=none ---------------------------------------------------------------------------------------------------


def silent(party: RelyingParty, **changes: Any) -> dict[str, str]:
    """Ask for an answer without any page."""
    answer = party.ask(prompt="none", **changes)
    assert answer.status_code == 302
    return told(where_to(answer))


def test_without_a_page_nobody_is_signed_in(client_row: Client) -> None:
    assert silent(RelyingParty(client_row, Browser()))["error"] == "login_required"


def test_without_a_page_nobody_agrees(party: RelyingParty) -> None:
    assert silent(party)["error"] == "consent_required"
    assert not Consent.objects.exists()


def test_without_a_page_nobody_chooses(client_row: Client, cast: Cast, sign_in: SignIn) -> None:
    assert silent(RelyingParty(client_row, sign_in(cast.tom)))["error"] == "interaction_required"


def test_without_a_page_no_key_gets_higher(client_row: Client, cast: Cast, sign_in: SignIn) -> None:
    party = RelyingParty(client_row, sign_in(cast.anna, level=300))
    party.sign_on()
    assert silent(party, acr_values="urn:be:fedict:iam:fas:Level400")["error"] == "login_required"


def test_without_a_page_whoever_agreed_before_is_signed_in(party: RelyingParty, held: RoleAssignment) -> None:
    party.sign_on()
    assert "code" in silent(party)


# --- Hints ---------------------------------------------------------------------------------------------------------


def test_a_hint_at_another_person_is_no_sign_in_for_this_one(party: RelyingParty, cast: Cast, sign_in: SignIn) -> None:
    hint = party.tokens()["id_token"]
    assert "code" in told(where_to(party.ask(id_token_hint=hint)))
    jean = RelyingParty(party.client, sign_in(cast.jean))
    jean.sign_on()
    for prompt in ("none", None):
        assert told(where_to(jean.ask(id_token_hint=hint, prompt=prompt)))["error"] == "login_required"


def test_a_hint_given_to_another_client_is_none(party: RelyingParty, energy: Role) -> None:
    other = RelyingParty(a_client(energy.services.get()), party.browser)
    assert told(party.ask(id_token_hint=other.tokens()["id_token"]).url)["error"] == "invalid_request"


def test_a_hint_at_a_key_opens_that_key(client_row: Client) -> None:
    party = RelyingParty(client_row, Browser())
    assert party.ask(login_hint="itsme").url.startswith("/login/itsme/?next=")
    for other in ("anna@post.example", "oidc", "../admin", ""):
        assert party.ask(login_hint=other).url.startswith("/login/?next="), other


def test_a_hint_that_is_an_address_stands_in_no_address_of_the_portal(client_row: Client) -> None:
    answer = RelyingParty(client_row, Browser()).ask(login_hint="anna@post.example")
    assert "anna" not in answer.url


@pytest.mark.parametrize(("locales", "language"), [("nl-BE fr", "nl"), ("zh DE", "de"), ("fr", "fr")])
def test_the_pages_speak_the_language_that_the_service_wants(client_row: Client, locales: str, language: str) -> None:
    party = RelyingParty(client_row, Browser())
    page = party.browser.get(party.ask(ui_locales=locales).url)
    assert f'<html lang="{language}"' in page.content.decode()


def test_languages_that_nobody_knows_change_nothing(party: RelyingParty, cast: Cast) -> None:
    party.ask(ui_locales="zh tlh")
    assert party.browser.cookies["language"].value == "en"


def test_the_language_of_a_service_holds_for_the_steps_alone(party: RelyingParty, cast: Cast) -> None:
    step = party.ask(ui_locales="de", prompt="consent")
    assert not step.cookies.get("language")
    agree = party.browser.get(step.url).url
    assert '<html lang="de"' in party.browser.get(agree).content.decode()
    assert '<html lang="en"' in party.browser.get("/profile/").content.decode()
    assert party.browser.cookies["language"].value == "en"
    party.browser.get(f"{agree}?language=nl")  # the person's own word on the page itself
    assert '<html lang="nl"' in party.browser.get(agree).content.decode()


def test_a_service_that_names_no_language_does_not_get_the_one_of_another(party: RelyingParty, cast: Cast) -> None:
    party.ask(ui_locales="de", prompt="consent")
    step = party.browser.get(party.ask(prompt="consent").url).url
    assert '<html lang="en"' in party.browser.get(step).content.decode()


def test_the_language_of_a_service_does_not_become_the_persons_own(party: RelyingParty, cast: Cast) -> None:
    before = cast.anna.language
    party.sign_on(ui_locales="de")
    cast.anna.refresh_from_db()
    assert cast.anna.language == before


# --- Levels --------------------------------------------------------------------------------------------------------

ACRS = [
    ("urn:be:fedict:iam:fas:Level400", 400),
    ("urn:be:fedict:iam:fas:Level350", 400),
    ("urn:be:fedict:iam:fas:citizen:Level500", 500),
    ("urn:be:fedict:iam:fas:enterprise:Level200", 300),
    ("urn:be:fedict:iam:fas:Level500 urn:be:fedict:iam:fas:Level400", 400),
    ("urn:be:fedict:iam:fas:Level600", 300),
    ("phr loa3", 300),
]


@pytest.mark.parametrize(("asked", "level"), ACRS)
def test_the_lowest_level_that_will_do_is_asked(client_row: Client, asked: str, level: int) -> None:
    answer = RelyingParty(client_row, Browser()).ask(acr_values=asked)
    assert f"%2F{level}-0%2F" in answer.url


def test_an_essential_level_among_the_claims_is_asked(client_row: Client) -> None:
    claims = '{"id_token": {"acr": {"essential": true, "values": ["urn:be:fedict:iam:fas:Level450"]}}}'
    assert "%2F450-0%2F" in RelyingParty(client_row, Browser()).ask(claims=claims).url


@pytest.mark.parametrize(
    "acr",
    ['{"essential": true}', "null", '{"value": "Level999"}', '{"essential": false, "values": ["Level999"]}', '"x"'],
)
def test_a_level_that_is_not_essential_stops_nobody(party: RelyingParty, acr: str) -> None:
    assert "code" in party.sign_on(claims=f'{{"id_token": {{"acr": {acr}}}}}')


def test_the_person_a_service_asks_for_by_name_is_signed_in(party: RelyingParty) -> None:
    tokens = party.tokens()
    sub = party.id_claims(tokens)["sub"]
    claims = f'{{"id_token": {{"sub": {{"value": "{sub}"}}}}}}'
    assert "code" in silent(party, claims=claims, id_token_hint=tokens["id_token"])
    other = silent(party, claims=claims.replace(sub, "another"), id_token_hint=tokens["id_token"])
    assert other["error"] == "invalid_request"


# --- By POST, and where there is no provider -----------------------------------------------------------------------


def test_a_post_of_the_service_becomes_the_same_request_by_get(party: RelyingParty) -> None:
    strict = Browser(enforce_csrf_checks=True)
    answer = strict.post(f"{BASE}/authorize", party.query())
    assert answer.status_code == 303
    assert answer.url == f"{BASE}/authorize?{urlencode(party.query())}"


@pytest.mark.parametrize(("body", "kind"), UNREADABLE, ids=UNREADABLE_NAMES)
def test_a_post_that_cannot_be_read_or_is_too_long_gets_a_page(party: RelyingParty, body: bytes, kind: str) -> None:
    answer = party.browser.post(f"{BASE}/authorize", body, content_type=kind)
    assert answer.status_code == 400
    assert "This service cannot sign you in" in answer.content.decode()


@pytest.mark.parametrize("size", [8_001, 20_000])
def test_a_post_too_long_for_an_address_gets_a_page(party: RelyingParty, size: int) -> None:
    assert party.browser.post(f"{BASE}/authorize", {"login_hint": "x" * size}).status_code == 400


@override_settings(FAS_SIGNING_KEYS=[])
def test_a_portal_without_keys_is_no_provider(party: RelyingParty) -> None:
    for address in ("authorize", "userinfo", "connect/jwk_uri", ".well-known/openid-configuration"):
        assert party.browser.get(f"{BASE}/{address}").status_code == 404, address
    for address in ("access_token", "introspect", "revoke", "connect/endSession"):
        assert party.browser.post(f"{BASE}/{address}").status_code == 404, address
