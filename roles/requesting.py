"""From a wish to requests: which roles, whether one lasts longer, who decides, and what stands in the way."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from roles.errors import CannotAssign, Objection
from roles.models import OnlineService, Role, RoleAssignment, RoleRequest
from roles.order import AssignmentOrder, OrderedRole
from roles.planning import held_assignments, objections_to_period
from roles.rules import Deciders, Reason, deciders_of, may_request
from roles.states import State
from tenants.acting import ActingContext
from tenants.models import Organisation, Person
from tenants.periods import local_day


@dataclass(frozen=True)
class RequestOrder:
    """What somebody asks for: these roles of the organisation, for the period."""

    organisation: Organisation
    roles: tuple[Role, ...]
    valid_from: date
    valid_until: date | None
    motivation: str = ""
    # The online service that sent the person here, and the way back to it.
    came_from: OnlineService | None = None
    return_to: str = ""


@dataclass(frozen=True)
class PlannedRequest:
    """One request that will be made: what it wants to see prolonged, if anything, and who may decide on it."""

    role: Role
    extends: RoleAssignment | None
    deciders: tuple[Person, ...]


def can_be_extended(row: RoleAssignment, *, now: datetime) -> bool:
    """Say whether a role that somebody holds could be held longer: it works, and it has a last day."""
    return row.state(now=now) == State.ACTIVE and row.last_day is not None


def pending_of(person: Person, organisation: Organisation, *, now: datetime) -> dict[int, RoleRequest]:
    """Return what the person has asked for and nobody has decided yet, by role id. One query."""
    rows = RoleRequest.objects.pending(now=now).filter(requester=person, organisation=organisation)
    return {row.role_id: row for row in rows}


def why_not_now(
    role: Role,
    organisation: Organisation,
    *,
    acting: ActingContext,
    pending: dict[int, RoleRequest],
    deciders: Deciders,
) -> Reason | None:
    """Say why the person cannot ask for this role at this moment, or None."""
    if (reason := may_request(acting, role, organisation)) is not None:
        return reason
    if role.pk in pending:
        return Reason.ALREADY_ASKED
    return None if deciders.managers_for(role, besides=acting.person) else Reason.NOBODY_DECIDES


@dataclass(frozen=True)
class Hindrance:
    """Why somebody cannot ask for a role now, and what they hold or have asked for already."""

    reason: Reason
    held: RoleAssignment | None = None
    asked: RoleRequest | None = None


def hindrance_to(role: Role, organisation: Organisation, *, acting: ActingContext, now: datetime) -> Hindrance | None:
    """Say what keeps the person from asking for a role that a service sent them for, or None.

    What is held is no role to ask for here, not even for a longer time: the service lets its holder in, or will.
    """
    mine = RoleAssignment.objects.current(now=now).filter(assignee=acting.person, organisation=organisation, role=role)
    held = mine.for_page().order_by("valid_from", "id").first()
    if held is not None:
        return Hindrance(Reason.HELD_ALREADY, held=held)
    pending = pending_of(acting.person, organisation, now=now)
    deciders = deciders_of(organisation, day=local_day(now))
    reason = why_not_now(role, organisation, acting=acting, pending=pending, deciders=deciders)
    return Hindrance(reason, asked=pending.get(role.pk)) if reason is not None else None


def plan_requests(order: RequestOrder, *, acting: ActingContext, now: datetime) -> list[PlannedRequest]:
    """Return the requests that sending would make now. Raises CannotAssign with every objection there is.

    A constant number of queries, however many roles.
    """
    today, person = local_day(now), acting.person
    pending = pending_of(person, order.organisation, now=now)
    deciders = deciders_of(order.organisation, day=today)
    held = held_assignments(
        [person],
        order.organisation,
        [role.pk for role in order.roles],
        valid_from=order.valid_from,
        valid_until=order.valid_until,
        today=today,
    )
    found: list[Objection] = [] if order.roles else [Objection("roles", "no_roles")]
    planned = []
    for role in order.roles:
        about = {"role": role, "organisation": order.organisation}
        reason = why_not_now(role, order.organisation, acting=acting, pending=pending, deciders=deciders)
        if reason is not None:
            found.append(Objection("roles", reason, about))
            continue
        extends, objection = _extended(role, held, valid_until=order.valid_until, now=now)
        found += [objection] if objection else []
        planned.append(PlannedRequest(role, extends, tuple(deciders.managers_for(role, besides=person))))
    if found := found + _objections_to_days(order, person, today):
        raise CannotAssign(found)
    return planned


def _extended(
    role: Role, held: Iterable[RoleAssignment], *, valid_until: date | None, now: datetime
) -> tuple[RoleAssignment | None, Objection | None]:
    """Return the assignment that would be prolonged, or what is wrong with asking for a role that is held."""
    rows = [row for row in held if row.role_id == role.pk]
    if not rows:
        return None, None
    if len(rows) > 1 or not can_be_extended(rows[0], now=now):
        return None, Objection("roles", Reason.HELD_ALREADY, {"role": role})
    last = rows[0].last_day
    if valid_until is not None and last is not None and valid_until <= last:
        return None, Objection("reason", "not_longer", {"role": role, "date": last})
    return rows[0], None


def _objections_to_days(order: RequestOrder, person: Person, today: date) -> list[Objection]:
    """Return what is wrong with the period, as giving the roles would find it."""
    roles = tuple(OrderedRole(role) for role in order.roles)
    days = AssignmentOrder((person,), order.organisation, roles, order.valid_from, order.valid_until)
    return [Objection("reason", each.code, each.about) for each in objections_to_period(days, today)]
