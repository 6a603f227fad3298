"""Triggers, on both databases, that Django's migrations do not know.

SQLite drops a table's triggers whenever a migration rebuilds the table, silently. So they are not in migrations:
apps register them in `ready()`, they are created again after every migrate, and a system check compares the list.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Tags, Warning
from django.core.checks import register as register_check
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper


@dataclass(frozen=True)
class Trigger:
    """One trigger of one table, as a statement for each database. An empty statement: not needed there."""

    name: str
    table: str
    sqlite_sql: str
    postgres_sql: str

    def sql(self, vendor: str) -> str:
        """Return the statement for a database vendor."""
        return {"sqlite": self.sqlite_sql, "postgresql": self.postgres_sql}[vendor]


_registered: dict[str, Trigger] = {}


def register(name: str, table: str, sqlite_sql: str, postgres_sql: str) -> None:
    """Name a trigger that must exist on `table`.

    Each statement creates the trigger called `name`; the PostgreSQL one may create its function first
    (CREATE OR REPLACE FUNCTION). Raises ValueError if the name is taken by another trigger.
    """
    trigger = Trigger(name, table, sqlite_sql, postgres_sql)
    if _registered.setdefault(name, trigger) != trigger:
        raise ValueError(f"There are two triggers called {name}")


def append_only(table: str) -> None:
    """Register the triggers that let rows be added to `table`, never changed, removed or replaced."""
    refuse = f"SELECT RAISE(ABORT, '{table} is append-only');"
    function = f"""
        CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'integrity_constraint_violation';
        END $$;
    """
    for act in ("update", "delete"):
        name = f"{table}_no_{act}"
        register(
            name,
            table,
            f"CREATE TRIGGER {name} BEFORE {act.upper()} ON {table} BEGIN {refuse} END",
            f"{function} CREATE TRIGGER {name} BEFORE {act.upper()} ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION {table}_refuse()",
        )
    truncate = f"{table}_no_truncate"
    register(
        truncate,
        table,
        "",
        f"{function} CREATE TRIGGER {truncate} BEFORE TRUNCATE ON {table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()",
    )
    replace = f"{table}_no_replace"
    # INSERT OR REPLACE removes the old row without asking the trigger for DELETE.
    is_there = f"EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)"  # noqa: S608 - our own table's name
    register(
        replace,
        table,
        f"CREATE TRIGGER {replace} BEFORE INSERT ON {table} WHEN {is_there} BEGIN {refuse} END",
        "",
    )


def wanted(connection: BaseDatabaseWrapper) -> list[Trigger]:
    """Return the registered triggers whose table exists in this database."""
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
    return [t for t in _registered.values() if t.table in tables and t.sql(connection.vendor)]


def missing(connection: BaseDatabaseWrapper) -> list[Trigger]:
    """Return the triggers that should exist and do not, are switched off, or (SQLite) read otherwise."""
    found = _existing(connection)
    return [t for t in wanted(connection) if not _is_right(t, found.get((t.name, t.table)), connection.vendor)]


def install(connection: BaseDatabaseWrapper) -> None:
    """Create all triggers, again where they exist: a changed statement takes effect."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for trigger in wanted(connection):
            _drop(cursor, trigger, connection.vendor)
            cursor.execute(trigger.sql(connection.vendor))


def uninstall(connection: BaseDatabaseWrapper) -> None:
    """Drop all triggers. The tests need it, to empty tables between them; nothing else calls it."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for trigger in wanted(connection):
            _drop(cursor, trigger, connection.vendor)


def _drop(cursor: Any, trigger: Trigger, vendor: str) -> None:
    on = f" ON {trigger.table}" if vendor == "postgresql" else ""
    cursor.execute(f"DROP TRIGGER IF EXISTS {trigger.name}{on}")


def _existing(connection: BaseDatabaseWrapper) -> dict[tuple[str, str], str]:
    """Return (name, table) of each live trigger with its statement (SQLite) or an empty text."""
    sql = {
        "sqlite": "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT t.tgname, c.relname, '' FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND pg_table_is_visible(c.oid)",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return {(name, table): statement for name, table, statement in cursor.fetchall()}


def _is_right(trigger: Trigger, statement: str | None, vendor: str) -> bool:
    if statement is None:
        return False
    return vendor != "sqlite" or _words(statement) == _words(trigger.sqlite_sql)


def _words(statement: str) -> list[str]:
    return statement.rstrip("; \n").split()


def install_after_migrate(using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    """Receive `post_migrate` of the audit app: all tables of this migrate exist by then."""
    install(connections[using])


@register_check(Tags.database)
def triggers_exist(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Report triggers that are missing.

    A warning, no error: `migrate` runs this check first and must still be able to create them.
    """
    return [
        Warning(
            f"The trigger {trigger.name} on {trigger.table} is missing in the database {alias!r}.",
            hint="Run `manage.py migrate`.",
            id="audit.W001",
        )
        for alias in databases or ()
        for trigger in missing(connections[alias])
    ]
