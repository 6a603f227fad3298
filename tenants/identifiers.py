"""National, bis, enterprise and establishment numbers: clean, check, format, mask (DOMAIN, section 8).

python-stdnum does the cleaning, the formatting and the check digits of enterprises. Its national numbers are
too lax (impossible days, forbidden counters) and read the century from the system clock, so these checks are
ours and take `today`. Nothing here tells a birth date, an age or a sex: a number is eleven digits and no more.
"""

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, get_args

from stdnum.be import ssn, vat
from stdnum.exceptions import InvalidChecksum, InvalidComponent, InvalidLength, ValidationError
from stdnum.util import isdigits

ErrorCode = Literal["empty", "format", "length", "check", "month", "date", "future", "counter", "kind", "zero"]
NumberKind = Literal["nrn", "bis"]

NATIONAL_LENGTH = 11
ENTERPRISE_LENGTH = 10

_MESSAGES: dict[str, str] = {
    "empty": "no number was given",
    "format": "the number holds something else than digits",
    "length": "the number has too few or too many digits",
    "check": "the check digits do not fit the number",
    "month": "the number holds a month that does not exist",
    "date": "the number holds a day that does not exist",
    "future": "the number holds a day after today",
    "counter": "the number holds a counter that is never given out",
    "kind": "the first digit belongs to another kind of number",
    "zero": "the number is zero",
}


class IdentifierError(ValueError):
    """A text is not the number it should be; `code` says why.

    Codes: empty, format, length, check, month, date, future, counter, kind, zero. The message never repeats
    what was typed, for a mistyped number may be that of another person.
    """

    code: ErrorCode

    def __init__(self, code: ErrorCode) -> None:
        if code not in get_args(ErrorCode):
            raise AssertionError(f"unknown code {code}")
        super().__init__(_MESSAGES[code])
        self.code = code


@dataclass(frozen=True, slots=True)
class NationalNumber:
    """A number of a natural person (SSIN). Printed or logged by mistake, it shows its check digits only."""

    digits: str = field(repr=False)
    kind: NumberKind

    @property
    def formatted(self) -> str:
        """The number as people write it: 85.07.30-033.28. For letters to the authorities, not for pages."""
        return str(ssn.format(self.digits))

    @property
    def masked(self) -> str:
        """The only form that may be shown: ••.••.••-•••.28."""
        return mask_national_number(self.digits)

    def __str__(self) -> str:
        return self.masked


def mask_national_number(digits: str) -> str:
    """Return the masked form of eleven digits, which keeps the two check digits."""
    return f"••.••.••-•••.{digits[-2:]}"


def parse_national_number(text: str, *, today: date, specimens: Collection[str] = ()) -> NationalNumber:
    """Return the national register or bis number in `text`, with the strictness of the Belgif validator.

    `today` is the day in Belgium; a number of somebody born later is refused. `specimens` are bare numbers of
    test cards that are accepted although their digits are impossible (setting SPECIMEN_NATIONAL_NUMBERS, empty
    by default).

    Raises IdentifierError with code empty, format, length, check, month, date, future or counter.
    """
    digits = ssn.compact(_prepared(text)).replace("/", "")
    _require_digits(digits, NATIONAL_LENGTH)
    month_part = int(digits[2:4])
    kind: NumberKind = "bis" if 20 <= month_part <= 52 else "nrn"
    if digits in specimens:
        return NationalNumber(digits, kind)
    century = _century(digits)
    if not (month_part <= 12 or 20 <= month_part <= 32 or 40 <= month_part <= 52):
        raise IdentifierError("month")
    year, month, day = century + int(digits[:2]), month_part % 20, int(digits[4:6])
    if month and day and not _is_date(year, month, day):
        raise IdentifierError("date")
    if (year, month, day) > (today.year, today.month, today.day):
        raise IdentifierError("future")
    if kind == "nrn" and digits[6:9] in {"000", "999"}:
        raise IdentifierError("counter")
    return NationalNumber(digits, kind)


def looks_like_national_number(text: str) -> bool:
    """Say whether `text` is eleven digits once separators are gone, right or wrong.

    Searches ask this to keep numbers out of addresses and logs and to lead to the page for numbers instead.
    """
    digits = ssn.compact(_without_invisible(text)).replace("/", "")
    return len(digits) == NATIONAL_LENGTH and isdigits(digits)


def national_check_digits(first_nine: str, *, born_from_2000: bool) -> str:
    """Return the two check digits, 01 to 97, for the first nine digits of a national number."""
    return f"{97 - int(('2' if born_from_2000 else '') + first_nine) % 97:02d}"


def parse_enterprise_number(text: str) -> str:
    """Return the ten bare digits of the enterprise number in `text`.

    The prefix BE is dropped, and an old number of nine digits gets its 0.

    Raises IdentifierError with code empty, format, length, kind (first digit not 0 or 1), zero or check.
    """
    digits = vat.compact(_prepared(text))
    _require_digits(digits, ENTERPRISE_LENGTH)
    if digits[0] not in "01":
        raise IdentifierError("kind")
    if digits.startswith("00000000"):
        raise IdentifierError("zero")
    try:
        return str(vat.validate(digits))
    except InvalidChecksum:
        raise IdentifierError("check") from None
    except InvalidLength:
        raise IdentifierError("length") from None
    except InvalidComponent:
        raise IdentifierError("kind") from None
    except ValidationError:
        raise IdentifierError("format") from None


def parse_establishment_number(text: str) -> str:
    """Return the ten bare digits of the establishment unit number in `text`.

    Raises IdentifierError with code empty, format, length, kind (first digit not 2 to 8) or check.
    """
    digits = ssn.compact(_prepared(text)).replace("/", "")
    _require_digits(digits, ENTERPRISE_LENGTH)
    if digits[0] not in "2345678":
        raise IdentifierError("kind")
    if enterprise_check_digits(digits[:8]) != digits[8:]:
        raise IdentifierError("check")
    return digits


def enterprise_check_digits(first_eight: str) -> str:
    """Return the two check digits, 01 to 97, of an enterprise or establishment unit number."""
    return f"{97 - int(first_eight) % 97:02d}"


def format_enterprise_number(digits: str) -> str:
    """Return ten bare digits as people write them: 0999.999.922. Anything else comes back as it is."""
    if len(digits) != ENTERPRISE_LENGTH:
        return digits
    return f"{digits[:4]}.{digits[4:7]}.{digits[7:]}"


def format_establishment_number(digits: str) -> str:
    """Return ten bare digits as people write them: 8.999.999.104. Anything else comes back as it is."""
    if len(digits) != ENTERPRISE_LENGTH:
        return digits
    return f"{digits[0]}.{digits[1:4]}.{digits[4:7]}.{digits[7:]}"


def _without_invisible(text: str) -> str:
    """Return `text` without what pasting brings along unseen: tabs become spaces, direction marks go."""
    visible = "".join(character for character in text if unicodedata.category(character) != "Cf")
    return " ".join(visible.split())


def _prepared(text: str) -> str:
    """Return `text` ready for python-stdnum, which would read full-width digits as plain ones.

    Raises IdentifierError: empty where nothing was given, format where a digit is not of ASCII.
    """
    prepared = _without_invisible(text)
    if not prepared:
        raise IdentifierError("empty")
    if any(character.isnumeric() and not character.isascii() for character in prepared):
        raise IdentifierError("format")
    return prepared


def _require_digits(digits: str, length: int) -> None:
    """Raise IdentifierError unless there are exactly `length` ASCII digits."""
    if not digits:
        raise IdentifierError("empty")
    if not isdigits(digits):
        raise IdentifierError("format")
    if len(digits) != length:
        raise IdentifierError("length")


def _century(digits: str) -> int:
    """Return 1900 or 2000, whichever the check digits fit; they never fit both.

    Raises IdentifierError with code check.
    """
    for century, born_from_2000 in ((1900, False), (2000, True)):
        if national_check_digits(digits[:9], born_from_2000=born_from_2000) == digits[9:]:
            return century
    raise IdentifierError("check")


def _is_date(year: int, month: int, day: int) -> bool:
    """Say whether the calendar has this day."""
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
