"""Questions that are asked so often that building and planning them would cost more than their answer.

Such a question is written with the ORM, as any other, and compiled once; then only its parameters change. So the rules
behind it (which roles a service may see) stay where they are, in one form. PostgreSQL keeps its plan, too.
"""

import threading
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet

Values = Mapping[str, Any]


@dataclass(frozen=True)
class _Compiled:
    """The statement, its parameters in order (a name, or a constant), and how columns become values."""

    sql: str
    parameters: tuple[tuple[str, Any], ...]
    compiler: Any
    converters: Any


class Prepared:
    """A question of the ORM with named values, compiled at its first use in each thread.

    `ask` takes the values of `samples`, and returns a query of `values_list`. A sample is a value that stands nowhere
    else in the question; by it, the place of the value is found. `derived` are values that `ask` makes out of others.
    `name` is that of the statement in PostgreSQL.
    """

    def __init__(
        self,
        name: str,
        ask: Callable[..., QuerySet[Any, Any]],
        samples: Values,
        derived: Mapping[str, Callable[[Values], Any]] | None = None,
    ) -> None:
        self._name, self._ask, self._samples, self._derived = name, ask, samples, derived or {}
        self._here = threading.local()
        self._planned_on: weakref.WeakSet[Any] = weakref.WeakSet()

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of the answer. One query."""
        compiled: _Compiled | None = getattr(self._here, "compiled", None)
        if compiled is None:
            compiled = self._here.compiled = self._compile()
        adapted = self._adapted(values)
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                self._plan(cursor, compiled)
                marks = ", ".join(["%s"] * len(adapted))
                cursor.execute(f"EXECUTE {self._name} ({marks})", list(adapted.values()))
            else:
                cursor.execute(compiled.sql, [adapted[name] if name else value for name, value in compiled.parameters])
            found = cursor.fetchall()
        if compiled.converters:
            found = compiled.compiler.apply_converters(found, compiled.converters)
        return [tuple(row) for row in found]

    def _plan(self, cursor: Any, compiled: _Compiled) -> None:
        """Tell PostgreSQL the statement, once for each connection."""
        session = connection.connection
        if session in self._planned_on:
            return
        places = {name: f"${place}" for place, name in enumerate(self._adapted(self._samples), start=1)}
        sql = compiled.sql % tuple(places.get(name, "%s") for name, _value in compiled.parameters)
        cursor.execute(f"PREPARE {self._name} AS {sql}", [value for name, value in compiled.parameters if not name])
        self._planned_on.add(session)

    def _compile(self) -> _Compiled:
        compiler = self._ask(**self._samples).query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        names = {value: name for name, value in self._adapted(self._samples).items()}
        places = tuple((names.get(value, ""), value) for value in parameters)
        if set(names.values()) - {name for name, _value in places}:
            raise RuntimeError("a sample does not stand in the question")
        columns = [column for column, _sql, _alias in compiler.select]
        return _Compiled(sql, places, compiler, compiler.get_converters(columns))

    def _adapted(self, values: Values) -> dict[str, Any]:
        """Return all values, by the names and in the order of the samples, as the database takes them."""
        known = {**values, **{name: make(values) for name, make in self._derived.items()}}
        return {name: _as_parameter(known[name]) for name in (*self._samples, *self._derived)}


def _as_parameter(value: Any) -> Any:
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return connection.ops.adapt_datefield_value(value) if isinstance(value, date) else value
