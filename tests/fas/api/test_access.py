"""Who may ask at all: a service by itself, with a token for it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from fas.models import AccessToken, Client
from fas.operations.codes import hash_of
from roles.models import RoleAssignment
from tests.conftest import Cast
from tests.fas.api.asking import FEED, LOOKUPS, Asker, digits_of
from tests.fas.relying_party import RelyingParty, basic
from tests.fas.rows import a_client, a_sign_on

pytestmark = [pytest.mark.django_db, pytest.mark.asvs(60)]
GUIDE = "https://www.belgif.be/specification/rest/api-guide/problems/"


def problem_of(answer: Any, status: int, name: str) -> dict[str, Any]:
    """Check that an answer is a problem of this kind, and return it."""
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Language"] == "en"
    told = answer.json()
    assert told["status"] == status
    assert told["type"].endswith(f":{name}")
    assert told["title"] and told["detail"]
    return dict(told)


def test_the_whole_way_from_the_secret_to_the_answer(client_row: Client, held: RoleAssignment, cast: Cast) -> None:
    sent = {"grant_type": "client_credentials", "scope": "roles:lookup"}
    answer = Browser().post("/fas/oauth2/access_token", sent, headers=basic("energy"))
    asker = Asker(client_row, answer.json()["access_token"])
    assert [role["reference"] for role in asker.look_up(cast.anna, cast.dubois).json()["roles"]] == [held.reference]
    told = problem_of(asker.feed(), 403, "missingScope")
    assert told["href"] == f"{GUIDE}missingScope.html"


def test_a_client_that_names_no_scope_gets_all_it_may(client_row: Client) -> None:
    answer = Browser().post("/fas/oauth2/access_token", {"grant_type": "client_credentials"}, headers=basic("energy"))
    assert set(answer.json()["scope"].split()) == {"roles:lookup", "roles:changes"}


@pytest.mark.parametrize("header", ["", "Basic ZW5lcmd5OnNlY3JldA==", "Bearer", "Bearer ", "Token x"])
def test_without_a_token_nothing_is_said(asker: Asker, header: str) -> None:
    headers = {"authorization": header} if header else {}
    answer = Browser().post(LOOKUPS, {}, content_type="application/json", headers=headers)
    problem_of(answer, 401, "noAccessToken")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="fas"'


@pytest.mark.parametrize("token", ["unknown", "x" * 4000, "\u00e9", "a b"])
def test_an_unknown_token_opens_nothing(asker: Asker, token: str) -> None:
    answer = Browser().get(FEED, headers={"authorization": f"Bearer {token}"})
    problem_of(answer, 401, "invalidAccessToken")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="fas", error="invalid_token"'


def test_a_token_in_the_address_is_none(asker: Asker) -> None:
    problem_of(Browser().get(FEED, {"access_token": asker.token}), 401, "noAccessToken")


@pytest.mark.threat(42)
def test_a_token_that_ran_out_opens_nothing(asker: Asker) -> None:
    AccessToken.objects.update(expires=timezone.now() - timedelta(seconds=1))
    problem_of(asker.feed(), 401, "invalidAccessToken")


@pytest.mark.threat(42)
def test_a_client_that_is_switched_off_is_refused_at_once(asker: Asker) -> None:
    assert asker.feed().status_code == 200
    Client.objects.update(is_enabled=False)
    problem_of(asker.feed(), 401, "invalidAccessToken")


def test_a_token_that_was_taken_back_opens_nothing(asker: Asker) -> None:
    Browser().post("/fas/oauth2/revoke", {"token": asker.token}, headers=basic("energy"))
    problem_of(asker.feed(), 401, "invalidAccessToken")


@pytest.mark.parametrize(("scope", "answers"), [("roles:lookup", (200, 403)), ("roles:changes", (403, 200))])
def test_each_address_asks_its_own_scope(client_row: Client, cast: Cast, scope: str, answers: tuple[int, int]) -> None:
    asker = Asker.of(client_row, scope)
    found = asker.look_up(cast.anna, cast.dubois), asker.feed()
    assert (found[0].status_code, found[1].status_code) == answers
    refused = found[answers.index(403)]
    assert 'error="insufficient_scope"' in refused.headers["WWW-Authenticate"]
    assert "RateLimit" in refused.headers


def test_a_scope_that_the_client_has_lost_counts_no_more(asker: Asker) -> None:
    Client.objects.update(scopes="roles:lookup")
    problem_of(asker.feed(), 403, "missingScope")


@pytest.mark.threat(43)
def test_a_token_of_a_person_is_good_for_nothing_here(party: RelyingParty, held: RoleAssignment, cast: Cast) -> None:
    """Not even where its row were to hold the scope."""
    Client.objects.update(scopes="openid profile roles roles:lookup")
    party.client.refresh_from_db()
    token = party.tokens()["access_token"]
    asker = Asker(party.client, token)
    problem_of(asker.look_up(cast.anna, cast.dubois), 403, "missingScope")
    AccessToken.objects.filter(token_checksum=hash_of(token)).update(scope="openid roles:lookup")
    problem_of(asker.look_up(cast.anna, cast.dubois), 403, "missingScope")


def test_a_person_cannot_be_asked_for_the_scope_of_a_service(party: RelyingParty) -> None:
    Client.objects.update(scopes="openid profile roles roles:lookup")
    party.client.refresh_from_db()
    assert "roles:lookup" not in party.tokens(scope="openid profile roles roles:lookup")["scope"]


def test_a_session_is_no_token(client_row: Client, outsider: Browser, cast: Cast, sign_in: Any) -> None:
    for browser in (outsider, sign_in(cast.jean), sign_in(cast.sofie)):
        problem_of(browser.get(FEED), 401, "noAccessToken")


@pytest.mark.threat(43)
def test_one_service_learns_nothing_about_anothers_roles(
    asker: Asker, neighbour: Asker, held: RoleAssignment, cast: Cast
) -> None:
    sent = {"ssin": digits_of(cast.anna), "enterpriseNumber": cast.dubois.enterprise_number}
    assert len(asker.post(sent).json()["roles"]) == 1
    assert neighbour.post(sent).json()["roles"] == []


def test_without_keys_there_is_no_interface(asker: Asker, settings: Any) -> None:
    settings.FAS_SIGNING_KEYS = []
    problem_of(asker.feed(), 404, "resourceNotFound")


def test_no_other_site_may_read_it(asker: Asker) -> None:
    answer = asker.browser.get(FEED, headers={**asker.headers, "origin": "https://evil.example"})
    assert not [name for name in answer.headers if name.startswith("Access-Control")]
    assert "Set-Cookie" not in answer.headers and not answer.cookies


def test_a_sign_on_that_still_lasts_makes_no_difference(client_row: Client, cast: Cast) -> None:
    row = AccessToken(application=client_row, scope="roles:lookup", expires=timezone.now() + timedelta(minutes=1))
    row.sign_on = a_sign_on(cast.anna, client_row, now=timezone.now())
    row.user = row.sign_on.user
    row._raw_token = "of-anna"
    row.save()
    problem_of(Asker(client_row, "of-anna").look_up(cast.anna, cast.dubois), 403, "missingScope")


def test_two_clients_of_one_service_see_the_same(asker: Asker, held: RoleAssignment, cast: Cast) -> None:
    twin = Asker.of(a_client(asker.client.service, client_id="twin", scopes="roles:lookup"), "roles:lookup")
    assert twin.look_up(cast.anna, cast.dubois).json() == asker.look_up(cast.anna, cast.dubois).json()
