"""The outage that was planned: said a week ahead on the start page and on the page of open tasks (SCREENS S1)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from tenants.days import hour, written

AHEAD = timedelta(days=7)


@dataclass(frozen=True)
class Outage:
    """When the portal will not be there; both moments know their time zone."""

    start: datetime
    end: datetime


def announced(outage: Outage | None, *, now: datetime) -> str:
    """Return the sentence for people in the language of the page; empty when there is nothing to say."""
    if outage is None or not outage.start - AHEAD <= now < outage.end:
        return ""
    first, last = timezone.localdate(outage.start), timezone.localdate(outage.end)
    times = {"day": written(first), "time": hour(outage.start), "end": hour(outage.end), "end_day": written(last)}
    if first == last:
        return _("Planned works: you cannot use this service on %(day)s from %(time)s to %(end)s.") % times
    return _("Planned works: you cannot use this service from %(day)s, %(time)s, to %(end_day)s, %(end)s.") % times
