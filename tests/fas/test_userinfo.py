"""Who is signed in: a signed answer, computed now, with no more than the scopes bring and the client may ask."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import AuditEntry
from fas.models import AccessToken, Client, SignOn
from roles.models import Role, RoleAssignment
from tenants.models import Person
from tests.conftest import Cast
from tests.factories import AssignmentFactory
from tests.fas.relying_party import BASE, RelyingParty, verified

pytestmark = pytest.mark.django_db


def refused(answer: Any, status: int = 401) -> str:
    assert answer.status_code == status
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="fas"')
    return str(answer.json()["error"])


def test_the_answer_is_a_signed_token_with_the_claims_of_fas(
    party: RelyingParty, cast: Cast, held: RoleAssignment
) -> None:
    token = party.tokens(scope="openid profile roles enterprise citizen")["access_token"]
    user = party.user(token)
    assert user == {
        "iss": "http://127.0.0.1:8000/fas/oauth2",
        "aud": "energy",
        "sub": SignOn.objects.get().sub,
        "iat": user["iat"],
        "givenName": "Anna",
        "surname": "Peeters",
        "mail": cast.anna.email,
        "prefLanguage": "nl",
        "enterpriseNumber": cast.dubois.enterprise_number,
        "enterpriseName": "Boulangerie Dubois SRL",
        "roles_format": "rolemgmt/1",
        "roles": [
            {
                "role": "FLUVIUS_ENERGY_PORTAL_ADMIN",
                "enterpriseNumber": cast.dubois.enterprise_number,
                "validFrom": held.valid_from.isoformat(),
                "validUntil": None,
                "properties": {},
                "reference": held.reference,
            }
        ],
    }


def test_a_client_may_want_the_roles_as_text(party: RelyingParty, held: RoleAssignment) -> None:
    as_list = party.user(party.tokens()["access_token"])["roles"]
    Client.objects.update(roles_as="string")
    as_text = party.user(party.tokens()["access_token"])["roles"]
    assert isinstance(as_text, str)
    assert json.loads(as_text) == as_list


def test_it_answers_a_post_with_the_token_in_header_or_body_but_not_in_both(party: RelyingParty) -> None:
    token = party.tokens()["access_token"]
    bearer = {"authorization": f"Bearer {token}"}
    by_header = party.direct.post(f"{BASE}/userinfo", headers=bearer)
    by_body = party.direct.post(f"{BASE}/userinfo", {"access_token": token})
    for answer in (by_header, by_body):
        verified(answer.content.decode(), audience="energy", keys=party.keys())
    both = party.direct.post(f"{BASE}/userinfo", {"access_token": token}, headers=bearer)
    assert (both.status_code, both.json()["error"]) == (400, "invalid_request")


def test_a_token_in_the_address_is_not_taken(party: RelyingParty) -> None:
    token = party.tokens()["access_token"]
    assert refused(party.direct.get(f"{BASE}/userinfo?access_token={token}")) == "invalid_token"
    bearer = {"authorization": f"Bearer {token}"}
    assert party.direct.get(f"{BASE}/userinfo?access_token={token}", headers=bearer).status_code == 401


@pytest.mark.parametrize("header", ["Bearer", "Bearer x", "Bearer x y", "Basic eDp4", "bearer \x7f", "Bearer é"])
def test_anything_else_is_no_token(party: RelyingParty, header: str) -> None:
    answer = party.direct.get(f"{BASE}/userinfo", headers={"authorization": header.encode().decode("latin-1")})
    assert refused(answer) == "invalid_token"


def test_an_id_token_is_no_access_token(party: RelyingParty) -> None:
    assert refused(party.userinfo(party.tokens()["id_token"])) == "invalid_token"


def test_a_token_counts_for_five_minutes(party: RelyingParty) -> None:
    token = party.tokens()["access_token"]
    left = AccessToken.objects.get().expires - timezone.now()
    assert timedelta(seconds=290) < left <= timedelta(seconds=300)
    AccessToken.objects.update(expires=timezone.now())
    assert refused(party.userinfo(token)) == "invalid_token"


def test_a_role_that_ends_is_gone_at_the_next_question(party: RelyingParty, held: RoleAssignment) -> None:
    token = party.tokens()["access_token"]
    assert len(party.user(token)["roles"]) == 1
    now = timezone.now()
    RoleAssignment.objects.update(ended_at=now, ended_on=timezone.localdate(now), end_reason="manager")
    assert party.user(token)["roles"] == []


def test_a_role_that_begins_is_there_at_the_next_question(party: RelyingParty, energy: Role, cast: Cast) -> None:
    token = party.tokens()["access_token"]
    assert party.user(token)["roles"] == []
    AssignmentFactory(role=energy, assignee=cast.anna, organisation=cast.dubois, assigned_by=cast.jean)
    assert len(party.user(token)["roles"]) == 1


def test_roles_of_other_services_people_and_organisations_are_not_seen(
    party: RelyingParty, catalogue: dict[str, Role], cast: Cast, energy: Role
) -> None:
    today = timezone.localdate()
    others: list[dict[str, Any]] = [
        {"role": catalogue["FIN_FATCA"], "assignee": cast.anna, "organisation": cast.dubois},
        {"role": energy, "assignee": cast.tom, "organisation": cast.dubois},
        {"role": energy, "assignee": cast.anna, "organisation": cast.peeters},
        {"role": energy, "assignee": cast.anna, "organisation": cast.dubois, "valid_from": today + timedelta(days=1)},
    ]
    for values in others:
        AssignmentFactory(assigned_by=cast.jean, **values)
    tokens = party.tokens(organisation=cast.dubois.key)
    assert party.user(tokens["access_token"])["roles"] == []


def test_a_role_to_be_confirmed_is_not_seen(party: RelyingParty, cast: Cast, energy: Role) -> None:
    AssignmentFactory(
        role=energy,
        assignee=cast.anna,
        organisation=cast.dubois,
        assigned_by=cast.jean,
        confirmer="assignee",
        confirm_before=timezone.localdate() + timedelta(days=9),
    )
    assert party.user(party.tokens()["access_token"])["roles"] == []


def test_a_client_that_is_switched_off_in_the_middle_learns_nothing(party: RelyingParty) -> None:
    token = party.tokens()["access_token"]
    Client.objects.update(is_enabled=False)
    assert refused(party.userinfo(token)) == "invalid_token"


def test_a_person_who_is_switched_off_is_not_signed_in(party: RelyingParty, cast: Cast) -> None:
    token = party.tokens()["access_token"]
    Person.objects.filter(pk=cast.anna.pk).update(is_active=False)
    assert refused(party.userinfo(token)) == "invalid_token"


def test_whoever_signed_out_of_the_portal_is_not_signed_in(party: RelyingParty) -> None:
    token = party.tokens()["access_token"]
    party.browser.post("/logout/")
    assert refused(party.userinfo(token)) == "invalid_token"


# --- The national register number ----------------------------------------------------------------------------------


def test_the_number_is_given_to_a_client_that_may_ask_and_written_down_once(party: RelyingParty, cast: Cast) -> None:
    Client.objects.update(scopes="openid profile egovnrn")
    token = party.tokens(scope="openid egovnrn")["access_token"]
    for _question in range(2):
        user = party.user(token)
        assert user["egovNRN"] == cast.anna.national_number
        assert "givenName" not in user
    entry = AuditEntry.objects.get(event="number:given")
    assert (entry.subject_key, entry.data) == (cast.anna.key, {"client": "Energy portal"})
    assert cast.anna.national_number not in str(list(AuditEntry.objects.values()))


def test_a_client_that_may_no_longer_ask_gets_it_no_more(party: RelyingParty) -> None:
    Client.objects.update(scopes="openid profile egovnrn")
    token = party.tokens(scope="openid egovnrn")["access_token"]
    Client.objects.update(scopes="openid profile")
    assert "egovNRN" not in party.user(token)


def test_the_person_reads_that_the_service_receives_the_number(party: RelyingParty) -> None:
    Client.objects.update(scopes="openid egovnrn")
    page = party.browser.get(party.browser.get(party.ask(scope="openid egovnrn").url).url).content.decode()
    assert "your national register number" in page
    assert "It does not receive your national register number" not in page


def test_without_the_scope_the_number_is_not_even_read(party: RelyingParty, held: RoleAssignment) -> None:
    token = party.tokens()["access_token"]
    party.user(token)  # what the service has seen is written down once
    with CaptureQueriesContext(connection) as queries:
        party.user(token)
    assert not [query for query in queries.captured_queries if '"national_number"' in query["sql"]]
    # The token with what belongs to it, and the roles.
    assert len(queries) == 2


def test_it_takes_the_same_number_of_queries_however_many_roles(
    party: RelyingParty, catalogue: dict[str, Role], cast: Cast, held: RoleAssignment
) -> None:
    service = held.role.services.get()
    for role in list(catalogue.values())[:12]:
        if role.pk != held.role_id:
            role.services.add(service)
            AssignmentFactory(role=role, assignee=cast.anna, organisation=cast.dubois, assigned_by=cast.jean)
    token = party.tokens()["access_token"]
    party.user(token)
    with CaptureQueriesContext(connection) as queries:
        assert len(party.user(token)["roles"]) > 10
    assert len(queries) == 2
