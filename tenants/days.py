"""Days in words, as people of each language write them: Django's formats, and the one thing they cannot say."""

import re
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language

_FIRST = re.compile(r"\b1(?= )")


def written(day: date) -> str:
    """Return 21 novembre 2026, 21. November 2026, and in French 1er décembre 2026."""
    return with_first(date_format(day, "DATE_FORMAT"), day)


def with_first(text: str, day: Any) -> str:
    """Return a written day with French's only ordinal: the first of a month."""
    if getattr(day, "day", None) != 1 or (get_language() or "").split("-")[0] != "fr":
        return text
    return _FIRST.sub("1er", text, count=1)
