"""Person search against the lookup of one person by primary key."""

from functools import partial

import pytest

from tenants.models import Person
from tests.benchmarks.conftest import Country
from tests.benchmarks.measure import Report, Row, clock, quantile
from tests.benchmarks.questions import searches

pytestmark = pytest.mark.benchmark

FEWER = "in the small country there are fewer people and employers to list"

READINGS = (
    "one search asks up to ten readings of the words, employers included, and the planner wants its time for each"
)


def test_search_against_a_primary_key(country: Country, report: Report) -> None:
    asked = searches(country.random)
    ids = country.random.sample(list(Person.objects.values_list("pk", flat=True)), len(asked))
    lookups = [partial(Person.objects.get, pk=pk) for pk in ids]

    ours, keys = clock([search for _kind, search in asked], lookups)

    for kind in dict.fromkeys(kind for kind, _search in asked):
        of_kind = [time for time, (its_kind, _search) in zip(ours, asked, strict=True) if its_kind == kind]
        report.compare(Row(f"search p95, {kind} / PK p95", quantile(of_kind, 0.95), quantile(keys, 0.95)))
    report.compare(
        Row("search p95, mixed / PK p95", quantile(ours, 0.95), quantile(keys, 0.95), limit=2, known=READINGS)
    )
    report.compare(
        Row(
            "search p99, mixed / PK p99",
            quantile(ours, 0.99),
            quantile(keys, 0.99),
            limit=5,
            stretch=4,
            known=READINGS,
        )
    )
    for percent, before in country.smaller.items():
        report.compare(
            Row(
                f"search p95, 100 % / {percent} % of the people",
                quantile(ours, 0.95),
                quantile(before, 0.95),
                limit=1.5,
                known=FEWER,
            )
        )
