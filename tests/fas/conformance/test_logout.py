"""RP-Initiated Logout OP: plan oidcc-rp-initiated-logout-certification-test-plan, all 11 modules."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client as Browser

from tests.fas.conformance import missing
from tests.fas.relying_party import BASE, RelyingParty, told
from tests.fas.rows import SIGNED_OUT

pytestmark = [pytest.mark.django_db, pytest.mark.asvs(60)]

MODULES = """
oidcc-rp-initiated-logout-discovery-endpoint-verification oidcc-rp-initiated-logout
oidcc-rp-initiated-logout-bad-post-logout-redirect-uri oidcc-rp-initiated-logout-modified-id-token-hint
oidcc-rp-initiated-logout-no-id-token-hint oidcc-rp-initiated-logout-no-params
oidcc-rp-initiated-logout-no-post-logout-redirect-uri oidcc-rp-initiated-logout-no-state
oidcc-rp-initiated-logout-only-state oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri
oidcc-rp-initiated-logout-bad-id-token-hint
"""


def test_every_module_is_here() -> None:
    assert missing(MODULES, globals()) == []


@pytest.fixture
def hint(party: RelyingParty) -> str:
    """An ID token of this session."""
    return str(party.tokens()["id_token"])


def leave(party: RelyingParty, **sent: str) -> Any:
    return party.browser.get(f"{BASE}/connect/endSession?{urlencode(sent)}")


def assert_signed_out(party: RelyingParty) -> None:
    assert told(party.ask(prompt="none").url)["error"] == "login_required"


def assert_still_signed_in(party: RelyingParty) -> None:
    assert "code" in told(party.ask(prompt="none").url)


def assert_stays_at_the_provider(answer: Any) -> None:
    assert answer.status_code in (200, 400)
    assert "Location" not in answer.headers
    assert "http-equiv" not in answer.content.decode()


def test_oidcc_rp_initiated_logout_discovery_endpoint_verification() -> None:
    found = Browser().get(f"{BASE}/.well-known/openid-configuration").json()
    assert found["end_session_endpoint"] == f"{found['issuer']}/connect/endSession"


def test_oidcc_rp_initiated_logout(party: RelyingParty, hint: str) -> None:
    answer = leave(party, id_token_hint=hint, post_logout_redirect_uri=SIGNED_OUT, state="1 a")
    assert answer.url.startswith(f"{SIGNED_OUT}?")
    assert told(answer.url) == {"state": "1 a"}
    assert_signed_out(party)


def test_oidcc_rp_initiated_logout_no_state(party: RelyingParty, hint: str) -> None:
    assert leave(party, id_token_hint=hint, post_logout_redirect_uri=SIGNED_OUT).url == SIGNED_OUT
    assert_signed_out(party)


def test_oidcc_rp_initiated_logout_no_post_logout_redirect_uri(party: RelyingParty, hint: str) -> None:
    assert leave(party, id_token_hint=hint, state="x").url == "/logout/"
    assert_signed_out(party)


def test_oidcc_rp_initiated_logout_no_params(party: RelyingParty, hint: str) -> None:
    assert_stays_at_the_provider(leave(party))
    answer = party.browser.post(f"{BASE}/connect/endSession", {"answer": "leave"})
    assert answer.url == "/logout/"
    assert_signed_out(party)


def test_oidcc_rp_initiated_logout_only_state(party: RelyingParty, hint: str) -> None:
    assert_stays_at_the_provider(leave(party, state="x"))
    assert_still_signed_in(party)


def test_oidcc_rp_initiated_logout_no_id_token_hint(party: RelyingParty, hint: str) -> None:
    page = leave(party, post_logout_redirect_uri=SIGNED_OUT, state="x")
    assert_stays_at_the_provider(page)
    answer = party.browser.post(f"{BASE}/connect/endSession", {**page.context["sent"], "answer": "leave"})
    assert answer.url == "/logout/"


def test_oidcc_rp_initiated_logout_bad_post_logout_redirect_uri(party: RelyingParty, hint: str) -> None:
    answer = leave(party, id_token_hint=hint, post_logout_redirect_uri="https://service.example/other", state="x")
    assert_stays_at_the_provider(answer)
    assert_still_signed_in(party)


def test_oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri(party: RelyingParty, hint: str) -> None:
    answer = leave(party, id_token_hint=hint, post_logout_redirect_uri=SIGNED_OUT + "?foo=bar", state="x")
    assert_stays_at_the_provider(answer)
    assert_still_signed_in(party)


def test_oidcc_rp_initiated_logout_bad_id_token_hint(party: RelyingParty, hint: str) -> None:
    answer = leave(party, id_token_hint="bad", post_logout_redirect_uri=SIGNED_OUT, state="x")
    assert_stays_at_the_provider(answer)
    assert_still_signed_in(party)


def test_oidcc_rp_initiated_logout_modified_id_token_hint(party: RelyingParty, hint: str) -> None:
    head, claims, signature = hint.split(".")
    modified = f"{head}.{claims}.{signature[::-1]}"
    answer = leave(party, id_token_hint=modified, post_logout_redirect_uri=SIGNED_OUT, state="x")
    assert_stays_at_the_provider(answer)
    assert_still_signed_in(party)
