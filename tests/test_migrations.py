"""The migrations: they say what the models say, and a database made by them has every trigger and rule."""

import re
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from audit.triggers import install, missing, triggers_exist, uninstall, wanted
from csam.models import User
from roles.constraints import NAME
from roles.models import ConfirmationRule
from roles.models.rule import DEFAULTS
from tenants.models import Organisation, Person

pytestmark = pytest.mark.django_db

OURS = ("vault", "audit", "outbox", "tenants", "csam", "roles", "fas")


def test_the_migrations_say_what_the_models_say() -> None:
    out = StringIO()
    call_command("makemigrations", check=True, dry_run=True, stdout=out)
    assert "No changes detected" in out.getvalue()


def test_every_migration_is_applied_and_there_is_one_way_through_them() -> None:
    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []
    assert executor.loader.detect_conflicts() == {}
    for label in OURS:
        assert [name for app, name in MigrationLoader(None).graph.leaf_nodes() if app == label], label


@pytest.mark.asvs(63)
def test_a_migrated_database_has_every_trigger() -> None:
    names = {trigger.name for trigger in wanted(connection)}
    assert missing(connection) == []
    assert {"audit_auditentry_no_update", "audit_auditentry_no_delete"} <= names
    # What an exclusion constraint does on PostgreSQL, triggers do on SQLite.
    assert ({f"{NAME}_insert", f"{NAME}_update"} <= names) is (connection.vendor == "sqlite")


def test_a_missing_trigger_is_noticed_and_made_again() -> None:
    uninstall(connection)
    assert {trigger.name for trigger in missing(connection)} == {trigger.name for trigger in wanted(connection)}
    warnings = triggers_exist(None, databases=["default"])
    assert {warning.id for warning in warnings} == {"audit.W001"}
    install(connection)
    assert triggers_exist(None, databases=["default"]) == []


def names_in_the_database() -> set[str]:
    """Return the names of all constraints and indexes."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT conname FROM pg_constraint UNION SELECT indexname FROM pg_indexes")
            return {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT name, coalesce(sql, '') FROM sqlite_master")
        rows = cursor.fetchall()
    # Within the statement of a table SQLite keeps the names of its constraints.
    return {name for name, _sql in rows} | {found for _name, sql in rows for found in re.findall(r'"(\w+)"', sql)}


def test_every_named_constraint_and_index_is_in_the_database() -> None:
    wanted_names = {
        thing.name
        for label in OURS
        for model in apps.get_app_config(label).get_models()
        for thing in (*model._meta.constraints, *model._meta.indexes)
    }
    assert len(wanted_names) > 60
    without_engine = {NAME} if connection.vendor == "sqlite" else set()
    assert wanted_names - names_in_the_database() == without_engine


@pytest.mark.asvs(34)
def test_a_new_database_has_rules_and_nobody_in_it() -> None:
    assert ConfirmationRule.objects.count() == len(DEFAULTS)
    assert not User.objects.exists()
    assert not Person.objects.exists()
    assert not Organisation.objects.exists()
