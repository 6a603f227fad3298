"""A code becomes tokens once, for the client it was given to, within 60 seconds; nothing of it is kept in clear."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.utils import timezone

from audit.models import AuditEntry
from csam.models import User
from fas.models import AccessToken, Client, Grant, IDToken, RefreshToken, SignOn
from fas.operations.codes import forget_old_tokens
from roles.models import Role, RoleAssignment
from tests.conftest import Cast
from tests.fas.relying_party import BASE, RelyingParty, basic
from tests.fas.rows import SECRET, a_client

pytestmark = [pytest.mark.django_db, pytest.mark.asvs(59)]


def error_of(answer: Any, status: int = 400) -> str:
    assert answer.status_code == status, answer.content
    assert answer.headers["Cache-Control"] == "no-store"
    return str(answer.json()["error"])


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"code": "no-such-code"}, "invalid_grant"),
    ({"code": ""}, "invalid_grant"),
    ({"code": None}, "invalid_request"),
    ({"code_verifier": None}, "invalid_request"),
    ({"redirect_uri": None}, "invalid_request"),
    ({"grant_type": "password", "username": "anna", "password": "x"}, "unsupported_grant_type"),
    ({"grant_type": "refresh_token", "refresh_token": "x"}, "unsupported_grant_type"),
    ({"grant_type": "implicit"}, "unsupported_grant_type"),
    ({"grant_type": "client_credentials"}, "unauthorized_client"),
    ({"grant_type": "urn:ietf:params:oauth:grant-type:device_code"}, "unsupported_grant_type"),
    ({"code": "with\x00nul"}, "invalid_request"),
]


@pytest.mark.parametrize(("changes", "error"), WRONG, ids=[str(changes) for changes, _error in WRONG])
def test_a_wrong_request_gives_nothing_and_the_code_stays_good(
    party: RelyingParty, changes: dict[str, Any], error: str
) -> None:
    code = party.sign_on()["code"]
    found = party.token(**{"code": code, **changes})
    assert found.status_code in (400, 401)
    assert found.json()["error"] == error
    assert not AccessToken.objects.exists()
    assert party.token(code).status_code == 200


SPENT: list[dict[str, Any]] = [
    {"code_verifier": "x" * 43},
    {"code_verifier": ""},
    {"redirect_uri": "https://service.example/other"},
]


@pytest.mark.parametrize("changes", SPENT, ids=str)
def test_a_wrong_verifier_or_address_spends_the_code(party: RelyingParty, changes: dict[str, Any]) -> None:
    code = party.sign_on()["code"]
    assert error_of(party.token(code, **changes)) == "invalid_grant"
    assert error_of(party.token(code)) == "invalid_grant"
    assert not AccessToken.objects.exists()
    assert "access_token" in party.tokens()


def test_a_code_counts_for_60_seconds(party: RelyingParty) -> None:
    code = party.sign_on()["code"]
    assert timedelta(seconds=55) < Grant.objects.get().expires - timezone.now() <= timedelta(seconds=60)
    Grant.objects.update(expires=timezone.now())
    assert error_of(party.token(code)) == "invalid_grant"


def test_the_code_of_one_client_is_none_of_another(party: RelyingParty, energy: Role) -> None:
    code = party.sign_on()["code"]
    other = RelyingParty(a_client(energy.services.get()), party.browser, verifier=party.verifier)
    assert error_of(other.token(code)) == "invalid_grant"
    assert party.token(code).status_code == 200


def test_a_code_used_twice_takes_back_what_it_gave(party: RelyingParty) -> None:
    code = party.sign_on()["code"]
    tokens = party.token(code).json()
    assert party.userinfo(tokens["access_token"]).status_code == 200
    assert error_of(party.token(code)) == "invalid_grant"
    assert party.userinfo(tokens["access_token"]).status_code == 401
    assert party.introspect(tokens["access_token"]) == {"active": False}
    assert AuditEntry.objects.filter(event="code:reused").count() == 1
    # Whoever signs on again is none the worse for it.
    assert party.userinfo(party.tokens()["access_token"]).status_code == 200


def test_another_code_of_the_same_sign_on_keeps_its_tokens(party: RelyingParty) -> None:
    code = party.sign_on()["code"]
    party.token(code)
    other = party.tokens()
    party.token(code)
    assert party.userinfo(other["access_token"]).status_code == 200


def test_a_verifier_for_a_code_without_challenge_is_refused(party: RelyingParty) -> None:
    Client.objects.update(requires_pkce=False)
    code = party.sign_on(code_challenge=None, code_challenge_method=None)["code"]
    assert error_of(party.token(code)) == "invalid_grant"
    code = party.sign_on(code_challenge=None, code_challenge_method=None)["code"]
    assert party.token(code, code_verifier=None).status_code == 200


def test_a_code_with_challenge_needs_its_verifier_where_pkce_is_not_required(party: RelyingParty) -> None:
    Client.objects.update(requires_pkce=False)
    code = party.sign_on()["code"]
    assert error_of(party.token(code, code_verifier=None)) == "invalid_request"


# --- Who asks ------------------------------------------------------------------------------------------------------


NOT_THE_CLIENT: list[dict[str, str]] = [
    {},
    basic("energy", "wrong"),
    basic("energy", ""),
    basic("nobody"),
    basic("ener\x00gy"),
    basic("energy%00"),
    {"authorization": "Basic !!!"},
    {"authorization": "Basic"},
    {"authorization": "Bearer " + SECRET},
]


@pytest.mark.parametrize("headers", NOT_THE_CLIENT)
def test_who_does_not_show_the_secret_is_not_the_client(party: RelyingParty, headers: dict[str, str]) -> None:
    code = party.sign_on()["code"]
    sent = {"grant_type": "authorization_code", "code": code, "redirect_uri": "https://service.example/callback"}
    sent |= {"client_id": "energy", "code_verifier": party.verifier}
    answer = Browser().post(f"{BASE}/access_token", sent, headers=headers)
    assert error_of(answer, 401) == "invalid_client"
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="fas"'
    assert party.token(code).status_code == 200


def test_the_secret_may_stand_in_the_body(party: RelyingParty) -> None:
    code = party.sign_on()["code"]
    sent = {"grant_type": "authorization_code", "code": code, "redirect_uri": "https://service.example/callback"}
    sent |= {"code_verifier": party.verifier, "client_id": "energy", "client_secret": SECRET}
    assert Browser().post(f"{BASE}/access_token", sent).status_code == 200


def test_a_client_that_is_switched_off_in_the_middle_gets_nothing(party: RelyingParty) -> None:
    code = party.sign_on()["code"]
    Client.objects.update(is_enabled=False)
    assert error_of(party.token(code), 401) == "invalid_client"


def test_a_secret_is_not_in_the_database(client_row: Client) -> None:
    row = Client.objects.get()
    assert row.client_secret.startswith("random_sha256$$")
    assert SECRET not in row.client_secret
    row.name = "Renamed"
    row.save()
    assert Client.objects.get().client_secret == row.client_secret


@pytest.mark.parametrize("method", ["get", "head"])
def test_only_a_post_is_answered(party: RelyingParty, method: str) -> None:
    code = party.sign_on()["code"]
    for path in ("access_token", "revoke", "introspect"):
        assert getattr(party.direct, method)(f"{BASE}/{path}?code={code}").status_code == 405


def test_nothing_is_read_from_the_address(party: RelyingParty) -> None:
    code = party.sign_on()["code"]
    sent = {"grant_type": "authorization_code", "redirect_uri": "https://service.example/callback"}
    answer = party.direct.post(f"{BASE}/access_token?code={code}", sent, headers=basic("energy"))
    assert error_of(answer) == "invalid_request"


def test_a_parameter_that_comes_twice_is_refused(party: RelyingParty) -> None:
    code = party.sign_on()["code"]
    assert error_of(party.token(code, scope=["openid", "openid egovnrn"])) == "invalid_request"
    assert error_of(party.token(code, redirect_uri=["https://service.example/callback"] * 2)) == "invalid_request"


# --- The person ----------------------------------------------------------------------------------------------------


def test_a_person_who_is_switched_off_meanwhile_is_not_signed_in(party: RelyingParty, cast: Cast) -> None:
    code = party.sign_on()["code"]
    User.objects.filter(person=cast.anna).update(is_active=False)
    assert error_of(party.token(code)) == "invalid_grant"


def test_a_sign_out_between_code_and_token_counts(party: RelyingParty) -> None:
    code = party.sign_on()["code"]
    party.browser.post("/logout/")
    assert error_of(party.token(code)) == "invalid_grant"


def test_a_role_that_ends_between_code_and_token_is_gone(party: RelyingParty, held: RoleAssignment) -> None:
    code = party.sign_on()["code"]
    now = timezone.now()
    RoleAssignment.objects.update(ended_at=now, ended_on=timezone.localdate(now), end_reason="manager")
    tokens = party.token(code).json()
    assert party.user(tokens["access_token"])["roles"] == []


# --- What is kept --------------------------------------------------------------------------------------------------


def test_codes_and_tokens_are_kept_as_hashes_only(party: RelyingParty) -> None:
    code = party.sign_on()["code"]
    tokens = party.token(code).json()
    secrets = (code, tokens["access_token"], tokens["id_token"], party.secret)
    with connection.cursor() as cursor:
        for model in (Grant, AccessToken, IDToken, RefreshToken, SignOn, Client, AuditEntry):
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')  # noqa: S608 - our own tables' names
            text = repr(cursor.fetchall())
            for secret in secrets:
                assert secret not in text, model


def test_nobody_gets_a_refresh_token(party: RelyingParty) -> None:
    assert "refresh_token" not in party.tokens(scope="openid offline_access")
    assert not RefreshToken.objects.exists()


def test_what_has_run_out_is_tidied_away_and_used_codes_stay_known_for_an_hour(party: RelyingParty) -> None:
    code = party.sign_on()["code"]
    party.token(code)
    now = timezone.now()
    forget_old_tokens(now=now + timedelta(minutes=6))
    assert not AccessToken.objects.exists()
    assert not IDToken.objects.exists()
    assert Grant.objects.count() == 1
    forget_old_tokens(now=now + timedelta(minutes=62))
    assert not Grant.objects.exists()


# --- A client by itself --------------------------------------------------------------------------------------------


def by_itself(**sent: str) -> Any:
    return Browser().post(f"{BASE}/access_token", {"grant_type": "client_credentials", **sent}, headers=basic("energy"))


def test_a_client_gets_a_token_for_look_ups_where_it_may(client_row: Client) -> None:
    assert error_of(by_itself()) == "unauthorized_client"
    Client.objects.update(scopes="openid roles:lookup")
    tokens = by_itself().json()
    assert set(tokens) == {"access_token", "expires_in", "token_type", "scope"}
    assert tokens["scope"] == "roles:lookup"
    assert AccessToken.objects.get().sign_on is None
    assert error_of(by_itself(scope="openid")) == "invalid_scope"
    assert by_itself(scope="roles:lookup egovnrn").json()["scope"] == "roles:lookup"


def test_a_token_of_a_client_alone_is_about_nobody(client_row: Client) -> None:
    Client.objects.update(scopes="openid roles:lookup")
    token = by_itself().json()["access_token"]
    answer = Browser().get(f"{BASE}/userinfo", headers={"authorization": f"Bearer {token}"})
    assert error_of(answer, 403) == "insufficient_scope"
