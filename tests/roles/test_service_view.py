"""The format rolemgmt/1, and what a service may see: the assignments of its own roles that work now, no others."""

import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from roles.models import OnlineService, Role, RoleAssignment
from roles.service_view import document, entries
from roles.states import State
from tests.conftest import Cast
from tests.factories import AssignmentFactory, PersonFactory, RoleFactory, ServiceFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def role() -> Role:
    """A role of one service."""
    return RoleFactory(code="EXAMPLE_EDIT")


@pytest.fixture
def service(role: Role) -> OnlineService:
    """Its service."""
    return role.services.get()


@pytest.fixture
def row(cast: Cast, role: Role) -> RoleAssignment:
    """Anna holds it at Dubois, since today and without end."""
    return AssignmentFactory(role=role, organisation=cast.dubois, assignee=cast.anna, assigned_by=cast.jean)


def seen(service: OnlineService, cast: Cast, now: datetime, **other: Any) -> list[str]:
    """Return the references that a service is given of Anna at Dubois."""
    about = {"person": cast.anna, "organisation": cast.dubois, **other}
    return [row.reference for row in RoleAssignment.objects.delivered_to(service, **about, now=now)]


# --- The format ---


def test_an_entry_is_what_the_format_says(cast: Cast) -> None:
    row = AssignmentFactory(
        role=RoleFactory(code="FIN_MANDATE_EXECUTOR"),
        organisation=cast.dubois,
        assignee=cast.anna,
        reference="AR-2026-004821-1",
        valid_from=date(2026, 6, 15),
        properties={"SENSITIVE_MANDATES": False, "MANDATE_TYPES": ["VAT", "BIZTAX"]},
    )
    entry = {
        "role": "FIN_MANDATE_EXECUTOR",
        "enterpriseNumber": "0999999922",
        "validFrom": "2026-06-15",
        "validUntil": None,
        "properties": {"MANDATE_TYPES": ["VAT", "BIZTAX"], "SENSITIVE_MANDATES": False},
        "reference": "AR-2026-004821-1",
    }
    assert entries([row]) == [entry]
    assert json.dumps(document(entries([row]))) == json.dumps({"roles_format": "rolemgmt/1", "roles": [entry]})


def test_no_role_gives_an_empty_list_in_the_same_format() -> None:
    assert document(entries([])) == {"roles_format": "rolemgmt/1", "roles": []}


def test_the_last_day_is_given_and_it_is_that_of_a_planned_end(row: RoleAssignment, now: datetime) -> None:
    row.valid_until = date(2031, 12, 31)
    assert entries([row])[0]["validUntil"] == "2031-12-31"
    row.ended_at, row.ended_on = now + timedelta(days=10), timezone.localdate(now) + timedelta(days=10)
    row.end_reason = "manager"
    assert entries([row])[0]["validUntil"] == row.last_day.isoformat()  # type: ignore[union-attr]


def test_the_order_does_not_depend_on_how_the_rows_came(cast: Cast) -> None:
    roles = [RoleFactory(code=code) for code in ("B_ROLE", "A_ROLE", "A-ROLE")]
    places = (cast.peeters, cast.dubois)
    rows = [AssignmentFactory(role=each, organisation=place, assignee=cast.anna) for each in roles for place in places]
    assert entries(rows) == entries(reversed(rows))
    found = [(entry["enterpriseNumber"], entry["role"]) for entry in entries(rows)]
    assert found == sorted(found)


def test_nothing_but_the_format_is_given(row: RoleAssignment) -> None:
    row.end_note = row.refusal_note = "Not for services"
    text = json.dumps(entries([row]))
    assert "Not for services" not in text
    assert "Jean" not in text
    assert "Anna" not in text


# --- Who sees what ---


def test_its_service_sees_a_role_that_works(row: RoleAssignment, service: OnlineService, cast: Cast, now: Any) -> None:
    assert seen(service, cast, now) == [row.reference]
    assert row.is_delivered(now=now)


@pytest.mark.threat(43)
def test_another_service_person_or_organisation_gives_nothing(
    row: RoleAssignment, service: OnlineService, cast: Cast, now: datetime
) -> None:
    assert seen(ServiceFactory(), cast, now) == []
    assert seen(service, cast, now, person=cast.jean) == []
    assert seen(service, cast, now, organisation=cast.peeters) == []


WORKS_NOT: dict[str, dict[str, Any]] = {
    State.TO_CONFIRM: {"confirmer": "assignee", "confirm_before": timedelta(days=3)},
    State.SCHEDULED: {"valid_from": timedelta(days=1)},
    State.EXPIRED: {"valid_from": timedelta(days=-9), "valid_until": timedelta(days=-1)},
    State.ENDED: {"ended_at": timedelta(hours=-1), "end_reason": "manager"},
    State.REFUSED: {"confirmer": "assignee", "confirm_before": timedelta(days=3), "refused_at": timedelta(hours=-1)},
    State.CANCELLED: {"ended_at": timedelta(hours=-1), "end_reason": "undone"},
}


@pytest.mark.parametrize("state", [state for state in State if state != State.ACTIVE])
def test_what_does_not_work_is_given_to_nobody(
    state: State, role: Role, service: OnlineService, cast: Cast, now: datetime
) -> None:
    today = timezone.localdate(now)
    values = {
        name: (now if name.endswith("_at") else today) + value if isinstance(value, timedelta) else value
        for name, value in WORKS_NOT[state].items()
    }
    if "ended_at" in values:
        values |= {"ended_on": timezone.localdate(values["ended_at"]), "valid_from": today - timedelta(days=9)}
    if "refused_at" in values:
        values["refused_by"] = cast.anna
    row = AssignmentFactory(role=role, organisation=cast.dubois, assignee=cast.anna, **values)
    assert row.state(now=now) == state
    assert seen(service, cast, now) == []
    assert not row.is_delivered(now=now)


def test_a_planned_end_is_given_until_it_comes(
    row: RoleAssignment, service: OnlineService, cast: Cast, now: datetime
) -> None:
    ends = now + timedelta(days=2)
    RoleAssignment.objects.update(ended_at=ends, ended_on=timezone.localdate(ends), end_reason="manager")
    assert seen(service, cast, now) == [row.reference]
    assert seen(service, cast, ends) == []


def test_a_stopped_organisation_and_somebody_switched_off_give_nothing_at_once(
    row: RoleAssignment, service: OnlineService, cast: Cast, now: datetime
) -> None:
    cast.anna.is_active = False
    cast.anna.save()
    assert seen(service, cast, now) == []
    cast.anna.is_active = True
    cast.anna.save()
    cast.dubois.status = "stopped"
    cast.dubois.save()
    assert seen(service, cast, now) == []
    assert not RoleAssignment.objects.for_page().get().is_delivered(now=now)


def test_a_role_of_two_services_is_given_once_to_each(
    row: RoleAssignment, service: OnlineService, cast: Cast, now: datetime
) -> None:
    other = ServiceFactory()
    row.role.services.add(other)
    assert seen(service, cast, now) == seen(other, cast, now) == [row.reference]


@pytest.mark.parametrize("count", [1, 12])
def test_one_query_gives_all_that_the_format_holds(
    count: int, service: OnlineService, cast: Cast, now: datetime, django_assert_num_queries: Any
) -> None:
    for _turn in range(count):
        other = RoleFactory()
        other.services.add(service)
        AssignmentFactory(role=other, organisation=cast.dubois, assignee=cast.anna, assigned_by=PersonFactory())
    with django_assert_num_queries(1):
        found = entries(RoleAssignment.objects.delivered_to(service, cast.anna, cast.dubois, now=now))
    assert len(found) == count
