"""The audit trail in the admin is there to read, and stays quick on a long table."""

from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import AuditEntry
from audit.record import Snapshot, entry
from tests.admin_reader import changelist, request_to


class Person:
    def __init__(self, key: str, label: str) -> None:
        self.key, self.label = key, label

    def audit_snapshot(self) -> Snapshot:
        return Snapshot("person", self.key, self.label)


@pytest.fixture
def trail(db: None) -> None:
    people = [Person("anna", "Anna Peeters"), Person("jean", "Jean Dubois")]
    rows = [entry(f"event:{'ab'[n % 2]}", actor=people[n % 2], subject=people[n % 2]) for n in range(120)]
    AuditEntry.objects.bulk_create(rows)


def test_nothing_can_be_added_changed_or_removed() -> None:
    page: Any = admin.site.get_model_admin(AuditEntry)
    request = request_to()
    assert page.has_view_permission(request)
    assert not page.has_add_permission(request)
    assert not page.has_change_permission(request)
    assert not page.has_delete_permission(request)
    assert page.get_actions(request) == {}


def test_the_list_is_newest_first_and_counts_nothing(trail: None) -> None:
    with CaptureQueriesContext(connection) as queries:
        page = changelist(AuditEntry)
        rows = list(page.result_list)
    assert [row.pk for row in rows] == sorted((row.pk for row in rows), reverse=True)
    assert len(rows) == 50
    assert not [q for q in queries.captured_queries if "COUNT(" in q["sql"].upper()]
    assert page.full_result_count is None
    assert page.paginator.num_pages == 3


def test_the_last_page_is_reachable(trail: None) -> None:
    assert len(list(changelist(AuditEntry, p="3").result_list)) == 20


def test_it_is_filtered_by_event(trail: None) -> None:
    rows = list(changelist(AuditEntry, event="event:a").result_list)
    assert {row.event for row in rows} == {"event:a"}


def test_the_filter_offers_the_events_in_use(trail: None) -> None:
    page = changelist(AuditEntry)
    offered = [value for value, _title in page.filter_specs[0].lookup_choices]  # type: ignore[attr-defined]
    assert offered == ["event:a", "event:b"]


@pytest.mark.parametrize("term", ["Peeters", "anna"])
def test_it_is_searched_by_key_and_by_name(trail: None, term: str) -> None:
    rows = list(changelist(AuditEntry, q=term).result_list)
    assert rows
    assert {row.subject_key for row in rows} == {"anna"}


@pytest.mark.threat(17)
def test_a_national_number_is_not_searched_for(trail: None) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert list(changelist(AuditEntry, q="85.07.30-033.28").result_list) == []
    assert not [q for q in queries.captured_queries if "033" in q["sql"]]
