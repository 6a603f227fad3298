"""The date of three fields: what people type, and what they are told."""

from datetime import date

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.utils import translation

from tenants.date_field import DateTripleField

pytestmark = pytest.mark.usefixtures("in_english")


@pytest.fixture
def in_english():
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        (["27", "3", "2028"], date(2028, 3, 27)),
        (["27", "03", "28"], date(2028, 3, 27)),
        ([" 1 ", "12", " 2027 "], date(2027, 12, 1)),
        (["29", "2", "2028"], date(2028, 2, 29)),
        (["31/12/27", "", ""], date(2027, 12, 31)),
        (["31.12.2027", "", ""], date(2027, 12, 31)),
        (["31-12-2027", "", ""], date(2027, 12, 31)),
        (["31 12 2027", "", ""], date(2027, 12, 31)),
        (["31 / 12 / 2027", None, None], date(2027, 12, 31)),
        (["３１", "１２", "２０２７"], date(2027, 12, 31)),
        (["", "", ""], None),
        ([None, None, None], None),
        (["  ", "", ""], None),
        (None, None),
    ],
)
def test_what_is_understood(typed, day):
    assert DateTripleField(required=False).clean(typed) == day


@pytest.mark.parametrize(
    "typed",
    [
        ["31", "2", "2027"],
        ["29", "2", "2027"],
        ["32", "1", "2027"],
        ["0", "1", "2027"],
        ["1", "13", "2027"],
        ["1", "1", "202"],
        ["1", "1", "0000"],
        ["1", "1", "20270"],
        ["-1", "1", "2027"],
        ["1.5", "1", "2027"],
        ["first", "May", "2027"],
        ["31/02/27", "", ""],
        ["31/12/27", "12", "2027"],
        ["1", "١٣", "2027"],
    ],
)
def test_a_day_that_does_not_exist_is_named_so(typed):
    with pytest.raises(ValidationError) as caught:
        DateTripleField(kind="end").clean(typed)
    assert caught.value.code == "unreal"
    assert caught.value.messages == ["Enter a real end date"]


@pytest.mark.parametrize(
    ("typed", "missing", "words"),
    [
        (["", "3", "2028"], ("day",), "a day"),
        (["27", "", "2028"], ("month",), "a month"),
        (["27", "3", ""], ("year",), "a year"),
        (["", "", "2028"], ("day", "month"), "a day and a month"),
        (["", "3", ""], ("day", "year"), "a day and a year"),
        (["27", "", ""], ("month", "year"), "a month and a year"),
        (["tomorrow", "", ""], ("month", "year"), "a month and a year"),
    ],
)
@pytest.mark.parametrize("kind", ["end", "start"])
def test_missing_parts_are_named(kind, typed, missing, words):
    with pytest.raises(ValidationError) as caught:
        DateTripleField(kind=kind, required=False).clean(typed)
    assert caught.value.code == "incomplete"
    assert caught.value.params == {"parts": missing}
    assert caught.value.messages == [f"The {kind} date must include {words}"]


@pytest.mark.parametrize(("kind", "words"), [("end", "Enter an end date"), ("start", "Enter a start date")])
def test_an_empty_date_that_is_needed_is_asked_for(kind, words):
    with pytest.raises(ValidationError) as caught:
        DateTripleField(kind=kind).clean(["", "", ""])
    assert caught.value.code == "required"
    assert caught.value.messages == [words]


class Until(forms.Form):
    until = DateTripleField(label="End date", help_text="For example 27 3 2028")


def test_what_was_typed_comes_back_with_the_error():
    page = str(Until({"until_day": "31", "until_month": "2", "until_year": "2027"})["until"].as_field_group())
    for part, value in (("day", "31"), ("month", "2"), ("year", "2027")):
        assert f'name="until_{part}" value="{value}"' in page
        assert f'<label for="id_until_{part}">' in page
        assert f'id="id_until_{part}"' in page
    assert "Enter a real end date" in page
    assert "<select" not in page


def test_a_day_that_is_known_fills_the_three_fields():
    page = str(Until(initial={"until": date(2028, 3, 7)})["until"])
    assert 'name="until_day" value="7"' in page
    assert 'name="until_month" value="3"' in page
    assert 'name="until_year" value="2028"' in page


def test_a_date_that_did_not_change_is_not_a_change():
    data = {"until_day": "27", "until_month": "3", "until_year": "28"}
    assert not Until(data, initial={"until": date(2028, 3, 27)}).has_changed()
    assert Until(data, initial={"until": date(2028, 3, 28)}).has_changed()
