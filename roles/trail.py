"""Reading the audit trail for its two pages: newest first, within what the reader may see, a page by its key.

Every reading is a range over an index by moment (tests/roles/test_history_plans.py), so its cost does not grow with
the trail. Two entries of one moment stand in the order in which they were written.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from audit.models import AuditEntry
from roles.events import RoleEvent
from roles.models import Invitation, Role, RoleAssignment, RoleRequest
from tenants.acting import ActingContext
from tenants.models import Organisation, Person
from tenants.search import search_names

PAGE = 25
# A page or a search that was refused changed nothing in the organisation. Whoever tried reads it in the own activity,
# staff in the administration; the history would fill with it.
_REFUSALS = (RoleEvent.ACCESS_DENIED, RoleEvent.LOOKUP_DENIED)
_MONTH = re.compile(r"(2[0-9]{3})-(0[1-9]|1[0-2])")

Trail = QuerySet[AuditEntry]


# --- Of an organisation ---------------------------------------------------------------------------------------------


def roles_seen(acting: ActingContext, organisation: Organisation) -> frozenset[str] | None:
    """Return the codes of the roles whose history an access manager may read; None for all of them."""
    own = acting.appointments_for(organisation)
    if any(appointment.covers_all_domains for appointment in own):
        return None
    domains = [appointment.domain_id for appointment in own]
    return frozenset(Role.objects.filter(domain__in=domains).values_list("code", flat=True))


def visible_trail(acting: ActingContext, organisation: Organisation, codes: frozenset[str] | None) -> Trail:
    """Return what an access manager may read: everything, or what is about these roles and the own acts.

    Without refusals (`_REFUSALS`).
    """
    whole = AuditEntry.objects.filter(organisation_key=organisation.key).exclude(event__in=_REFUSALS)
    if codes is None:
        return whole
    return whole.filter(Q(data__role__in=sorted(codes)) | Q(actor_key=acting.person.key))


def about_persons(rows: Trail, persons: Iterable[int], organisation: Organisation) -> Trail:
    """Keep what these persons did, and what was done about them or their roles for this organisation.

    By keys, which stand in indexes, not by the names in the trail.
    """
    ids = list(persons)
    keys = list(Person.objects.filter(pk__in=ids).values_list("key", flat=True))
    held = RoleAssignment.objects.of_organisation(organisation).filter(assignee__in=ids).values_list("key", flat=True)
    return rows.filter(Q(actor_key__in=keys) | Q(subject_key__in=[*keys, *held]))


def persons_named(words: str, organisation: Organisation) -> tuple[list[int], bool]:
    """Return the ids of persons of this name, those who work or worked here first, and whether there are more.

    A role can be held, and a history made, by somebody who never worked here: so the whole register is asked, too.
    What is shown is only what they have to do with the organisation. Two statements.
    """
    here, everywhere = search_names(words, within=(organisation,)), search_names(words)
    return list(dict.fromkeys([*here.ids, *everywhere.ids])), here.has_more or everywhere.has_more


# --- Of a person ----------------------------------------------------------------------------------------------------


def trail_of(person: Person) -> list[Trail]:
    """Return what a person did, and what was done about the person: two readings.

    About the person is also what became of own roles and requests, and of invitations that the person answered. As
    one condition the database would read all of it to sort it; apart, each is a range over an index.
    """
    own = (
        RoleAssignment.objects.filter(assignee=person),
        RoleRequest.objects.filter(requester=person),
        Invitation.objects.filter(answered_by=person),
    )
    keys = [key for rows in own for key in rows.values_list("key", flat=True)]
    return [
        AuditEntry.objects.filter(actor_key=person.key),
        AuditEntry.objects.filter(subject_key__in=[person.key, *keys]),
    ]


# --- Of both --------------------------------------------------------------------------------------------------------


def newest(readings: Iterable[Trail], *, after: int | None = None, most: int = PAGE) -> tuple[list[AuditEntry], bool]:
    """Return the newest entries of all readings together, from behind `after` on, and whether there are more.

    `after` is the number of an entry that one of the readings holds; any other one begins at the newest: lists do not
    answer 404 for an old bookmark.
    """
    readings = list(readings)
    start = _moment_of(readings, after) if after else None
    found: dict[int, AuditEntry] = {}
    for rows in readings:
        page = rows if start is None else rows.filter(_before(start, after))
        found |= {entry.pk: entry for entry in page.order_by("-occurred_at", "-id")[: most + 1]}
    in_order = sorted(found.values(), key=lambda entry: (entry.occurred_at, entry.pk), reverse=True)
    return in_order[:most], len(in_order) > most


def _moment_of(readings: list[Trail], number: int) -> datetime | None:
    for rows in readings:
        if (moment := rows.filter(pk=number).values_list("occurred_at", flat=True).first()) is not None:
            return moment
    return None


def _before(moment: datetime, number: Any) -> Q:
    # The first condition says nothing new: it is the range that an index can serve.
    return Q(occurred_at__lte=moment) & (Q(occurred_at__lt=moment) | Q(pk__lt=number))


# --- Months ---------------------------------------------------------------------------------------------------------


def in_month(rows: Trail, month: date) -> Trail:
    """Keep what happened in the month that begins on this day, in Belgium."""
    return rows.filter(occurred_at__gte=_midnight(month), occurred_at__lt=_midnight(next_month(month)))


def months_around(rows: Trail, month: date) -> tuple[date | None, date | None]:
    """Return the nearest months before and after this one in which something happened. Two queries."""
    before = rows.filter(occurred_at__lt=_midnight(month)).order_by("-occurred_at", "-id")
    after = rows.filter(occurred_at__gte=_midnight(next_month(month))).order_by("occurred_at", "id")
    return _month_of(before), _month_of(after)


def newest_month(rows: Trail) -> date | None:
    """Return the month in which something happened last. One query."""
    return _month_of(rows.order_by("-occurred_at", "-id"))


def month_from(text: str) -> date | None:
    """Return the first day of a month written as 2026-11, or None for any other text."""
    found = _MONTH.fullmatch(text)
    return date(int(found[1]), int(found[2]), 1) if found else None


def next_month(month: date) -> date:
    """Return the first day of the month after this one."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def _month_of(rows: Trail) -> date | None:
    moment = rows.values_list("occurred_at", flat=True).first()
    return timezone.localdate(moment).replace(day=1) if moment else None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day))
