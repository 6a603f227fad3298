"""An order: what a finished draft asks for, and the plan that follows from it. Values only; nothing is read here."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.conf import settings

from roles.models import Role, RoleAssignment
from roles.models.assignment import Confirmer
from tenants.models import Organisation, Person

LARGE = 20


@dataclass(frozen=True)
class OrderedRole:
    """A role with the answers to its properties."""

    role: Role
    properties: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AssignmentOrder:
    """Everybody in `assignees` gets every role in `roles`, in the name of `organisation`, for the period."""

    assignees: tuple[Person, ...]
    organisation: Organisation
    roles: tuple[OrderedRole, ...]
    valid_from: date
    valid_until: date | None
    message: str = ""


@dataclass(frozen=True)
class PlannedAssignment:
    """One assignment that will be made, and who has to confirm it.

    `lacks_manager` says that another manager should, and that there is none: the assignee does.
    """

    assignee: Person
    ordered: OrderedRole
    confirmer: str
    lacks_manager: bool = False

    @property
    def role(self) -> Role:
        """The role."""
        return self.ordered.role


@dataclass(frozen=True)
class Plan:
    """What the last button will do: `new` assignments; `held` exist already and stay as they are."""

    order: AssignmentOrder
    new: tuple[PlannedAssignment, ...]
    held: tuple[RoleAssignment, ...]
    confirm_before: date

    @property
    def is_large(self) -> bool:
        """Whether so many people are concerned that the manager is asked once more."""
        return len(self.order.assignees) > LARGE

    @property
    def receivers(self) -> tuple[Person, ...]:
        """The people who get a letter, in the order of the draft."""
        return tuple(dict.fromkeys(planned.assignee for planned in self.new))

    def to_confirm(self) -> tuple[PlannedAssignment, ...]:
        """Return the assignments that somebody has to confirm."""
        return tuple(planned for planned in self.new if planned.confirmer != Confirmer.NOBODY)

    def fingerprint(self) -> str:
        """Return a digest of all that the check page showed.

        The last POST brings it back; the operation makes its plan anew and compares. So either exactly what the page
        showed is done, or nothing.
        """
        facts = {
            "organisation": self.order.organisation.key,
            "period": [str(self.order.valid_from), str(self.order.valid_until)],
            "confirm_before": str(self.confirm_before),
            "new": sorted(
                json.dumps([new.assignee.key, new.role.code, new.confirmer, new.ordered.properties], sort_keys=True)
                for new in self.new
            ),
            "held": sorted(held.key for held in self.held),
        }
        text = json.dumps(facts, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


def pass_of(row: RoleAssignment) -> str:
    """Return the reference of the whole act in which an assignment was made: AR-2026-004821 for AR-2026-004821-1."""
    return row.reference.rpartition("-")[0]


def confirm_before(today: date) -> date:
    """Return the first day on which it is too late to confirm what is given today."""
    return today + timedelta(days=settings.CONFIRM_DAYS)
