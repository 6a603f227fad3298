"""Finding national register numbers where they must not be (DESIGN 7.4; TRUST, promise "outside their column")."""

import re

_SEPARATOR = r"[\s.\-/\u2010-\u2015\u00b7]{0,3}"

_DIGIT = re.compile(r"\d")

# A year is not the beginning of a number here: AR-2026-004821-1 has eleven digits, and is said on the telephone.
_REFERENCE = re.compile(r"\b[A-Z]{2}-\d{4}-\d{6}(?:-\d{1,6})?\b")

# Nor is a key of a draft, which stands in addresses: by chance one in a hundred has eleven digits in a row.
_UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")

# 85073003328, 85.07.30-033.28, 850730 033 28, 85/07/30/033/28: separators where the parts of a number meet.
_WRITTEN_IN_PARTS = re.compile(rf"(?<!\d)\d\d{_SEPARATOR}\d\d{_SEPARATOR}\d\d{_SEPARATOR}\d{{3}}{_SEPARATOR}\d\d(?!\d)")
# 8507 3003 328: separators anywhere. Then the check digits tell it from other figures.
_WRITTEN_ANYHOW = re.compile(rf"(?<!\d)(?=(\d(?:{_SEPARATOR}\d){{10}})(?!\d))")


def holds_national_number(text: str) -> bool:
    """Say whether a text holds a national register number, in whatever spelling with dots, dashes, slashes, spaces.

    In the usual spellings any eleven digits count; in unusual ones only numbers with right check digits (modulo 97,
    born before or from 2000). References and keys of the portal do not count.
    """
    if len(_DIGIT.findall(text)) < 11:
        return False  # most texts: the audit trail asks it a dozen times for each entry
    text = _UUID.sub("", _REFERENCE.sub("", text))
    if _WRITTEN_IN_PARTS.search(text):
        return True
    return any(_check_digits_right(re.sub(r"\D", "", hit.group(1))) for hit in _WRITTEN_ANYHOW.finditer(text))


def _check_digits_right(digits: str) -> bool:
    check = int(digits[9:])
    return check in (97 - int(digits[:9]) % 97, 97 - int("2" + digits[:9]) % 97)
