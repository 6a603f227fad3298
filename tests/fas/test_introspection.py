"""Whether a token counts, asked by the client it was given to (RFC 7662); and taking one back (RFC 7009)."""

import pytest
from django.test import Client as Browser
from django.utils import timezone

from audit.models import AuditEntry
from fas.models import AccessToken, Client, SignOn
from roles.models import Role
from tests.conftest import Cast
from tests.fas.relying_party import BASE, ISSUER, RelyingParty, basic
from tests.fas.rows import a_client

pytestmark = pytest.mark.django_db


def test_a_good_token_is_active(party: RelyingParty) -> None:
    tokens = party.tokens()
    found = party.introspect(tokens["access_token"])
    row, sign_on = AccessToken.objects.get(), SignOn.objects.get()
    assert found == {
        "active": True,
        "iss": ISSUER,
        "client_id": "energy",
        "aud": "energy",
        "scope": "openid profile roles",
        "token_type": "Bearer",
        "iat": int(row.created.timestamp()),
        "exp": int(row.expires.timestamp()),
        "sub": sign_on.sub,
        "acr": "urn:be:fedict:iam:fas:Level500",
        "sid": sign_on.sid,
    }
    assert found["exp"] - found["iat"] in (299, 300)


def test_the_token_of_another_client_is_as_unknown_as_none(party: RelyingParty, energy: Role) -> None:
    token = party.tokens()["access_token"]
    other = RelyingParty(a_client(energy.services.get()), party.browser)
    for text in (token, "no-such-token", party.tokens()["id_token"], "with spaces é"):
        assert other.introspect(text) == {"active": False}


def test_a_token_that_ran_out_is_not_active(party: RelyingParty) -> None:
    token = party.tokens()["access_token"]
    AccessToken.objects.update(expires=timezone.now())
    assert party.introspect(token) == {"active": False}


def test_a_token_of_somebody_who_signed_out_is_not_active(party: RelyingParty) -> None:
    token = party.tokens()["access_token"]
    party.browser.post("/logout/")
    assert party.introspect(token) == {"active": False}


@pytest.mark.parametrize("path", ["introspect", "revoke"])
def test_only_a_client_may_ask(party: RelyingParty, path: str) -> None:
    token = party.tokens()["access_token"]
    for headers in ({}, basic("energy", "wrong"), basic("nobody"), {"authorization": f"Bearer {token}"}):
        answer = Browser().post(f"{BASE}/{path}", {"token": token}, headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        assert answer.headers["WWW-Authenticate"] == 'Basic realm="fas"'
    Client.objects.update(is_enabled=False)
    assert Browser().post(f"{BASE}/{path}", {"token": token}, headers=basic("energy")).status_code == 401


@pytest.mark.parametrize("path", ["introspect", "revoke"])
def test_a_token_must_be_named_once(party: RelyingParty, path: str) -> None:
    for sent in ({}, {"token": ""}, {"token": ["x", "y"]}, {"token": "x\x00"}):
        answer = Browser().post(f"{BASE}/{path}", sent, headers=basic("energy"))
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), sent


# --- Taking it back ------------------------------------------------------------------------------------------------


def test_a_client_takes_its_token_back(party: RelyingParty, cast: Cast) -> None:
    token = party.tokens()["access_token"]
    answer = party.direct.post(f"{BASE}/revoke", {"token": token}, headers=basic("energy"))
    assert (answer.status_code, answer.content) == (200, b"")
    assert party.userinfo(token).status_code == 401
    entry = AuditEntry.objects.get(event="token:revoked")
    assert (entry.subject_label, entry.data) == ("Energy portal", {"person": cast.anna.key})
    # The person is signed in there still: the service did not ask to end that.
    assert SignOn.objects.open().exists()


def test_taking_back_what_is_not_there_is_no_error(party: RelyingParty, energy: Role) -> None:
    token = party.tokens()["access_token"]
    other = a_client(energy.services.get())
    for client_id, text in ((other.client_id, token), ("energy", "no-such-token")):
        answer = party.direct.post(f"{BASE}/revoke", {"token": text}, headers=basic(client_id))
        assert answer.status_code == 200
    assert party.userinfo(token).status_code == 200
    assert not AuditEntry.objects.filter(event="token:revoked").exists()


def test_the_kind_of_a_token_is_a_hint_and_refresh_tokens_are_not_known(party: RelyingParty) -> None:
    token = party.tokens()["access_token"]
    sent = {"token": token, "token_type_hint": "refresh_token"}
    answer = party.direct.post(f"{BASE}/revoke", sent, headers=basic("energy"))
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_token_type")
    for hint in ("access_token", "something_else"):
        token = party.tokens()["access_token"]
        sent = {"token": token, "token_type_hint": hint}
        assert party.direct.post(f"{BASE}/revoke", sent, headers=basic("energy")).status_code == 200
        assert party.introspect(token) == {"active": False}
