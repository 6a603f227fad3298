"""What holds for every number, not only for the ones in the table."""

from datetime import date

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from stdnum.be import ssn, vat

from tenants.identifiers import (
    IdentifierError,
    enterprise_check_digits,
    format_enterprise_number,
    format_establishment_number,
    looks_like_national_number,
    national_check_digits,
    parse_enterprise_number,
    parse_establishment_number,
    parse_national_number,
)

# python-stdnum takes the century from the system clock, which is past this day.
REFERENCE_DAY = date(2026, 6, 15)
SEPARATORS = st.sampled_from(["", " ", ".", "-", "/", "\u00a0", "\u2013"])
MONTHS = st.sampled_from([*range(13), *range(20, 33), *range(40, 53)])


@st.composite
def national_digits(draw: st.DrawFn) -> str:
    """Eleven digits with right check digits and mostly a right day."""
    first_nine = "".join(
        f"{draw(part):0{width}d}"
        for part, width in (
            (st.integers(0, 99), 2),
            (MONTHS, 2),
            (st.integers(0, 32), 2),
            (st.integers(0, 999), 3),
        )
    )
    return first_nine + national_check_digits(first_nine, born_from_2000=draw(st.booleans()))


@st.composite
def spelled(draw: st.DrawFn, digits: st.SearchStrategy[str]) -> str:
    """The digits with anything people put between them."""
    return "".join(digit + draw(SEPARATORS) for digit in draw(digits))


@settings(deadline=None)
@given(spelled(national_digits()))
def test_slashes_removed_python_stdnum_accepts_all_we_accept(text: str) -> None:
    try:
        number = parse_national_number(text, today=REFERENCE_DAY)
    except IdentifierError:
        assume(False)
        return

    assert ssn.validate(text.replace("/", "")) == number.digits
    assert ssn.guess_type(number.digits) == {"nrn": "nn", "bis": "bis"}[number.kind]


@settings(deadline=None)
@given(st.text() | st.text(alphabet="0123456789./- BE", max_size=16))
def test_any_text_is_a_number_or_a_reason(text: str) -> None:
    for parse in (
        lambda: parse_national_number(text, today=REFERENCE_DAY).digits,
        lambda: parse_enterprise_number(text),
        lambda: parse_establishment_number(text),
    ):
        try:
            digits = parse()
        except IdentifierError as refusal:
            assert refusal.code
        else:
            assert digits.isascii() and digits.isdigit()
    assert looks_like_national_number(text) in {True, False}


@settings(deadline=None)
@given(national_digits())
def test_one_wrong_digit_is_noticed(digits: str) -> None:
    try:
        parse_national_number(digits, today=REFERENCE_DAY)
    except IdentifierError:
        assume(False)
    for place in range(9):
        changed = digits[:place] + str((int(digits[place]) + 1) % 10) + digits[place + 1 :]
        century_moved = national_check_digits(changed[:9], born_from_2000=True) == changed[9:] or (
            national_check_digits(changed[:9], born_from_2000=False) == changed[9:]
        )
        if not century_moved:
            with pytest.raises(IdentifierError):
                parse_national_number(changed, today=REFERENCE_DAY)


@settings(deadline=None)
@given(national_digits())
def test_the_written_form_is_read_back(digits: str) -> None:
    try:
        number = parse_national_number(digits, today=REFERENCE_DAY)
    except IdentifierError:
        assume(False)
        return

    assert parse_national_number(number.formatted, today=REFERENCE_DAY) == number
    assert digits[:9] not in repr(number) + str(number) and number.masked.endswith(digits[9:])


@settings(deadline=None)
@given(st.integers(1, 19_999_999))
def test_every_enterprise_number_with_its_check_digits_is_accepted(first_eight: int) -> None:
    digits = f"{first_eight:08d}"
    digits += enterprise_check_digits(digits)

    assert parse_enterprise_number(digits) == vat.validate(digits) == digits
    assert parse_enterprise_number(f"BE {format_enterprise_number(digits)}") == digits


@settings(deadline=None)
@given(st.integers(20_000_000, 89_999_999))
def test_every_establishment_number_with_its_check_digits_is_accepted(first_eight: int) -> None:
    digits = f"{first_eight}{enterprise_check_digits(str(first_eight))}"

    assert parse_establishment_number(format_establishment_number(digits)) == digits
    with pytest.raises(IdentifierError) as refusal:
        parse_enterprise_number(digits)
    assert refusal.value.code == "kind"
