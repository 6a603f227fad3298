"""How the database reads the trail: each page is a range over its index, on both engines, and sorts nothing large."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import AuditEntry
from roles import trail
from tests.factories import EmploymentFactory, PersonFactory

MANY = 6_000


@pytest.fixture
def long_trail(cast: Any) -> list[AuditEntry]:
    """A long trail of many organisations, of which Dubois has a tenth, and statistics by which the planner knows."""
    now = timezone.now()
    people = [cast.jean, cast.tom, *PersonFactory.create_batch(30)]
    for person in people[2:]:
        EmploymentFactory(person=person, organisation=cast.dubois)
    rows = AuditEntry.objects.bulk_create(
        AuditEntry(
            occurred_at=now - timedelta(hours=MANY - number),
            event="persons:searched",
            actor_key=people[number % 32].key,
            organisation_key=cast.dubois.key if number % 10 == 0 else f"organisation-{number % 100}",
        )
        for number in range(MANY)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return rows


def plan_of(ask: Any) -> str:
    """Return the plans of what is asked of the trail."""
    with CaptureQueriesContext(connection) as queries:
        ask()
    explain = {"postgresql": "EXPLAIN", "sqlite": "EXPLAIN QUERY PLAN"}[connection.vendor]
    lines = []
    with connection.cursor() as cursor:
        for query in queries:
            if "audit_auditentry" in query["sql"]:
                cursor.execute(f"{explain} {query['sql']}")
                lines += [str(row[-1]) for row in cursor.fetchall()]
    assert lines
    return "\n".join(lines)


def reads_all(plan: str) -> bool:
    """Whether a plan reads the whole trail."""
    return "Seq Scan on audit_auditentry" in plan or "SCAN audit_auditentry" in plan


def sorts(plan: str) -> bool:
    """Whether a plan sorts what it found, all of it."""
    return "Sort Key" in plan or "TEMP B-TREE FOR ORDER BY" in plan


def test_the_pages_of_an_organisation_are_a_range_of_its_index(long_trail: Any, cast: Any, acting_as: Any) -> None:
    rows = trail.visible_trail(acting_as(cast.jean), cast.dubois, None)
    month = (timezone.localdate() - timedelta(days=90)).replace(day=1)
    for ask in (
        lambda: trail.newest([rows]),
        lambda: trail.newest([rows], after=long_trail[3_000].pk),
        lambda: trail.newest([trail.in_month(rows, month)]),
        lambda: trail.months_around(rows, month),
        lambda: trail.newest_month(rows),
    ):
        plan = plan_of(ask)
        assert "audit_organisation_by_moment" in plan, plan
        assert not reads_all(plan) and not sorts(plan), plan


def test_what_a_person_did_is_a_range_of_its_index(long_trail: Any, cast: Any) -> None:
    plan = plan_of(lambda: trail.newest(trail.trail_of(cast.jean)))
    assert "audit_actor_by_moment" in plan and "audit_subject_newest" in plan, plan
    assert not reads_all(plan), plan


def test_the_filter_by_person_never_reads_the_whole_trail(long_trail: Any, cast: Any, acting_as: Any) -> None:
    rows = trail.visible_trail(acting_as(cast.jean), cast.dubois, None)
    persons, _more = trail.persons_named("jean", cast.dubois)
    plan = plan_of(lambda: trail.newest([trail.about_persons(rows, persons, cast.dubois)]))
    assert not reads_all(plan), plan
