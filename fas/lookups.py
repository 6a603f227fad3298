"""Which roles of a service somebody holds, by the numbers that a service knows: the look-up, in one query."""

from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet

from fas.prepared import Prepared
from roles.models import Role, RoleAssignment
from roles.service_view import Entry, entries
from tenants.models import Organisation
from tenants.models.person import number_index
from tenants.periods import local_day

_COLUMNS = (
    *("reference", "valid_from", "valid_until", "ended_at", "end_reason", "properties"),
    *("role__code", "organisation__enterprise_number"),
)


def _seen(service: int, person: str, organisation: str, now: datetime) -> QuerySet[Any, Any]:
    rows = RoleAssignment.objects.seen_by(service, now=now)
    rows = rows.filter(assignee__national_number_index=person, organisation__enterprise_number=organisation)
    return rows.values_list(*_COLUMNS)


_LOOK_UP = Prepared(
    "fas_look_up",
    _seen,
    {"service": -1, "person": "person", "organisation": "organisation", "now": datetime(1901, 2, 3, 4, 5, tzinfo=UTC)},
    {"today": lambda values: local_day(values["now"])},
)


def look_up(service: int, ssin: str, enterprise_number: str, *, now: datetime) -> list[Entry]:
    """Return what a service (by its id) may see of a person's roles for an organisation at `now`.

    Nothing for people and organisations that are not known, by the same work.
    """
    rows = _LOOK_UP.rows(service=service, person=number_index(ssin), organisation=enterprise_number, now=now)
    return entries(_assignment(*row) for row in rows)


def _assignment(*values: Any) -> RoleAssignment:
    *own, role, organisation = values
    facts = dict(zip(_COLUMNS, own, strict=False))
    return RoleAssignment(**facts, role=Role(code=role), organisation=Organisation(enterprise_number=organisation))
