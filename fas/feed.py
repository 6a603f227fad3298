"""The feed: where something changed for a service since it last asked (look-up interface, `GET /changes`).

An entry says how an assignment stands now, not what somebody did: whoever reads it late, or twice, learns the truth.
Two things bring an entry: a noted change (`fas.models.RoleChange`), and a day on which a role begins or is over. No job
writes the latter down; they are found between the day of the cursor and today.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import Max, Min, Q
from django.utils import timezone

from fas.cursors import BadCursor, Cursor, read_cursor, write_cursor
from fas.models import Client, RoleChange
from fas.operations.changes import KEPT
from fas.subjects import subject_of
from roles.models import RoleAssignment
from roles.models.assignment import EndReason
from tenants.models import Person
from tenants.periods import local_day

Entry = dict[str, Any]


class Kind(StrEnum):
    """How an assignment stands now, for the service."""

    GRANTED = "granted"
    CHANGED = "changed"  # it works, and its last day was brought forward
    ENDED = "ended"


class CursorTooOld(Exception):
    """What followed the cursor is forgotten: the reader has to begin anew."""


@dataclass(frozen=True)
class Page:
    """Some entries, the cursor that follows them, and whether there is more to read at once."""

    entries: list[Entry]
    cursor: str
    has_more: bool


def read_changes(client: Client, after: str, *, limit: int, now: datetime) -> Page:
    """Return what follows the cursor `after` for a client's service; an empty one begins now, with no entry.

    `limit` is how many changes are looked at. One that the service never saw anything of makes no entry, several of one
    assignment make one. Raises BadCursor for what is no cursor of this client, CursorTooOld after 30 days.
    """
    # Read first: whatever is sealed later comes with the next page.
    first, last = _readable()
    today = local_day(now)
    if not after:
        return Page([], write_cursor(client, Cursor(last, today)), has_more=False)
    cursor = read_cursor(client, after)
    if not first - 1 <= cursor.position <= last or today - cursor.day > KEPT:
        raise CursorTooOld
    found: list[tuple[RoleAssignment, datetime | None]] = []
    if cursor.until is not None or cursor.day < today:
        cursor, dated = _next_by_date(client, cursor, today, limit)
        found += [(row, None) for row in dated]
    if len(found) < limit:
        cursor, changed = _next_noted(client, cursor, last, limit - len(found))
        found += [(change.assignment, change.sealed_at) for change in changed]
    return Page(
        _entries(found, client, now=now),
        write_cursor(client, cursor),
        has_more=cursor.until is not None or cursor.position < last,
    )


def _readable() -> tuple[int, int]:
    """Return the first and the last position that can be read; 1 and 0 where there is none."""
    found = RoleChange.objects.aggregate(first=Min("position"), last=Max("position"))
    return (found["first"] or 1, found["last"] or 0)


# --- What a day brought ---------------------------------------------------------------------------------------------


def _next_by_date(client: Client, cursor: Cursor, today: date, limit: int) -> tuple[Cursor, list[RoleAssignment]]:
    """Return assignments that began, or were over, by a day after the cursor's, and the cursor behind them.

    The last of these days stays the same from page to page, so that their order does.
    """
    until = cursor.until or today
    rows = list(
        _shown(RoleAssignment.objects.filter(_by_date(cursor.day, until), role__services=client.service_id))
        .filter(pk__gt=cursor.row)
        .order_by("pk")[:limit]
    )
    if len(rows) == limit:
        return replace(cursor, until=until, row=rows[-1].pk), rows
    return Cursor(cursor.position, until), rows


def _by_date(after: date, until: date) -> Q:
    """Return the condition for a role that begins, or no longer works, on a day after `after`, `until` included."""
    begins = Q(valid_from__gt=after, valid_from__lte=until)
    is_over = Q(valid_until__gte=after, valid_until__lt=until)
    # An end that was planned comes at midnight; at any other moment an act came, and was noted.
    midnights = [midnight(after + timedelta(days=number)) for number in range(1, (until - after).days + 1)]
    return begins | is_over | Q(ended_at__in=midnights)


def midnight(day: date) -> datetime:
    """Return the moment in which a day begins in Brussels."""
    return timezone.make_aware(datetime.combine(day, time()))


# --- What was noted -------------------------------------------------------------------------------------------------


def _next_noted(client: Client, cursor: Cursor, last: int, limit: int) -> tuple[Cursor, list[RoleChange]]:
    """Return noted changes after the cursor, up to the position `last`, and the cursor behind them."""
    noted = RoleChange.objects.filter(position__gt=cursor.position, position__lte=last)
    noted = noted.filter(assignment__role__services=client.service_id).order_by("position")
    rows = list(_shown(noted, "assignment__").only("position", "sealed_at", *_read("assignment__"))[:limit])
    return replace(cursor, position=_position(rows[-1]) if len(rows) == limit else last), rows


def _position(row: RoleChange) -> int:
    return row.position or 0


# --- Entries --------------------------------------------------------------------------------------------------------

_FACTS = (
    *("reference", "valid_from", "valid_until", "assigned_at", "confirmer", "confirmed_at", "confirm_before"),
    *("refused_at", "ended_at", "ended_on", "end_reason"),
    *("role__code", "organisation__enterprise_number", "organisation__status", "assignee__key", "assignee__is_active"),
)


def _read(prefix: str = "") -> list[str]:
    return [f"{prefix}{name}" for name in _FACTS]


def _shown(rows: Any, prefix: str = "") -> Any:
    """Read rows with what entries need of them; of people nothing but their keys."""
    rows = rows.select_related(*(f"{prefix}{name}" for name in ("role", "organisation", "assignee")))
    return rows if prefix else rows.only(*_read())


def _entries(found: Iterable[tuple[RoleAssignment, datetime | None]], client: Client, *, now: datetime) -> list[Entry]:
    """Return an entry for each assignment of which the service has seen something: the last one, where it is twice."""
    by_reference: dict[str, Entry] = {}
    rows = list(found)
    numbers = _numbers([row for row, _at in rows]) if client.may_read_numbers else {}
    for row, at in rows:
        by_reference.pop(row.reference, None)
        if (told := _entry(row, at, now=now)) is not None:
            who = numbers[row.assignee_id] if numbers else subject_of(row.assignee, client)
            by_reference[row.reference] = {**told, "ssin" if numbers else "sub": who}
    return list(by_reference.values())


def _numbers(rows: list[RoleAssignment]) -> dict[int, str]:
    people = Person.objects.only("national_number").in_bulk({row.assignee_id for row in rows})
    return {pk: str(person.national_number) for pk, person in people.items()}


def _entry(row: RoleAssignment, at: datetime | None, *, now: datetime) -> Entry | None:
    """Return how an assignment stands; None where no service has ever seen it, or it begins only later.

    `at` is when the change could first be read; None for what a day brought.
    """
    now = _at_least_as_late_as_its_end(row, now)
    begin, end = delivered_period(row)
    # By days, as states are: the clock of whoever gave it may be ahead of ours.
    if begin is None or local_day(begin) > local_day(now) or (end is not None and end <= begin):
        return None
    if row.is_delivered(now=now):
        kind, effective = (Kind.CHANGED, end) if at is not None and row.ended_at else (Kind.GRANTED, begin)
    else:
        # Without an end of its own, the person or the organisation is no longer there.
        kind, effective = Kind.ENDED, end if end is not None and end <= now else at
    effective = effective or now
    return {
        "reference": row.reference,
        "role": row.role.code,
        "enterpriseNumber": row.organisation.enterprise_number,
        "kind": str(kind),
        "effectiveOn": local_day(effective).isoformat(),
        "at": timezone.localtime(at or effective).isoformat(timespec="seconds"),
    }


def _at_least_as_late_as_its_end(row: RoleAssignment, now: datetime) -> datetime:
    """Return the moment at which a row is looked at: an act that ended it has happened, whatever our clock says.

    It may have come after `now` was read, or by a clock that is ahead. An end that is only planned stands at midnight.
    """
    ended_at = row.ended_at
    if ended_at is None or ended_at <= now or ended_at == midnight(local_day(ended_at)):
        return now
    return ended_at


def delivered_period(row: RoleAssignment) -> tuple[datetime | None, datetime | None]:
    """Return from when on, and until which moment, services see an assignment by its own facts.

    (None, None): never, for it was refused or nobody has confirmed it. An end of None is none yet.
    """
    confirmed_at = row.assigned_at if row.confirmer == RoleAssignment.Confirmer.NOBODY else row.confirmed_at
    if row.refused_at is not None or confirmed_at is None:
        return None, None
    ends = [midnight(row.valid_until + timedelta(days=1))] if row.valid_until and row.valid_until < date.max else []
    ends += [row.ended_at] if row.ended_at and row.end_reason != EndReason.LAPSED else []
    return max(midnight(row.valid_from), confirmed_at), min(ends, default=None)


__all__ = ["BadCursor", "CursorTooOld", "Kind", "Page", "delivered_period", "midnight", "read_changes"]
