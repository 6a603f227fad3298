"""Somebody of the National Register signs in for the first time; and "Check your details" later."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import AuditEntry
from outbox.models import OutgoingEmail
from tenants.models import Person, RegisteredPerson
from tests.csam.flows import code_of, sign_in_with_card
from tests.factories import PersonFactory


def test_the_portal_makes_itself_known_and_asks_to_check(client: Client, newcomer: RegisteredPerson) -> None:
    answer = sign_in_with_card(client, newcomer, "/my-roles/")
    assert answer.url == "/profile/check/?next=%2Fmy-roles%2F"
    person = Person.objects.get()
    assert (person.given_name, person.email, person.language) == ("Noor", "noor@post.example", "nl")
    assert person.national_number == newcomer.national_number
    assert AuditEntry.objects.filter(event="person:created", subject_key=person.key).exists()
    client.cookies["language"] = "en"
    page = client.get(answer.url).content.decode()
    assert "<h1>Check your details</h1>" in page
    assert "Noor Van Acker" in page
    assert "Your name comes from the National Register" in page
    assert newcomer.national_number not in page
    assert f"masked number, ends with {newcomer.national_number[-2:]}" in page
    assert 'autocomplete="email"' in page


def test_what_was_checked_is_kept_and_the_way_goes_on(client: Client, newcomer: RegisteredPerson) -> None:
    sign_in_with_card(client, newcomer, "/my-roles/")
    sent = {"email": "Noor@post.example", "language": "de", "next": "/my-roles/?status=past"}
    answer = client.post("/profile/check/", sent)
    assert (answer.status_code, answer.url) == (303, "/my-roles/?status=past&language=de")
    person = Person.objects.get()
    assert (person.email, person.language) == ("noor@post.example", "de")
    entry = AuditEntry.objects.get(event="person:preferences_changed")
    assert (entry.actor_key, entry.subject_key) == (person.key, person.key)
    assert not OutgoingEmail.objects.exists()


def test_another_address_counts_once_its_code_was_typed(client: Client, newcomer: RegisteredPerson) -> None:
    sign_in_with_card(client, newcomer, "/my-roles/")
    sent = {"email": "n@post.example", "language": "nl", "next": "/my-roles/"}
    answer = client.post("/profile/check/", sent)
    assert answer.url.startswith("/profile/email/code/?next=%2Fmy-roles%2F")
    person = Person.objects.get()
    assert person.email == "noor@post.example"
    assert client.post("/profile/email/code/", {"code": code_of(), "next": "/my-roles/"}).url == "/my-roles/"
    person.refresh_from_db()
    assert person.email == "n@post.example"


def test_it_is_asked_once(client: Client, newcomer: RegisteredPerson) -> None:
    sign_in_with_card(client, newcomer)
    assert sign_in_with_card(Client(), newcomer, "/my-roles/").url == "/my-roles/"
    assert Person.objects.count() == 1


def test_an_address_of_somebody_else_in_the_register_is_left_out(client: Client, newcomer: RegisteredPerson) -> None:
    PersonFactory(email="noor@post.example")
    sign_in_with_card(client, newcomer)
    person = Person.objects.get(given_name="Noor")
    assert person.email == ""
    assert client.post("/profile/check/", {"email": "", "language": "nl"}).status_code == 303


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"email": "noor", "language": "nl"}, "Enter an e-mail address like name@example.be"),
        ({"email": "n@post.example"}, "Choose a language"),
        ({"email": "n@post.example", "language": "xx"}, "Choose a language"),
    ],
)
def test_bad_answers_are_explained_and_change_nothing(
    client: Client, newcomer: RegisteredPerson, data: dict[str, str], words: str
) -> None:
    sign_in_with_card(client, newcomer)
    client.cookies["language"] = "en"
    answer = client.post("/profile/check/", data)
    assert words in answer.content.decode()
    assert "There is a problem" in answer.content.decode()
    assert Person.objects.get().email == "noor@post.example"


@pytest.mark.asvs(50)
@pytest.mark.parametrize("how", ["old", "low"])
def test_the_address_changes_only_after_a_fresh_sign_in_with_a_sure_key(
    client: Client, card: RegisteredPerson, chief: Person, how: str
) -> None:
    sign_in_with_card(client, card)
    session = client.session
    if how == "old":
        session["proved_at"] = (timezone.now() - timedelta(minutes=6)).isoformat()
    else:
        session["level"] = 300
    session.save()
    client.cookies["language"] = "en"
    page = client.get("/profile/check/").content.decode()
    assert 'name="email"' not in page
    assert "You can change the address in your profile" in page
    client.post("/profile/check/", {"email": "thief@post.example", "language": "nl"})
    chief.refresh_from_db()
    assert (chief.email, chief.language) == ("lea@atelier.example", "nl")


def test_other_fields_cannot_be_slipped_in(client: Client, newcomer: RegisteredPerson) -> None:
    sign_in_with_card(client, newcomer)
    sent = {"email": "", "language": "nl", "given_name": "Eve", "is_active": "", "is_staff": "on", "wants_digest": ""}
    client.post("/profile/check/", sent)
    person = Person.objects.select_related("user").get()
    assert person.given_name == "Noor"
    assert person.is_active and person.wants_digest
    assert not person.user.is_staff
