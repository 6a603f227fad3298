"""One message a day to each access manager: what waits for their confirmation or decision, and what ends soon.

It is for those who want it (S21), and none is written when there is nothing to say. A periodic job of the worker.
"""

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from outbox.compose import compose
from roles.models import RoleAssignment, RoleRequest, name_people
from roles.rules import deciders_of
from roles.states import State
from tenants.models import Organisation, Person
from tenants.periods import local_day
from vault import throttle

FROM_HOUR = 6  # in Brussels; nobody is woken by it
DAYS_BEFORE = (30, 7)  # SCREENS 8, M8
MOST_LINES = 50
OLD_AFTER = timedelta(hours=24)  # a request was told of when it was made; the digest reminds of it

_DONE = "roles.digest"


def send_digests(*, now: datetime) -> int:
    """Write the messages of the day, once, from six o'clock on; return how many were written now.

    A letter of the day is kept under the person and the day: two workers, or one that begins again, write none twice.
    """
    day = local_day(now)
    if timezone.localtime(now).hour < FROM_HOUR:
        return 0
    if not throttle.peek(_DONE, day.isoformat(), limit=1, per=timedelta(days=2), now=now).allowed:
        return 0
    told = _things_to_tell(day, now=now)
    for person, things in told.items():
        compose(
            "daily_digest",
            to=person.email,
            language=person.language,
            context={"receiver": person.full_name, **_lines(things, person.language)},
            dedup_key=f"digest:{person.key}:{day.isoformat()}",
            now=now,
        )
    throttle.take(_DONE, day.isoformat(), limit=1, per=timedelta(days=2), now=now)
    return len(told)


Things = dict[str, list[Any]]  # assignments under "waiting" and "ending", role requests under "requests"
KINDS = ("waiting", "requests", "ending")


def _nothing() -> Things:
    return {kind: [] for kind in KINDS}


def _things_to_tell(day: date, *, now: datetime) -> dict[Person, Things]:
    """Return what each manager who wants to know is told. A few queries, and three per organisation concerned."""
    waiting = RoleAssignment.objects.awaiting_a_manager(now=now)
    last_days = [day + timedelta(days=days) for days in DAYS_BEFORE]
    ending = RoleAssignment.objects.in_state(State.ACTIVE, now=now).filter(valid_until__in=last_days)
    by_organisation: dict[Organisation, Things] = {}
    for kind, rows in (("waiting", waiting), ("ending", ending)):
        found = list(rows.select_related("role", "organisation").order_by("organisation", "valid_until", "id"))
        name_people(found)
        for row in found:
            by_organisation.setdefault(row.organisation, _nothing())[kind].append(row)
    for asked in _old_requests(now):
        by_organisation.setdefault(asked.organisation, _nothing())["requests"].append(asked)
    told: dict[Person, Things] = defaultdict(_nothing)
    for organisation, things in by_organisation.items():
        if organisation.is_stopped:
            continue
        deciders = deciders_of(organisation, day=day)
        for row in things["waiting"]:
            for person in deciders.for_assignment(row):
                told[person]["waiting"].append(row)
        for asked in things["requests"]:
            for person in deciders.managers_for(asked.role, besides=asked.requester):
                told[person]["requests"].append(asked)
        for row in things["ending"]:
            for person in {own.person for own in deciders.appointments if own.covers(row.role.domain_id)}:
                told[person]["ending"].append(row)
    return {person: things for person, things in told.items() if _wants(person)}


def _old_requests(now: datetime) -> list[RoleRequest]:
    """Return the role requests that have waited for longer than a day."""
    rows = RoleRequest.objects.pending(now=now).filter(requested_at__lte=now - OLD_AFTER)
    return list(rows.select_related("role", "organisation", "requester").order_by("organisation", "id"))


def _wants(person: Person) -> bool:
    return bool(person.email and person.is_active and person.wants_digest)


def _lines(things: Things, language: str) -> dict[str, Any]:
    """Return the lists of the letter, in the reader's language, cut where nobody would read on."""
    lists: dict[str, Any] = {}
    for kind, rows in things.items():
        lists[kind] = [_line(row, language) for row in rows[:MOST_LINES]]
        lists[f"more_{kind}"] = max(0, len(rows) - MOST_LINES)
    return lists


def _line(row: RoleAssignment | RoleRequest, language: str) -> dict[str, Any]:
    """Return a line: who holds the role or asks for it, until when there is something to do, and the last day."""
    person, before = _whose_and_when(row)
    return {
        "holder": person.full_name,
        "role": row.role.name_in(language),
        "organisation": row.organisation.name_in(language),
        "before_on": before.isoformat() if before else None,
        "last_on": row.valid_until.isoformat() if row.valid_until else None,
        "reference": row.reference,
    }


def _whose_and_when(row: RoleAssignment | RoleRequest) -> tuple[Person, date | None]:
    if isinstance(row, RoleRequest):
        return row.requester, row.decide_before
    return row.assignee, row.confirm_before
