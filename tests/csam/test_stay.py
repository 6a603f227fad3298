"""Staying signed in from the notice: half an hour more each time, twelve hours in all (WCAG 2.2.1)."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone, translation

from tenants.models import Person, RegisteredPerson
from tests.csam.flows import sign_in_with_card
from tests.csam.test_session_rules import set_back

STAY = "/session/stay/"
HALF_AN_HOUR = 30 * 60


@pytest.fixture
def signed_in(client: Client, card: RegisteredPerson) -> Client:
    sign_in_with_card(client, card)
    return client


def test_staying_gives_half_an_hour_more(signed_in: Client) -> None:
    set_back(signed_in, seen=timedelta(minutes=29), signed_in=timedelta(hours=2))
    answer = signed_in.post(STAY)
    assert answer.status_code == 200
    told = answer.json()
    assert HALF_AN_HOUR - 5 <= told["left"] <= HALF_AN_HOUR
    assert not told["final"]
    assert told["text"].startswith("Your session ends at ")
    assert told["text"].endswith(" if you do nothing")
    assert re.fullmatch(r"You stay signed in until \d+:\d\d\.", told["kept"])
    # It lasts: the session itself remembers.
    assert signed_in.session["seen_at"] > (timezone.now() - timedelta(seconds=10)).isoformat()


def test_the_answer_is_kept_by_nobody_and_speaks_the_language_of_the_page(signed_in: Client, chief: Person) -> None:
    signed_in.cookies["language"] = "nl"
    answer = signed_in.post(STAY)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Type"] == "application/json"
    with translation.override("nl"):
        assert answer.json()["text"].startswith("Uw sessie eindigt om ")


def test_it_can_be_done_more_than_ten_times(signed_in: Client) -> None:
    for time in range(1, 24):
        set_back(signed_in, seen=timedelta(minutes=28), signed_in=timedelta(minutes=28 * time))
        told = signed_in.post(STAY).json()
        assert told["left"] > 28 * 60
        assert not told["final"]


def test_in_the_last_half_hour_it_says_that_nothing_puts_the_end_off(signed_in: Client) -> None:
    set_back(signed_in, seen=timedelta(minutes=5), signed_in=timedelta(hours=11, minutes=50))
    told = signed_in.post(STAY).json()
    assert told["final"]
    assert 595 <= told["left"] <= 600
    assert told["text"].endswith("After that, you can sign in again")
    page = signed_in.get("/profile/").content.decode()
    assert " data-final></div>" in page
    assert "After that, you can sign in again" in page


@pytest.mark.parametrize(
    ("seen", "begun"), [(timedelta(minutes=30), timedelta(minutes=30)), (timedelta(seconds=1), timedelta(hours=12))]
)
def test_a_session_that_is_over_stays_over(signed_in: Client, seen: timedelta, begun: timedelta) -> None:
    set_back(signed_in, seen=seen, signed_in=begun)
    assert signed_in.post(STAY).status_code == 403
    assert "_auth_user_id" not in signed_in.session
    assert signed_in.post(STAY).status_code == 302


def test_nobody_stays_without_the_token_of_the_page(signed_in: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = signed_in.cookies
    set_back(signed_in, seen=timedelta(minutes=20))
    before = signed_in.session["seen_at"]
    assert strict.post(STAY).status_code == 403
    assert signed_in.get(STAY).status_code == 405
    page = strict.get("/profile/").content.decode()
    token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    assert strict.post(STAY, {"csrfmiddlewaretoken": token}).status_code == 200
    assert signed_in.session["seen_at"] > before


def test_whoever_is_not_signed_in_is_sent_to_do_so(client: Client, db: None) -> None:
    assert client.post(STAY).status_code == 302


def test_the_page_promises_no_more_than_the_session_holds(signed_in: Client) -> None:
    set_back(signed_in, seen=timedelta(seconds=50))
    answer = signed_in.get("/profile/")
    left = int(answer.content.decode().split('data-left="')[1].split('"')[0])
    assert HALF_AN_HOUR - 60 <= left <= HALF_AN_HOUR - 49
