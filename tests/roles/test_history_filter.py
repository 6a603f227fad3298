"""The filter of S20: by person, POSTed, kept in the session, never in an address; a number is no filter."""

from typing import Any

import pytest
from django.test import Client

from tests.factories import AssignmentFactory, PersonFactory
from tests.roles.pages import errors_of, text_of, words_of
from tests.roles.test_exports import cells_of
from tests.roles.test_history_page import CYBER, FINANCE, NOVEMBER, URL, about_a_role, happened, sentences_on


def filtered(browser: Client, words: str, **data: str) -> Any:
    """Filter, and follow to the page."""
    answer = browser.post(URL, {"person": words, **data})
    assert answer.status_code == 303, errors_of(answer)
    assert words.replace(" ", "") not in answer.url or not words
    return browser.get(answer.url.partition("#")[0])


def test_the_filter_finds_what_a_person_did_and_what_was_done_about_the_person(
    jean: Client, cast: Any, catalogue: Any
) -> None:
    about_a_role(cast, catalogue[CYBER], cast.anna)
    happened(cast.anna, cast.dubois, "request:made")
    happened(cast.jean, cast.dubois, "number:looked_up", subject=cast.anna)
    happened(cast.jean, cast.dubois)
    for words in ("anna", "Peeters", "anna peeters", "ÀNNA  peeters"):
        page = filtered(jean, words)
        assert len(sentences_on(page)) == 3, words
        assert all("Anna Peeters" in sentence for sentence in sentences_on(page))
        assert f'value="{" ".join(words.split())}"' in text_of(page)
    assert len(sentences_on(filtered(jean, "tom janssens"))) == 1


def test_it_finds_a_holder_who_never_worked_here(jean: Client, cast: Any, catalogue: Any) -> None:
    about_a_role(cast, catalogue[CYBER], cast.olivier)
    assert len(sentences_on(filtered(jean, cast.olivier.family_name))) == 1


def test_the_name_of_the_organisation_is_not_that_of_all_its_people(jean: Client, cast: Any) -> None:
    happened(cast.tom, cast.dubois)
    assert sentences_on(filtered(jean, "boulangerie")) == []


def test_nothing_found_says_so_and_the_filter_can_be_cleared(jean: Client, cast: Any) -> None:
    happened(cast.jean, cast.dubois)
    page = filtered(jean, "zwaenepoel")
    assert "Nothing in the history matches “zwaenepoel”." in words_of(page)
    assert "Clear filters" in words_of(page)
    page = filtered(jean, "zwaenepoel", action="clear")
    assert len(sentences_on(page)) == 1
    assert "Clear filters" not in words_of(page)
    filtered(jean, "zwaenepoel")
    assert len(sentences_on(filtered(jean, ""))) == 1


@pytest.mark.threat(1)
def test_the_filter_shows_nothing_of_the_neighbour(jean: Client, cast: Any, catalogue: Any) -> None:
    row = AssignmentFactory(organisation=cast.peeters, role=catalogue[CYBER], assignee=cast.anna)
    happened(cast.carine, cast.peeters, "assignment:granted", subject=row, role=CYBER)
    happened(cast.anna, cast.peeters)
    assert sentences_on(filtered(jean, "anna")) == []


@pytest.mark.threat(2)
def test_the_filter_does_not_widen_a_domain(open_as: Any, cast: Any, catalogue: Any) -> None:
    about_a_role(cast, catalogue[CYBER], cast.anna)
    about_a_role(cast, catalogue[FINANCE], cast.anna)
    assert len(sentences_on(filtered(open_as(cast.marie), "anna"))) == 1


def test_month_and_person_go_together(jean: Client, cast: Any) -> None:
    happened(cast.tom, cast.dubois, now=NOVEMBER)
    happened(cast.jean, cast.dubois, now=NOVEMBER)
    happened(cast.tom, cast.dubois)
    answer = jean.post(URL, {"person": "tom", "month": "2025-11"})
    assert answer.url == "/history/?month=2025-11#results"
    assert sentences_on(jean.get("/history/?month=2025-11")) == ["Tom Janssens searched for people"]


def test_the_filter_of_one_organisation_is_not_that_of_the_next(cast: Any, open_as: Any) -> None:
    happened(cast.tom, cast.peeters, "assignments:exported")
    browser = open_as(cast.tom, acting_for=cast.dubois.key)
    filtered(browser, "zwaenepoel")
    session = browser.session
    session["acting_for"] = cast.peeters.key
    session.save()
    assert len(sentences_on(browser.get(URL))) == 1


@pytest.mark.threat(17)
@pytest.mark.parametrize("number", ["85073003328", "85.07.30-033.28", "x 85 07 30 033 28", "850730-033.28"])
def test_a_number_is_no_filter_and_is_not_kept(jean: Client, cast: Any, number: str) -> None:
    happened(cast.jean, cast.dubois)
    answer = jean.post(URL, {"person": number})
    assert errors_of(answer) == ["Search by name. The number cannot be used as a filter"]
    assert jean.session.get("history_words") is None
    assert len(sentences_on(jean.get(URL))) == 1


@pytest.mark.parametrize(
    ("words", "error"), [("an", "Enter at least 3 characters"), ("x" * 101, "“Person” can have at most 100 characters")]
)
def test_too_little_and_too_much_are_said_at_the_field(jean: Client, cast: Any, words: str, error: str) -> None:
    answer = jean.post(URL, {"person": words})
    assert errors_of(answer) == [error]
    assert f'value="{words}"' in text_of(answer)


@pytest.mark.parametrize("data", [{"person": ["anna", "tom"]}, {"person": "an\x00na"}, {"action": ["clear", "x"]}])
def test_doubled_names_and_nul_are_refused(jean: Client, data: dict[str, Any]) -> None:
    assert jean.post(URL, data).status_code == 400


def test_many_of_one_name_are_said_not_to_be_all(jean: Client, cast: Any) -> None:
    PersonFactory.create_batch(101, family_name="Zwaenepoel")
    assert "Add the first name." in words_of(filtered(jean, "zwaenepoel"))
    assert "Add the first name." not in words_of(filtered(jean, "anna"))


def test_the_file_follows_the_filter(jean: Client, cast: Any) -> None:
    happened(cast.tom, cast.dubois)
    happened(cast.jean, cast.dubois)
    filtered(jean, "tom")
    answer = jean.get(f"{URL}?format=csv")
    assert [line[1] for line in cells_of(answer)[1:]] == ["Tom Janssens"]
    assert "tom" not in answer.headers["Content-Disposition"].lower()
