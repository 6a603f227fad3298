"""How often a client may ask the look-up interface: so many times a minute, over all processes together.

A write for each request would cost more than the request. So a process takes a handful at once, and gives them out
from memory; the last ones of a minute are taken one by one. No more than the limit are given out.
"""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, F, Q, Value, When

from fas.models import Client, ClientUse
from tenants.periods import local_day
from vault.throttle import seconds_until

WINDOW = timedelta(minutes=1)
# A handful is this part of the limit.
HANDFULS = 40


@dataclass(frozen=True)
class Allowance:
    """Whether a request is within the limit, how many are left after it, and the seconds until all come back."""

    allowed: bool
    limit: int
    left: int
    seconds: int


@dataclass
class _Held:
    """What this process holds of a client's minute. `beyond`: what nobody had taken when this was."""

    window: datetime
    left: int
    beyond: int


class Allowances:
    """What one process holds of all clients' minutes."""

    def __init__(self) -> None:
        self._held: dict[int, _Held] = {}
        self._lock = threading.Lock()

    def take(self, client: Client, *, now: datetime) -> Allowance:
        """Count one request of a client, and say whether it is within its limit."""
        window = now.replace(second=0, microsecond=0)
        seconds = seconds_until(window + WINDOW, now=now)
        with self._lock:
            held = self._held.get(client.pk)
            if held is None or held.window != window or (not held.left and held.beyond):
                unused = held.left if held and local_day(held.window) == local_day(window) else 0
                self._held[client.pk] = held = _take_handful(client, window, unused=unused)
            allowed = held.left > 0
            held.left -= allowed
            return Allowance(allowed, client.requests_per_minute, held.left + held.beyond, seconds)


def _take_handful(client: Client, window: datetime, *, unused: int) -> _Held:
    """Take some requests of this minute out of the database, none where all are taken. `unused` are given back."""
    limit, day = client.requests_per_minute, local_day(window)
    rows = ClientUse.objects.filter(client=client, day=day)
    many = max(1, limit // HANDFULS)
    for _try in range(2):
        for count in sorted({many, 1}, reverse=True):
            # A minute that another machine's clock has begun is not taken back.
            fits = Q(window__lt=window) | Q(window__gte=window, taken__lte=limit - count)
            if rows.filter(fits).update(
                taken=Case(When(window__lt=window, then=Value(count)), default=F("taken") + count),
                window=Case(When(window__lt=window, then=Value(window)), default=F("window")),
                total=F("total") + (count - unused),
            ):
                taken = rows.values_list("taken", flat=True).get()
                return _Held(window, count, max(0, limit - taken))
        # The first request of a day; or there is nothing left, and this changes nothing.
        fresh = ClientUse(client=client, day=day, window=window)
        ClientUse.objects.bulk_create([fresh], ignore_conflicts=True)
    return _Held(window, 0, 0)


allowances = Allowances()
