"""A service's look-up against a bare page: all that comes between a token and an answer."""

from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from roles.models import RoleAssignment
from tests.benchmarks.conftest import Country
from tests.benchmarks.measure import Report, Row, clock
from tests.benchmarks.server import Server
from tests.fas.api.asking import Asker
from tests.fas.rows import a_client

pytestmark = pytest.mark.benchmark

ADDRESS = "/fas/api/v1/role-lookups"
SHARE = 0.35
TIMES = 400


def test_look_up_against_hello(country: Country, server: Server, report: Report) -> None:
    row = RoleAssignment.objects.filter(valid_until__isnull=True, ended_at__isnull=True).select_related("assignee").first()
    service = row.role.services.first()
    asker = Asker.of(a_client(service, scopes="roles:lookup", requests_per_minute=1_000_000), "roles:lookup")
    asked = {"ssin": str(row.assignee.national_number), "enterpriseNumber": row.organisation.enterprise_number}

    def look_up() -> None:
        assert server.post(ADDRESS, asked, asker.headers) == 200

    assert asker.post(asked).json()["roles"]
    with CaptureQueriesContext(connection) as queries:
        asker.post(asked)
    assert len(queries) == 2  # the token, and the roles
    ours, bare = clock([look_up], [partial(server.get, "/hello/")], times=TIMES)
    report.compare(Row("look-up / hello", ours[0], bare[0], limit=1 / SHARE))
    report.note(f"A look-up: {100 * bare[0] / ours[0]:.0f} % of hello's requests/s, 2 queries with the token's.")
