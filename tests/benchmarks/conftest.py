"""A country of BENCH_PERSONS people, in a database that is thrown away afterwards."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

import pytest
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, transaction
from django.db.models import Count
from django.test import Client
from django.test.utils import setup_databases, teardown_databases
from django.utils import timezone

from csam.operations import user_of
from rolemgmt.demo.population import Sizes, generate_population
from roles.models import RoleAssignment
from tenants.middleware import LEVEL, SIGNED_IN_AT
from tenants.models import AccessManagerAppointment, Organisation, Person
from tests.benchmarks.measure import Report, clock
from tests.benchmarks.questions import searches
from tests.benchmarks.server import Server, running

PERSONS = int(os.environ.get("BENCH_PERSONS", "100000"))
_SEED = 7
_report = Report()


def sizes(persons: int) -> Sizes:
    """Return the country's proportions: 2 million organisations and 20 million assignments for 11.8 million people."""
    return Sizes(persons=persons, organisations=max(1, persons * 17 // 100), assignments=persons * 17 // 10)


@dataclass(frozen=True)
class Country:
    """The generated population, and what searching took in smaller ones: milliseconds by share and question."""

    now: datetime
    smaller: dict[int, list[float]]

    @property
    def random(self) -> Random:
        """The same choices in every run."""
        return Random(_SEED)  # noqa: S311 - questions, not secrets

    def largest(self) -> Organisation:
        """Return the organisation for which a tenth of all employees work."""
        return self._by_size().first()

    def small(self) -> Organisation:
        """Return an organisation with a page and a half of assignments."""
        return self._by_size().filter(size__lte=40, size__gt=26).last()

    @staticmethod
    def _by_size() -> Any:
        return Organisation.objects.annotate(size=Count("roleassignment")).order_by("-size", "id")

    @staticmethod
    def chief(organisation: Organisation) -> Person:
        """Return who manages it."""
        return AccessManagerAppointment.objects.get(organisation=organisation, kind="chief").person

    @staticmethod
    def holder(roles: int) -> Person:
        """Return an employee with at least so many assignments, and as few as possible."""
        rows = RoleAssignment.objects.values("assignee").annotate(size=Count("id")).filter(size__gte=roles)
        return Person.objects.get(pk=rows.order_by("size", "assignee")[0]["assignee"])


@pytest.fixture(scope="session")
def database(django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """An empty database in which everything stays, unlike that of tests: the server must see it, too."""
    with django_db_blocker.unblock():
        made = setup_databases(0, False, aliases={DEFAULT_DB_ALIAS}, serialized_aliases=set())
        yield
        teardown_databases(made, 0)


@pytest.fixture(scope="session")
def country(database: None, django_db_blocker: Any) -> Iterator[Country]:
    """Measure searching in small countries, then generate the whole one."""
    now = timezone.now()
    with django_db_blocker.unblock():
        smaller = {percent: _searching_in(PERSONS * percent // 100, now) for percent in (1, 10)}
        generate_population(sizes(PERSONS), now=now)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE")
        yield Country(now, smaller)


def _searching_in(persons: int, now: datetime) -> list[float]:
    """Return what each question takes in a country of this size, which then vanishes."""
    with transaction.atomic():
        generate_population(sizes(max(1_000, persons)), now=now)
        (found,) = clock([search for _kind, search in searches(Random(_SEED))])  # noqa: S311 - as above
        transaction.set_rollback(True)
    return found


@pytest.fixture(scope="session")
def server(country: Country) -> Iterator[Server]:
    """The portal, served."""
    with running(connection.settings_dict["NAME"]) as found:
        yield found


def cookie_of(person: Person) -> str:
    """Sign a person in with an eID, and return the header with the session."""
    client = Client()
    client.force_login(user_of(person))
    session = client.session
    session.update({LEVEL: 500, SIGNED_IN_AT: timezone.now().isoformat()})
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


@pytest.fixture(scope="session")
def report() -> Report:
    """The table of this run."""
    return _report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table."""
    if _report.rows:
        terminalreporter.section(f"benchmarks: {PERSONS} persons, {connection.vendor}")
        for line in _report.lines():
            terminalreporter.line(line)
