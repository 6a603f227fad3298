"""Asking for roles without its pages: a draft, the last press, and what came of it."""

from datetime import date, datetime
from typing import Any

from roles.models import AssignmentDraft, OnlineService, Role, RoleAssignment, RoleRequest
from roles.operations.requests import Granted, approve_request, ask_for_roles
from roles.requesting import RequestOrder
from tenants.acting import ActingContext
from tenants.models import Organisation, Person
from tenants.periods import local_day
from tests.roles.pages import draft_of

STEPS = ("roles", "reason", "review", "done")


def request_draft(
    owner: Person,
    organisation: Organisation,
    roles: list[Role] | tuple[Role, ...] = (),
    *,
    now: datetime,
    **values: Any,
) -> AssignmentDraft:
    """Store a draft as the pages that ask for roles would have left it."""
    return draft_of(owner, variant="request", organisation=organisation, roles=roles, now=now, **values)


def ask(
    acting: ActingContext,
    organisation: Organisation,
    roles: list[Role],
    *,
    now: datetime,
    valid_from: date | None = None,
    valid_until: date | None = None,
    motivation: str = "",
    draft: AssignmentDraft | None = None,
    seen_version: int = 1,
    came_from: OnlineService | None = None,
    return_to: str = "",
) -> list[RoleRequest]:
    """Ask for every role and return the requests; from today and without end unless said otherwise."""
    draft = draft or request_draft(acting.person, organisation, roles, now=now)
    order = RequestOrder(
        organisation, tuple(roles), valid_from or local_day(now), valid_until, motivation, came_from, return_to
    )
    ask_for_roles(order, draft=draft, seen_version=seen_version, acting=acting, now=now)
    return list(RoleRequest.objects.filter(draft=draft).for_page().order_by("id"))


def approve(
    row: RoleRequest, acting: ActingContext, *, now: datetime, note: str = "", **changes: Any
) -> RoleAssignment:
    """Approve what was asked, with changes to what is granted."""
    asked: dict[str, Any] = {"valid_from": row.valid_from, "valid_until": row.valid_until, "properties": {}}
    return approve_request(row, Granted(**{**asked, **changes}), note=note, acting=acting, now=now)


def address(draft: AssignmentDraft, step: str, query: str = "") -> str:
    """Return the address of a page that asks for roles."""
    return f"/my-roles/request/{draft.key}/{step}/{query}"


def url(row: RoleRequest) -> str:
    """Return the address of one request."""
    return f"/requests/{row.key}/"
