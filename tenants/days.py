"""Days and hours in words, as people of each language write them, and what Django's formats cannot say."""

import re
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

_FIRST = re.compile(r"\b1(?= )")


def written(day: date) -> str:
    """Return 21 novembre 2026, 21. November 2026, and in French 1er décembre 2026."""
    return with_first(date_format(day, "DATE_FORMAT"), day)


def with_first(text: str, day: Any) -> str:
    """Return a written day with French's only ordinal: the first of a month."""
    if getattr(day, "day", None) != 1 or (get_language() or "").split("-")[0] != "fr":
        return text
    return _FIRST.sub("1er", text, count=1)


def hour(moment: datetime) -> str:
    """Return the hour and minute of a moment as the reader writes it."""
    return date_format(timezone.localtime(moment), "TIME_FORMAT")


def too_many_attempts(retry_at: datetime) -> str:
    """Return E08, with the day where it is not today."""
    if timezone.localdate(retry_at) != timezone.localdate():
        day = written(timezone.localdate(retry_at))
        return _("Too many attempts. Try again on %(date)s at %(time)s") % {"date": day, "time": hour(retry_at)}
    return _("Too many attempts. Try again at %(time)s") % {"time": hour(retry_at)}
