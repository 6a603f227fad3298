"""Asking for roles, and what becomes of it: approved, refused, withdrawn, expired. Each happens once."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from audit.record import record
from roles.errors import CannotAssign, DraftChanged, DraftFinished, NotAllowed, Objection, QuotaReached, TooLate
from roles.events import RoleEvent
from roles.models import AssignmentDraft, Role, RoleAssignment, RoleRequest
from roles.models.assignment import Origin, next_reference
from roles.models.request import RequestStatus
from roles.operations import request_letters
from roles.operations.extend import extend_row
from roles.operations.making import close_lapsed, make_assignments
from roles.order import AssignmentOrder, OrderedRole
from roles.planning import make_plan
from roles.requesting import PlannedRequest, RequestOrder, can_be_extended, plan_requests
from roles.rules import Reason, may_decide, may_request_for
from tenants.acting import ActingContext, links_of
from tenants.models import Person
from tenants.operations import lock_organisation
from tenants.periods import local_day
from vault import throttle

MOST_AT_ONCE = 500
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Granted:
    """What a manager grants of a request: the days, never more than was asked, and the answers to the role."""

    valid_from: date
    valid_until: date | None
    properties: dict[str, Any]


def ask_for_roles(
    order: RequestOrder, *, draft: AssignmentDraft, seen_version: int, acting: ActingContext, now: datetime
) -> str:
    """Ask for every role of the order and return the reference of the whole: all of them, or nothing.

    Raises DraftFinished when this draft has done its work already, DraftChanged when it changed since the page was
    shown, NotAllowed when the person no longer belongs to the organisation, CannotAssign, with reasons, when a role
    was given or asked for meanwhile, QuotaReached when the day's sendings are used up.
    """
    _take_quota(order, acting=acting, now=now)
    today = local_day(now)
    with transaction.atomic():
        organisation = lock_organisation(order.organisation.pk)
        _take(draft, owner=acting.person, seen_version=seen_version)
        acting = _as_of_now(acting, _lock_persons([acting.person.pk]), today)
        if (reason := may_request_for(acting, organisation)) is not None:
            raise NotAllowed(reason, organisation=organisation)
        order = replace(order, organisation=organisation, roles=_lock_roles(order.roles))
        _expire_before_asking(order, acting.person, now=now)
        planned = plan_requests(order, acting=acting, now=now)
        reference = next_reference("DR", today.year)
        AssignmentDraft.objects.filter(pk=draft.pk).update(submitted_at=now, reference=reference)
        rows = _make(planned, order, draft=draft, asker=acting.person, reference=reference, now=now)
        request_letters.about_requests(rows, planned, reference=reference, now=now)
    return reference


def approve_request(
    role_request: RoleRequest, granted: Granted, *, note: str = "", acting: ActingContext, now: datetime
) -> RoleAssignment:
    """Give what was asked, for the granted days, and return the assignment.

    Raises TooLate when the request was decided, withdrawn or expired before, NotAllowed when the person may not
    decide (any more), CannotAssign with reasons, such as that the asker holds the role meanwhile (E28).
    """
    with transaction.atomic():
        row, acting = _load(role_request, acting=acting, now=now)
        extends = row.extends if row.extends and can_be_extended(row.extends, now=now) else None
        _refuse_more_than_asked(row, granted, is_extension=extends is not None, today=local_day(now))
        if extends is not None:
            given = extend_row(
                extends,
                valid_until=granted.valid_until,
                acting=acting,
                now=now,
                origin=Origin.REQUEST,
                is_answered=True,
            )
        else:
            given = _give(row, granted, acting=acting, now=now)
        change = {"decided_by": acting.person, "decision_note": note, "assignment": given}
        _decide(row, RequestStatus.APPROVED, now=now, **change)
        _record(
            RoleEvent.REQUEST_APPROVED,
            row,
            actor=acting.person,
            now=now,
            assignment=given.reference,
            valid_from=given.valid_from.isoformat(),
            valid_until=given.valid_until.isoformat() if given.valid_until else None,
        )
        request_letters.about_approval(row, given, now=now)
    return given


def refuse_request(role_request: RoleRequest, *, note: str, acting: ActingContext, now: datetime) -> None:
    """Refuse, with the reason (not empty) that the asker reads. Raises TooLate and NotAllowed as `approve_request`."""
    with transaction.atomic():
        row, acting = _load(role_request, acting=acting, now=now)
        _decide(row, RequestStatus.REFUSED, now=now, decided_by=acting.person, decision_note=note)
        _record(RoleEvent.REQUEST_REFUSED, row, actor=acting.person, now=now)
        request_letters.about_refusal(row, now=now)


def withdraw_request(role_request: RoleRequest, *, acting: ActingContext, now: datetime) -> None:
    """Take back an own request that nobody has decided. Raises TooLate when it is too late, NotAllowed for others."""
    with transaction.atomic():
        lock_organisation(role_request.organisation_id)
        row = RoleRequest.objects.for_page().get(pk=role_request.pk)
        if row.requester_id != acting.person.pk:
            raise NotAllowed(Reason.NOT_THE_ASKER, organisation=row.organisation)
        _decide(row, RequestStatus.WITHDRAWN, now=now, decided_by=acting.person)
        _record(RoleEvent.REQUEST_WITHDRAWN, row, actor=acting.person, now=now)


def expire_requests(*, now: datetime) -> int:
    """Close what nobody decided in time, tell those who asked, and return how many were closed now.

    A periodic job of the worker: of several machines, one closes each request.
    """
    late = RoleRequest.objects.filter(status=RequestStatus.PENDING, decide_before__lte=local_day(now))
    return sum(_expire(row, now=now) for row in late.for_page().order_by("id")[:MOST_AT_ONCE])


def _expire(row: RoleRequest, *, now: datetime) -> bool:
    """Close one request whose time is over. False when somebody else did."""
    with transaction.atomic():
        late = RoleRequest.objects.filter(
            pk=row.pk, status=RequestStatus.PENDING, decide_before__lte=local_day(now)
        ).update(status=RequestStatus.EXPIRED, decided_at=now)
        if late:
            _record(RoleEvent.REQUEST_EXPIRED, row, actor=None, now=now)
            request_letters.about_expiry(row, now=now)
    return bool(late)


def _expire_before_asking(order: RequestOrder, person: Person, *, now: datetime) -> None:
    """Close this person's late requests for these roles: the job comes once a minute, and only one may be open."""
    rows = RoleRequest.objects.filter(requester=person, organisation=order.organisation, role__in=order.roles)
    for row in rows.filter(status=RequestStatus.PENDING, decide_before__lte=local_day(now)).for_page():
        _expire(row, now=now)


def _take_quota(order: RequestOrder, *, acting: ActingContext, now: datetime) -> None:
    """Count one sending, on its own and before anything else: each one may write to every manager. Or refuse it."""
    verdict = throttle.take("roles.requests_by", acting.person.key, limit=settings.REQUEST_QUOTA, per=DAY, now=now)
    if not verdict.allowed:
        with transaction.atomic():
            record(RoleEvent.REQUEST_DENIED, actor=acting.person, organisation=order.organisation, now=now)
        raise QuotaReached(verdict.retry_at)


def _take(draft: AssignmentDraft, *, owner: Person, seen_version: int) -> None:
    """Take the draft. One statement decides among all presses of the last button (STACK 2.2)."""
    won = AssignmentDraft.objects.filter(
        pk=draft.pk,
        owner=owner,
        version=seen_version,
        variant=AssignmentDraft.Variant.REQUEST,
        submitted_at__isnull=True,
        deleted_at__isnull=True,
    ).update(version=seen_version + 1)
    if not won:
        current = AssignmentDraft.objects.get(pk=draft.pk)
        raise DraftFinished if current.submitted_at is not None else DraftChanged


def _lock_persons(keys: Iterable[int]) -> dict[int, Person]:
    return Person.objects.select_for_update(no_key=True).order_by("pk").in_bulk(list(keys))


def _lock_roles(roles: Iterable[Role]) -> tuple[Role, ...]:
    """Return the roles as they are now: one that is being withdrawn at this moment waits, or is seen as withdrawn."""
    locked = Role.objects.select_for_update(of=("self",), no_key=True).order_by("pk").for_page()
    keys = [role.pk for role in roles]
    found = locked.in_bulk(keys)
    return tuple(found[key] for key in keys)


def _as_of_now(acting: ActingContext, persons: dict[int, Person], today: date) -> ActingContext:
    """Return who acts, with what holds today. Raises NotAllowed for somebody who was switched off."""
    person = persons[acting.person.pk]
    if not person.is_active:
        raise NotAllowed(Reason.PERSON_INACTIVE)
    return replace(acting, person=person, links=links_of(person, today))


def _make(
    planned: list[PlannedRequest],
    order: RequestOrder,
    *,
    draft: AssignmentDraft,
    asker: Person,
    reference: str,
    now: datetime,
) -> list[RoleRequest]:
    """Insert and record the requests, in the order of the roles."""
    rows = RoleRequest.objects.bulk_create(
        RoleRequest(
            **_came_from(order, one.role),
            reference=f"{reference}-{number}",
            role=one.role,
            organisation=order.organisation,
            requester=asker,
            motivation=order.motivation,
            valid_from=order.valid_from,
            valid_until=order.valid_until,
            extends=one.extends,
            requested_at=now,
            decide_before=local_day(now) + timedelta(days=settings.REQUEST_DAYS),
            draft=draft,
        )
        for number, one in enumerate(planned, start=1)
    )
    for row in rows:
        _record(
            RoleEvent.REQUEST_MADE,
            row,
            actor=asker,
            now=now,
            valid_from=row.valid_from.isoformat(),
            valid_until=row.valid_until.isoformat() if row.valid_until else None,
            **({"extends": row.extends.reference} if row.extends else {}),
            **({"service": row.came_from.code} if row.came_from else {}),
        )
    return rows


def _came_from(order: RequestOrder, role: Role) -> dict[str, Any]:
    """Return where the person came from, for a role of that service: others were added here, for no service."""
    if order.came_from is None or order.came_from not in role.services.all():
        return {}
    return {"came_from": order.came_from, "return_to": order.return_to}


def _load(role_request: RoleRequest, *, acting: ActingContext, now: datetime) -> tuple[RoleRequest, ActingContext]:
    """Return the request and who decides, the organisation locked, after asking again whether both still stand."""
    today = local_day(now)
    organisation = lock_organisation(role_request.organisation_id)
    row = RoleRequest.objects.for_page().get(pk=role_request.pk)
    persons = _lock_persons({acting.person.pk, row.requester_id})
    row.organisation, row.requester = organisation, persons[row.requester_id]
    (row.role,) = _lock_roles([row.role])
    acting = _as_of_now(acting, persons, today)
    if (reason := may_decide(acting, row)) is not None:
        raise NotAllowed(reason, organisation=organisation)
    if row.status_now(now=now) != RequestStatus.PENDING:
        raise TooLate
    return row, acting


def _refuse_more_than_asked(row: RoleRequest, granted: Granted, *, is_extension: bool, today: date) -> None:
    """Hold the days granted to those asked: a manager may shorten, not lengthen. An extension begins by itself."""
    asked = row.valid_until
    found = []
    if asked is not None and (granted.valid_until is None or granted.valid_until > asked):
        found.append(Objection("properties", "longer_than_asked", {"date": asked}))
    if not is_extension and granted.valid_from < max(row.valid_from, today):
        found.append(Objection("properties", "starts_before_asked", {"date": max(row.valid_from, today)}))
    if found:
        raise CannotAssign(found)


def _give(row: RoleRequest, granted: Granted, *, acting: ActingContext, now: datetime) -> RoleAssignment:
    """Make the assignment that was asked for. The asker has said yes by asking."""
    properties = granted.properties or (row.extends.properties if row.extends else {})
    order = AssignmentOrder(
        assignees=(row.requester,),
        organisation=row.organisation,
        roles=(OrderedRole(row.role, properties),),
        valid_from=granted.valid_from,
        valid_until=granted.valid_until,
    )
    close_lapsed(order, now=now)
    plan = make_plan(order, acting=acting, now=now)
    if not plan.new:
        about = {"person": row.requester, "role": row.role, "organisation": row.organisation}
        raise CannotAssign([Objection("review", "held_meanwhile", about)])
    reference = next_reference("AR", local_day(now).year)
    return make_assignments(plan, acting=acting, reference=reference, now=now, origin=Origin.REQUEST, is_answered=True)[
        0
    ]


def _decide(row: RoleRequest, status: RequestStatus, *, now: datetime, **change: Any) -> None:
    """Write the decision where none stands yet: of two at once, one statement wins. Raises TooLate for the other."""
    change |= {"status": status, "decided_at": now}
    open_still = RoleRequest.objects.filter(pk=row.pk, status=RequestStatus.PENDING, decide_before__gt=local_day(now))
    if not open_still.update(**change):
        raise TooLate
    for field, value in change.items():
        setattr(row, field, value)  # what the letter says


def _record(event: RoleEvent, row: RoleRequest, *, actor: Person | None, now: datetime, **data: Any) -> None:
    record(event, actor=actor, subject=row, organisation=row.organisation, now=now, role=row.role.code, **data)
