"""The table of DOMAIN 8.3, row by row, on its reference day."""

import copy
from datetime import date

import pytest

from tenants.identifiers import (
    IdentifierError,
    NationalNumber,
    enterprise_check_digits,
    format_enterprise_number,
    format_establishment_number,
    looks_like_national_number,
    mask_national_number,
    national_check_digits,
    parse_enterprise_number,
    parse_establishment_number,
    parse_national_number,
)

REFERENCE_DAY = date(2026, 6, 15)
FULL_WIDTH = "".join(chr(0xFF10 + int(digit)) for digit in "05031795123")


@pytest.mark.parametrize(
    ("text", "digits", "kind"),
    [
        ("05.03.17-951.23", "05031795123", "nrn"),
        ("05031795222", "05031795222", "nrn"),
        ("05.03.17-001.03", "05031700103", "nrn"),
        ("05.03.17-998.73", "05031799873", "nrn"),
        ("05.03.17-972.02", "05031797202", "nrn"),
        ("05.03.17-974.97", "05031797497", "nrn"),
        ("12.08.24-953.22", "12082495322", "nrn"),
        ("12.08.24-953.90", "12082495390", "nrn"),
        ("00.02.29-951.65", "00022995165", "nrn"),
        ("04.02.29-951.23", "04022995123", "nrn"),
        ("06.05.00-951.83", "06050095183", "nrn"),
        ("06.00.00-951.48", "06000095148", "nrn"),
        ("06.00.01-951.18", "06000195118", "nrn"),
        ("06.00.32-951.58", "06003295158", "nrn"),
        ("00.00.99-951.56", "00009995156", "nrn"),
        ("00.00.99-951.85", "00009995185", "nrn"),
        ("05.23.17-951.66", "05231795166", "bis"),
        ("05.43.17-951.12", "05431795112", "bis"),
        ("05.20.00-951.70", "05200095170", "bis"),
        ("12.20.99-951.89", "12209995189", "bis"),
        ("05.43.17-999.61", "05431799961", "bis"),
        ("05.43.17-000.90", "05431700090", "bis"),
        ("26.06.15-951.89", "26061595189", "nrn"),
        ("05 03 17 951 23", "05031795123", "nrn"),
        ("05\u00a003\u00a017\u00a0951\u00a023", "05031795123", "nrn"),
        ("05.03.17\u2013951.23", "05031795123", "nrn"),
        ("05/03/17-951/23", "05031795123", "nrn"),
        ("  05.03.17-951.23\n", "05031795123", "nrn"),
        ("05\t03\t17\t951\t23", "05031795123", "nrn"),
        ("\u202a05.03.17-951.23\u202c", "05031795123", "nrn"),
    ],
)
def test_national_number_is_accepted(text: str, digits: str, kind: str) -> None:
    number = parse_national_number(text, today=REFERENCE_DAY)

    assert (number.digits, number.kind) == (digits, kind)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("00.02.29-951.36", "date"),
        ("05.02.29-951.44", "date"),
        ("05.04.31-951.95", "date"),
        ("05.01.32-951.44", "date"),
        ("05.44.31-951.84", "date"),
        ("05.03.17-000.04", "counter"),
        ("05.03.17-999.72", "counter"),
        ("06.00.00-999.97", "counter"),
        ("00000000097", "counter"),
        ("05.13.17-951.93", "month"),
        ("05.33.17-951.39", "month"),
        ("05.53.17-951.82", "month"),
        ("71715100070", "month"),
        ("26.06.16-951.59", "future"),
        ("26.12.31-951.39", "future"),
        ("27.01.01-951.10", "future"),
        ("05031795124", "check"),
        ("50031795123", "check"),
        ("00000000000", "check"),
        ("0503179512", "length"),
        ("050317951230", "length"),
        ("0503I795123", "format"),
        ("BE05031795123", "format"),
        ("٠٥٠٣١٧٩٥١٢٣", "format"),
        (FULL_WIDTH, "format"),
        ("05.03.17-951.2\u00b3", "format"),
        ("", "empty"),
        ("   ", "empty"),
        (".-/", "empty"),
    ],
)
def test_national_number_is_refused_with_its_reason(text: str, code: str) -> None:
    with pytest.raises(IdentifierError) as refusal:
        parse_national_number(text, today=REFERENCE_DAY)

    assert refusal.value.code == code


def test_the_day_decides_what_is_in_the_future() -> None:
    with pytest.raises(IdentifierError) as refusal:
        parse_national_number("26.06.16-951.59", today=date(2026, 6, 15))
    assert refusal.value.code == "future"
    assert parse_national_number("26.06.16-951.59", today=date(2026, 6, 16)).kind == "nrn"


def test_a_specimen_is_accepted_only_when_it_is_listed() -> None:
    number = parse_national_number("71.71.51-000.70", today=REFERENCE_DAY, specimens=("71715100070",))

    assert number.digits == "71715100070"
    with pytest.raises(IdentifierError):
        parse_national_number("71.71.51-000.70", today=REFERENCE_DAY, specimens=("71715100071",))


def test_a_refusal_does_not_repeat_the_number() -> None:
    with pytest.raises(IdentifierError) as refusal:
        parse_national_number("05031795124", today=REFERENCE_DAY)

    assert not any(character.isdigit() for character in f"{refusal.value}{refusal.value!r}")


def test_a_national_number_shows_only_its_check_digits() -> None:
    number = parse_national_number("85.07.30-033.28", today=REFERENCE_DAY)

    assert number.masked == "••.••.••-•••.28"
    assert f"{number}" == str(number) == number.masked
    assert "85" not in repr(number) and "033" not in repr([number])
    assert number.formatted == "85.07.30-033.28"
    assert mask_national_number("85073003328") == number.masked


def test_a_national_number_tells_nothing_of_the_person() -> None:
    public = {name for name in dir(NationalNumber) if not name.startswith("_")}

    assert public == {"digits", "kind", "formatted", "masked"}


def test_a_national_number_is_a_value() -> None:
    number = parse_national_number("85073003328", today=REFERENCE_DAY)

    assert number == parse_national_number("85.07.30-033.28", today=REFERENCE_DAY)
    assert copy.deepcopy(number) == number and len({number, copy.copy(number)}) == 1
    with pytest.raises(AttributeError):
        number.digits = "05031795123"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("85.07.30-033.28", True),
        ("85073003399", True),
        ("85 07 30 033 28", True),
        ("85/07/30-033/28", True),
        ("\u202a85073003328", True),
        (FULL_WIDTH, True),
        ("8507300332", False),
        ("0999.999.922", False),
        ("Anna 85073003328", False),
        ("", False),
    ],
)
def test_eleven_digits_are_recognised_right_or_wrong(text: str, expected: bool) -> None:
    assert looks_like_national_number(text) is expected


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("0999.999.922", "0999999922"),
        ("1999.999.943", "1999999943"),
        ("BE 0999.999.922", "0999999922"),
        ("be0999999922", "0999999922"),
        ("999.999.922", "0999999922"),
        ("BE999999922", "0999999922"),
        ("0999.992.497", "0999992497"),
        ("0999/999/922", "0999999922"),
        ("\u00a00999\u00a0999\u00a0922 ", "0999999922"),
    ],
)
def test_enterprise_number_is_accepted(text: str, digits: str) -> None:
    assert parse_enterprise_number(text) == digits


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0999.999.923", "check"),
        ("8.999.999.104", "kind"),
        ("0000.000.097", "zero"),
        ("NL0999999922", "format"),
        ("09999999٢٢", "format"),
        ("099999992", "check"),
        ("09999999", "length"),
        ("09999999220", "length"),
        ("BE", "empty"),
        ("", "empty"),
    ],
)
def test_enterprise_number_is_refused_with_its_reason(text: str, code: str) -> None:
    with pytest.raises(IdentifierError) as refusal:
        parse_enterprise_number(text)

    assert refusal.value.code == code


@pytest.mark.parametrize("text", ["8.999.999.104", "2.999.999.964", "8999999104"])
def test_establishment_number_is_accepted(text: str) -> None:
    assert parse_establishment_number(text) == "".join(filter(str.isdigit, text))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("8.999.999.105", "check"),
        ("9.999.999.917", "kind"),
        ("0999.999.922", "kind"),
        ("BE8999999104", "format"),
        ("899999910", "length"),
        ("", "empty"),
    ],
)
def test_establishment_number_is_refused_with_its_reason(text: str, code: str) -> None:
    with pytest.raises(IdentifierError) as refusal:
        parse_establishment_number(text)

    assert refusal.value.code == code


def test_numbers_are_written_the_way_people_know_them() -> None:
    assert format_enterprise_number("0999999922") == "0999.999.922"
    assert format_establishment_number("8999999104") == "8.999.999.104"
    assert format_enterprise_number("nonsense") == format_establishment_number("nonsense") == "nonsense"


def test_check_digits_run_from_01_to_97() -> None:
    assert enterprise_check_digits("09999924") == "97"
    assert national_check_digits("050317974", born_from_2000=False) == "97"
    assert national_check_digits("050317972", born_from_2000=False) == "02"
    assert national_check_digits("120824953", born_from_2000=True) == "22"


def test_only_known_reasons_can_be_given() -> None:
    with pytest.raises(AssertionError):
        IdentifierError("whatever")  # type: ignore[arg-type]
