"""Nobody holds the same role for the same organisation twice on one day: the database itself says so.

PostgreSQL has exclusion constraints for it. SQLite has none, so a trigger says the same there, under the same name;
one model and one migration serve both.
"""

from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models.sql.compiler import SQLCompiler

from audit.triggers import register

NAME = "assignment_no_overlap"
TABLE = "roles_roleassignment"


class DaysHeld(models.Func):
    """The days on which an assignment counts, as a PostgreSQL `daterange`.

    From the first day to the last; once ended, to the day before the end, so that what ended today can be given again
    today. An end before the start leaves no day at all, and one after the last day adds none.
    """

    def __init__(self, valid_from: str, valid_until: str, ended_on: str, **extra: Any) -> None:
        super().__init__(valid_from, valid_until, ended_on, output_field=models.DateField(), **extra)

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *_args: Any, **_extra: Any) -> Any:
        """Compile the CASE over the three columns."""
        (start, _p1), (until, _p2), (ended, _p3) = (
            compiler.compile(expression) for expression in self.get_source_expressions()
        )
        return (
            f"(CASE WHEN {ended} IS NULL THEN daterange({start}, {until}, '[]') "
            # LEAST passes over NULL: without a last day the end counts alone.
            f"ELSE daterange({start}, GREATEST({start}, LEAST({ended}, {until} + 1)), '[)') END)",
            [],
        )


class NoOverlap(ExclusionConstraint):
    """The exclusion constraint on PostgreSQL; on SQLite nothing here, the trigger below does it."""

    def _check(self, model: type[models.Model], connection: BaseDatabaseWrapper) -> list[Any]:
        return super()._check(model, connection) if connection.vendor == "postgresql" else []  # type: ignore[misc]

    def constraint_sql(self, model: Any, schema_editor: Any) -> Any:
        """Return its SQL on PostgreSQL, nothing elsewhere."""
        return super().constraint_sql(model, schema_editor) if _on_postgres(schema_editor) else None

    def create_sql(self, model: Any, schema_editor: Any) -> Any:
        """Return its SQL on PostgreSQL, nothing elsewhere."""
        return super().create_sql(model, schema_editor) if _on_postgres(schema_editor) else None

    def remove_sql(self, model: Any, schema_editor: Any) -> Any:
        """Return its SQL on PostgreSQL, nothing elsewhere."""
        return super().remove_sql(model, schema_editor) if _on_postgres(schema_editor) else None

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """Leave it to the database: the operation looks under its lock, and the constraint stops every race."""


def _on_postgres(schema_editor: BaseDatabaseSchemaEditor) -> bool:
    return schema_editor.connection.vendor == "postgresql"


# The first day on which a row no longer counts; days are compared as text, and NEVER comes after all of them.
_NEVER = "'9999-12-32'"
_DAY_AFTER = f"MIN(COALESCE({{row}}.ended_on, {_NEVER}), COALESCE(date({{row}}.valid_until, '+1 day'), {_NEVER}))"
_SQLITE = """
CREATE TRIGGER {name} BEFORE {event} ON {table}
WHEN NEW.refused_at IS NULL AND NEW.valid_from < {new_end}
BEGIN
    SELECT RAISE(ABORT, 'CHECK constraint failed: {constraint}')
    WHERE EXISTS (
        SELECT 1 FROM {table} AS held
        WHERE held.assignee_id = NEW.assignee_id AND held.organisation_id = NEW.organisation_id
          AND held.role_id = NEW.role_id AND held.id IS NOT NEW.id AND held.refused_at IS NULL
          AND held.valid_from < {held_end} AND held.valid_from < {new_end} AND NEW.valid_from < {held_end}
    );
END
"""


def register_overlap_triggers() -> None:
    """Make the rule known to the trigger list, which creates and checks it after every migrate."""
    columns = "UPDATE OF assignee_id, organisation_id, role_id, valid_from, valid_until, ended_on, refused_at"
    for suffix, event in (("insert", "INSERT"), ("update", columns)):
        name = f"{NAME}_{suffix}"
        sql = _SQLITE.format(
            name=name,
            event=event,
            table=TABLE,
            constraint=NAME,
            new_end=_DAY_AFTER.format(row="NEW"),
            held_end=_DAY_AFTER.format(row="held"),
        )
        register(name, table=TABLE, sqlite_sql=sql, postgres_sql="")
