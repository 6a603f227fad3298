"""A service's look-up against a bare page: all that comes between a token and an answer."""

from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from roles.models import RoleAssignment
from tests.benchmarks.conftest import Country
from tests.benchmarks.measure import Report, Row, clock, quantile
from tests.benchmarks.server import Server
from tests.fas.api.asking import LOOKUPS, Asker
from tests.fas.rows import a_client

pytestmark = pytest.mark.benchmark

SHARE = 0.35  # of hello's requests a second
PEOPLE, TIMES = 40, 15


def test_look_up_against_hello(country: Country, server: Server, report: Report) -> None:
    rows = list(RoleAssignment.objects.filter(ended_at=None, valid_until=None).select_related("role")[:5_000])
    service = rows[0].role.services.first()
    rows = [row for row in rows if service in row.role.services.all()]
    client = a_client(service, scopes="roles:lookup", requests_per_minute=1_000_000)
    asker = Asker.of(client, "roles:lookup")
    asked = [
        {"ssin": str(row.assignee.national_number), "enterpriseNumber": row.organisation.enterprise_number}
        for row in country.random.sample(rows, min(PEOPLE, len(rows)))
    ]
    assert all(asker.post(body).json()["roles"] for body in asked)
    with CaptureQueriesContext(connection) as queries:
        asker.post(asked[0])
    assert len(queries) == 2  # the token, and the roles

    def look_up(body: dict[str, str]) -> None:
        assert server.post(LOOKUPS, body, asker.headers) == 200

    ours, bare = clock(
        [partial(look_up, body) for body in asked], [partial(server.get, "/hello/")] * len(asked), times=TIMES
    )
    report.compare(
        Row("look-up / hello", quantile(ours, 0.5), quantile(bare, 0.5), limit=1 / SHARE),
        Row("look-up p95 / hello p95", quantile(ours, 0.95), quantile(bare, 0.95)),
    )
    share = 100 * quantile(bare, 0.5) / quantile(ours, 0.5)
    report.note(f"A look-up: {share:.0f} % of hello's requests/s (limit 35 %), one query beside the token's.")
