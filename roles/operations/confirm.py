"""Confirming and refusing a role that waits for it."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from audit.record import record
from roles.errors import AlreadyAnswered, NotAllowed
from roles.events import RoleEvent
from roles.models import RoleAssignment
from roles.models.assignment import Confirmer
from roles.operations import letters
from roles.operations.actors import reread
from roles.rules import Reason, deciders_of, level_to_manage, may_confirm
from tenants.acting import ActingContext
from tenants.operations import lock_organisation
from tenants.periods import local_day


def confirm_assignment(assignment: RoleAssignment, *, acting: ActingContext, now: datetime) -> RoleAssignment:
    """Make a waiting assignment work. Raises AlreadyAnswered when it no longer waits, NotAllowed for others."""
    with transaction.atomic():
        row = _load(assignment, acting=acting, now=now)
        _answer(row, now, confirmed_at=now, confirmed_by=acting.person)
        _record(RoleEvent.ASSIGNMENT_CONFIRMED, row, acting=acting, now=now)
        if row.assignee_id == acting.person.pk:
            letters.withdraw_request_to_confirm(row, now=now)
        else:
            letters.withdraw_requests_to_managers(row, now=now)
            letters.about_confirmation(row, now=now)
    row.refresh_from_db()
    return row


def refuse_assignment(
    assignment: RoleAssignment, *, note: str = "", acting: ActingContext, now: datetime
) -> RoleAssignment:
    """Refuse a waiting assignment. Raises as `confirm_assignment`."""
    with transaction.atomic():
        row = _load(assignment, acting=acting, now=now)
        _answer(row, now, refused_at=now, refused_by=acting.person, refusal_note=note)
        _record(RoleEvent.ASSIGNMENT_REFUSED, row, acting=acting, now=now)
        if row.assignee_id == acting.person.pk:
            letters.withdraw_request_to_confirm(row, now=now)
        else:
            letters.withdraw_requests_to_managers(row, now=now)
        letters.about_refusal(row, refused_by=acting.person, note=note, now=now)
    row.refresh_from_db()
    return row


def _record(event: RoleEvent, row: RoleAssignment, *, acting: ActingContext, now: datetime) -> None:
    """Record the answer, with the role: by it the manager of a domain finds what the history may show (S20)."""
    about = {"assignee": row.assignee.key, "role": row.role.code}
    record(event, actor=acting.person, subject=row, organisation=row.organisation, now=now, **about)


def _load(assignment: RoleAssignment, *, acting: ActingContext, now: datetime) -> RoleAssignment:
    """Return the row, the organisation locked, after asking again whether this person may answer."""
    organisation = lock_organisation(assignment.organisation_id)
    row = RoleAssignment.objects.for_page().get(pk=assignment.pk)
    day = local_day(now)
    acting = reread(acting, now=now)
    if not may_confirm(row, acting, deciders_of(organisation, day=day)):
        raise NotAllowed(Reason.NOT_MANAGER, organisation=organisation)
    if organisation.is_stopped:
        raise NotAllowed(Reason.ORGANISATION_STOPPED, organisation=organisation)
    if row.confirmer == Confirmer.MANAGER and acting.level < level_to_manage():
        raise NotAllowed(Reason.LEVEL_TOO_LOW, organisation=organisation)
    if row.confirmer == Confirmer.MANAGER and acting.level < row.role.minimum_level:
        # Who confirms for another stands in for the giver, of whom the role asks that much.
        raise NotAllowed(Reason.ROLE_NEEDS_HIGH, organisation=organisation)
    return row


def _answer(row: RoleAssignment, now: datetime, **change: object) -> None:
    """Write the answer where none stands yet: of two answers at once, one statement wins."""
    open_still = Q(confirmed_at__isnull=True, refused_at__isnull=True, ended_at__isnull=True)
    won = RoleAssignment.objects.filter(open_still, pk=row.pk, confirm_before__gt=local_day(now)).update(**change)
    if not won:
        raise AlreadyAnswered
    for field, value in change.items():
        setattr(row, field, value)  # what the letter says
