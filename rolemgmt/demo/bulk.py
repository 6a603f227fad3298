"""Writing many rows by columns: COPY on PostgreSQL, executemany on SQLite."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from itertools import chain
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models
from django.db.models import Max


def write_columns(model: type[models.Model], columns: Mapping[str, Iterable[Any]]) -> None:
    """Insert rows given as columns, up to the end of the shortest; a constant is an `itertools.repeat`.

    Values must be as the database takes them (see `as_day`, `as_moment`). Nothing of the model is called, so fields
    that `save` fills are columns like all others.
    """
    _write(model, list(columns), zip(*columns.values(), strict=False))


def write_rows(model: type[models.Model], rows: Iterable[dict[str, Any]]) -> None:
    """Insert rows that all have the same columns in the same order; otherwise like `write_columns`."""
    stream = iter(rows)
    first = next(stream, None)
    if first is not None:
        _write(model, list(first), (tuple(row.values()) for row in chain([first], stream)))


def _write(model: type[models.Model], columns: list[str], rows: Iterable[tuple[Any, ...]]) -> None:
    quote = connection.ops.quote_name
    table, names = quote(model._meta.db_table), ", ".join(quote(name) for name in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(columns))
            sql = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 - our own names
            cursor.executemany(sql, rows)  # type: ignore[arg-type]  # an iterator is enough, and lasts longer


def next_id(model: type[models.Model]) -> int:
    """Return the first id that no row has. To be called inside the transaction that uses it."""
    return (model._default_manager.aggregate(last=Max("pk"))["last"] or 0) + 1


def finish(written: list[type[models.Model]]) -> None:
    """Let the counters go on after the ids that were given, and tell the planner how large the tables are."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), written):
            cursor.execute(statement)
        for model in written:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")


def as_day(day: date) -> Any:
    """Return a day as the database takes it."""
    return connection.ops.adapt_datefield_value(day)


def as_moment(moment: datetime) -> Any:
    """Return an aware moment as the database takes it."""
    return connection.ops.adapt_datetimefield_value(moment)
