"""Rows that take long to make, such as the demonstration: made once in a process, then written again as they were."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import connection, transaction

FRESH_FOR = timedelta(minutes=5)


@dataclass(frozen=True)
class Kept:
    """The rows of all tables, as the database gave them, and the moment they were made for."""

    now: datetime
    tables: dict[str, tuple[list[str], list[tuple[Any, ...]]]]


_kept: dict[Callable[..., Any], Kept] = {}


def make_or_write(make: Callable[..., Any], *, now: datetime) -> None:
    """Call `make(now=now)` in an empty database, or write what it made for a moment at most five minutes before.

    Never yesterday's rows: many of them begin or end on a day.
    """
    kept = _kept.get(make)
    if kept is not None and timedelta(0) <= now - kept.now < FRESH_FOR and _day(now) == _day(kept.now):
        _write(kept)
        return
    make(now=now)
    _kept[make] = Kept(now, _read())


def _day(moment: datetime) -> Any:
    return moment.astimezone().date()


def _tables() -> list[str]:
    models = apps.get_models(include_auto_created=True)
    return [model._meta.db_table for model in models if model._meta.managed and not model._meta.proxy]


def _read() -> dict[str, tuple[list[str], list[tuple[Any, ...]]]]:
    tables = {}
    with connection.cursor() as cursor:
        for name in _tables():
            cursor.execute(f'SELECT * FROM "{name}"')  # noqa: S608 - our own tables' names
            if rows := cursor.fetchall():
                tables[name] = [column[0] for column in cursor.description], rows
    return tables


def _write(kept: Kept) -> None:
    """Insert the rows with the ids they had; references between tables are looked at when the transaction ends.

    Tables that migrations have filled are left as they are, unless an earlier test has emptied them.
    """
    there = _read()
    with transaction.atomic(), connection.cursor() as cursor:
        for name, (columns, rows) in kept.tables.items():
            if name in there:
                assert len(there[name][1]) == len(rows), name
                continue
            names, places = ", ".join(f'"{column}"' for column in columns), ", ".join(["%s"] * len(columns))
            cursor.executemany(f'INSERT INTO "{name}" ({names}) VALUES ({places})', rows)  # noqa: S608
