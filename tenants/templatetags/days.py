"""Django's filter `date`, which every template has, with French's "1er" for the first of a month."""

from typing import Any

from django import template
from django.template.defaultfilters import date as as_django_writes_it

from tenants.days import with_first

register = template.Library()
# Formats in which the day stands as a number of its own, before the month in words.
_IN_WORDS = frozenset({"DATE_FORMAT", "DATETIME_FORMAT", "MONTH_DAY_FORMAT"})


@register.filter(expects_localtime=True, is_safe=False)
def date(value: Any, form: str | None = None) -> str:
    """Return a day or a moment in a format; nothing for nothing."""
    text = str(as_django_writes_it(value, form))
    return with_first(text, value) if form in _IN_WORDS else text
