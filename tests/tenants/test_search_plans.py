"""How the database finds persons: each reading of the words is a range over its index, on both engines."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from rolemgmt.demo.population import Sizes, generate_population
from tenants.models import Organisation
from tenants.periods import local_day
from tenants.search import search_persons

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)

NAMES = {"person_by_last_name", "person_by_name_tail", "person_by_first_name"}
EMPLOYERS = {"organisation_name_key"}
COLLEAGUES = {"employment_by_last_name", "employment_by_first_name"}

# An index, as each engine's plan names it.
_INDEX = {
    "postgresql": re.compile(r"Index (?:Only )?Scan (?:using|on) (\w+)"),
    "sqlite": re.compile(r"SEARCH \w+ USING (?:COVERING )?INDEX (\w+)"),
}
# Reading a table, or an index, from its beginning to its end.
_WHOLE = {"postgresql": re.compile(r"Seq Scan on tenants_\w+"), "sqlite": re.compile(r"SCAN tenants_\w+")}
_SORT = {"postgresql": re.compile(r"Sort Key.*"), "sqlite": re.compile(r"USE TEMP B-TREE FOR ORDER BY")}


@pytest.fixture(scope="module")
def generated(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Enough people that an index is worth it, and statistics by which the planner knows; once for all tests here."""
    with django_db_blocker.unblock(), transaction.atomic():
        generate_population(Sizes(persons=4_000, organisations=400, assignments=0), now=NOW)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def population(generated: None, db: None) -> None:
    """The people, for one test."""


def plans(words: str, **scope: Any) -> str:
    """Return the plan of everything that a search asks."""
    with CaptureQueriesContext(connection) as queries:
        search_persons(words, day=local_day(NOW), **scope)
    explain = {"postgresql": "EXPLAIN", "sqlite": "EXPLAIN QUERY PLAN"}[connection.vendor]
    lines = []
    with connection.cursor() as cursor:
        for query in queries:
            cursor.execute(f"{explain} {query['sql']}")
            lines += [str(row[-1]) for row in cursor.fetchall()]
    return "\n".join(lines)


def indexes(plan: str) -> set[str]:
    """Return the indexes a plan reads, without those of primary keys."""
    return {name for name in _INDEX[connection.vendor].findall(plan) if not name.endswith("_pkey")}


def test_every_reading_uses_its_index_and_none_reads_a_whole_table(population: None) -> None:
    # At least these: for a rare name, PostgreSQL may choose another index than that of the reading.
    cases = {
        "peeters": NAMES | EMPLOYERS,
        "van": NAMES | EMPLOYERS,
        "mar jan": {"person_by_bucket", *NAMES, *EMPLOYERS},
        "an peeters": {*NAMES, *EMPLOYERS},
        "marie.peeters": {"person_email_belongs_to_one", *NAMES},
        "marie ziekenhuisgroep": {"person_by_bucket", *COLLEAGUES, *EMPLOYERS},
    }
    for words, expected in cases.items():
        plan = plans(words)
        assert expected <= indexes(plan), (words, expected - indexes(plan), plan)
        assert not _WHOLE[connection.vendor].search(plan), (words, plan)


def test_an_address_is_one_range_over_one_index(population: None) -> None:
    plan = plans("marie.peeters12@")
    assert indexes(plan) == {"person_email_belongs_to_one"}, plan
    assert not _WHOLE[connection.vendor].search(plan), plan


def test_a_common_word_is_cut_off_before_anything_is_sorted(population: None) -> None:
    assert search_persons("van").has_more  # fewer than a hundred may well be sorted
    plan = plans("van")
    assert not _SORT[connection.vendor].search(plan), plan


def test_colleagues_are_a_range_over_the_employments(population: None) -> None:
    largest = Organisation.objects.get(enterprise_number__startswith="15000000")
    plan = plans("mar jan", within=(largest,))
    assert indexes(plan) >= COLLEAGUES, plan
    assert not re.search(r"(Seq Scan on|SCAN) tenants_(employment|organisationnamekey)", plan), plan


def test_a_search_asks_twice_at_most_however_many_words(population: None) -> None:
    for words in (
        "peeters",
        "marie peeters",
        "marie anne van den broeck garage hopital du marais",
        "a b c d e f g h i",
    ):
        with CaptureQueriesContext(connection) as queries:
            search_persons(words, day=local_day(NOW))
        assert 1 <= len(queries) <= 2, words


def test_no_search_is_prepared_on_the_server(population: None) -> None:
    """A plan for any words is many times slower than one for these words (SPEED, section 2)."""
    options = settings.DATABASES["default"]["OPTIONS"]
    assert not options.get("server_side_binding")
    assert options.get("prepare_threshold") is None
    for _again in range(12):  # psycopg would prepare what it has seen five times
        assert search_persons("peeters").ids
    assert prepared_statements() == []


def prepared_statements() -> list[str]:
    """Return what this connection has prepared; SQLite keeps no plans of ours."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        return [statement for (statement,) in cursor.fetchall()]
