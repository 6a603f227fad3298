"""Invented figures of an organisation: always the same for the same enterprise number, and believable."""

import hashlib
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rolemgmt.demo.services.sites import FLUVIUS, Site
from rolemgmt.demo.services.tags import number

_SEASON = (1.28, 1.2, 1.1, 0.98, 0.88, 0.8, 0.78, 0.8, 0.88, 1.0, 1.14, 1.26)  # January to December


@dataclass(frozen=True)
class Tile:
    """One figure: what it is, how much, and a word about it."""

    label: str | Promise
    value: str
    hint: str | Promise


@dataclass(frozen=True)
class Month:
    """What was used in a month. `share` is a number from 0 to 100, for the bar."""

    name: str
    value: str
    share: int


@dataclass(frozen=True)
class Finding:
    """Something to look at. `colour` is the name of a tag in the stylesheet."""

    title: str | Promise
    state: str | Promise
    colour: str


class _Dice:
    """Numbers that follow from an enterprise number."""

    def __init__(self, seed: str) -> None:
        self._bytes = hashlib.sha256(seed.encode()).digest()

    def between(self, place: int, low: int, high: int) -> int:
        """Return the whole number at a place, `low` and `high` included."""
        start = place * 2 % 30
        return low + int.from_bytes(self._bytes[start : start + 2], "big") % (high - low + 1)


def tiles_of(site: Site, organisation: str) -> list[Tile]:
    """Return the figures of the first page."""
    dice = _Dice(organisation)
    if site is FLUVIUS:
        meters = dice.between(1, 1, 4)
        return [
            Tile(_("Electricity this year"), f"{number(_base(dice) * 11)} kWh", _("Less than last year")),
            Tile(_("Natural gas this year"), f"{number(dice.between(2, 9_000, 60_000))} kWh", _("Read by your meter")),
            Tile(_("Connected meters"), str(meters), _("All of them sent their readings last night")),
            Tile(_("From your solar panels"), f"{number(dice.between(3, 1_200, 9_000))} kWh", _("Fed into the grid")),
        ]
    return [
        Tile(_("Registered domains"), str(dice.between(1, 1, 5)), _("Checked every night")),
        Tile(_("Registered networks"), str(dice.between(2, 1, 3)), _("No open doors found")),
        Tile(_("New warnings"), "2", _("One of them is urgent")),
        Tile(_("Policy test"), f"{dice.between(3, 55, 92)} %", _("Your last answers, of this spring")),
    ]


def months_of(organisation: str, *, today: date) -> list[Month]:
    """Return the electricity of the last six whole months, the oldest first."""
    dice = _Dice(organisation)
    base = _base(dice)
    found = []
    for back in range(6, 0, -1):
        place = today.year * 12 + today.month - 1 - back
        first = date(place // 12, place % 12 + 1, 1)
        used = round(base * _SEASON[first.month - 1] * (0.95 + dice.between(first.month, 0, 10) / 100))
        found.append((first, used))
    most = max(used for _first, used in found)
    return [Month(date_format(first, "F Y"), f"{number(used)} kWh", round(100 * used / most)) for first, used in found]


def findings_of() -> list[Finding]:
    """Return what the pretend scan found."""
    return [
        Finding(_("Your mail server accepts an old form of encryption"), _("Urgent"), "warm"),
        Finding(_("The certificate of your web shop ends in three weeks"), _("Soon"), "plain"),
        Finding(_("An old test page was still public"), _("Mended"), "cool"),
    ]


def _base(dice: _Dice) -> int:
    return dice.between(0, 1_400, 9_500)
