"""W1: choose people by name, first name, e-mail address or organisation."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from audit.models import AuditEntry
from roles.models import AssignmentDraft
from tests.factories import EmploymentFactory, OrganisationFactory, PersonFactory, RoleFactory
from tests.roles.pages import (
    ANSWERED,
    address,
    chosen_persons,
    draft_of,
    errors_of,
    heading_of,
    press,
    text_of,
    words_of,
    written,
)

TITLE = "Who do you want to give a role to?"


@pytest.fixture
def draft(cast: Any, now: datetime) -> AssignmentDraft:
    """Jean's draft, with nothing in it."""
    return draft_of(cast.jean, now=now)


def search(client: Client, draft: AssignmentDraft, words: str, **data: Any) -> Any:
    """Search, and follow the answer to the page with the results."""
    answer = press(client, draft, "persons", "search", q=words, **data)
    assert answer.status_code == 303, errors_of(answer)
    assert answer.url == address(draft, "persons") + "#results"
    return client.get(address(draft, "persons"))


def test_the_first_visit_shows_the_question_and_no_results(jean: Client, draft: AssignmentDraft) -> None:
    page = jean.get(address(draft, "persons"))
    assert heading_of(page) == TITLE
    words = words_of(page)
    assert "Assign a role – step 1 of 5: people" in words
    assert "Myself (Jean Dubois)" in words
    assert "No one chosen yet" in words
    assert 'id="results"' not in text_of(page)
    assert f"<title>{TITLE} – step 1 of 5 – Role management</title>" in text_of(page)


def test_results_show_name_masked_address_and_workplace(jean: Client, draft: AssignmentDraft, cast: Any) -> None:
    words = words_of(search(jean, draft, "peeters"))
    assert "3 people found for “peeters”" in words or "2 people found for “peeters”" in words
    assert "Anna Peeters Boulangerie Dubois SRL, Bruxelles · a•••@boulangerie-dubois.example" in words
    assert "Carine Peeters Peeters & Fils SA" in words
    assert cast.anna.email not in words
    assert cast.anna.national_number[-2:] + " ••" not in words


@pytest.mark.parametrize("words", ["", "   ", "an", "a b", "%%%", "''", "?!", "é"])
def test_too_short_says_so_and_searches_nothing(jean: Client, draft: AssignmentDraft, words: str) -> None:
    answer = press(jean, draft, "persons", "search", q=words)
    assert errors_of(answer) == ["Enter at least 3 characters"]
    assert not AuditEntry.objects.filter(event="persons:searched").exists()


def test_what_was_typed_stays_after_an_error(jean: Client, draft: AssignmentDraft) -> None:
    assert 'value="an"' in text_of(press(jean, draft, "persons", "search", q="an"))


def test_nobody_found_is_a_state_with_the_next_step(jean: Client, draft: AssignmentDraft) -> None:
    page = search(jean, draft, "petterss")
    words = words_of(page)
    assert "No one matches “petterss”" in words
    assert "Check the spelling, search by e-mail address, or use the national register number." in words
    assert "I know the national register number" in words
    assert errors_of(page) == []


@pytest.mark.parametrize(
    "typed", ["85073003328", "85.07.30-033.28", "85 07 30 033 28", "85/07/30/033-28", "99999999999"]
)
def test_eleven_digits_are_carried_to_the_number_page_and_not_stored(
    jean: Client, draft: AssignmentDraft, typed: str
) -> None:
    answer = press(jean, draft, "persons", "search", q=typed)
    assert answer.status_code == 200
    assert heading_of(answer) == "What is the national register number?"
    page = text_of(answer)
    assert "You entered a national register number." in page
    assert f'value="{typed}"' in page
    assert f'action="{address(draft, "number")}"' in page
    draft.refresh_from_db()
    assert draft.person_query == ""
    assert not AuditEntry.objects.filter(event__in=["persons:searched", "number:looked_up"]).exists()
    # And the form that came back works at once: its version is the newest.
    assert f'name="version" value="{draft.version}"' in page


def test_a_number_among_words_is_refused_and_not_stored(jean: Client, draft: AssignmentDraft) -> None:
    answer = press(jean, draft, "persons", "search", q="peeters 85.07.30-033.28")
    assert errors_of(answer) == ["Search by name. Look up a national register number on its own page"]
    draft.refresh_from_db()
    assert draft.person_query == ""


def test_500_characters_are_too_many(jean: Client, draft: AssignmentDraft) -> None:
    answer = press(jean, draft, "persons", "search", q="é" * 500)
    assert errors_of(answer) == ["“Name, first name, e-mail address or organisation” can have at most 100 characters"]
    assert "é" * 500 in text_of(answer)


@pytest.mark.parametrize(
    "words",
    [
        "100%",
        "pee%ers",
        "p_eters",
        "o'brien'; DROP TABLE",
        'pee"ters"',
        "<script>alert(1)</script>",
        "\\' OR 1=1 --",
        "😀😀😀abc",
    ],
)
def test_signs_are_letters_like_others_and_find_nobody(jean: Client, draft: AssignmentDraft, words: str) -> None:
    page = search(jean, draft, words)
    assert f"No one matches “{' '.join(words.split())}”" in words_of(page) or "<script>" in words
    assert "<script>alert" not in page.content.decode()


def test_quotes_in_a_name_are_found(jean: Client, draft: AssignmentDraft) -> None:
    PersonFactory(given_name="Sean", family_name="O’Brien")
    assert "Sean O’Brien" in words_of(search(jean, draft, "o'brien"))


def test_a_character_that_no_text_has_is_refused(jean: Client, draft: AssignmentDraft) -> None:
    assert press(jean, draft, "persons", "search", q="pee\x00ters").status_code == 400
    assert press(jean, draft, "persons", "add", person="\x00").status_code == 400


def test_inactive_people_are_not_found(jean: Client, draft: AssignmentDraft) -> None:
    PersonFactory(given_name="Ghislaine", family_name="Wauters", is_active=False)
    assert "No one matches “wauters”" in words_of(search(jean, draft, "wauters"))


def test_more_than_a_hundred_are_cut_off_and_paged_by_twenty(jean: Client, draft: AssignmentDraft) -> None:
    for _number in range(101):
        PersonFactory(family_name="Zwaenepoel")
    page = search(jean, draft, "zwaenepoel")
    assert "More than 100 people found for “zwaenepoel”" in words_of(page)
    assert "Add the first name or the organisation to make the list shorter." in words_of(page)
    assert text_of(page).count('name="person"') == 20
    assert 'name="page" value="5"' in text_of(page)
    assert 'name="page" value="6"' not in text_of(page)


def test_exactly_a_hundred_are_counted(jean: Client, draft: AssignmentDraft) -> None:
    for _number in range(100):
        PersonFactory(family_name="Zwaenepoel")
    assert "100 people found for “zwaenepoel”" in words_of(search(jean, draft, "zwaenepoel"))


def test_paging_keeps_the_ticks_of_the_page(jean: Client, draft: AssignmentDraft) -> None:
    people = [PersonFactory(given_name=f"A{number:02d}", family_name="Zwaenepoel") for number in range(25)]
    search(jean, draft, "zwaenepoel")
    answer = press(jean, draft, "persons", q="zwaenepoel", page="2", person=[people[0].key, people[1].key])
    assert answer.url.endswith("/persons/#results")
    page = jean.get(address(draft, "persons"))
    assert "Chosen people (2)" in words_of(page)
    assert text_of(page).count('name="person"') == 5


@pytest.mark.parametrize("number", ["0", "99", "-1", "x", "", "1000000000000"])
def test_a_page_that_does_not_exist_shows_one_that_does(jean: Client, draft: AssignmentDraft, number: str) -> None:
    search(jean, draft, "peeters")
    assert press(jean, draft, "persons", page=number).status_code == 303
    assert "found for “peeters”" in words_of(jean.get(address(draft, "persons")))


def test_add_stores_several_at_once_and_oneself(jean: Client, draft: AssignmentDraft, cast: Any) -> None:
    answer = press(jean, draft, "persons", "add", person=[cast.anna.key, cast.carine.key], myself="1")
    assert answer.url == address(draft, "persons") + "#chosen"
    assert sorted(chosen_persons(draft)) == ["Anna Peeters", "Carine Peeters", "Jean Dubois"]
    page = jean.get(address(draft, "persons"))
    assert "Chosen people (3)" in words_of(page)
    assert "Myself" not in words_of(page)


def test_searching_keeps_the_ticks_too(jean: Client, draft: AssignmentDraft, cast: Any) -> None:
    search(jean, draft, "klaus", person=cast.anna.key)
    assert chosen_persons(draft) == ["Anna Peeters"]


def test_the_way_to_the_number_page_keeps_the_ticks(jean: Client, draft: AssignmentDraft, cast: Any) -> None:
    answer = press(jean, draft, "persons", "number", person=cast.anna.key)
    assert answer.url == address(draft, "number")
    assert chosen_persons(draft) == ["Anna Peeters"]


def test_the_way_to_the_number_page_needs_nobody_chosen(jean: Client, draft: AssignmentDraft) -> None:
    assert press(jean, draft, "persons", "number").url == address(draft, "number")


def test_somebody_chosen_is_named_so_and_has_no_box(jean: Client, draft: AssignmentDraft, cast: Any) -> None:
    press(jean, draft, "persons", "add", person=cast.anna.key)
    page = search(jean, draft, "anna peeters")
    about = "Boulangerie Dubois SRL, Bruxelles · a•••@boulangerie-dubois.example"
    assert f"Anna Peeters {about} Already chosen" in words_of(page)
    assert f'value="{cast.anna.key}" id="person-' not in text_of(page)
    press(jean, draft, "persons", "add", person=[cast.anna.key, cast.anna.key])
    assert chosen_persons(draft) == ["Anna Peeters"]


def test_people_of_one_name_are_told_apart_in_the_basket_too(jean: Client, draft: AssignmentDraft) -> None:
    twins = [PersonFactory(given_name="Wim", family_name="Zwaenepoel", email=f"{at}@post.example") for at in "xy"]
    EmploymentFactory(person=twins[0], organisation=OrganisationFactory(name_fr="Atelier Est", name_nl="Atelier Est"))
    press(jean, draft, "persons", "add", person=[person.key for person in twins])
    for page in (jean.get(address(draft, "persons")), jean.get(address(draft, "number"))):
        basket = words_of(page).split("Chosen people (2)")[1]
        assert "Wim Zwaenepoel Atelier Est, Mons · x•••@post.example Remove" in basket
        assert "Wim Zwaenepoel No organisation · y•••@post.example Remove" in basket
        assert "masked number" not in basket


def test_whoever_was_found_by_number_shows_no_more_than_that_did(
    jean: Client, draft: AssignmentDraft, cast: Any, now: datetime
) -> None:
    press(jean, draft, "number", "add", number=cast.olivier.national_number)
    assert "Olivier Lambert Remove" in words_of(jean.get(address(draft, "persons")))
    assert "Olivier Lambert ••.••.••-•••." in words_of(jean.get(address(draft, "number")))
    answer = jean.post("/assignments/new/", {"variant": "search", "persons_of": str(draft.key)})
    assert "Olivier Lambert Remove" in words_of(jean.get(answer.url))


def test_among_colleagues_the_basket_tells_nothing_of_others(
    jean: Client, draft: AssignmentDraft, cast: Any, settings: Settings
) -> None:
    settings.PERSON_SEARCH_SCOPE = "colleagues"
    press(jean, draft, "persons", "add", person=[cast.anna.key, cast.carine.key])
    basket = words_of(jean.get(address(draft, "persons"))).split("Chosen people (2)")[1]
    assert "Anna Peeters Boulangerie Dubois SRL, Bruxelles · a•••@" in basket
    assert "Carine Peeters Remove" in basket


def test_remove_takes_one_off(jean: Client, draft: AssignmentDraft, cast: Any) -> None:
    press(jean, draft, "persons", "add", person=[cast.anna.key, cast.carine.key])
    answer = press(jean, draft, "persons", remove=cast.anna.key)
    assert answer.url.endswith("#chosen")
    assert chosen_persons(draft) == ["Carine Peeters"]


def test_inactive_or_unknown_people_cannot_be_added(jean: Client, draft: AssignmentDraft) -> None:
    gone = PersonFactory(is_active=False)
    press(jean, draft, "persons", "add", person=[gone.key, "nobody", ""])
    assert chosen_persons(draft) == []


def test_next_with_nobody_chosen_says_so(jean: Client, draft: AssignmentDraft) -> None:
    assert errors_of(press(jean, draft, "persons", "next")) == ["Choose at least one person"]


def test_next_counts_ticks_as_chosen_and_skips_the_only_organisation(
    jean: Client, draft: AssignmentDraft, cast: Any
) -> None:
    answer = press(jean, draft, "persons", "next", person=cast.anna.key)
    assert answer.url == address(draft, "roles")
    assert "Boulangerie Dubois SRL (your only organisation)" in words_of(jean.get(answer.url))


def test_next_asks_for_the_organisation_when_there_are_two(tom: Client, cast: Any, now: datetime) -> None:
    draft = draft_of(cast.tom, now=now)
    assert press(tom, draft, "persons", "next", person=cast.anna.key).url == address(draft, "organisation")


def test_each_search_is_remembered_with_its_words_and_counted(
    jean: Client, draft: AssignmentDraft, cast: Any, settings: Settings
) -> None:
    settings.PERSON_SEARCH_QUOTA = 2
    for _turn in range(2):
        search(jean, draft, "peeters")
    answer = press(jean, draft, "persons", "search", q="klaus", person=cast.anna.key)
    (error,) = errors_of(answer)
    assert error.startswith("Too many attempts. Try again ")
    assert chosen_persons(draft) == ["Anna Peeters"]  # the other ways stay open, and nothing is lost
    entries = AuditEntry.objects.filter(event="persons:searched")
    assert [entry.data["words"] for entry in entries] == ["peeters", "peeters"]
    assert AuditEntry.objects.filter(event="lookup:denied").count() == 1


def test_looking_at_the_results_again_is_not_counted(jean: Client, draft: AssignmentDraft, settings: Settings) -> None:
    settings.PERSON_SEARCH_QUOTA = 1
    search(jean, draft, "peeters")
    for _turn in range(3):
        assert "found for “peeters”" in words_of(jean.get(address(draft, "persons")))


def test_colleagues_scope_finds_only_colleagues_and_says_so(
    jean: Client, draft: AssignmentDraft, settings: Settings
) -> None:
    settings.PERSON_SEARCH_SCOPE = "colleagues"
    words = words_of(search(jean, draft, "peeters"))
    assert "You find the people of your organisations here." in words
    assert "Anna Peeters" in words
    assert "Carine Peeters" not in words
    assert "1 person found for “peeters”" in words


def test_register_scope_does_not_say_so(jean: Client, draft: AssignmentDraft) -> None:
    assert "You find the people of your organisations here." not in words_of(jean.get(address(draft, "persons")))


def test_people_of_several_organisations_show_each(jean: Client, draft: AssignmentDraft) -> None:
    person = PersonFactory(given_name="Wim", family_name="Zwaenepoel", email="")
    for name in ("Atelier Est", "Atelier Ouest"):
        EmploymentFactory(person=person, organisation=OrganisationFactory(name_fr=name, name_nl=name))
    words = words_of(search(jean, draft, "zwaenepoel"))
    assert "Wim Zwaenepoel Atelier Est, Mons · Atelier Ouest, Mons" in words


def test_whoever_belongs_nowhere_is_shown_so(jean: Client, draft: AssignmentDraft) -> None:
    assert "Olivier Lambert No organisation" in words_of(search(jean, draft, "lambert"))


def test_choosing_people_writes_no_assignment_and_no_letter(jean: Client, draft: AssignmentDraft, cast: Any) -> None:
    before = written()
    search(jean, draft, "peeters")
    press(jean, draft, "persons", "next", person=cast.anna.key)
    assert written() == before


def test_return_to_the_check_page_after_a_change(jean: Client, cast: Any, now: datetime) -> None:
    draft = draft_of(cast.jean, persons=[cast.anna], roles=[RoleFactory()], now=now, **ANSWERED)
    page = jean.get(address(draft, "persons", "?return=review"))
    assert f'href="{address(draft, "review")}"' in text_of(page)
    answer = press(jean, draft, "persons", "add", "?return=review", person=cast.klaus.key)
    assert answer.url == address(draft, "persons", "?return=review") + "#chosen"
    assert press(jean, draft, "persons", "number", "?return=review").url == address(draft, "number", "?return=review")
    assert press(jean, draft, "persons", "next", "?return=review").url == address(draft, "review")
