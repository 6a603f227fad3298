"""A client may ask so many times a minute, over all processes together."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from fas.models import Client, ClientUse
from fas.operations.use import Allowances
from tests.conftest import Cast
from tests.fas.api.asking import Asker
from tests.fas.api.test_access import problem_of
from tests.fas.rows import a_client
from tests.parallel import at_once

MOMENT = datetime(2026, 11, 3, 10, 20, 15, tzinfo=UTC)


@pytest.mark.django_db
@pytest.mark.asvs(15)
def test_beyond_its_limit_a_client_waits_for_the_next_minute(
    client_row: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    Client.objects.update(requests_per_minute=3)
    asker = Asker.of(client_row)
    now = timezone.now().replace(second=15, microsecond=0)
    monkeypatch.setattr("fas.api.access.timezone.now", lambda: now)
    lefts = [asker.feed().headers["RateLimit"] for _time in range(3)]
    assert lefts == ['"minute";r=2;t=45', '"minute";r=1;t=45', '"minute";r=0;t=45']
    answer = asker.look_up(cast.anna, cast.dubois)
    problem_of(answer, 429, "tooManyRequests")
    assert answer.headers["Retry-After"] == "45"
    assert answer.headers["RateLimit-Policy"] == '"minute";q=3;w=60'


@pytest.mark.django_db
def test_the_next_minute_all_come_back(client_row: Client) -> None:
    client_row.requests_per_minute = 2
    here = Allowances()
    assert [here.take(client_row, now=MOMENT).allowed for _time in range(3)] == [True, True, False]
    after = here.take(client_row, now=MOMENT + timedelta(seconds=45))
    assert (after.allowed, after.left, after.seconds) == (True, 1, 60)


@pytest.mark.django_db
def test_several_processes_share_one_limit_to_the_last(client_row: Client) -> None:
    client_row.requests_per_minute = 100
    processes = [Allowances() for _number in range(5)]
    allowed = [process.take(client_row, now=MOMENT).allowed for _round in range(60) for process in processes]
    assert sum(allowed) == 100


@pytest.mark.django_db
def test_the_neighbour_has_a_limit_of_its_own(client_row: Client) -> None:
    client_row.requests_per_minute = 1
    other = a_client(client_id="other", requests_per_minute=1)
    here = Allowances()
    assert [here.take(row, now=MOMENT).allowed for row in (client_row, other, client_row)] == [True, True, False]


@pytest.mark.django_db
def test_what_was_not_asked_is_not_counted_for_the_day(client_row: Client) -> None:
    client_row.requests_per_minute = 400
    here = Allowances()
    for minute in range(3):
        here.take(client_row, now=MOMENT + timedelta(minutes=minute))
    assert ClientUse.objects.get().total == 2 + 10  # two minutes with one request, and a handful of ten


@pytest.mark.django_db
def test_each_day_is_counted_for_itself(client_row: Client) -> None:
    client_row.requests_per_minute = 1
    here = Allowances()
    before_midnight = datetime(2026, 11, 3, 22, 59, 59, tzinfo=UTC)
    for later in range(2):
        assert here.take(client_row, now=before_midnight + timedelta(seconds=later)).allowed
    assert sorted(ClientUse.objects.values_list("day__day", "total")) == [(3, 1), (4, 1)]


@pytest.mark.django_db
def test_a_clock_that_is_behind_gives_no_minute_back(client_row: Client) -> None:
    client_row.requests_per_minute = 2
    ahead, behind = Allowances(), Allowances()
    assert [ahead.take(client_row, now=MOMENT + timedelta(minutes=1)).allowed for _time in range(2)] == [True, True]
    assert not behind.take(client_row, now=MOMENT).allowed


@pytest.mark.django_db
def test_a_refusal_costs_no_query(client_row: Client, django_assert_num_queries: object) -> None:
    client_row.requests_per_minute = 1
    here = Allowances()
    here.take(client_row, now=MOMENT)
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert not here.take(client_row, now=MOMENT).allowed


@pytest.mark.django_db(transaction=True)
@pytest.mark.asvs(72)
def test_no_more_than_the_limit_at_the_same_time() -> None:
    client = a_client(client_id="busy", requests_per_minute=60)
    processes = [Allowances() for _number in range(6)]
    allowed = at_once(lambda number: processes[number % 6].take(client, now=MOMENT).allowed, times=120, threads=6)
    assert sum(allowed) == 60
    assert ClientUse.objects.get().taken == 60
