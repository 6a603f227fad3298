"""S2e: the code via app at the identity provider, and the authenticator of a demo."""

from datetime import timedelta
from typing import Any

import pyotp
import pytest
from django.test import Client
from django.utils import timezone

from audit.models import AuditEntry
from csam.idp.operations import check_app_code
from csam.models import AppKey, User
from csam.operations.app_keys import code_of_step, step_of
from tenants.models import Person, RegisteredPerson
from tests.csam.flows import attempt_with, begin, early_in_a_step, sign_in_with_card
from tests.parallel import at_once

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def app_key(chief: Person, card: RegisteredPerson) -> AppKey:
    """The chief's code via app, activated a day ago."""
    before = timezone.now() - timedelta(days=1)
    return AppKey.objects.create(
        person=chief, secret=SECRET, created_at=before, activated_at=before, last_step=step_of(before)
    )


def code_now() -> str:
    """Return what a real authenticator shows now, and for a little while."""
    early_in_a_step()
    return pyotp.TOTP(SECRET).now()


def wrong_code() -> str:
    """Return a code that is none of the last or next minutes."""
    around = {code_of_step(SECRET, step_of(timezone.now()) + distance) for distance in range(-4, 5)}
    return next(code for code in ("000000", "000001", "000002", "000003") if code not in around)


def type_code(client: Client, card: RegisteredPerson, code: str) -> Any:
    return client.post("/idp/app/", {"card": card.key, "code": code})


def test_the_code_signs_in_with_a_substantial_level(client: Client, chief: Person, card: Any, app_key: AppKey) -> None:
    begin(client, "app", "/assignments/")
    code = code_now()
    assert type_code(client, card, f" {code[:3]} {code[3:]} ").url == "/login/return/"
    assert client.get("/login/return/").url == "/assignments/"
    assert (client.session["level"], client.session["sign_in_key"]) == (400, "app")
    assert User.objects.get().person == chief
    assert client.get("/assignments/").status_code == 200  # it is enough to give roles


def test_the_secret_is_sealed_in_the_database(app_key: AppKey) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM csam_appkey")
        stored = bytes(cursor.fetchone()[0])
    assert SECRET.encode() not in stored
    assert AppKey.objects.get().secret == SECRET


@pytest.mark.asvs(39)
@pytest.mark.threat(20)
def test_a_code_counts_once(client: Client, card: RegisteredPerson, app_key: AppKey) -> None:
    begin(client, "app")
    code = code_now()
    assert type_code(client, card, code).status_code == 303
    other = Client()
    begin(other, "app")
    page = type_code(other, card, code).content.decode()
    assert "This code has been used" in page
    assert other.get("/login/return/").status_code == 400


@pytest.mark.asvs(39)
@pytest.mark.threat(20)
@pytest.mark.django_db(transaction=True)
def test_of_fifty_parallel_right_codes_one_is_accepted(card: RegisteredPerson, app_key: AppKey) -> None:
    now = timezone.now()
    code = code_of_step(SECRET, step_of(now))
    tickets = [attempt_with("app", now=now) for _number in range(50)]
    outcomes = at_once(lambda number: check_app_code(tickets[number], card, code, now=now), times=50, threads=10)
    assert sum(outcome.confirmed for outcome in outcomes) == 1


def test_pressing_again_with_a_right_code_blocks_nobody(card: RegisteredPerson, app_key: AppKey) -> None:
    now = timezone.now()
    code = code_of_step(SECRET, step_of(now))
    outcomes = [check_app_code(attempt_with("app", now=now), card, code, now=now) for _time in range(12)]
    assert outcomes[0].confirmed and all(outcome.is_used for outcome in outcomes[1:])


@pytest.mark.threat(20)
@pytest.mark.asvs(42)
def test_only_the_code_of_these_thirty_seconds_counts(card: RegisteredPerson, app_key: AppKey) -> None:
    now = timezone.now()
    step = step_of(now)
    for distance in (-20, -2, -1, 1, 2, 20):  # 20 steps: a clock ten minutes off
        code = code_of_step(SECRET, step + distance)
        if code != code_of_step(SECRET, step):
            AppKey.objects.update(last_step=1)
            outcome = check_app_code(attempt_with("app", now=now), card, code, now=now)
            assert not outcome.confirmed, distance
            assert outcome.tries_left is not None or outcome.retry_at is not None


@pytest.mark.threat(20)
@pytest.mark.asvs(44)
def test_five_wrong_codes_block_the_key_for_an_hour_over_all_attempts(card: RegisteredPerson, app_key: AppKey) -> None:
    for left in (4, 3, 2, 1):
        browser = Client()
        begin(browser, "app")
        assert f"You have {left} attempt" in type_code(browser, card, wrong_code()).content.decode()
    browser = Client()
    begin(browser, "app")
    answer = type_code(browser, card, wrong_code())
    assert answer.status_code == 429
    assert "This key is blocked until" in answer.content.decode()
    assert type_code(browser, card, code_now()).status_code == 429
    assert AuditEntry.objects.filter(event="key:blocked", data__key="app").count() == 1
    assert sign_in_with_card(Client(), card).status_code == 303


def test_a_right_code_forgets_the_wrong_ones(card: RegisteredPerson, app_key: AppKey) -> None:
    now = timezone.now()
    for _round in range(3):
        for _try in range(4):
            assert not check_app_code(attempt_with("app", now=now), card, "1", now=now).confirmed
        code = code_of_step(SECRET, step_of(now))
        assert check_app_code(attempt_with("app", now=now), card, code, now=now).confirmed
        now += timedelta(seconds=30)


def test_a_key_that_was_never_activated_says_so(client: Client, chief: Person, card: RegisteredPerson) -> None:
    begin(client, "app")
    words = "This key is not activated. Activate it in your profile"
    assert words in type_code(client, card, "123456").content.decode()
    AppKey.objects.create(person=chief, secret=SECRET, created_at=timezone.now())  # shown, not activated
    assert words in type_code(client, card, code_now()).content.decode()
    assert client.get("/login/return/").status_code == 400


def test_what_is_missing_is_explained(client: Client, card: RegisteredPerson, app_key: AppKey) -> None:
    begin(client, "app")
    page = client.post("/idp/app/", {}).content.decode()
    assert "Choose a person" in page and "Fill in “Code in the app”" in page
    page = client.post("/idp/app/", {"card": card.key}).content.decode()
    assert f'id="card-{card.key}" aria-describedby="card-{card.key}-hint" checked' in page


def test_the_list_says_who_has_the_key(client: Client, card: RegisteredPerson, app_key: AppKey) -> None:
    begin(client, "app")
    assert "code via app: active" in client.get("/idp/app/").content.decode()
    begin(client, "eid")
    assert "code via app" not in client.get("/idp/eid/").content.decode()


def test_the_demo_authenticator_shows_the_running_code(client: Client, app_key: AppKey, settings: Any) -> None:
    before, page, after = code_now(), client.get("/idp/authenticator/").content.decode(), code_now()
    assert any(f"{code[:3]} {code[3:]}" in page for code in (before, after))
    assert SECRET not in page
    assert "Léa Marchal" in page
    settings.DEMO_INSTANCE = False
    assert client.get("/idp/authenticator/").status_code == 404


def test_the_authenticator_without_keys_says_how_to_get_one(client: Client, db: None) -> None:
    assert "Nobody has activated the code via app yet" in client.get("/idp/authenticator/").content.decode()
