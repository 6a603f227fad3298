"""Nobody goes on trying secrets or tokens, and whoever tries does not lock the service out."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.test import RequestFactory
from django.utils import timezone

from audit.models import AuditEntry
from fas.models import Client
from fas.operations.wrong_secrets import PER_SECRETS, WRONG_SECRETS, WRONG_TOKENS, begin, was_right, was_wrong
from fas.sources import source_of
from tests.fas.api.asking import FEED, Asker
from tests.fas.relying_party import BASE, basic
from tests.fas.rows import SECRET, a_client
from tests.parallel import at_once
from vault.models import Throttle

pytestmark = [pytest.mark.django_db, pytest.mark.asvs(59)]

# Each endpoint that asks for a secret, and a request that is right but for it.
ENDPOINTS = {
    "access_token": {"grant_type": "client_credentials"},
    "introspect": {"token": "x"},
    "revoke": {"token": "x"},
}
ELSEWHERE = "192.0.2.7"


@pytest.fixture
def energy_client(client_row: Client) -> Client:
    """A client that may look up, for a token of its own."""
    Client.objects.update(scopes="openid roles:lookup")
    return client_row


def show(secret: str, endpoint: str = "access_token", *, source: str = "127.0.0.1", name: str = "energy") -> Any:
    browser = Browser(REMOTE_ADDR=source)
    return browser.post(f"{BASE}/{endpoint}", ENDPOINTS[endpoint], headers=basic(name, secret))


def entries() -> Any:
    return AuditEntry.objects.filter(event="client:secrets_refused")


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_thirty_wrong_secrets_in_a_row_end_in_429_and_one_entry(energy_client: Client, endpoint: str) -> None:
    answers = [show(f"wrong-{number}", endpoint) for number in range(30)]
    assert [answer.status_code for answer in answers] == [401] * WRONG_SECRETS + [429] * (30 - WRONG_SECRETS)
    last = answers[-1]
    assert last.json()["error"] == "temporarily_unavailable"
    assert last.headers["Content-Type"] == "application/json"
    assert last.headers["Cache-Control"] == "no-store"
    assert 1 <= int(last.headers["Retry-After"]) <= PER_SECRETS.total_seconds()
    entry = entries().get()
    assert (entry.subject_key, entry.actor_key) == ("energy", "")
    assert entry.data == {"tries": WRONG_SECRETS, "source": "127.0.0.1"}


def test_one_count_for_all_endpoints_and_the_right_secret_waits_too(energy_client: Client) -> None:
    for number in range(WRONG_SECRETS):
        show("wrong", list(ENDPOINTS)[number % 3])
    assert {show(SECRET, endpoint).status_code for endpoint in ENDPOINTS} == {429}


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_from_elsewhere_the_real_service_goes_on(energy_client: Client, endpoint: str) -> None:
    for _time in range(WRONG_SECRETS + 1):
        show("wrong", endpoint)
    assert show(SECRET, endpoint, source=ELSEWHERE).status_code == 200
    assert show("wrong", endpoint, source=ELSEWHERE).status_code == 401


def test_the_neighbour_at_the_same_address_goes_on(energy_client: Client) -> None:
    a_client(client_id="other", scopes="openid roles:lookup")
    for _time in range(WRONG_SECRETS + 1):
        show("wrong")
    assert show(SECRET, name="other").status_code == 200


def test_right_secrets_are_not_counted_and_win_no_wrong_one_back(energy_client: Client) -> None:
    for _time in range(WRONG_SECRETS - 1):
        assert show("wrong").status_code == 401
        assert show(SECRET).status_code == 200
    assert show("wrong").status_code == 401
    assert show(SECRET).status_code == 429


def test_what_is_wrong_with_the_request_alone_is_not_counted(energy_client: Client) -> None:
    for _time in range(WRONG_SECRETS + 5):
        sent = {"grant_type": "authorization_code", "code": "no-such-code", "redirect_uri": "https://service.example/"}
        answer = Browser().post(f"{BASE}/access_token", sent, headers=basic("energy"))
        assert answer.json()["error"] == "invalid_grant"


def test_the_lock_ends_and_a_new_one_leaves_a_new_entry(energy_client: Client) -> None:
    now = timezone.now()
    for moment in (now, now + PER_SECRETS):
        for _time in range(WRONG_SECRETS):
            attempt = begin("energy", "127.0.0.1", now=moment)
            assert attempt.retry_at is None
            was_wrong(attempt, now=moment)
        last = moment + PER_SECRETS - timedelta(seconds=1)
        assert begin("energy", "127.0.0.1", now=last).retry_at == moment + PER_SECRETS
    assert entries().count() == 2


def test_a_right_one_among_the_last_leaves_no_second_entry(energy_client: Client) -> None:
    now = timezone.now()
    attempts = [begin("energy", "127.0.0.1", now=now) for _time in range(WRONG_SECRETS)]
    was_right(attempts[0])
    for attempt in [*attempts[1:], begin("energy", "127.0.0.1", now=now)]:
        was_wrong(attempt, now=now)
    assert entries().count() == 1


def test_names_that_nobody_has_count_as_one_and_fill_no_table(energy_client: Client) -> None:
    answers = [show("wrong", name=f"nobody-{number}") for number in range(30)]
    assert answers[-1].status_code == 429
    assert answers[-1].json() == {
        "error": "temporarily_unavailable",
        "error_description": "Too many wrong secrets came from your address.",
    }
    assert Throttle.objects.filter(scope="fas.client_secret").count() == 1
    assert not entries().exists()
    assert show(SECRET).status_code == 200


def test_a_secret_comes_in_one_way_and_never_in_the_address(energy_client: Client) -> None:
    sent = {"grant_type": "client_credentials", "client_id": "energy", "client_secret": SECRET}
    answer = Browser().post(f"{BASE}/access_token", sent, headers=basic("other", "wrong"))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    for endpoint in ENDPOINTS:
        answer = Browser().post(f"{BASE}/{endpoint}?client_id=energy&client_secret={SECRET}", ENDPOINTS[endpoint])
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_a_secret_in_the_body_is_counted_by_its_name(energy_client: Client) -> None:
    sent = {"grant_type": "client_credentials", "client_id": "energy", "client_secret": "wrong"}
    statuses = [Browser().post(f"{BASE}/access_token", sent).status_code for _time in range(WRONG_SECRETS + 1)]
    assert statuses[-2:] == [401, 429]
    assert show(SECRET).status_code == 429


# --- The look-up interface -------------------------------------------------------------------------------------------


def test_wrong_tokens_end_in_429_and_a_good_one_is_answered_all_the_same(energy_client: Client) -> None:
    asker = Asker.of(energy_client)
    Client.objects.update(scopes="openid roles:lookup roles:changes")
    answers = [Browser().get(FEED, headers={"authorization": f"Bearer x{n}"}) for n in range(WRONG_TOKENS + 1)]
    assert [answer.status_code for answer in answers[-2:]] == [401, 429]
    assert answers[-1].json()["type"] == "urn:problem-type:belgif:tooManyRequests"
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert asker.feed().status_code == 200
    elsewhere = Browser(REMOTE_ADDR=ELSEWHERE).get(FEED, headers={"authorization": "Bearer x"})
    assert elsewhere.status_code == 401


# --- Where it comes from ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
        ("unix:", ""),
    ],
)
def test_an_address_counts_as_the_network_it_is_one_of(address: str, source: str) -> None:
    assert source_of(RequestFactory().get("/", REMOTE_ADDR=address)) == source


def test_behind_a_proxy_the_last_address_counts_and_elsewhere_none_that_is_sent(settings: Any) -> None:
    request = RequestFactory().get("/", headers={"X-Forwarded-For": "203.0.113.9, 192.0.2.7"})
    assert source_of(request) == "127.0.0.1"
    settings.BEHIND_TLS_PROXY = True
    assert source_of(request) == "192.0.2.7"
    assert source_of(RequestFactory().get("/")) == "127.0.0.1"


def test_an_address_with_the_digits_of_a_national_number_stays_out_of_the_trail(energy_client: Client) -> None:
    for _time in range(WRONG_SECRETS):
        show("wrong", source="131.134.114.89")
    assert entries().get().data["source"] == ""


# --- At once ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_wrong_secrets_at_once_no_more_than_the_limit_are_compared(energy_client: Client) -> None:
    for _time in range(WRONG_SECRETS - 3):
        show("wrong")
    answers = at_once(lambda _n: int(show("wrong").status_code), times=8, threads=8)
    assert sorted(answers) == [401] * 3 + [429] * 5
    assert entries().count() == 1
