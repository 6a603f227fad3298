"""Giving roles: the one write of the wizard."""

from dataclasses import replace
from datetime import date, datetime

from django.db import transaction

from audit.models import AuditEntry
from audit.record import entry, record
from roles.errors import CannotAssign, DraftChanged, DraftFinished, NotAllowed, Objection
from roles.events import RoleEvent
from roles.models import AssignmentDraft, Role, RoleAssignment
from roles.models.assignment import Confirmer, Origin, next_reference
from roles.operations import letters
from roles.order import AssignmentOrder, OrderedRole, Plan
from roles.planning import lapsed, make_plan
from roles.rules import Reason
from tenants.acting import ActingContext, links_of
from tenants.models import Organisation, Person
from tenants.operations import lock_organisation
from tenants.periods import local_day


def assign_roles(
    order: AssignmentOrder,
    *,
    acting: ActingContext,
    draft: AssignmentDraft,
    seen_version: int,
    shown: str,
    now: datetime,
) -> str:
    """Give everybody in the order every role of it, and return the reference of the whole.

    All of what the check page showed (`shown`, the plan's fingerprint), or nothing. Raises DraftFinished when this
    draft has done its work already, DraftChanged when it changed since the page was shown, NotAllowed when the giver
    was switched off, and CannotAssign, with reasons, when a right, a role or the organisation has changed meanwhile.
    """
    today = local_day(now)
    with transaction.atomic():
        organisation = lock_organisation(order.organisation.pk)
        _win(draft, acting=acting, seen_version=seen_version, message=order.message, now=now)
        acting, order = _reload(order, organisation, acting=acting, today=today)
        _close_lapsed(order, now=now)
        plan = make_plan(order, acting=acting, now=now)
        if plan.fingerprint() != shown:
            raise CannotAssign(_changes(plan, draft))
        if not plan.new:
            raise CannotAssign([Objection("review", "nothing_to_assign")])
        reference = next_reference("AR", today.year)
        AssignmentDraft.objects.filter(pk=draft.pk).update(submitted_at=now, reference=reference)
        rows = _insert(plan, acting=acting, draft=draft, reference=reference, now=now)
        _record(plan, rows, acting=acting, now=now)
        letters.about_new_assignments(plan, rows, giver=acting.person, reference=reference, now=now)
    return reference


def deny(objections: list[Objection], *, acting: ActingContext, organisation: Organisation | None) -> None:
    """Record that the last press of the wizard was refused. Its own transaction: the act's was rolled back."""
    with transaction.atomic():
        record(
            RoleEvent.ASSIGNMENT_DENIED,
            actor=acting.person,
            organisation=organisation,
            reasons=sorted({str(objection.code) for objection in objections}),
            roles=sorted({objection.about["role"].code for objection in objections if "role" in objection.about}),
        )


def _win(draft: AssignmentDraft, *, acting: ActingContext, seen_version: int, message: str, now: datetime) -> None:
    """Take the draft. One statement decides among all presses of the last button (STACK 2.2).

    The row stays locked until the transaction ends, so a second press waits, and then finds the work done.
    """
    won = AssignmentDraft.objects.filter(
        pk=draft.pk,
        owner=acting.person,
        version=seen_version,
        submitted_at__isnull=True,
        deleted_at__isnull=True,
    ).update(version=seen_version + 1, message=message)
    if not won:
        current = AssignmentDraft.objects.get(pk=draft.pk)
        raise DraftFinished if current.submitted_at is not None else DraftChanged


def _reload(
    order: AssignmentOrder, organisation: Organisation, *, acting: ActingContext, today: date
) -> tuple[ActingContext, AssignmentOrder]:
    """Return who acts, and the order with its people and roles, as they are now; people are locked."""
    keys = {acting.person.pk, *(person.pk for person in order.assignees)}
    persons = Person.objects.select_for_update(no_key=True).order_by("pk").in_bulk(keys)
    giver = persons[acting.person.pk]
    if not giver.is_active:
        raise NotAllowed(Reason.PERSON_INACTIVE)
    # Locked as well: a role that is being withdrawn at this moment waits, or is seen as withdrawn.
    locked = Role.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    roles = locked.for_page().in_bulk([ordered.role.pk for ordered in order.roles])
    return replace(acting, person=giver, links=links_of(giver, today)), replace(
        order,
        organisation=organisation,
        assignees=tuple(persons[person.pk] for person in order.assignees),
        roles=tuple(OrderedRole(roles[ordered.role.pk], ordered.properties) for ordered in order.roles),
    )


def _close_lapsed(order: AssignmentOrder, *, now: datetime) -> None:
    """End what nobody confirmed in time, so that it no longer holds its days. No constraint knows the clock."""
    today = local_day(now)
    rows = lapsed(today=today).filter(
        organisation=order.organisation,
        assignee__in=order.assignees,
        role__in=[ordered.role for ordered in order.roles],
    )
    closed = list(rows.select_related("assignee", "role", "organisation").order_by("pk"))
    if not closed:
        return
    RoleAssignment.objects.filter(pk__in=[row.pk for row in closed]).update(
        ended_at=now, ended_on=today, end_reason=RoleAssignment.EndReason.LAPSED
    )
    AuditEntry.objects.bulk_create(
        entry(
            RoleEvent.ASSIGNMENT_LAPSED,
            actor=None,
            subject=row,
            organisation=row.organisation,
            now=now,
            assignee=row.assignee.key,
            role=row.role.code,
        )
        for row in closed
    )


def _insert(
    plan: Plan, *, acting: ActingContext, draft: AssignmentDraft, reference: str, now: datetime
) -> list[RoleAssignment]:
    return RoleAssignment.objects.bulk_create(
        RoleAssignment(
            reference=f"{reference}-{number}",
            role=planned.role,
            organisation=plan.order.organisation,
            assignee=planned.assignee,
            valid_from=plan.order.valid_from,
            valid_until=plan.order.valid_until,
            properties=planned.ordered.properties,
            assigned_by=acting.person,
            assigned_at=now,
            confirmer=planned.confirmer,
            confirm_before=None if planned.confirmer == Confirmer.NOBODY else plan.confirm_before,
            origin=Origin.DIRECT,
            draft=draft,
        )
        for number, planned in enumerate(plan.new, start=1)
    )


def _record(plan: Plan, rows: list[RoleAssignment], *, acting: ActingContext, now: datetime) -> None:
    """Record each assignment; one INSERT for all, since a pass may make a thousand.

    `lacks_manager` stands there when the assignee confirms because no second person could (DOMAIN 4.2).
    """
    AuditEntry.objects.bulk_create(
        entry(
            RoleEvent.ASSIGNMENT_GRANTED,
            actor=acting.person,
            subject=row,
            organisation=row.organisation,
            now=now,
            assignee=row.assignee.key,
            role=row.role.code,
            valid_from=row.valid_from.isoformat(),
            valid_until=row.valid_until.isoformat() if row.valid_until else None,
            properties=row.properties,
            confirmer=row.confirmer,
            level=acting.level,
            **({"lacks_manager": True} if planned.lacks_manager else {}),
        )
        for row, planned in zip(rows, plan.new, strict=True)
    )


def _changes(plan: Plan, draft: AssignmentDraft) -> list[Objection]:
    """Name what came in between the check page and the press: roles given meanwhile, else "look again"."""
    meanwhile = [
        Objection(
            "review",
            "held_meanwhile",
            {"person": row.assignee, "role": row.role, "organisation": row.organisation},
        )
        for row in plan.held
        if row.assigned_at > draft.updated_at
    ]
    return meanwhile or [Objection("review", "changed_meanwhile")]
