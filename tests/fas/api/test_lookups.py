"""A service asks which of its roles somebody holds for an organisation, and is told what is so now."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import AuditEntry
from fas.models import Client, ClientUse
from rolemgmt.demo.numbers import enterprise_number, national_number
from roles.models import Role, RoleAssignment
from roles.operations.ending import end_assignments
from tenants.models import Organisation
from tests.conftest import Cast
from tests.factories import AssignmentFactory
from tests.fas.api.asking import Asker, digits_of

pytestmark = pytest.mark.django_db
NOTHING = {"roles_format": "rolemgmt/1", "roles": []}


def test_a_service_reads_a_role_of_its_own(asker: Asker, held: RoleAssignment, cast: Cast) -> None:
    answer = asker.look_up(cast.anna, cast.dubois)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Language"] == "en"
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert answer.json() == {
        "roles_format": "rolemgmt/1",
        "roles": [
            {
                "role": "FLUVIUS_ENERGY_PORTAL_ADMIN",
                "enterpriseNumber": cast.dubois.enterprise_number,
                "validFrom": timezone.localdate().isoformat(),
                "validUntil": None,
                "properties": {},
                "reference": held.reference,
            }
        ],
    }


@pytest.mark.threat(43)
def test_the_neighbour_reads_nothing_of_it(neighbour: Asker, held: RoleAssignment, cast: Cast) -> None:
    assert neighbour.look_up(cast.anna, cast.dubois).json() == NOTHING


def test_unknown_people_and_organisations_look_like_no_role(asker: Asker, held: RoleAssignment, cast: Cast) -> None:
    """The same answer, by the same work."""
    asker.look_up(cast.anna, cast.dubois)  # the first of a handful
    known, place = digits_of(cast.anna), cast.dubois.enterprise_number
    stopped = cast.eupen
    AssignmentFactory(role=held.role, assignee=cast.anna, organisation=stopped, assigned_by=cast.ingrid, properties={})
    Organisation.objects.filter(pk=stopped.pk).update(status="stopped")
    asked = {
        "no role": (digits_of(cast.olivier), place),
        "another organisation": (known, cast.peeters.enterprise_number),
        "unknown person": (national_number(8_000), place),
        "unknown organisation": (known, enterprise_number(999_000)),
        "stopped organisation": (known, stopped.enterprise_number),
        "nobody nowhere": (national_number(8_001), enterprise_number(999_001)),
    }
    told, counts = set(), {}
    for case, (ssin, number) in asked.items():
        with CaptureQueriesContext(connection) as queries:
            answer = asker.post({"ssin": ssin, "enterpriseNumber": number})
        assert answer.status_code == 200
        told.add((answer.content, frozenset(answer.headers) - {"X-Request-ID"}))
        counts[case] = len(queries)
    assert len(told) == 1
    assert answer.json() == NOTHING
    assert set(counts.values()) == {2}, counts


def test_one_query_beside_the_token_however_many_roles(
    asker: Asker, held: RoleAssignment, cast: Cast, catalogue: dict[str, Role]
) -> None:
    for code in ("FIN_FATCA", "FIN_UBO_ENTITY", "FIN_JMONNET"):
        catalogue[code].services.add(asker.client.service)
        AssignmentFactory(
            role=catalogue[code], assignee=cast.anna, organisation=cast.dubois, assigned_by=cast.jean, properties={}
        )
    asker.look_up(cast.anna, cast.dubois)
    with CaptureQueriesContext(connection) as queries:
        answer = asker.look_up(cast.anna, cast.dubois)
    assert len(answer.json()["roles"]) == 4
    assert len(queries) == 2
    assert not any("national_number" in query["sql"].split("FROM")[0] for query in queries.captured_queries)


@pytest.mark.parametrize(
    "facts",
    [
        {"confirmer": "assignee", "confirm_before": timedelta(days=3)},
        {"valid_from": timedelta(days=1)},
        {"valid_from": timedelta(days=-9), "valid_until": timedelta(days=-1)},
    ],
    ids=["to be confirmed", "scheduled", "expired"],
)
def test_what_does_not_work_is_not_told(asker: Asker, energy: Role, cast: Cast, facts: dict[str, Any]) -> None:
    today = timezone.localdate()
    dates = {name: today + value if isinstance(value, timedelta) else value for name, value in facts.items()}
    AssignmentFactory(
        role=energy, assignee=cast.anna, organisation=cast.dubois, assigned_by=cast.jean, properties={}, **dates
    )
    assert asker.look_up(cast.anna, cast.dubois).json() == NOTHING


@pytest.mark.asvs(56)
@pytest.mark.threat(42)
def test_a_role_that_ends_is_gone_at_the_next_question(
    asker: Asker, held: RoleAssignment, cast: Cast, acting_as: Any
) -> None:
    assert asker.look_up(cast.anna, cast.dubois).json()["roles"]
    end_assignments([held], acting=acting_as(cast.jean, cast.dubois), now=timezone.now())
    assert asker.look_up(cast.anna, cast.dubois).json() == NOTHING


def test_whoever_is_switched_off_has_no_roles(asker: Asker, held: RoleAssignment, cast: Cast) -> None:
    cast.anna.is_active = False
    cast.anna.save(update_fields=["is_active"])
    assert asker.look_up(cast.anna, cast.dubois).json() == NOTHING


@pytest.mark.asvs(66)
def test_look_ups_are_counted_by_day_and_leave_no_number(
    asker: Asker, held: RoleAssignment, cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    Client.objects.update(requests_per_minute=1)  # a handful is one
    before = AuditEntry.objects.count()
    asker.look_up(cast.anna, cast.dubois)
    use = ClientUse.objects.get()
    assert (use.client, use.day, use.total) == (asker.client, timezone.localdate(), 1)
    assert AuditEntry.objects.count() == before
    assert digits_of(cast.anna) not in caplog.text


def test_a_bis_number_is_a_number(asker: Asker) -> None:
    ssin = "85" + "47" + "30" + "033"
    ssin += f"{97 - int(ssin) % 97:02d}"
    assert asker.post({"ssin": ssin, "enterpriseNumber": enterprise_number(999_000)}).json() == NOTHING
