"""30 minutes idle, 12 hours in all, none for whoever was switched off; S23 says why, once."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from csam.models import User
from csam.operations import end_all_sessions
from tenants.models import Person, RegisteredPerson
from tests.csam.flows import sign_in_with_card


def set_back(client: Client, *, seen: timedelta, signed_in: timedelta | None = None) -> None:
    """Let the session's last activity, and its beginning, lie that far in the past."""
    session, now = client.session, timezone.now()
    session["seen_at"] = (now - seen).isoformat()
    session["signed_in_at"] = (now - (signed_in or seen)).isoformat()
    session.save()


@pytest.fixture
def signed_in(client: Client, card: RegisteredPerson) -> Client:
    sign_in_with_card(client, card)
    return client


@pytest.mark.asvs(47)
def test_half_an_hour_of_nothing_ends_the_session(signed_in: Client) -> None:
    old = signed_in.session.session_key
    set_back(signed_in, seen=timedelta(minutes=30))
    answer = signed_in.get("/profile/?next=/my-roles/")
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "<h1>Your session has ended</h1>" in page
    assert "because you did nothing for 30 minutes" in page
    assert "A draft is kept for 24 hours after its last change" in page
    assert "Ticks made since you last pressed a button are lost" in page
    assert 'href="/login/?next=%2Fprofile%2F%3Fnext%3D%2Fmy-roles%2F"' in page
    assert not Session.objects.filter(session_key=old).exists()
    # Said once; from then on it is the ordinary way to sign in.
    assert signed_in.get("/profile/").url == "/login/?next=/profile/"


def test_until_then_it_lasts(signed_in: Client) -> None:
    set_back(signed_in, seen=timedelta(minutes=29, seconds=50))
    assert signed_in.get("/profile/").status_code == 200


@pytest.mark.asvs(47)
def test_twelve_hours_end_every_session(signed_in: Client) -> None:
    set_back(signed_in, seen=timedelta(seconds=5), signed_in=timedelta(hours=12))
    answer = signed_in.get("/profile/")
    assert answer.status_code == 403
    assert "because a session lasts 12 hours at most" in answer.content.decode()


def test_activity_is_stored_at_most_once_a_minute(signed_in: Client, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    set_back(signed_in, seen=timedelta(seconds=50))
    before = signed_in.session["seen_at"]
    signed_in.get("/logout/")
    assert signed_in.session["seen_at"] == before
    set_back(signed_in, seen=timedelta(seconds=70))
    before = signed_in.session["seen_at"]
    signed_in.get("/logout/")
    assert signed_in.session["seen_at"] > before


def test_the_request_knows_when_its_session_ends(signed_in: Client) -> None:
    response = signed_in.get("/profile/")
    ends_at = response.wsgi_request.session_end.at
    assert timedelta(minutes=29) <= ends_at - timezone.now() <= timedelta(minutes=30)
    set_back(signed_in, seen=timedelta(seconds=1), signed_in=timedelta(hours=11, minutes=50))
    ends_at = signed_in.get("/profile/").wsgi_request.session_end.at
    assert ends_at - timezone.now() < timedelta(minutes=10)


def test_a_press_of_a_button_in_an_ended_session_changes_nothing(signed_in: Client, chief: Person) -> None:
    set_back(signed_in, seen=timedelta(hours=1))
    answer = signed_in.post("/profile/", {"email": "new@atelier.example", "language": "nl"})
    assert answer.status_code == 403
    assert 'href="/login/?next=%2Fprofile%2F"' in answer.content.decode()
    chief.refresh_from_db()
    assert (chief.email, chief.language) == ("lea@atelier.example", "en")


@pytest.mark.parametrize(
    ("page", "way_back"),
    [
        ("http://testserver/assignments/?status=active", "/login/?next=%2Fassignments%2F%3Fstatus%3Dactive"),
        ("http://evil.example/assignments/", "/login/"),
        ("http://testserver//evil.example/", "/login/"),
        ("", "/login/"),
    ],
)
def test_under_a_button_the_way_back_is_the_page_with_the_button(signed_in: Client, page: str, way_back: str) -> None:
    set_back(signed_in, seen=timedelta(hours=1))
    answer = signed_in.post("/session/stay/", headers={"Referer": page} if page else {})
    assert answer.status_code == 403
    assert f'<a class="button" href="{way_back}">' in answer.content.decode()


def test_a_page_for_everybody_stays_and_the_next_one_says_it(signed_in: Client) -> None:
    set_back(signed_in, seen=timedelta(hours=1))
    assert signed_in.get("/not/a/page/").status_code == 404
    assert signed_in.get("/privacy/").status_code in (200, 404)
    assert signed_in.get("/profile/").status_code == 403
    assert signed_in.get("/profile/").status_code == 302


def test_the_home_page_says_it_before_it_shows_the_start_page(signed_in: Client) -> None:
    set_back(signed_in, seen=timedelta(hours=1))
    assert signed_in.get("/").status_code == 403
    assert "Your session has ended" not in signed_in.get("/").content.decode()


def test_the_login_page_of_an_ended_session_is_the_login_page(signed_in: Client) -> None:
    set_back(signed_in, seen=timedelta(hours=1))
    assert signed_in.get("/login/").status_code == 200


def test_never_signed_in_is_another_thing(client: Client, db: None) -> None:
    answer = client.get("/profile/")
    assert (answer.status_code, answer.url) == (302, "/login/?next=/profile/")


@pytest.mark.asvs(48)
@pytest.mark.parametrize("model", [User, Person])
def test_switching_somebody_off_ends_the_session_at_once(signed_in: Client, model) -> None:  # type: ignore[no-untyped-def]
    assert signed_in.get("/profile/").status_code == 200
    model.objects.update(is_active=False)
    answer = signed_in.get("/profile/")
    assert answer.status_code == 403
    assert "your access was switched off" in answer.content.decode()
    model.objects.update(is_active=True)
    assert signed_in.get("/profile/").status_code == 302


def test_a_session_without_a_digital_key_is_none(client: Client, chief: Person) -> None:
    client.force_login(User.objects.create_for(chief))
    assert client.get("/profile/").status_code == 403
    assert "_auth_user_id" not in client.session


@pytest.mark.asvs(49)
def test_all_sessions_of_a_login_can_be_ended(signed_in: Client, chief: Person) -> None:
    end_all_sessions(User.objects.get(), acting=chief, now=timezone.now())
    answer = signed_in.get("/profile/")
    assert answer.status_code == 403
    assert "it was ended from another browser, or lasted too long" in answer.content.decode()
    assert signed_in.get("/profile/").status_code == 302
