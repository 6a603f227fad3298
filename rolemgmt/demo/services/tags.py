"""How the pages of the services write days, moments and properties."""

import json
from datetime import UTC, date, datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext

register = template.Library()


@register.filter
def day(text: object) -> str:
    """Write a day of the format rolemgmt/1 ("2026-06-15") in the reader's language; nothing for what is none."""
    try:
        return _written(date.fromisoformat(str(text)))
    except ValueError:
        return ""


@register.filter
def clock(moment: float) -> str:
    """Write the time of the day, with seconds, of a moment given in seconds since 1970."""
    return f"{timezone.localtime(datetime.fromtimestamp(moment, UTC)):%H:%M:%S}"


@register.filter
def enterprise(number: str) -> str:
    """Write an enterprise number with its dots: 0999.999.922."""
    return f"{number[:4]}.{number[4:7]}.{number[7:]}"


@register.filter
def in_words(value: Any) -> str:
    """Write the value of a property: yes or no, or the values of a list."""
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


@register.filter
def as_data(claims: dict[str, Any]) -> str:
    """Write claims as they came, in JSON."""
    return json.dumps(claims, ensure_ascii=False, indent=2)


@register.filter
def number(value: float) -> str:
    """Write a whole number with a thin gap between thousands."""
    return f"{value:,.0f}".replace(",", "\u202f")


def _written(value: date) -> str:
    return date_format(value, "j. F Y" if get_language() == "de" else "j F Y")
