"""Numbers that belong to nobody, computed from an index: the same data on every machine (DOMAIN 8.3).

National numbers are of people born from 1900 to 1909, of whom nobody is alive. Enterprise and unit numbers lie far
from all that is issued.
"""

from datetime import date, timedelta

from tenants.identifiers import enterprise_check_digits, national_check_digits

_FIRST_DAY = date(1900, 1, 1)
_DAYS = (date(1910, 1, 1) - _FIRST_DAY).days
_COUNTERS = 998  # 001 to 998

NATIONAL_NUMBERS = 3 * _DAYS * _COUNTERS  # a little under eleven million: the whole country
BIS_FROM = _DAYS * _COUNTERS
ENTERPRISE_NUMBERS = 5_000_000
ESTABLISHMENT_NUMBERS = 40_000_000

# The lower indexes belong to the people of this demonstration; larger populations start here.
FIRST_GENERATED = 10_000


def national_number(index: int) -> str:
    """Return the eleven digits of person `index`; no two indexes share them.

    From `BIS_FROM` on they are bis numbers. Raises ValueError outside 0 to NATIONAL_NUMBERS - 1.
    """
    _require_index(index, NATIONAL_NUMBERS)
    form, place = divmod(index, BIS_FROM)
    # Neighbours get far apart birthdays, so that nobody's number gives away the order of the data.
    counter, day = divmod(place, _DAYS)
    born = _FIRST_DAY + timedelta(days=day * 1009 % _DAYS)
    month = born.month + (0, 40, 20)[form]
    first_nine = f"{born.year % 100:02d}{month:02d}{born.day:02d}{counter + 1:03d}"
    return first_nine + national_check_digits(first_nine, born_from_2000=False)


def demo_enterprise_number(index: int) -> str:
    """Return one of the hundred enterprise numbers 0999.99x.xxx for data written by hand; 99 is 0999.999.922."""
    _require_index(index, 100)
    first_eight = f"099999{index:02d}"
    return first_eight + enterprise_check_digits(first_eight)


def enterprise_number(index: int) -> str:
    """Return the enterprise number of generated organisation `index`, from 1500.000.0xx on."""
    _require_index(index, ENTERPRISE_NUMBERS)
    first_eight = f"{15_000_000 + index}"
    return first_eight + enterprise_check_digits(first_eight)


def establishment_number(index: int) -> str:
    """Return the number of establishment unit `index`, counting down from 8.999.999.9xx."""
    _require_index(index, ESTABLISHMENT_NUMBERS)
    first_eight = f"{89_999_999 - index}"
    return first_eight + enterprise_check_digits(first_eight)


def _require_index(index: int, count: int) -> None:
    if not 0 <= index < count:
        raise ValueError(f"index {index} is not between 0 and {count - 1}")
