"""A service signs a person in and receives the roles that the person holds for the organisation."""

import pytest

from audit.models import AuditEntry
from fas.models import Consent, SignOn
from roles.models import RoleAssignment
from tests.conftest import Cast
from tests.fas.relying_party import RelyingParty

pytestmark = pytest.mark.django_db


def test_a_service_signs_somebody_in_and_receives_the_role(
    party: RelyingParty, cast: Cast, held: RoleAssignment
) -> None:
    told = party.sign_on()
    assert told["state"] == party.state
    assert told["iss"] == "http://127.0.0.1:8000/fas/oauth2"
    tokens = party.token(told["code"]).json()
    assert set(tokens) == {"access_token", "expires_in", "token_type", "scope", "id_token"}
    assert (tokens["expires_in"], tokens["token_type"]) == (300, "Bearer")
    claims = party.id_claims(tokens)
    assert claims["acr"] == "urn:be:fedict:iam:fas:Level500"
    assert claims["amr"] == ["eid"]
    assert claims["nonce"] == party.nonce
    assert claims["exp"] - claims["iat"] == 300
    user = party.user(tokens["access_token"])
    assert user["sub"] == claims["sub"]
    assert user["givenName"] == "Anna"
    assert user["surname"] == "Peeters"
    assert user["enterpriseNumber"] == cast.dubois.enterprise_number
    assert user["roles_format"] == "rolemgmt/1"
    assert [role["role"] for role in user["roles"]] == ["FLUVIUS_ENERGY_PORTAL_ADMIN"]
    assert "egovNRN" not in user
    row = SignOn.objects.get()
    assert (row.sid, row.sub, row.organisation) == (claims["sid"], claims["sub"], cast.dubois)
    assert Consent.objects.get().scopes == "openid profile roles"
    events = list(AuditEntry.objects.order_by("id").values_list("event", flat=True))
    assert events == ["consent:given", "sign_on:started"]
    entry = AuditEntry.objects.get(event="sign_on:started")
    assert (entry.actor_key, entry.subject_key, entry.organisation_key) == (cast.anna.key, "energy", "")
    assert entry.data == {"acts_for": cast.dubois.key, "level": 500, "scopes": ["openid", "profile", "roles"]}


def test_the_second_time_nothing_is_asked(party: RelyingParty, held: RoleAssignment) -> None:
    first = party.id_claims(party.tokens())
    answer = party.ask()
    assert answer.status_code == 302
    assert answer.url.startswith("https://service.example/callback?code=")
    second = party.id_claims(party.tokens())
    assert second["sid"] == first["sid"]
    assert SignOn.objects.count() == 1


def test_what_one_did_at_services_stands_in_the_own_activity(party: RelyingParty, held: RoleAssignment) -> None:
    party.sign_on()
    page = party.browser.get("/profile/activity/").content.decode()
    assert "Anna Peeters signed in at the service Mijn Fluvius" in page
    assert "Anna Peeters agreed that the service Mijn Fluvius receives data" in page
