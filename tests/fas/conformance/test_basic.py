"""Basic OP: plan oidcc-basic-certification-test-plan, all 38 modules."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client as Browser
from django.utils import timezone

from fas.models import Client, Grant
from tenants.middleware import PROVED_AT
from tests.conftest import Cast
from tests.csam.flows import begin, card_of, insert_card
from tests.fas.conformance import missing
from tests.fas.conftest import SignIn
from tests.fas.forgeries import encoded, parts
from tests.fas.relying_party import BASE, RelyingParty, basic, told, where_to
from tests.fas.rows import CALLBACK, SECRET

pytestmark = [pytest.mark.django_db, pytest.mark.asvs(59)]

MODULES = """
oidcc-server oidcc-response-type-missing oidcc-idtoken-signature oidcc-codereuse oidcc-scope-address oidcc-scope-all
oidcc-scope-email oidcc-scope-phone oidcc-scope-profile oidcc-claims-essential oidcc-claims-locales oidcc-userinfo-get
oidcc-userinfo-post-body oidcc-userinfo-post-header oidcc-alternate-happy-flow oidcc-display-page oidcc-display-popup
oidcc-ui-locales oidcc-login-hint oidcc-id-token-hint oidcc-prompt-login oidcc-prompt-none-logged-in
oidcc-prompt-none-not-logged-in oidcc-max-age-1 oidcc-max-age-10000 oidcc-ensure-post-request-succeeds
oidcc-ensure-registered-redirect-uri oidcc-ensure-request-object-with-redirect-uri
oidcc-ensure-request-with-acr-values-succeeds oidcc-ensure-request-with-unknown-parameter-succeeds
oidcc-ensure-request-with-valid-pkce-succeeds oidcc-ensure-request-without-nonce-succeeds-for-code-flow
oidcc-ensure-other-scope-order-succeeds oidcc-refresh-token oidcc-codereuse-30seconds oidcc-server-client-secret-post
oidcc-idtoken-unsigned oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported
oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported
"""


def test_every_module_is_here() -> None:
    assert missing(MODULES, globals()) == []


def happy(party: RelyingParty, **changes: Any) -> dict[str, Any]:
    """Go the whole way and check what every module checks; return the claims of the ID token."""
    tokens = party.tokens(**changes)
    assert tokens["token_type"] == "Bearer"
    claims = party.id_claims(tokens)
    now = timezone.now().timestamp()
    assert claims["exp"] > now >= claims["iat"] - 1
    assert len(claims["sub"]) <= 255
    assert claims.get("nonce") == party.query(**changes).get("nonce")
    assert party.user(tokens["access_token"])["sub"] == claims["sub"]
    return claims


def reauthenticate(party: RelyingParty, cast: Cast, answer: Any) -> dict[str, Any]:
    """Sign in once more at the login page to which an answer leads; return the claims of the ID token."""
    answer = party.walk(answer)
    assert answer.url.startswith("/login/")
    page = party.browser.get(answer.url)
    begin(party.browser, "eid", page.context["next"])
    insert_card(party.browser, card_of(cast.anna))
    answer = party.walk(party.browser.get(party.browser.get("/login/return/").url))
    return party.id_claims(party.token(told(where_to(answer))["code"]).json())


# --- Response type and ID token ------------------------------------------------------------------------------------


def test_oidcc_server(party: RelyingParty) -> None:
    happy(party)


def test_oidcc_response_type_missing(party: RelyingParty) -> None:
    found = told(party.ask(response_type=None).url)
    assert found["error"] in ("invalid_request", "unsupported_response_type")
    assert found["state"] == party.state


def test_oidcc_idtoken_signature(party: RelyingParty) -> None:
    header, _claims, _signature = parts(party.tokens()["id_token"])
    assert header["alg"] == "RS256"
    assert header["kid"] in {key["kid"] for key in party.keys()["keys"]}


def test_oidcc_idtoken_unsigned(party: RelyingParty) -> None:
    """Registered for unsigned ID tokens: no client can be."""
    found = party.direct.get(f"{BASE}/.well-known/openid-configuration").json()
    assert "none" not in found["id_token_signing_alg_values_supported"]


# --- Userinfo ------------------------------------------------------------------------------------------------------


def test_oidcc_userinfo_get(party: RelyingParty) -> None:
    assert party.user(party.tokens()["access_token"])["sub"]


def test_oidcc_userinfo_post_header(party: RelyingParty) -> None:
    bearer = {"authorization": f"Bearer {party.tokens()['access_token']}"}
    assert party.direct.post(f"{BASE}/userinfo", headers=bearer).status_code == 200


def test_oidcc_userinfo_post_body(party: RelyingParty) -> None:
    sent = {"access_token": party.tokens()["access_token"]}
    assert party.direct.post(f"{BASE}/userinfo", sent).status_code == 200


# --- Nonce, scopes, display ----------------------------------------------------------------------------------------


def test_oidcc_ensure_request_without_nonce_succeeds_for_code_flow(party: RelyingParty) -> None:
    assert "nonce" not in happy(party, nonce=None)


def test_oidcc_scope_profile(party: RelyingParty) -> None:
    user = party.user(party.tokens(scope="openid profile")["access_token"])
    assert {"givenName", "surname", "prefLanguage"} <= set(user)


# Not among the scopes of discovery: left out, and the sign-on goes on.


def test_oidcc_scope_email(party: RelyingParty) -> None:
    assert party.tokens(scope="openid email")["scope"] == "openid"


def test_oidcc_scope_address(party: RelyingParty) -> None:
    assert party.tokens(scope="openid address")["scope"] == "openid"


def test_oidcc_scope_phone(party: RelyingParty) -> None:
    assert party.tokens(scope="openid phone")["scope"] == "openid"


def test_oidcc_scope_all(party: RelyingParty) -> None:
    happy(party, scope="openid profile email address phone")


def test_oidcc_ensure_other_scope_order_succeeds(party: RelyingParty) -> None:
    happy(party, scope="profile roles openid")


def test_oidcc_alternate_happy_flow(party: RelyingParty) -> None:
    query = urlencode(list(reversed(party.query(scope="roles profile openid").items())))
    answer = party.walk(party.browser.get(f"{BASE}/authorize?{query}"))
    assert party.token(told(where_to(answer))["code"]).status_code == 200


def test_oidcc_display_page(party: RelyingParty) -> None:
    happy(party, display="page")


def test_oidcc_display_popup(party: RelyingParty) -> None:
    happy(party, display="popup")


# --- prompt and max_age --------------------------------------------------------------------------------------------


def test_oidcc_prompt_login(party: RelyingParty, cast: Cast) -> None:
    first = happy(party)
    second = reauthenticate(party, cast, party.ask(prompt="login"))
    assert second["auth_time"] >= first["auth_time"]
    assert second["sub"] == first["sub"]


def test_oidcc_prompt_none_not_logged_in(client_row: Client) -> None:
    answer = RelyingParty(client_row, Browser()).ask(prompt="none")
    assert told(answer.url)["error"] in ("login_required", "interaction_required")


def test_oidcc_prompt_none_logged_in(party: RelyingParty) -> None:
    first = happy(party)
    answer = party.ask(prompt="none")
    second = party.id_claims(party.token(told(answer.url)["code"]).json())
    assert (second["sub"], second["auth_time"]) == (first["sub"], first["auth_time"])


def test_oidcc_max_age_1(client_row: Client, cast: Cast, sign_in: SignIn) -> None:
    ago = timezone.now() - timedelta(seconds=2)
    party = RelyingParty(client_row, sign_in(cast.anna, **{PROVED_AT: ago.isoformat()}))
    first = happy(party)
    second = reauthenticate(party, cast, party.ask(max_age="1"))
    assert second["auth_time"] > first["auth_time"]
    assert timezone.now().timestamp() - second["auth_time"] < 30


def test_oidcc_max_age_10000(party: RelyingParty) -> None:
    first = happy(party)
    answer = party.ask(max_age="10000", prompt="none")
    second = party.id_claims(party.token(told(answer.url)["code"]).json())
    assert second["auth_time"] == first["auth_time"]


# --- Parameters that need not do anything --------------------------------------------------------------------------


def test_oidcc_ensure_request_with_unknown_parameter_succeeds(party: RelyingParty) -> None:
    happy(party, extra="foobar")


def test_oidcc_id_token_hint(party: RelyingParty) -> None:
    tokens = party.tokens()
    answer = party.ask(prompt="none", id_token_hint=tokens["id_token"])
    second = party.id_claims(party.token(told(answer.url)["code"]).json())
    assert second["sub"] == party.id_claims(tokens)["sub"]


def test_oidcc_login_hint(party: RelyingParty) -> None:
    happy(party, login_hint="anna@post.example")


def test_oidcc_ui_locales(party: RelyingParty) -> None:
    happy(party, ui_locales="se")
    happy(party, ui_locales="nl fr")


def test_oidcc_claims_locales(party: RelyingParty) -> None:
    happy(party, claims_locales="se")


def test_oidcc_ensure_request_with_acr_values_succeeds(party: RelyingParty) -> None:
    offered = party.direct.get(f"{BASE}/.well-known/openid-configuration").json()["acr_values_supported"]
    assert happy(party, acr_values=" ".join(offered))["acr"] in offered
    happy(party, acr_values="1 2")


def test_oidcc_claims_essential(party: RelyingParty) -> None:
    """The parameter is not offered beyond `acr`; asking for a claim all the same does no harm."""
    assert "name" not in happy(party, claims='{"userinfo": {"name": {"essential": true}}}')


# --- Codes ---------------------------------------------------------------------------------------------------------


def test_oidcc_codereuse(party: RelyingParty) -> None:
    code = party.sign_on()["code"]
    token = party.token(code).json()["access_token"]
    again = party.token(code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert party.userinfo(token).status_code == 401


def test_oidcc_codereuse_30seconds(party: RelyingParty) -> None:
    code = party.sign_on()["code"]
    token = party.token(code).json()["access_token"]
    Grant.objects.update(used_at=timezone.now() - timedelta(seconds=30))
    again = party.token(code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert party.userinfo(token).status_code == 401


# --- Redirect addresses, POST, clients -----------------------------------------------------------------------------


def test_oidcc_ensure_registered_redirect_uri(party: RelyingParty) -> None:
    answer = party.ask(redirect_uri=CALLBACK + "/not-registered")
    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_oidcc_ensure_post_request_succeeds(party: RelyingParty) -> None:
    answer = party.browser.post(f"{BASE}/authorize", party.query())
    answer = party.walk(party.browser.get(answer.url))
    assert party.token(told(where_to(answer))["code"]).status_code == 200


def test_oidcc_server_client_secret_post(party: RelyingParty) -> None:
    sent = {
        "grant_type": "authorization_code",
        "code": party.sign_on()["code"],
        "redirect_uri": CALLBACK,
        "code_verifier": party.verifier,
        "client_id": party.client.client_id,
        "client_secret": SECRET,
    }
    assert party.direct.post(f"{BASE}/access_token", sent).status_code == 200


def test_oidcc_ensure_request_with_valid_pkce_succeeds(party: RelyingParty) -> None:
    happy(party)


# --- What is optional and not offered ------------------------------------------------------------------------------


def test_oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported(party: RelyingParty) -> None:
    unsigned = f"{encoded({'alg': 'none'})}.{encoded(party.query())}."
    found = told(party.ask(request=unsigned).url)
    assert (found["error"], found["state"]) == ("request_not_supported", party.state)


def test_oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported(party: RelyingParty) -> None:
    assert told(party.ask(request_uri="https://service.example/r").url)["error"] == "request_uri_not_supported"


def test_oidcc_ensure_request_object_with_redirect_uri(party: RelyingParty) -> None:
    inside = f"{encoded({'alg': 'none'})}.{encoded({'redirect_uri': 'https://evil.example/'})}."
    answer = party.ask(request=inside)
    assert answer.url.startswith(CALLBACK)
    assert told(answer.url)["error"] == "request_not_supported"


def test_oidcc_refresh_token(party: RelyingParty) -> None:
    """None is given, as FAS may give none: the module is skipped by the suite."""
    assert "refresh_token" not in party.tokens(scope="openid offline_access")
    sent = {"grant_type": "refresh_token", "refresh_token": "x"}
    answer = party.direct.post(f"{BASE}/access_token", sent, headers=basic("energy"))
    assert answer.json()["error"] == "unsupported_grant_type"
