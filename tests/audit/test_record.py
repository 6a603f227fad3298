"""An entry is written once, with what things were called that day, and never with a national number."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from audit.context import request_id
from audit.models import AuditEntry
from audit.record import Snapshot, entry, record

NOW = datetime(2026, 11, 21, 13, 5, tzinfo=UTC)


class Event(StrEnum):
    GRANTED = "assignment:granted"


@dataclass
class Thing:
    key: str
    label: str
    type: str = "person"

    def audit_snapshot(self) -> Snapshot:
        return Snapshot(self.type, self.key, self.label)


JEAN = Thing("jean-key", "Jean Dubois")
BAKERY = Thing("bakery-key", "Boulangerie Dubois SRL", "organisation")


def test_an_entry_holds_who_what_where_and_when(db: None) -> None:
    about = Thing("a-1", "AR-2026-004821-1", "assignment")
    record(Event.GRANTED, actor=JEAN, subject=about, organisation=BAKERY, now=NOW, role="CCB", days=[1, 2])
    stored = AuditEntry.objects.get()
    assert (stored.event, stored.occurred_at) == ("assignment:granted", NOW)
    assert (stored.actor_key, stored.actor_label) == ("jean-key", "Jean Dubois")
    assert (stored.subject_type, stored.subject_key) == ("assignment", "a-1")
    assert stored.subject_label == "AR-2026-004821-1"
    assert stored.organisation_key == "bakery-key"
    assert stored.data == {"role": "CCB", "days": [1, 2]}
    assert stored.request_id == ""


def test_the_portal_itself_acts_without_a_name(db: None) -> None:
    record("draft:forgotten", actor=None)
    stored = AuditEntry.objects.get()
    assert (stored.actor_key, stored.actor_label, stored.subject_type) == ("", "", "")
    assert stored.occurred_at is not None


def test_labels_are_snapshots(db: None) -> None:
    person = Thing("p-1", "Anna Peeters")
    record(Event.GRANTED, actor=person, subject=person)
    person.label = "Anna Janssens"
    stored = AuditEntry.objects.get()
    assert (stored.actor_label, stored.subject_label) == ("Anna Peeters", "Anna Peeters")


def test_a_long_label_is_cut(db: None) -> None:
    record(Event.GRANTED, actor=Thing("k", "x" * 500))
    label = AuditEntry.objects.get().actor_label
    assert len(label) == 200
    assert label.endswith("…")


def test_the_request_is_remembered(db: None) -> None:
    token = request_id.set("abc123")
    try:
        record(Event.GRANTED, actor=JEAN)
    finally:
        request_id.reset(token)
    assert AuditEntry.objects.get().request_id == "abc123"


@pytest.mark.parametrize("event", ["", "granted", "Assignment:granted", "a:b:c", "assignment granted", ":x", "x:"])
def test_an_event_outside_the_grammar_is_refused(event: str) -> None:
    with pytest.raises(ValueError, match="noun:verb"):
        entry(event, actor=None)


@pytest.mark.parametrize("event", ["", "granted", ":granted", "assignment:", "assignment: granted"])
def test_the_database_refuses_an_event_outside_the_grammar(db: None, event: str) -> None:
    new = entry(Event.GRANTED, actor=JEAN)
    new.event = event
    with pytest.raises(IntegrityError, match="audit_event_noun_verb"), transaction.atomic():
        new.save()


def test_the_database_refuses_half_a_subject(db: None) -> None:
    new = entry(Event.GRANTED, actor=JEAN, subject=Thing("", "x"))
    with pytest.raises(IntegrityError, match="audit_subject_has_type_and_key"), transaction.atomic():
        new.save()


def test_the_database_refuses_an_actor_with_a_name_only(db: None) -> None:
    with pytest.raises(IntegrityError, match="audit_actor_label_has_key"), transaction.atomic():
        record(Event.GRANTED, actor=Thing("", "Jean"))


@pytest.mark.threat(17)
@pytest.mark.parametrize(
    "data",
    [
        {"note": "85.07.30-033.28"},
        {"note": "his number is 85073003328."},
        {"nested": [{"deep": ["850730 033 28"]}]},
        {"number": 85073003328},
        {"map": {"85/07/30/033/28": True}},
    ],
)
def test_data_with_a_national_number_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="national register number") as caught:
        entry(Event.GRANTED, actor=JEAN, **data)
    assert "85" not in str(caught.value)


@pytest.mark.parametrize("place", ["actor", "subject", "organisation"])
def test_a_label_with_a_national_number_is_refused(place: str) -> None:
    things: dict[str, Any] = {"actor": JEAN, place: Thing("k", "Jean 85.07.30-033.28")}
    with pytest.raises(ValueError, match="national register number"):
        entry(Event.GRANTED, **things)


@pytest.mark.parametrize("value", [date(2026, 11, 21), {1: "x"}, object(), b"x", [{1, 2}]])
def test_data_that_is_not_json_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="data"):
        entry(Event.GRANTED, actor=JEAN, value=value)


def test_an_entry_rolls_back_with_the_act(transactional_db: None) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record(Event.GRANTED, actor=JEAN)
        raise ZeroDivisionError
    assert not AuditEntry.objects.exists()


def test_entries_are_found_by_subject_and_by_organisation_newest_first(db: None) -> None:
    for number, (about, within) in enumerate([("a", "x"), ("b", "x"), ("a", "y")]):
        record(Event.GRANTED, actor=JEAN, subject=Thing(about, about), organisation=Thing(within, ""), n=number)
    assert [row.data["n"] for row in AuditEntry.objects.about("a")] == [2, 0]
    assert [row.data["n"] for row in AuditEntry.objects.of("x")] == [1, 0]
    assert [row.data["n"] for row in AuditEntry.objects.all()] == [2, 1, 0]


def test_many_entries_are_saved_in_one_query(db: None, django_assert_num_queries: Any) -> None:
    entries = [entry(Event.GRANTED, actor=JEAN, subject=Thing(f"s{n}", "")) for n in range(50)]
    with django_assert_num_queries(1):
        AuditEntry.objects.bulk_create(entries)
    assert AuditEntry.objects.count() == 50
