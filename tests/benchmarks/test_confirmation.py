"""The last press of the wizard, 100 people by 10 roles, against a plain COPY of the same rows."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import pytest
from django.db import connection, models, transaction

from audit.models import AuditEntry
from outbox.models import OutgoingEmail
from rolemgmt.demo.bulk import write_rows
from roles.models import AssignmentDraft, Role, RoleAssignment
from roles.operations import assign
from roles.order import AssignmentOrder, OrderedRole
from roles.planning import make_plan
from tenants.acting import acting_context
from tenants.models import Person
from tenants.periods import local_day
from tests.benchmarks.conftest import Country
from tests.benchmarks.measure import Report, Row

pytestmark = pytest.mark.benchmark

TIMES = 9
TABLES = (RoleAssignment, AuditEntry, OutgoingEmail)
STRETCH = "the rows are built, checked and recorded one by one as models, so that the operation reads like its rule"
PARTS = {
    "lock, read again": (assign, "_reload"),
    "close what lapsed": (assign, "close_lapsed"),
    "plan and overlaps": (assign, "make_plan"),
    "assignments and audit": (assign, "make_assignments"),
    "letters": (assign.letters, "about_new_assignments"),
}


@contextmanager
def undone() -> Iterator[None]:
    """Do something in a transaction, with all that a commit checks, and take it back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def timed(act: Callable[[], object]) -> float:
    """Return the milliseconds of an act in a transaction of its own, foreign keys checked."""
    with undone():
        begun = time.perf_counter()
        act()
        connection.check_constraints()
        return (time.perf_counter() - begun) * 1_000


def raw_rows(model: type[models.Model], after: int) -> list[dict[str, Any]]:
    """Return what stands in the table from an id on, as COPY takes it back."""
    table = connection.ops.quote_name(model._meta.db_table)
    columns = [field.column for field in model._meta.concrete_fields]
    as_text = ", ".join(f"{connection.ops.quote_name(column)}::text" for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {as_text} FROM {table} WHERE id > %s ORDER BY id", [after])  # noqa: S608
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def last_id(model: type[models.Model]) -> int:
    return model._default_manager.aggregate(last=models.Max("pk"))["last"] or 0


@contextmanager
def parts_timed(spent: dict[str, float]) -> Iterator[None]:
    """Note in `spent` how long each part of the operation takes."""
    with pytest.MonkeyPatch.context() as patch:
        for name, (module, function) in PARTS.items():
            patch.setattr(module, function, _noting(getattr(module, function), name, spent))
        yield


def _noting(function: Callable[..., Any], name: str, spent: dict[str, float]) -> Callable[..., Any]:
    @wraps(function)
    def noting(*args: Any, **kwargs: Any) -> Any:
        begun = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            spent[name] = (time.perf_counter() - begun) * 1_000

    return noting


def test_confirmation_against_a_plain_copy(country: Country, report: Report) -> None:
    organisation, now = country.largest(), country.now
    chief = country.chief(organisation)
    taken = RoleAssignment.objects.filter(organisation=organisation).values("assignee")
    people = Person.objects.exclude(email="").exclude(pk__in=taken).order_by("id")[:100]
    roles = Role.objects.for_page().filter(is_assignable=True, max_duration_years=None)[:10]
    acting = acting_context(chief, day=local_day(now), level=500, acting_for=organisation.key, signed_in_at=now)
    order = AssignmentOrder(
        assignees=tuple(people),
        organisation=organisation,
        roles=tuple(OrderedRole(role) for role in roles),
        valid_from=local_day(now),
        valid_until=None,
    )
    draft = AssignmentDraft.objects.create(
        owner=chief, variant="search", organisation=organisation, created_at=now, updated_at=now
    )
    shown = make_plan(order, acting=acting, now=now).fingerprint()

    def confirm() -> None:
        assign.assign_roles(order, acting=acting, draft=draft, seen_version=draft.version, shown=shown, now=now)

    before = {model: last_id(model) for model in TABLES}
    with undone():
        confirm()
        rows = {model: raw_rows(model, before[model]) for model in TABLES}
    assert [len(rows[model]) for model in TABLES] == [1_000, 1_000, 101]

    def copy() -> None:
        for model in TABLES:
            write_rows(model, rows[model])

    ours, copied, spent = float("inf"), float("inf"), {}
    for _round in range(TIMES):
        now_spent: dict[str, float] = {}
        with parts_timed(now_spent):
            took = timed(confirm)
        if took < ours:
            ours, spent = took, now_spent
        copied = min(copied, timed(copy))
    report.compare(
        Row("confirmation of 100 x 10 / COPY of its rows", ours, copied, limit=4, stretch=1.5, known=STRETCH)
    )
    listed = ", ".join(f"{name} {part:.1f}" for name, part in spent.items())
    report.note(f"Confirmation in ms: {listed}; the rest {ours - sum(spent.values()):.1f}, foreign keys among it.")
