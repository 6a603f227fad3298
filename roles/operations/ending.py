"""Ending assignments: by an access manager, or given up by their holder; now, or after a last day to come.

The row stays and its end is a fact with a moment. An end that was planned can be planned anew or brought forward.
"""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from roles.errors import CannotAssign, NotAllowed, Objection, TooLate
from roles.events import RoleEvent
from roles.models import RoleAssignment, name_people
from roles.models.assignment import EndReason
from roles.operations import letters, life_letters
from roles.operations.actors import reread
from roles.operations.closing import record_about, write_end
from roles.rules import may_end
from roles.states import CURRENT, State
from tenants.acting import ActingContext
from tenants.operations import lock_organisation
from tenants.periods import local_day


def end_assignments(
    assignments: Collection[RoleAssignment],
    *,
    last_day: date | None = None,
    note: str = "",
    acting: ActingContext,
    now: datetime,
) -> list[RoleAssignment]:
    """End assignments of one organisation, all or none: now, or after `last_day`. Return them as they are then.

    What was to go on from them, and has not begun, ends with them: whoever leaves does not come back by an extension.
    One audit row each, one letter per holder. Raises NotAllowed for whoever may not end one of them, TooLate when one
    of them is over already, CannotAssign, with reasons, when `last_day` does not suit one of them.
    """
    if not assignments:
        raise ValueError("nothing to end")
    with transaction.atomic():
        organisation = lock_organisation(_one_organisation(assignments))
        rows = reload_rows(assignments)
        acting = reread(acting, now=now)
        for row in rows:
            if (reason := may_end(acting, row)) is not None:
                raise NotAllowed(reason, organisation=organisation)
            if row.state(now=now) not in CURRENT:
                raise TooLate
        if last_day is not None and (objections := _objections(rows, last_day, now=now)):
            raise CannotAssign(objections)
        ends_at = now if last_day is None else midnight_after(last_day)
        later = followers(rows, now=now)
        _end(rows, ends_at=ends_at, note=note, acting=acting, now=now)
        _end(later, ends_at=now, note=note, acting=acting, now=now)
        _record(rows, last_day, note=note, acting=acting, now=now)
        _record(later, None, note=note, acting=acting, now=now)
        letters.take_back_news([*rows, *later], now=now)
        life_letters.about_end(rows, ended_by=acting.person, note=note, now=now)
    return rows


def midnight_after(day: date) -> datetime:
    """Return the moment in which a last day is over: the next midnight in Brussels, whatever its clock does."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))


def reload_rows(assignments: Collection[RoleAssignment]) -> list[RoleAssignment]:
    """Read assignments anew, with what guards and letters need, in a constant number of queries."""
    rows = list(RoleAssignment.objects.for_page().filter(pk__in=[row.pk for row in assignments]).order_by("id"))
    name_people(rows)
    return rows


def followers(rows: Collection[RoleAssignment], *, now: datetime) -> list[RoleAssignment]:
    """Return what goes on from these rows and still counts: the extensions, and the extensions of those."""
    known = {row.pk for row in rows}
    seen = set(known)
    while seen:
        after = RoleAssignment.objects.filter(replaces__in=seen).exclude(pk__in=known)
        seen = set(after.values_list("pk", flat=True))
        known |= seen
    found = known - {row.pk for row in rows}
    return reload_rows(RoleAssignment.objects.current(now=now).filter(pk__in=found)) if found else []


def _one_organisation(assignments: Collection[RoleAssignment]) -> int:
    organisations = {row.organisation_id for row in assignments}
    if len(organisations) != 1:
        raise ValueError("assignments of several organisations are ended one organisation after the other")
    return organisations.pop()


def _objections(rows: list[RoleAssignment], last_day: date, *, now: datetime) -> list[Objection]:
    """Return why a day to come cannot be the last one."""
    today = local_day(now)
    if last_day <= today:
        return [Objection("date", "ends_in_the_past", {"date": today})]
    found = []
    for row in rows:
        about = {"person": row.assignee, "role": row.role}
        if row.state(now=now) == State.TO_CONFIRM:
            found.append(Objection("when", "waits_still", about))
        elif row.last_day is not None and row.last_day <= last_day:
            # An end that was planned is only brought forward here: a later one is an extension, with its own rules.
            found.append(Objection("date", "ends_already", {**about, "date": row.last_day}))
        elif last_day < row.valid_from:
            found.append(Objection("date", "begins_later", {**about, "date": row.valid_from}))
    return found


def _end(rows: list[RoleAssignment], *, ends_at: datetime, note: str, acting: ActingContext, now: datetime) -> None:
    own = [row for row in rows if row.assignee_id == acting.person.pk]
    others = [row for row in rows if row.assignee_id != acting.person.pk]
    for these, reason in ((own, EndReason.HOLDER), (others, EndReason.MANAGER)):
        write_end(these, at=ends_at, by=acting.person, reason=reason, note=note, now=now)


def _record(
    rows: list[RoleAssignment], last_day: date | None, *, note: str, acting: ActingContext, now: datetime
) -> None:
    record_about(
        RoleEvent.ASSIGNMENT_ENDED if last_day is None else RoleEvent.ASSIGNMENT_END_PLANNED,
        rows,
        actor=acting.person,
        now=now,
        of=lambda row: {"reason": str(row.end_reason)},
        last_day=last_day.isoformat() if last_day else None,
        note=note,
        level=acting.level,
    )
