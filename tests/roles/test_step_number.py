"""W1b: find exactly one person by national register number, which is looked up and dropped."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from audit.models import AuditEntry
from rolemgmt.demo.numbers import BIS_FROM, national_number
from roles.models import AssignmentDraft
from tenants.identifiers import national_check_digits
from tenants.models import Person
from tests.roles.pages import (
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

NEEDS = "Enter a national register number"
ELEVEN = "The national register number must have 11 digits"
DIGITS = "Check the number: the digits do not add up"
UNKNOWN = "We cannot find anyone with this number. Check it or send an invitation"


@pytest.fixture
def draft(cast: Any, now: datetime) -> AssignmentDraft:
    """Jean's draft of the way by number."""
    return draft_of(cast.jean, variant="number", now=now)


def someone(digits: str, name: str = "Godelieve") -> Person:
    """Store a person with this number."""
    person = Person(given_name=name, family_name="Wouters", email=f"{name.lower()}@post.example", language="nl")
    person.set_national_number(digits)
    person.save()
    return person


def test_the_question_is_the_label_of_the_field(jean: Client, draft: AssignmentDraft) -> None:
    page = jean.get(address(draft, "number"))
    assert heading_of(page) == "What is the national register number?"
    source = text_of(page)
    assert '<label for="id_number">What is the national register number?</label>' in source
    assert 'inputmode="numeric" autocomplete="off" spellcheck="false"' in source
    assert "11 digits, on the back of the identity card, for example 85.07.30-033.28" in source
    assert "No one chosen yet" in source


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", NEEDS),
        ("   ", NEEDS),
        (" . - / ", NEEDS),
        ("abcdefghijk", ELEVEN),
        ("0503I795123", ELEVEN),
        ("BE05031795123", ELEVEN),
        ("٠٥٠٣١٧٩٥١٢٣", ELEVEN),
        ("0503179512", ELEVEN),
        ("050317951230", ELEVEN),
        ("9" * 500, ELEVEN),
        ("05031795124", DIGITS),
        ("50031795123", DIGITS),
        ("05.13.17-951.93", DIGITS),
        ("71715100070", DIGITS),
        ("05.04.31-951.95", DIGITS),
        ("05.02.29-951.44", DIGITS),
        ("05.03.17-000.04", DIGITS),
        ("05.03.17-999.72", DIGITS),
        ("00000000097", DIGITS),
        ("05.03.17-951.23", UNKNOWN),
        ("85.07.30-033.28", UNKNOWN),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    jean: Client, draft: AssignmentDraft, typed: str, message: str
) -> None:
    answer = press(jean, draft, "number", "add", number=typed)
    assert errors_of(answer) == [message]
    assert f'value="{typed.strip()}"' in text_of(answer)
    assert chosen_persons(draft) == []


def test_a_day_in_the_future_does_not_add_up(jean: Client, draft: AssignmentDraft, now: datetime) -> None:
    later = now.replace(year=now.year + 1, month=1, day=15)
    first_nine = f"{later:%y%m%d}951"
    answer = press(
        jean, draft, "number", "add", number=first_nine + national_check_digits(first_nine, born_from_2000=True)
    )
    assert errors_of(answer) == [DIGITS]


def test_an_unknown_number_gets_advice(jean: Client, draft: AssignmentDraft) -> None:
    answer = press(jean, draft, "number", "add", number="05.03.17-951.23")
    assert "The person can also sign in here once with a digital key" in text_of(answer)


@pytest.mark.parametrize(
    ("digits", "typed"),
    [
        ("05031795123", "05.03.17-951.23"),
        ("05031795222", "05031795222"),
        ("05031700103", "05.03.17-001.03"),
        ("05031799873", "05.03.17-998.73"),
        ("05031797202", "05.03.17-972.02"),
        ("05031797497", "05.03.17-974.97"),
        ("12082495322", "12.08.24-953.22"),
        ("12082495390", "12.08.24-953.90"),
        ("00022995165", "00.02.29-951.65"),
        ("04022995123", "04.02.29-951.23"),
        ("06050095183", "06.05.00-951.83"),
        ("06000095148", "06.00.00-951.48"),
        ("06000195118", "06.00.01-951.18"),
        ("06003295158", "06.00.32-951.58"),
        ("00009995156", "00.00.99-951.56"),
        ("00009995185", "00.00.99-951.85"),
        ("05231795166", "05.23.17-951.66"),
        ("05431795112", "05.43.17-951.12"),
        ("05200095170", "05.20.00-951.70"),
        ("12209995189", "12.20.99-951.89"),
        ("05431799961", "05.43.17-999.61"),
        ("05431700090", "05.43.17-000.90"),
        ("05031795123", "05 03 17 951 23"),
        ("05031795123", "05\u00a003\u00a017\u00a0951\u00a023"),
        ("05031795123", "05.03.17\u2013951.23"),
        ("05031795123", "05/03/17-951/23"),
        ("05031795123", "  05.03.17-951.23  "),
    ],
)
def test_every_right_spelling_finds_the_person(jean: Client, draft: AssignmentDraft, digits: str, typed: str) -> None:
    someone(digits)
    answer = press(jean, draft, "number", "add", number=typed)
    assert answer.status_code == 303, errors_of(answer)
    assert answer.url == address(draft, "number") + "#chosen"
    assert chosen_persons(draft) == ["Godelieve Wouters"]


def test_a_bis_number_is_looked_up_like_any_other(jean: Client, draft: AssignmentDraft) -> None:
    someone(national_number(BIS_FROM + 7))
    assert press(jean, draft, "number", "add", number=national_number(BIS_FROM + 7)).status_code == 303
    assert chosen_persons(draft) == ["Godelieve Wouters"]


def test_the_name_is_shown_with_the_masked_number_only(jean: Client, draft: AssignmentDraft) -> None:
    someone("05031795123")
    press(jean, draft, "number", "add", number="05031795123")
    page = jean.get(address(draft, "number"))
    words = words_of(page)
    assert "Godelieve Wouters ••.••.••-•••.23 masked number, ends with 23 – check that it is the right person" in words
    assert "Chosen people (1)" in words
    assert "05031795123" not in page.content.decode()
    assert "05.03.17" not in page.content.decode()


def test_the_number_stands_in_no_draft_session_or_audit_row(jean: Client, draft: AssignmentDraft) -> None:
    someone("05031795123")
    press(jean, draft, "number", "add", number="05.03.17-951.23")
    press(jean, draft, "number", "add", number="12.08.24-953.22")
    draft.refresh_from_db()
    stored = repr([getattr(draft, field.attname) for field in draft._meta.fields]) + repr(dict(jean.session))
    entries = AuditEntry.objects.filter(event="number:looked_up").order_by("id")
    stored += repr(list(AuditEntry.objects.values()))
    for number in ("05031795123", "05.03.17-951.23", "12082495322", "12.08.24-953.22"):
        assert number not in stored
    assert [entry.data for entry in entries] == [{"found": True}, {"found": False}]
    assert entries[0].subject_label == "Godelieve Wouters"


def test_the_same_person_twice_is_named(jean: Client, draft: AssignmentDraft, cast: Any) -> None:
    press(jean, draft, "number", "add", number=cast.anna.national_number)
    answer = press(jean, draft, "number", "add", number=cast.anna.national_number)
    assert errors_of(answer) == ["Anna Peeters is already in the list"]
    assert chosen_persons(draft) == ["Anna Peeters"]


def test_oneself_is_allowed_and_said(jean: Client, draft: AssignmentDraft, cast: Any) -> None:
    assert press(jean, draft, "number", "add", number=cast.jean.national_number).status_code == 303
    assert "This is you. A confirmation may be needed." in words_of(jean.get(address(draft, "number")))


def test_inactive_people_are_not_found(jean: Client, draft: AssignmentDraft, cast: Any) -> None:
    cast.anna.is_active = False
    cast.anna.save()
    assert errors_of(press(jean, draft, "number", "add", number=cast.anna.national_number)) == [UNKNOWN]


def test_next_without_anybody_asks_for_a_number(jean: Client, draft: AssignmentDraft) -> None:
    assert errors_of(press(jean, draft, "number", "next", number="")) == [NEEDS]


def test_next_with_a_number_left_in_the_field_shows_the_name_first(
    jean: Client, draft: AssignmentDraft, cast: Any
) -> None:
    answer = press(jean, draft, "number", "next", number=cast.anna.national_number)
    assert answer.url == address(draft, "number") + "#chosen"
    assert press(jean, draft, "number", "next", number="").url == address(draft, "roles")


def test_next_with_a_wrong_number_left_in_the_field_stays(jean: Client, draft: AssignmentDraft, cast: Any) -> None:
    press(jean, draft, "number", "add", number=cast.anna.national_number)
    assert errors_of(press(jean, draft, "number", "next", number="123")) == [ELEVEN]


def test_remove_takes_one_off(jean: Client, draft: AssignmentDraft, cast: Any) -> None:
    press(jean, draft, "number", "add", number=cast.anna.national_number)
    answer = press(jean, draft, "number", remove=cast.anna.key, number="")
    assert answer.url.endswith("/number/#chosen")
    assert chosen_persons(draft) == []


def test_five_misses_make_one_wait_and_the_search_stays_open(
    jean: Client, draft: AssignmentDraft, cast: Any, settings: Settings
) -> None:
    settings.NUMBER_LOOKUP_MISSES = 5
    for _turn in range(5):
        assert errors_of(press(jean, draft, "number", "add", number="05.03.17-951.23")) == [UNKNOWN]
    (error,) = errors_of(press(jean, draft, "number", "add", number=cast.anna.national_number))
    assert error.startswith("Too many attempts. Try again ")
    assert press(jean, draft, "persons", "search", q="anna").status_code == 303


def test_look_ups_are_counted_even_when_they_find_somebody(
    jean: Client, draft: AssignmentDraft, cast: Any, settings: Settings
) -> None:
    settings.NUMBER_LOOKUP_QUOTA = 1
    press(jean, draft, "number", "add", number=cast.anna.national_number)
    (error,) = errors_of(press(jean, draft, "number", "add", number=cast.marie.national_number))
    assert error.startswith("Too many attempts")
    assert AuditEntry.objects.filter(event="lookup:denied").count() == 1


def test_a_wrong_number_costs_no_look_up(jean: Client, draft: AssignmentDraft, settings: Settings, cast: Any) -> None:
    settings.NUMBER_LOOKUP_QUOTA = 1
    for _turn in range(3):
        press(jean, draft, "number", "add", number="05031795124")
    assert press(jean, draft, "number", "add", number=cast.anna.national_number).status_code == 303


def test_a_character_that_no_text_has_is_refused(jean: Client, draft: AssignmentDraft) -> None:
    assert press(jean, draft, "number", "add", number="0503179\x005123").status_code == 400


def test_looking_up_writes_no_assignment_and_no_letter(jean: Client, draft: AssignmentDraft, cast: Any) -> None:
    before = written()
    press(jean, draft, "number", "add", number=cast.anna.national_number)
    press(jean, draft, "number", "next", number="")
    assert written() == before
