"""The database itself refuses to change or remove an audit entry (ASVS 13.2.2), on both engines."""

from collections.abc import Generator
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import IntegrityError, connection, migrations, models, transaction
from django.db.migrations.state import ProjectState

from audit import triggers
from audit.models import AuditEntry
from audit.record import record

TABLE = "audit_auditentry"


def run_sql(sql: str, *values: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.fixture
def stored(db: None) -> AuditEntry:
    return record("assignment:granted", actor=None, note="before")


def assert_untouched(stored: AuditEntry) -> None:
    again = AuditEntry.objects.get()
    assert (again.pk, again.event, again.data) == (stored.pk, "assignment:granted", {"note": "before"})


@pytest.mark.asvs(63)
def test_a_queryset_cannot_update(stored: AuditEntry) -> None:
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        AuditEntry.objects.update(event="assignment:refused")
    assert_untouched(stored)


def test_save_cannot_update(stored: AuditEntry) -> None:
    stored.event = "assignment:refused"
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        stored.save()
    assert_untouched(stored)


def test_nothing_is_deleted(stored: AuditEntry) -> None:
    for act in (AuditEntry.objects.all().delete, AuditEntry.objects.all()._raw_delete, stored.delete):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            act("default") if act.__name__ == "_raw_delete" else act()
    assert AuditEntry.objects.get().data == {"note": "before"}


@pytest.mark.threat(24)
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_auditentry SET event = 'assignment:refused'",
        "UPDATE audit_auditentry SET id = id + 1",
        "DELETE FROM audit_auditentry",
    ],
)
def test_raw_sql_is_refused(stored: AuditEntry, sql: str) -> None:
    with pytest.raises(IntegrityError, match="append-only"):
        run_sql(sql)
    assert_untouched(stored)


def test_the_bulk_ways_of_each_engine_are_refused(stored: AuditEntry) -> None:
    sql = {
        "sqlite": "INSERT OR REPLACE INTO audit_auditentry SELECT * FROM audit_auditentry",
        "postgresql": "TRUNCATE audit_auditentry",
    }[connection.vendor]
    with pytest.raises(IntegrityError, match="append-only"):
        run_sql(sql)
    assert_untouched(stored)


def test_an_upsert_is_refused(stored: AuditEntry) -> None:
    again = AuditEntry.objects.get()
    again.event = "assignment:refused"
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        AuditEntry.objects.bulk_create([again], update_conflicts=True, update_fields=["event"], unique_fields=["id"])
    assert_untouched(stored)


def test_flush_is_refused_outside_the_tests_own_cleaning(transactional_db: None) -> None:
    record("assignment:granted", actor=None)
    with pytest.raises(Exception, match="couldn't be flushed"):
        call_command("flush", interactive=False, verbosity=0)
    assert AuditEntry.objects.count() == 1


def test_all_triggers_exist_in_a_migrated_database(db: None) -> None:
    names = {trigger.name for trigger in triggers.wanted(connection)}
    assert {f"{TABLE}_no_update", f"{TABLE}_no_delete"} <= names
    assert triggers.missing(connection) == []
    assert not [m for m in run_checks(databases=["default"]) if m.id == "audit.W001"]


def test_the_check_names_a_missing_trigger_and_migrate_brings_it_back(transactional_db: None) -> None:
    triggers.uninstall(connection)
    complaints = [m for m in run_checks(databases=["default"]) if m.id == "audit.W001"]
    assert any(f"{TABLE}_no_update" in m.msg for m in complaints)
    call_command("migrate", verbosity=0)
    assert triggers.missing(connection) == []


def test_triggers_come_back_after_a_migration_rebuilds_the_table(transactional_db: None) -> None:
    record("assignment:granted", actor=None, note="before")
    widen = migrations.AlterField("auditentry", "event", models.CharField(max_length=61))
    state = ProjectState.from_apps(AuditEntry._meta.apps)
    wider = state.clone()
    widen.state_forwards("audit", wider)
    with connection.schema_editor() as editor:
        widen.database_forwards("audit", editor, state, wider)
    if connection.vendor == "sqlite":
        assert triggers.missing(connection), "SQLite no longer drops triggers: the module may go"
    call_command("migrate", verbosity=0)
    assert triggers.missing(connection) == []
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        AuditEntry.objects.update(event="assignment:refused")
    with connection.schema_editor() as editor:
        widen.database_backwards("audit", editor, wider, state)


@pytest.fixture
def own_registry(monkeypatch: pytest.MonkeyPatch) -> Generator[dict[str, triggers.Trigger]]:
    registry: dict[str, triggers.Trigger] = {}
    monkeypatch.setattr(triggers, "_registered", registry)
    yield registry


def test_a_table_that_is_not_there_yet_needs_no_trigger(db: None, own_registry: dict[str, triggers.Trigger]) -> None:
    triggers.append_only("not_there_yet")
    assert len(own_registry) == 4
    assert triggers.wanted(connection) == []
    triggers.install(connection)
    assert triggers.missing(connection) == []


def test_a_name_stands_for_one_trigger(own_registry: dict[str, triggers.Trigger]) -> None:
    triggers.register("once", "a", "x", "y")
    triggers.register("once", "a", "x", "y")
    with pytest.raises(ValueError, match="once"):
        triggers.register("once", "b", "x", "y")
    assert list(own_registry) == ["once"]
