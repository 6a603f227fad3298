"""Periods: whole days in Europe/Brussels, both ends included. Said once, here.

A function that needs the day takes it as an argument; only the outermost caller asks the clock.
"""

import calendar
from datetime import date, datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def local_day(moment: datetime) -> date:
    """Return the day in Europe/Brussels in which an aware moment falls."""
    return timezone.localtime(moment).date()


def add_years(day: date, years: int) -> date:
    """Return the same day `years` later; 29 February becomes 28 February where there is none.

    The calendar ends with the year 9999: later days become its last one.
    """
    year = day.year + years
    if year > date.max.year:
        return date.max
    last = calendar.monthrange(year, day.month)[1]
    return date(year, day.month, min(day.day, last))


def last_day_of(start: date, years: int) -> date:
    """Return the last day of a period of whole years from `start`: the day before its anniversary.

    A period that begins on 29 February ends on 28 February.
    """
    return add_years(start, years) - timedelta(days=0 if (start.month, start.day) == (2, 29) else 1)


def live_on(day: date, prefix: str = "") -> Q:
    """Return the condition "this period holds on `day`" for the fields below, seen through `prefix`."""
    return Q(**{f"{prefix}valid_from__lte": day}) & (
        Q(**{f"{prefix}valid_until__isnull": True}) | Q(**{f"{prefix}valid_until__gte": day})
    )


class Period(models.Model):
    """`valid_from` to `valid_until`, both included; no `valid_until` means without end."""

    valid_from = models.DateField(_("start date"))
    valid_until = models.DateField(_("end date"), null=True, blank=True)

    class Meta:
        abstract = True

    def holds_on(self, day: date) -> bool:
        """Say whether `day` lies in the period."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


def period_in_order(name: str) -> models.CheckConstraint:
    """Return the constraint, under `name`, that a period does not end before it starts."""
    return models.CheckConstraint(
        condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")), name=name
    )


def one_of(field: str, choices: Any, name: str) -> models.CheckConstraint:
    """Return the constraint that `field` holds one of the choices; `choices` alone constrain nothing."""
    return models.CheckConstraint(condition=Q(**{f"{field}__in": sorted(choices.values)}), name=name)
