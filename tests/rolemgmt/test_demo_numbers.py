"""The numbers of invented people and organisations."""

from datetime import date

import pytest

from rolemgmt.demo import numbers
from tenants.identifiers import parse_enterprise_number, parse_establishment_number, parse_national_number

SAMPLE = [*range(0, 5_000), *range(0, numbers.NATIONAL_NUMBERS, 4_999), numbers.NATIONAL_NUMBERS - 1]


def test_every_national_number_is_right_and_of_somebody_born_before_1910() -> None:
    for index in SAMPLE:
        digits = numbers.national_number(index)
        kind = "nrn" if index < numbers.BIS_FROM else "bis"

        assert parse_national_number(digits, today=date(1910, 1, 1)).kind == kind
        assert digits[0] == "0" and not digits.startswith("000001")


def test_no_two_people_share_a_national_number() -> None:
    assert len({numbers.national_number(index) for index in SAMPLE}) == len(set(SAMPLE))
    assert len({numbers.national_number(index) for index in range(20_000)}) == 20_000


def test_there_are_enough_numbers_for_the_whole_country() -> None:
    assert numbers.NATIONAL_NUMBERS > 10_900_000


def test_enterprise_numbers_are_right_and_far_from_real_ones() -> None:
    by_hand = [numbers.demo_enterprise_number(index) for index in range(100)]
    generated = [numbers.enterprise_number(index) for index in range(0, numbers.ENTERPRISE_NUMBERS, 997)]

    assert by_hand[99] == "0999999922"
    assert all(parse_enterprise_number(number) == number for number in by_hand + generated)
    assert all("0999990000" < number < "0999999999" for number in by_hand)
    assert all("1500000000" <= number <= "1999999999" for number in generated)
    assert len(set(by_hand + generated)) == len(by_hand) + len(generated)


def test_establishment_numbers_are_right_and_far_from_real_ones() -> None:
    units = [numbers.establishment_number(index) for index in range(0, numbers.ESTABLISHMENT_NUMBERS, 9_973)]

    assert all(parse_establishment_number(number) == number for number in units)
    assert all("5000000000" <= number <= "8999999999" for number in units)
    assert numbers.establishment_number(8) == "8999999104"


@pytest.mark.parametrize(
    ("make", "count"),
    [
        (numbers.national_number, numbers.NATIONAL_NUMBERS),
        (numbers.enterprise_number, numbers.ENTERPRISE_NUMBERS),
        (numbers.establishment_number, numbers.ESTABLISHMENT_NUMBERS),
        (numbers.demo_enterprise_number, 100),
    ],
)
def test_an_index_out_of_range_is_refused(make, count: int) -> None:  # type: ignore[no-untyped-def]
    assert make(count - 1)
    for index in (-1, count):
        with pytest.raises(ValueError, match="is not between"):
            make(index)
