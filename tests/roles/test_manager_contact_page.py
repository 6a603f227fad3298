"""The page "Who is my access manager?": names inside one's organisations, a message for every other one."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from outbox.models import OutgoingEmail
from tenants.models import Person
from tests.factories import AssignmentFactory, EmploymentFactory, OrganisationFactory, RoleFactory
from tests.roles.pages import errors_of, heading_of, in_english, text_of, words_of

PAGE = "/access-managers/contact/"
DUBOIS = "0999.999.922"


@pytest.fixture
def olivier(outsider: Client) -> Client:
    return in_english(outsider)


def send(client: Client, number: str = DUBOIS, message: str = "Who can help me?") -> Any:
    return client.post(PAGE, {"number": number, "message": message})


def test_inside_ones_organisations_they_are_named(cast: Any, open_as: Any) -> None:
    page = open_as(cast.anna).get(PAGE)
    assert heading_of(page) == "Who is my access manager?"
    words = words_of(page)
    assert "Jean Dubois (chief access manager)" in words
    assert "Marie Claes (access manager for the domain Finance)" in words
    assert 'href="/access-managers/"' in text_of(page)
    assert f"They answer you at {cast.anna.email}." in words


def test_whoever_gave_a_role_elsewhere_is_named(cast: Any, open_as: Any, olivier: Client) -> None:
    elsewhere = "Organisations for which you hold a role"
    assert elsewhere not in words_of(olivier.get(PAGE))
    role = RoleFactory()
    given = {"role": role, "organisation": cast.dubois, "assigned_by": cast.jean}
    for person in (cast.olivier, cast.anna):
        AssignmentFactory(assignee=person, **given)
    words = words_of(olivier.get(PAGE))
    assert elsewhere in words
    assert "Boulangerie Dubois SRL (0999.999.922): assigned by Jean Dubois" in words and "Tom Janssens" not in words
    assert elsewhere not in words_of(open_as(cast.anna).get(PAGE))


def test_its_queries_do_not_grow_with_the_organisations(
    cast: Any, open_as: Any, django_assert_max_num_queries: Any
) -> None:
    for _number in range(25):
        EmploymentFactory(person=cast.olivier)
    client = open_as(cast.olivier)
    client.get(PAGE)
    with django_assert_max_num_queries(8):
        assert "And 5 more." in words_of(client.get(PAGE))


@pytest.mark.parametrize("number", [DUBOIS, "BE0999999922", " 0999 999 922 "])
def test_a_message_reaches_another_organisation_and_shows_nobody(cast: Any, olivier: Client, number: str) -> None:
    assert "You are not linked to any organisation." in words_of(olivier.get(PAGE))
    answer = send(olivier, number)
    assert (answer.status_code, answer.url) == (303, PAGE)
    page = olivier.get(PAGE)
    assert "Your message has been sent to the access managers of Boulangerie Dubois SRL" in words_of(page)
    for name in ("Jean", "Tom", "Janssens", "Marie"):
        assert name not in words_of(page)
    assert sorted(OutgoingEmail.objects.values_list("to", flat=True)) == [cast.jean.email, cast.tom.email]


def test_pressing_twice_writes_once(cast: Any, olivier: Client) -> None:
    send(olivier)
    send(olivier)
    assert OutgoingEmail.objects.count() == 2
    assert "have this message already: it was not sent again" in words_of(olivier.get(PAGE))


def test_a_weak_key_is_enough_to_ask(cast: Any, open_as: Any) -> None:
    assert send(open_as(cast.olivier, 300)).status_code == 303


def test_the_own_organisation_needs_no_message(cast: Any, open_as: Any) -> None:
    anna = open_as(cast.anna)
    assert send(anna).url == "/access-managers/"
    assert "This is your own organisation" in words_of(anna.get("/access-managers/"))
    assert not OutgoingEmail.objects.exists()


@pytest.mark.parametrize(
    ("number", "message", "errors"),
    [
        ("", "", ["Enter an enterprise number"]),
        ("0999.999.923", "", ["This is not an enterprise number. Check the ten digits."]),
        ("85.07.30-033.28", "", ["This is not an enterprise number. Check the ten digits."]),
        ("0403.019.261", "", ["We cannot find an organisation with this number. Check it"]),
        (DUBOIS, "x" * 301, ["“Your message” can have at most 300 characters"]),
        (DUBOIS, "I am 85.07.30-033.28", ["Take the national register number out of the text"]),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    cast: Any, olivier: Client, number: str, message: str, errors: list[str]
) -> None:
    page = send(olivier, number, message)
    assert errors_of(page) == errors
    assert message in text_of(page)
    assert not OutgoingEmail.objects.exists()


def test_a_stopped_organisation_is_named_as_such(cast: Any, olivier: Client) -> None:
    cast.dubois.status = "stopped"
    cast.dubois.save()
    assert errors_of(send(olivier)) == [
        "Boulangerie Dubois SRL has stopped, according to the Crossroads Bank for Enterprises."
    ]


def test_where_nobody_is_appointed_the_page_says_how_it_is_done(cast: Any, olivier: Client) -> None:
    place = OrganisationFactory(name_fr="Atelier", name_nl="")
    page = send(olivier, place.enterprise_number)
    assert heading_of(page) == "Your message was not sent"
    words = words_of(page)
    assert "Atelier has no chief access manager." in words
    assert f"Atelier ({place.formatted_number}) has no chief access manager. As legal representative" in words
    assert "The legal representative goes to www.csam.be" in words


def test_managers_without_an_address_cannot_be_reached_from_here(cast: Any, olivier: Client) -> None:
    Person.objects.filter(pk__in=[cast.jean.pk, cast.tom.pk]).update(email="", email_key="")
    words = words_of(send(olivier))
    assert "The access managers of Boulangerie Dubois SRL have no e-mail address in this portal." in words
    assert "Jean" not in words


def test_somebody_without_an_address_is_told_that_no_answer_comes(cast: Any, olivier: Client) -> None:
    Person.objects.filter(pk=cast.olivier.pk).update(email="", email_key="")
    page = olivier.get(PAGE)
    assert "We have no e-mail address for you: you get no answer by e-mail." in words_of(page)
    assert 'href="/profile/address/"' in text_of(page) or re.search(r'href="/profile/[^"]+"', text_of(page))
    assert send(olivier).status_code == 303


@pytest.mark.threat(15)
def test_after_five_messages_it_says_when_it_works_again(cast: Any, olivier: Client, settings: Any) -> None:
    settings.MANAGER_CONTACT_QUOTA = 1
    send(olivier)
    (error,) = errors_of(send(olivier, message="One more"))
    tomorrow = timezone.localdate() + timedelta(days=1)
    assert error.startswith(f"You have sent as many messages as a day allows. Try again on {tomorrow.day} ")


@pytest.mark.asvs(71)
def test_doubled_values_and_missing_tokens_are_refused(cast: Any, olivier: Client, sign_in: Any) -> None:
    assert olivier.post(PAGE, {"number": [DUBOIS, DUBOIS]}).status_code == 400
    strict = sign_in(cast.olivier, client=Client(enforce_csrf_checks=True))
    assert send(strict).status_code == 403
    assert not OutgoingEmail.objects.exists()
