"""For whom a person can act at a service: the organisations with a role for it first, then the others."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from fas.models import Client
from fas.scopes import ENTERPRISE, ROLES
from roles.models import RoleAssignment
from roles.states import State
from tenants.acting import SELF, ActingContext
from tenants.models import Organisation


@dataclass(frozen=True)
class Choice:
    """An organisation, and whether the person has a role for the service there today."""

    organisation: Organisation
    has_role: bool


def concerns_organisations(scopes: Collection[str]) -> bool:
    """Say whether a request is about an organisation at all."""
    return bool({ROLES, ENTERPRISE} & set(scopes))


def choices_of(acting: ActingContext, client: Client, *, now: datetime) -> list[Choice]:
    """Return the organisations to choose from, those that have stopped left out. One query."""
    works = RoleAssignment.objects.in_state(State.ACTIVE, now=now).filter(
        assignee=acting.person, role__services=client.service
    )
    with_role = {row.organisation_id: row.organisation for row in works.select_related("organisation")}
    linked = {link.organisation.pk: link.organisation for link in acting.links}
    everywhere = [place for place in {**linked, **with_role}.values() if not place.is_stopped]
    choices = [Choice(place, place.pk in with_role) for place in everywhere]
    return sorted(choices, key=lambda choice: (not choice.has_role, choice.organisation.name.casefold()))


def find_choice(choices: list[Choice], chosen: str) -> Organisation | None:
    """Return the organisation of this key among the choices."""
    return next((choice.organisation for choice in choices if choice.organisation.key == chosen), None)


def is_a_choice(choices: list[Choice], chosen: str) -> bool:
    """Say whether somebody can choose this: one of the organisations, or nobody but themselves."""
    return chosen == SELF or find_choice(choices, chosen) is not None
