"""Person search against the lookup of one person by primary key."""

from functools import partial

import pytest

from tenants.models import Person
from tests.benchmarks.conftest import Country
from tests.benchmarks.measure import Report, Row, clock, quantile
from tests.benchmarks.questions import searches

pytestmark = pytest.mark.benchmark

READINGS = "a search is up to ten readings of the words, employers included, and the planner takes its time for each"
FEWER = "in the small country there are fewer people and employers to list"


def test_search_against_a_primary_key(country: Country, report: Report) -> None:
    asked = searches(country.random)
    ids = country.random.sample(list(Person.objects.values_list("pk", flat=True)), len(asked))
    lookups = [partial(Person.objects.get, pk=pk) for pk in ids]

    ours, keys = clock([search for _kind, search in asked], lookups)

    kinds: dict[str, list[float]] = {}
    for (kind, _search), took in zip(asked, ours, strict=True):
        kinds.setdefault(kind, []).append(took)
    p95, p99 = quantile(ours, 0.95), quantile(ours, 0.99)
    report.compare(
        *(
            Row(f"search p95, {kind} / PK p95", quantile(took, 0.95), quantile(keys, 0.95))
            for kind, took in kinds.items()
        ),
        Row("search p95, mixed / PK p95", p95, quantile(keys, 0.95), limit=2, known=READINGS),
        Row("search p99, mixed / PK p99", p99, quantile(keys, 0.99), limit=5, stretch=4, known=READINGS),
        *(
            Row(f"search p95, 100 % / {percent} % of the people", p95, quantile(took, 0.95), limit=1.5, known=FEWER)
            for percent, took in country.smaller.items()
        ),
    )
