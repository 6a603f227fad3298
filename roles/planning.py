"""From an order to a plan: who gets what, what exists already, who has to confirm, and what stands in the way."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import F, Q

from roles.errors import CannotAssign, Objection
from roles.models import RoleAssignment
from roles.models.assignment import Confirmer, RoleAssignmentQuerySet
from roles.order import AssignmentOrder, OrderedRole, Plan, PlannedAssignment, confirm_before
from roles.rules import (
    Deciders,
    Reason,
    confirmation_table,
    confirmer_for,
    deciders_of,
    may_assign,
    may_manage_organisation,
    wanted_confirmer,
)
from tenants.acting import ActingContext
from tenants.models import Organisation, Person
from tenants.periods import add_years, local_day
from vault.numbers import holds_national_number


def lapsed(*, today: date) -> RoleAssignmentQuerySet:
    """Return the assignments that nobody confirmed in time and that still hold their days."""
    return RoleAssignment.objects.filter(_is_lapsed(today))


def _is_lapsed(today: date) -> Q:
    """Return the same as a condition: as a subquery it would read the lapsed ones of the whole country."""
    unanswered = Q(confirmed_at__isnull=True, refused_at__isnull=True, ended_at__isnull=True)
    return unanswered & Q(confirm_before__lte=today) & ~Q(confirmer=Confirmer.NOBODY)


def held_assignments(
    assignees: Iterable[Person],
    organisation: Organisation,
    role_ids: Iterable[int],
    *,
    valid_from: date,
    valid_until: date | None,
    today: date,
) -> list[RoleAssignment]:
    """Return the assignments that overlap these days for these people and roles. One query.

    The same rule as the constraint `assignment_no_overlap`, but for what has lapsed, which the operation closes.
    """
    overlapping = RoleAssignment.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gte=valid_from),
        Q(ended_on__isnull=True) | (Q(ended_on__gt=valid_from) & Q(ended_on__gt=F("valid_from"))),
        assignee__in=[person.pk for person in assignees],
        organisation=organisation,
        role__in=list(role_ids),
        refused_at__isnull=True,
    )
    if valid_until is not None:
        overlapping = overlapping.filter(valid_from__lte=valid_until)
    not_lapsed = overlapping.exclude(_is_lapsed(today))
    return list(not_lapsed.select_related("assignee", "role", "organisation").order_by("id"))


def make_plan(order: AssignmentOrder, *, acting: ActingContext, now: datetime) -> Plan:
    """Return what carrying out `order` means now. Raises CannotAssign with every objection there is.

    A constant number of queries, however many people and roles.
    """
    today = local_day(now)
    if objections := objections_to(order, acting=acting, today=today):
        raise CannotAssign(objections)
    held = held_assignments(
        order.assignees,
        order.organisation,
        [ordered.role.pk for ordered in order.roles],
        valid_from=order.valid_from,
        valid_until=order.valid_until,
        today=today,
    )
    taken = {(row.assignee_id, row.role_id) for row in held}
    table, deciders = confirmation_table(), deciders_of(order.organisation, day=today)
    new = tuple(
        _planned(order, ordered, person, giver=acting.person, table=table, deciders=deciders)
        for person in order.assignees
        for ordered in order.roles
        if (person.pk, ordered.role.pk) not in taken
    )
    return Plan(order, new, tuple(held), confirm_before(today))


def _planned(
    order: AssignmentOrder,
    ordered: OrderedRole,
    assignee: Person,
    *,
    giver: Person,
    table: dict[tuple[str, bool], str],
    deciders: Deciders,
) -> PlannedAssignment:
    role, organisation = ordered.role, order.organisation
    wanted = wanted_confirmer(role, organisation, to_oneself=giver.pk == assignee.pk, table=table)
    actual = confirmer_for(role, organisation, giver=giver, assignee=assignee, table=table, deciders=deciders)
    return PlannedAssignment(assignee, ordered, actual, lacks_manager=wanted != actual)


def objections_to(order: AssignmentOrder, *, acting: ActingContext, today: date) -> list[Objection]:
    """Return everything that stands in the way of the order, each with the step where it is mended."""
    found: list[Objection] = []
    if not order.assignees:
        found.append(Objection("persons", "no_persons"))
    if not order.roles:
        found.append(Objection("roles", "no_roles"))
    for person in order.assignees:
        if not person.is_active:
            found.append(Objection("persons", Reason.PERSON_INACTIVE, {"person": person}))
    if (reason := may_manage_organisation(acting, order.organisation)) is not None:
        found.append(Objection("organisation", reason, {"organisation": order.organisation}))
    else:
        found += _objections_to_roles(order, acting)
    return found + _objections_to_answers(order) + objections_to_period(order, today)


def _objections_to_roles(order: AssignmentOrder, acting: ActingContext) -> list[Objection]:
    found = []
    for ordered in order.roles:
        if (reason := may_assign(acting, ordered.role, order.organisation)) is not None:
            about = {"role": ordered.role, "organisation": order.organisation}
            found.append(Objection("roles", reason, about))
    return found


def _objections_to_answers(order: AssignmentOrder) -> list[Objection]:
    """Ask again what step 4 asked: the catalogue may have other questions or answers by now."""
    found = []
    for ordered in order.roles:
        for question in ordered.role.properties.all():
            answer = ordered.properties.get(question.code)
            if not question.accepts(answer):
                found.append(Objection("properties", "wrong_answer", {"role": ordered.role, "question": question}))
            elif isinstance(answer, str) and holds_national_number(answer):
                found.append(Objection("properties", "number_in_answer", {"role": ordered.role}))
    return found


def objections_to_period(order: AssignmentOrder, today: date) -> list[Objection]:
    """Return what is wrong with the days of the order, each with the step where it is mended."""
    found = []
    if order.valid_from < today:
        found.append(Objection("properties", "starts_in_the_past"))
    if order.valid_until is not None and order.valid_until <= today:
        found.append(Objection("properties", "ends_in_the_past", {"date": today}))
    elif order.valid_until is not None and order.valid_until < order.valid_from:
        found.append(Objection("properties", "ends_before_start"))
    for ordered in order.roles:
        years = ordered.role.max_duration_years
        if years is None:
            continue
        latest = add_years(order.valid_from, years)
        if order.valid_until is None or order.valid_until > latest:
            about = {"role": ordered.role, "years": years, "date": latest}
            found.append(Objection("properties", "lasts_too_long", about))
    return found
