"""Emptying tables between tests. Append-only triggers refuse it, as they should.

After a test that commits, Django empties all tables. This lifts the triggers for that moment and puts them back.
Production has no such way: nothing outside the tests calls `uninstall`.

On PostgreSQL emptying means new files for some hundred tables and indexes, however little is in them. There the rows
are deleted, as a replica would: without triggers. Kinds of content and permissions stay: Django would write the same.
The table of who confirms is filled again, as after every `migrate`.
"""

from collections.abc import Generator
from typing import Any

import pytest

OF_DJANGO = {"django_content_type", "auth_permission"}


def may_lift_triggers(connection: Any) -> bool:
    """Say whether this is PostgreSQL, and we its superuser: always so with the server that a run makes for itself."""
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('is_superuser')")
        return bool(cursor.fetchone()[0] == "on")


def delete_rows(connection: Any) -> None:
    """Delete every row of every table but Django's own, and write again what the portal's apps write at `migrate`."""
    from django.db import transaction

    from roles.models.rule import ensure_confirmation_rules

    tables = set(connection.introspection.django_table_names(only_existing=True)) - OF_DJANGO
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(";".join(f'DELETE FROM "{table}"' for table in sorted(tables)))  # noqa: S608 - our own names
    ensure_confirmation_rules()


@pytest.fixture(autouse=True, scope="session")
def _tables_can_be_emptied() -> Generator[None]:
    from django.db import connections
    from django.test import TransactionTestCase

    from audit import triggers

    empty_tables = TransactionTestCase._fixture_teardown

    def without_triggers(self: Any) -> None:
        emptied = [connections[alias] for alias in self._databases_names(include_mirrors=False)]
        if all(may_lift_triggers(connection) for connection in emptied):
            for connection in emptied:
                delete_rows(connection)
            return
        for connection in emptied:
            triggers.uninstall(connection)
        try:
            empty_tables(self)
        finally:
            for connection in emptied:
                triggers.install(connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", without_triggers)
        yield
