"""Lengthening an assignment: the old row ends, a new one goes on from it, in one act. Nothing is edited."""

from datetime import date, datetime, timedelta

from roles.errors import CannotAssign, Objection, TooLate
from roles.events import RoleEvent
from roles.models import RoleAssignment
from roles.models.assignment import Confirmer, EndReason, Origin, next_reference
from roles.operations.closing import record_about, write_end
from roles.operations.making import close_lapsed, make_assignments
from roles.order import AssignmentOrder, OrderedRole
from roles.planning import make_plan
from roles.rules import confirmation_table, confirmer_for, deciders_of
from roles.states import State
from tenants.acting import ActingContext
from tenants.periods import add_years, local_day


def extend_row(
    row: RoleAssignment,
    *,
    valid_until: date | None,
    acting: ActingContext,
    now: datetime,
    origin: Origin = Origin.DIRECT,
    is_answered: bool = False,
) -> RoleAssignment:
    """Let `row` last until `valid_until` (None: without end) and return the row that goes on from it.

    To be called inside a transaction, with the organisation locked, `row` read and `acting` re-read under that lock;
    letters are the caller's. Where nobody has to confirm, the old row ends now and the new one begins today. Where
    somebody has to, the new one begins the day after the old one's last: nobody loses a role by its being prolonged.
    `is_answered`: the holder has asked for it, so that the holder's own confirmation is given already.

    Raises TooLate when the row no longer works, CannotAssign with reasons when the longer one cannot be given.
    """
    if row.state(now=now) != State.ACTIVE:
        raise TooLate
    last = row.last_day
    if last is None or last == date.max:
        raise CannotAssign([Objection("review", "has_no_end", {"role": row.role})])
    if valid_until is not None and valid_until <= last:
        raise CannotAssign([Objection("review", "not_longer", {"role": row.role, "date": last})])
    today = local_day(now)
    _check_length(row, valid_until, today)
    confirmer = confirmer_for(
        row.role,
        row.organisation,
        giver=acting.person,
        assignee=row.assignee,
        table=confirmation_table(),
        deciders=deciders_of(row.organisation, day=today),
    )
    goes_on = confirmer == Confirmer.NOBODY or (is_answered and confirmer == Confirmer.ASSIGNEE)
    if goes_on:
        # Where an end was planned, the new row is the plan now.
        write_end([row], at=now, by=acting.person, reason=EndReason.EXTENDED, now=now)
    order = AssignmentOrder(
        assignees=(row.assignee,),
        organisation=row.organisation,
        roles=(OrderedRole(row.role, row.properties),),
        valid_from=today if goes_on else last + timedelta(days=1),
        valid_until=valid_until,
    )
    close_lapsed(order, now=now)
    plan = make_plan(order, acting=acting, now=now)
    if not plan.new:
        about = {"person": row.assignee, "role": row.role, "organisation": row.organisation}
        raise CannotAssign([Objection("review", "held_meanwhile", about)])
    reference = next_reference("AR", today.year)
    new = make_assignments(
        plan, acting=acting, reference=reference, now=now, origin=origin, replaces=row, is_answered=is_answered
    )[0]
    record_about(
        RoleEvent.ASSIGNMENT_EXTENDED,
        [row],
        actor=acting.person,
        now=now,
        by=new.reference,
        valid_until=valid_until.isoformat() if valid_until else None,
    )
    return new


def _check_length(row: RoleAssignment, valid_until: date | None, today: date) -> None:
    """Hold the longest duration of the role from today on, also where the new row begins later."""
    years = row.role.max_duration_years
    if years is None:
        return
    latest = add_years(today, years)
    if valid_until is None or valid_until > latest:
        about = {"role": row.role, "years": years, "date": latest}
        raise CannotAssign([Objection("properties", "lasts_too_long", about)])
