"""A pass through the wizard without its pages: the order, the draft, the check page's plan, and the last press."""

from datetime import date, datetime
from typing import Any

from roles.models import AssignmentDraft, DraftPerson, DraftRole, Role, RoleAssignment
from roles.operations.assign import assign_roles
from roles.order import AssignmentOrder, OrderedRole
from roles.planning import make_plan
from tenants.acting import ActingContext
from tenants.models import Organisation, Person
from tenants.periods import local_day


def an_order(
    organisation: Organisation,
    persons: list[Person],
    roles: list[Role],
    *,
    now: datetime,
    valid_from: date | None = None,
    valid_until: date | None = None,
    message: str = "",
    answers: dict[str, dict[str, Any]] | None = None,
) -> AssignmentOrder:
    """Return an order; from today and without end unless said otherwise. `answers` are properties by role code."""
    return AssignmentOrder(
        assignees=tuple(persons),
        organisation=organisation,
        roles=tuple(OrderedRole(role, (answers or {}).get(role.code, {})) for role in roles),
        valid_from=valid_from or local_day(now),
        valid_until=valid_until,
        message=message,
    )


def draft_for(order: AssignmentOrder, owner: Person, *, now: datetime) -> AssignmentDraft:
    """Store the draft that leads to an order."""
    draft = AssignmentDraft.objects.create(
        owner=owner,
        organisation=order.organisation,
        duration="until" if order.valid_until else "unlimited",
        valid_until=order.valid_until,
        start="date",
        valid_from=order.valid_from,
        properties_answered=True,
        created_at=now,
        updated_at=now,
    )
    DraftPerson.objects.bulk_create(DraftPerson(draft=draft, person=person) for person in order.assignees)
    DraftRole.objects.bulk_create(
        DraftRole(draft=draft, role=ordered.role, properties=ordered.properties) for ordered in order.roles
    )
    return draft


class Pass:
    """A draft whose check page has been looked at: what remains is `press`."""

    def __init__(self, order: AssignmentOrder, *, acting: ActingContext, now: datetime) -> None:
        self.order, self.acting, self.now = order, acting, now
        self.draft = draft_for(order, acting.person, now=now)
        self.plan = make_plan(order, acting=acting, now=now)

    def press(self, *, now: datetime | None = None, **changes: Any) -> str:
        """Press the last button and return the reference."""
        values: dict[str, Any] = {
            "acting": self.acting,
            "draft": self.draft,
            "seen_version": self.draft.version,
            "shown": self.plan.fingerprint(),
            "now": now or self.now,
        }
        return assign_roles(self.order, **{**values, **changes})

    @property
    def rows(self) -> list[RoleAssignment]:
        """What the press has made."""
        return list(RoleAssignment.objects.filter(draft=self.draft).for_page().order_by("id"))


def give(
    acting: ActingContext,
    organisation: Organisation,
    persons: list[Person],
    roles: list[Role],
    *,
    now: datetime,
    **values: Any,
) -> list[RoleAssignment]:
    """Give everybody every role and return the rows."""
    done = Pass(an_order(organisation, persons, roles, now=now, **values), acting=acting, now=now)
    done.press()
    return done.rows
