"""Days in Brussels, whole and inclusive, whatever the clock of the server shows."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.models import Employment, Person
from tenants.periods import add_years, last_day_of, live_on, local_day
from tests.factories import EmploymentFactory

BRUSSELS = ZoneInfo("Europe/Brussels")


@pytest.mark.threat(33)
@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-11-20T22:59:59+00:00", date(2026, 11, 20)),
        ("2026-11-20T23:00:00+00:00", date(2026, 11, 21)),
        ("2026-07-01T21:59:59+00:00", date(2026, 7, 1)),
        ("2026-07-01T22:00:00+00:00", date(2026, 7, 2)),
        # The short day and the long one: 29 March and 25 October 2026.
        ("2026-03-28T22:59:59+00:00", date(2026, 3, 28)),
        ("2026-03-28T23:00:00+00:00", date(2026, 3, 29)),
        ("2026-03-29T21:59:59+00:00", date(2026, 3, 29)),
        ("2026-03-29T22:00:00+00:00", date(2026, 3, 30)),
        ("2026-10-24T22:00:00+00:00", date(2026, 10, 25)),
        ("2026-10-25T22:59:59+00:00", date(2026, 10, 25)),
        ("2026-10-25T23:00:00+00:00", date(2026, 10, 26)),
        ("2026-12-31T23:00:00+00:00", date(2027, 1, 1)),
        ("2027-01-01T08:59:59+10:00", date(2026, 12, 31)),
        ("2028-02-28T23:00:00+00:00", date(2028, 2, 29)),
        ("2028-02-29T23:00:00+00:00", date(2028, 3, 1)),
    ],
)
def test_a_moment_falls_in_the_day_of_brussels(moment: str, day: date) -> None:
    assert local_day(datetime.fromisoformat(moment)) == day


@pytest.mark.threat(33)
@given(st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)))
def test_the_day_is_that_of_the_zone_on_ten_thousand_moments(moment: datetime) -> None:
    assert local_day(moment) == moment.astimezone(BRUSSELS).date()
    midnight = datetime.combine(local_day(moment), time(), tzinfo=BRUSSELS)
    assert local_day(midnight) == local_day(moment)
    assert local_day(midnight.astimezone(UTC) - timedelta(seconds=1)) == local_day(moment) - timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "years", "later"),
    [
        (date(2026, 11, 21), 1, date(2027, 11, 21)),
        (date(2028, 2, 29), 1, date(2029, 2, 28)),
        (date(2028, 2, 29), 4, date(2032, 2, 29)),
        (date(2027, 2, 28), 1, date(2028, 2, 28)),
        (date(2096, 2, 29), 4, date(2100, 2, 28)),
        (date(2026, 12, 31), 0, date(2026, 12, 31)),
        (date(9998, 5, 5), 1, date(9999, 5, 5)),
        (date(9999, 5, 5), 1, date.max),
        (date(2026, 1, 1), 9_000, date.max),
    ],
)
def test_years_later(day: date, years: int, later: date) -> None:
    assert add_years(day, years) == later


@pytest.mark.parametrize(
    ("start", "years", "last"),
    [
        (date(2026, 11, 21), 1, date(2027, 11, 20)),
        (date(2027, 1, 1), 1, date(2027, 12, 31)),
        (date(2028, 2, 29), 1, date(2029, 2, 28)),
        (date(2027, 3, 1), 1, date(2028, 2, 29)),
        (date(2026, 3, 1), 1, date(2027, 2, 28)),
    ],
)
def test_a_period_of_whole_years_ends_on_the_day_before(start: date, years: int, last: date) -> None:
    assert last_day_of(start, years) == last


@given(start=st.dates(date(1950, 1, 1), date(2150, 1, 1)), years=st.integers(1, 10))
def test_a_year_more_is_the_day_after_the_last(start: date, years: int) -> None:
    following = last_day_of(start, years) + timedelta(days=1)
    assert following.year == start.year + years
    assert (following.month, following.day) in {(start.month, start.day), (3, 1)}


PERIODS: list[tuple[date, date | None]] = [
    (date(2026, 11, 20), None),
    (date(2026, 11, 21), None),
    (date(2026, 11, 22), None),
    (date(2026, 11, 1), date(2026, 11, 20)),
    (date(2026, 11, 1), date(2026, 11, 21)),
    (date(2026, 11, 21), date(2026, 11, 21)),
    (date(2026, 11, 22), date(2026, 11, 30)),
]


@pytest.mark.django_db
@pytest.mark.parametrize("day", [date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 22), date(2030, 1, 1)])
def test_python_and_the_database_agree_on_which_periods_hold(day: date) -> None:
    jobs = [EmploymentFactory(valid_from=start, valid_until=end) for start, end in PERIODS]
    expected = [start <= day and (end is None or day <= end) for start, end in PERIODS]
    assert [job.holds_on(day) for job in jobs] == expected
    found = set(Employment.objects.filter(live_on(day)).values_list("pk", flat=True))
    assert [job.pk in found for job in jobs] == expected
    through = set(Person.objects.filter(live_on(day, "employments__")).values_list("pk", flat=True))
    assert [job.person_id in through for job in jobs] == expected
