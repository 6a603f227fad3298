"""What a service will see of a role, for people: in sentences, and as the data that it receives (DOMAIN 11)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from roles.models import OnlineService, Role, RoleAssignment
from roles.models.assignment import Confirmer
from roles.order import Plan, PlannedAssignment
from roles.reasons import on_day
from roles.service_view import document, entries
from roles.states import CURRENT, State
from tenants.models import Organisation, Person
from tenants.periods import local_day

# Stands for a reference that is given only once the assignment is made.
REFERENCE_TO_COME = "…"


@dataclass(frozen=True)
class Sight:
    """What one service sees: the sentence, and the roles it is about where the page has not named them."""

    service: OnlineService
    sentence: str
    roles: tuple[Role, ...] = ()


@dataclass(frozen=True)
class Received:
    """What is handed over, as data, and when or to whom."""

    heading: str
    data: str
    words: str = ""


def sights_of(row: RoleAssignment, *, now: datetime) -> list[Sight]:
    """Return what each service of the role sees of an assignment now, or will see; nothing once it is over."""
    state = row.state(now=now)
    if state not in CURRENT or row.organisation.is_stopped or not row.assignee.is_active:
        return []
    starts = None if row.valid_from <= local_day(now) else row.valid_from
    return [
        Sight(each, _sentence(each, row.assignee, row.organisation, starts=starts, waits=state == State.TO_CONFIRM))
        for each in services_of([row.role])
    ]


def received_of(row: RoleAssignment, *, now: datetime, why_nothing: str) -> list[Received]:
    """Return what the services receive of an assignment today, and what later where that is something else."""
    if row.is_delivered(now=now):
        return [Received(_("Today"), as_data(entries([row])))]
    found = [Received(_("Today"), as_data([]), why_nothing)]
    if sights_of(row, now=now):
        later = _("From %(date)s") % {"date": on_day(row.valid_from)}
        if row.state(now=now) == State.TO_CONFIRM:
            later = _("Once the role is confirmed")
        found.append(Received(later, as_data(entries([row]))))
    return found


def planned_sights(plan: Plan, *, today: date) -> list[Sight]:
    """Return what each service will see of the first person of a plan. What has to be confirmed stands apart."""
    first = _of_first(plan)
    found = []
    for service in services_of([one.role for one in first]):
        for waits in (False, True):
            roles = tuple(
                one.role
                for one in first
                if (one.confirmer != Confirmer.NOBODY) == waits and service in one.role.services.all()
            )
            if roles:
                place, start = plan.order.organisation, plan.order.valid_from
                starts = None if waits and start <= today else start
                words = _sentence(service, first[0].assignee, place, starts=starts, waits=waits, count=len(roles))
                found.append(Sight(service, words, roles))
    return found


def planned_received(plan: Plan) -> list[Received]:
    """Return what each service will receive of the first person of a plan, once every role works."""
    order, first = plan.order, _of_first(plan)
    found = []
    for service in services_of([one.role for one in first]):
        rows = [
            RoleAssignment(
                role=one.role,
                organisation=order.organisation,
                assignee=one.assignee,
                properties=one.ordered.properties,
                valid_from=order.valid_from,
                valid_until=order.valid_until,
                reference=REFERENCE_TO_COME,
            )
            for one in first
            if service in one.role.services.all()
        ]
        found.append(Received(service.name, as_data(entries(rows))))
    return found


def services_of(roles: Sequence[Role]) -> list[OnlineService]:
    """Return the services that ask for these roles, each once."""
    found = {service.pk: service for role in roles for service in role.services.all()}
    return sorted(found.values(), key=lambda service: service.code)


def as_data(found: list[dict[str, Any]]) -> str:
    """Return entries as the service receives them, to read."""
    return json.dumps(document(found), indent=2, ensure_ascii=False)


def _of_first(plan: Plan) -> list[PlannedAssignment]:
    """Return what a plan gives to the first person who gets something: the example for all."""
    return [one for one in plan.new if one.assignee == plan.new[0].assignee]


def _sentence(
    service: OnlineService,
    person: Person,
    organisation: Organisation,
    *,
    starts: date | None,
    waits: bool,
    count: int = 1,
) -> str:
    """Return what the service sees: now, from a day on, or once somebody has confirmed it."""
    about = {
        "service": service.name,
        "name": person.full_name,
        "organisation": organisation.name,
        "number": organisation.formatted_number,
        "date": on_day(starts) if starts else "",
    }
    if waits and starts is not None:
        text = ngettext(
            "Once confirmed, and from %(date)s at the earliest, %(service)s sees that %(name)s holds this role for "
            "%(organisation)s (%(number)s).",
            "Once confirmed, and from %(date)s at the earliest, %(service)s sees that %(name)s holds these roles for "
            "%(organisation)s (%(number)s).",
            count,
        )
    elif waits:
        text = ngettext(
            "Once confirmed, %(service)s sees that %(name)s holds this role for %(organisation)s (%(number)s).",
            "Once confirmed, %(service)s sees that %(name)s holds these roles for %(organisation)s (%(number)s).",
            count,
        )
    elif starts is not None:
        text = ngettext(
            "From %(date)s, %(service)s sees that %(name)s holds this role for %(organisation)s (%(number)s).",
            "From %(date)s, %(service)s sees that %(name)s holds these roles for %(organisation)s (%(number)s).",
            count,
        )
    else:
        text = _("Today %(service)s sees that %(name)s holds this role for %(organisation)s (%(number)s).")
    return text % about
