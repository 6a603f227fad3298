"""Writing the assignments of a plan, however it came about: by the wizard, a request, an invitation, an extension.

To be called inside the caller's transaction, with the organisation locked and the plan made anew under that lock.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from audit.models import AuditEntry
from audit.record import entry
from roles.events import RoleEvent
from roles.models import AssignmentDraft, Role, RoleAssignment
from roles.models.assignment import Confirmer, Origin
from roles.operations.closing import record_about
from roles.order import AssignmentOrder, Plan, PlannedAssignment
from roles.planning import lapsed
from tenants.acting import ActingContext
from tenants.models import Organisation, Person
from tenants.periods import local_day


def close_lapsed(order: AssignmentOrder, *, now: datetime) -> None:
    """End what nobody confirmed in time, so that it no longer holds its days. No constraint knows the clock."""
    close_lapsed_of(order.assignees, order.organisation, [ordered.role for ordered in order.roles], now=now)


def close_lapsed_of(
    assignees: Collection[Person], organisation: Organisation, roles: Collection[Role], *, now: datetime
) -> None:
    """End what nobody confirmed in time among these people and roles."""
    today = local_day(now)
    rows = lapsed(today=today).filter(organisation=organisation, assignee__in=assignees, role__in=roles)
    closed = list(rows.select_related("assignee", "role", "organisation").order_by("pk"))
    if not closed:
        return
    RoleAssignment.objects.filter(pk__in=[row.pk for row in closed]).update(
        ended_at=now, ended_on=today, end_reason=RoleAssignment.EndReason.LAPSED
    )
    record_about(RoleEvent.ASSIGNMENT_LAPSED, closed, actor=None, now=now)


def make_assignments(
    plan: Plan,
    *,
    acting: ActingContext,
    reference: str,
    now: datetime,
    origin: Origin = Origin.DIRECT,
    draft: AssignmentDraft | None = None,
    replaces: RoleAssignment | None = None,
    is_answered: bool = False,
) -> list[RoleAssignment]:
    """Insert and record what is new in the plan; return the rows. No letter is written here.

    `acting` is who gives. `is_answered`: the assignee has said yes already, by accepting an invitation, so that what
    waits for the assignee is confirmed at once. `replaces` is the row that a plan of one assignment goes on from.
    """
    rows = RoleAssignment.objects.bulk_create(
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
            origin=origin,
            draft=draft,
            replaces=replaces,
            **(_answered(planned, now) if is_answered else {}),
        )
        for number, planned in enumerate(plan.new, start=1)
    )
    _record(plan, rows, acting=acting, origin=origin, now=now)
    return rows


def _answered(planned: PlannedAssignment, now: datetime) -> dict[str, Any]:
    """Return the columns of a confirmation where the assignee is the one to give it."""
    if planned.confirmer != Confirmer.ASSIGNEE:
        return {}
    return {"confirmed_at": now, "confirmed_by": planned.assignee}


def _record(plan: Plan, rows: list[RoleAssignment], *, acting: ActingContext, origin: Origin, now: datetime) -> None:
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
            **({"origin": str(origin)} if origin != Origin.DIRECT else {}),
            **({"replaces": row.replaces.reference} if row.replaces else {}),
            **({"lacks_manager": True} if planned.lacks_manager else {}),
        )
        for row, planned in zip(rows, plan.new, strict=True)
    )
