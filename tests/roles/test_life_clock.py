"""The clock of a role's life: last days and midnight in Brussels, changes of clocks, 29 February, deadlines, new years.

Moments are written as the clock in Brussels shows them, with their offset, and passed on in UTC, as the portal's clock
gives them: Brussels is an hour ahead of UTC in winter, two in summer. In 2027 clocks go forward on 28 March (02:00
becomes 03:00) and back on 31 October (03:00 becomes 02:00).
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from pytest_django import Settings

from outbox.delivery import deliver_due
from outbox.models import OutgoingEmail
from roles.errors import AlreadyAnswered, CannotAssign, TooLate
from roles.models import Role, RoleAssignment
from roles.operations.confirm import confirm_assignment
from roles.operations.ending import end_assignments, midnight_after
from roles.operations.prolong import extend_assignments
from roles.operations.reminders import send_end_notices, send_reminders
from roles.operations.undo import undo_assignments, undo_until
from roles.states import State, state_of
from tenants.acting import ActingContext
from tests.conftest import Cast
from tests.factories import RoleFactory
from tests.roles.passes import give

pytestmark = pytest.mark.threat(33)
Acting = Callable[..., ActingContext]
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)


def at(text: str) -> datetime:
    """Return the moment "2027-03-28 03:05+02" in UTC."""
    return datetime.fromisoformat(text.replace(" ", "T") + ":00").astimezone(UTC)


def on(text: str) -> date:
    """Return a day."""
    return date.fromisoformat(text)


@pytest.fixture
def role(db: None) -> Role:
    """A role of no importance."""
    made: Role = RoleFactory()
    return made


# --- The last day: pure -----------------------------------------------------------------------------------------------

MIDNIGHTS = [
    # A last day, and the moment in which it is over.
    ("2027-06-30", "2027-06-30 22:00+00"),
    ("2027-12-31", "2027-12-31 23:00+00"),
    ("2027-03-27", "2027-03-27 23:00+00"),
    ("2027-03-28", "2027-03-28 22:00+00"),  # 23 hours long
    ("2027-10-30", "2027-10-30 22:00+00"),
    ("2027-10-31", "2027-10-31 23:00+00"),  # 25 hours long
    ("2028-02-28", "2028-02-28 23:00+00"),
    ("2028-02-29", "2028-02-29 23:00+00"),
]


@pytest.mark.parametrize(("last", "over"), MIDNIGHTS)
def test_the_last_day_is_over_at_midnight_in_brussels(last: str, over: str) -> None:
    assert midnight_after(on(last)) == at(over)


@pytest.mark.parametrize(("last", "over"), MIDNIGHTS)
def test_a_role_works_until_the_last_second_of_its_last_day(last: str, over: str) -> None:
    by_period = RoleAssignment(valid_from=on("2027-01-01"), valid_until=on(last))
    by_end = RoleAssignment(
        valid_from=on("2027-01-01"), ended_at=at(over), ended_on=on(last) + DAY, end_reason="manager"
    )
    for row, afterwards in ((by_period, State.EXPIRED), (by_end, State.ENDED)):
        assert state_of(row, now=at(over) - SECOND) == State.ACTIVE
        assert state_of(row, now=at(over)) == afterwards
        assert row.last_day == on(last)


@pytest.mark.parametrize(("eve", "begins"), MIDNIGHTS)
def test_a_role_works_from_the_first_second_of_its_first_day(eve: str, begins: str) -> None:
    row = RoleAssignment(valid_from=on(eve) + DAY)
    assert state_of(row, now=at(begins) - SECOND) == State.SCHEDULED
    assert state_of(row, now=at(begins)) == State.ACTIVE


@pytest.mark.parametrize(("eve", "over"), MIDNIGHTS)
def test_a_confirmation_is_in_time_until_the_eve_of_the_day_it_names(eve: str, over: str) -> None:
    row = RoleAssignment(valid_from=on("2027-01-01"), confirmer="assignee", confirm_before=on(eve) + DAY)
    assert state_of(row, now=at(over) - SECOND) == State.TO_CONFIRM
    assert state_of(row, now=at(over)) == State.EXPIRED


# --- The day of the end -----------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(("last", "over"), MIDNIGHTS)
def test_what_was_planned_to_end_is_ended_and_given_anew_without_a_gap(
    cast: Cast, role: Role, acting_as: Acting, last: str, over: str
) -> None:
    jean, now = acting_as(cast.jean), at(over) - 3 * DAY
    (first,) = give(jean, cast.dubois, [cast.anna], [role], now=now)
    (first,) = end_assignments([first], last_day=on(last), acting=jean, now=now)
    (second,) = give(jean, cast.dubois, [cast.anna], [role], now=now, valid_from=on(last) + DAY)

    for moment, states in (
        (at(over) - SECOND, [State.ACTIVE, State.SCHEDULED]),
        (at(over), [State.ENDED, State.ACTIVE]),
    ):
        assert [row.state(now=moment) for row in (first, second)] == states
        computed = RoleAssignment.objects.with_state(now=moment).order_by("id")
        assert list(computed.values_list("computed_state", flat=True)) == states
    assert first.last_day == on(last)


@pytest.mark.django_db
@pytest.mark.parametrize(("last", "over"), MIDNIGHTS)
def test_on_its_last_day_a_role_is_extended_and_a_second_later_not(
    cast: Cast, role: Role, acting_as: Acting, last: str, over: str
) -> None:
    jean, given = acting_as(cast.jean), at(over) - 20 * DAY
    (by_period,) = give(jean, cast.dubois, [cast.anna], [role], now=given, valid_until=on(last))
    (by_end,) = give(jean, cast.dubois, [cast.marie], [role], now=given)
    end_assignments([by_end], last_day=on(last), acting=jean, now=given)
    for row in (by_period, by_end):
        with pytest.raises(TooLate):
            extend_assignments([row], valid_until=None, acting=jean, now=at(over))
        with pytest.raises(TooLate):
            end_assignments([row], acting=jean, now=at(over))
        (new,) = extend_assignments([row], valid_until=None, acting=jean, now=at(over) - SECOND)
        row.refresh_from_db()
        assert (new.valid_from, row.ended_on) == (on(last), on(last))
        assert [one.state(now=at(over)) for one in (row, new)] == [State.ENDED, State.ACTIVE]


@pytest.mark.django_db
@pytest.mark.parametrize(("today", "over"), MIDNIGHTS)
def test_tomorrow_is_a_last_day_until_midnight(
    cast: Cast, role: Role, acting_as: Acting, today: str, over: str
) -> None:
    jean, tomorrow = acting_as(cast.jean), on(today) + DAY
    (row,) = give(jean, cast.dubois, [cast.anna], [role], now=at(over) - DAY)
    with pytest.raises(CannotAssign) as refusal:
        end_assignments([row], last_day=tomorrow, acting=jean, now=at(over))
    assert refusal.value.objections[0].code == "ends_in_the_past"
    (row,) = end_assignments([row], last_day=tomorrow, acting=jean, now=at(over) - SECOND)
    assert (row.last_day, row.ended_at) == (tomorrow, midnight_after(tomorrow))


@pytest.mark.django_db
def test_what_ends_before_midnight_is_given_anew_on_the_same_day(cast: Cast, role: Role, acting_as: Acting) -> None:
    jean, late = acting_as(cast.jean), at("2027-03-28 23:59+02")
    (first,) = give(jean, cast.dubois, [cast.anna], [role], now=at("2027-03-28 00:30+01"))
    end_assignments([first], acting=jean, now=late)
    (second,) = give(jean, cast.dubois, [cast.anna], [role], now=late)
    first.refresh_from_db()
    assert (first.ended_on, second.valid_from) == (on("2027-03-28"), on("2027-03-28"))
    assert [row.state(now=late) for row in (first, second)] == [State.ENDED, State.ACTIVE]


# --- A quarter of an hour, whatever the clock on the wall does --------------------------------------------------------

CHANGES = [
    # Given, and the end of the quarter: clocks jump forward, clocks go back, and midnight.
    ("2027-03-28 01:50+01", "2027-03-28 03:05+02"),
    ("2027-10-31 02:50+02", "2027-10-31 02:05+01"),
    ("2027-10-31 02:50+01", "2027-10-31 03:05+01"),
    ("2027-12-31 23:50+01", "2028-01-01 00:05+01"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("given", "until"), CHANGES)
def test_a_grant_is_taken_back_for_fifteen_minutes(
    cast: Cast, role: Role, acting_as: Acting, given: str, until: str
) -> None:
    jean = acting_as(cast.jean)
    (row,) = give(jean, cast.dubois, [cast.anna], [role], now=at(given))
    row.draft.refresh_from_db()
    assert undo_until(row.draft) == at(until) == at(given) + 15 * MINUTE
    with pytest.raises(TooLate):
        undo_assignments(row.draft, acting=jean, now=at(until))
    undo_assignments(row.draft, acting=jean, now=at(until) - SECOND)
    row.refresh_from_db()
    assert row.state(now=at(until)) == State.CANCELLED
    assert not OutgoingEmail.objects.exclude(status="withdrawn").exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("given", "until"), CHANGES)
def test_letters_leave_when_the_quarter_is_over(
    cast: Cast, role: Role, acting_as: Acting, settings: Settings, given: str, until: str
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    give(acting_as(cast.jean), cast.dubois, [cast.anna], [role], now=at(given))
    assert deliver_due(worker="test", now=at(until) - SECOND) == 0
    assert deliver_due(worker="test", now=at(until)) == 2
    assert sorted(letter.to[0] for letter in mail.outbox) == sorted([cast.anna.email, cast.jean.email])


@pytest.mark.django_db
def test_a_grant_taken_back_after_midnight_never_held_a_day(cast: Cast, role: Role, acting_as: Acting) -> None:
    jean, after = acting_as(cast.jean), at("2028-01-01 00:04+01")
    (row,) = give(jean, cast.dubois, [cast.anna], [role], now=at("2027-12-31 23:50+01"))
    undo_assignments(row.draft, acting=jean, now=after)
    (again,) = give(jean, cast.dubois, [cast.anna], [role], now=after)
    row.refresh_from_db()
    assert [one.state(now=after) for one in (row, again)] == [State.CANCELLED, State.ACTIVE]


# --- 29 February ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_year_from_29_february_ends_on_28_february(cast: Cast, acting_as: Acting) -> None:
    jean, now = acting_as(cast.jean), at("2028-02-29 12:00+01")
    role = RoleFactory(max_duration_years=1)
    (row,) = give(jean, cast.dubois, [cast.anna], [role], now=now - 60 * DAY, valid_until=on("2028-02-29"))
    for until in (on("2029-03-01"), None):
        with pytest.raises(CannotAssign) as refusal:
            extend_assignments([row], valid_until=until, acting=jean, now=now)
        (objection,) = refusal.value.objections
        assert (objection.code, objection.about["date"]) == ("lasts_too_long", on("2029-02-28"))
    (new,) = extend_assignments([row], valid_until=on("2029-02-28"), acting=jean, now=now)
    assert (new.valid_from, new.valid_until) == (on("2028-02-29"), on("2029-02-28"))


@pytest.mark.django_db
def test_four_years_from_29_february_reach_the_next_one(cast: Cast, acting_as: Acting) -> None:
    jean, now = acting_as(cast.jean), at("2028-02-29 12:00+01")
    role = RoleFactory(max_duration_years=4)
    (row,) = give(jean, cast.dubois, [cast.anna], [role], now=now, valid_until=on("2028-03-31"))
    (new,) = extend_assignments([row], valid_until=on("2032-02-29"), acting=jean, now=now)
    assert new.state(now=at("2032-02-29 23:59+01")) == State.ACTIVE
    assert new.state(now=at("2032-03-01 00:00+01")) == State.EXPIRED


@pytest.mark.django_db
@pytest.mark.parametrize(("last", "begins"), [("2028-02-28", "2028-02-29"), ("2028-02-29", "2028-03-01")])
def test_an_extension_that_waits_begins_the_day_after_the_last(
    cast: Cast, role: Role, acting_as: Acting, last: str, begins: str
) -> None:
    ingrid, anna, now = acting_as(cast.ingrid), acting_as(cast.anna), at("2028-02-20 12:00+01")
    (row,) = give(ingrid, cast.eupen, [cast.anna], [role], now=now, valid_until=on(last))
    confirm_assignment(row, acting=anna, now=now)
    row.refresh_from_db()
    (new,) = extend_assignments([row], valid_until=on("2029-02-28"), acting=ingrid, now=now)
    new = confirm_assignment(new, acting=anna, now=now)
    turn = midnight_after(on(last))
    assert new.valid_from == on(begins)
    assert [one.state(now=turn - SECOND) for one in (row, new)] == [State.ACTIVE, State.SCHEDULED]
    assert [one.state(now=turn) for one in (row, new)] == [State.EXPIRED, State.ACTIVE]


@pytest.mark.django_db
@pytest.mark.parametrize(("day", "told"), [("2028-01-29", 0), ("2028-01-30", 1), ("2028-02-22", 1), ("2028-02-23", 1)])
def test_29_february_is_announced_thirty_and_seven_days_before_or_on_the_next_day_of_work(
    cast: Cast, role: Role, acting_as: Acting, day: str, told: int
) -> None:
    given = at("2027-12-01 12:00+01")
    give(acting_as(cast.jean), cast.dubois, [cast.anna], [role], now=given, valid_until=on("2028-02-29"))
    assert send_end_notices(now=at(f"{day} 06:00+01")) == told


# --- Deadlines and reminders ------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "over"),
    [
        ("2027-03-20 00:00+01", "2027-04-03 00:00+02"),  # still the 19th in UTC; clocks change meanwhile
        ("2027-03-20 23:59+01", "2027-04-03 00:00+02"),
        ("2027-10-20 00:00+02", "2027-11-03 00:00+01"),
        ("2028-02-15 12:00+01", "2028-02-29 00:00+01"),
        ("2027-12-20 12:00+01", "2028-01-03 00:00+01"),
    ],
)
def test_fourteen_days_to_confirm_are_counted_in_brussels(
    cast: Cast, role: Role, acting_as: Acting, given: str, over: str
) -> None:
    anna = acting_as(cast.anna)
    late, timely = (
        give(acting_as(cast.ingrid), cast.eupen, [cast.anna], [one], now=at(given))[0] for one in (role, RoleFactory())
    )
    with pytest.raises(AlreadyAnswered):
        confirm_assignment(late, acting=anna, now=at(over))
    assert late.state(now=at(over)) == State.EXPIRED
    assert confirm_assignment(timely, acting=anna, now=at(over) - SECOND).state(now=at(over)) == State.ACTIVE


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "six"),
    [
        ("2027-03-26 23:59+01", "2027-03-29 06:00+02"),  # two days and five hours, and yet three days
        ("2027-03-27 00:00+01", "2027-03-30 06:00+02"),
        ("2027-10-29 23:59+02", "2027-11-01 06:00+01"),
        ("2028-02-27 08:00+01", "2028-03-01 06:00+01"),
    ],
)
def test_the_first_reminder_comes_at_six_on_the_third_day(
    cast: Cast, role: Role, acting_as: Acting, given: str, six: str
) -> None:
    give(acting_as(cast.ingrid), cast.eupen, [cast.anna], [role], now=at(given))
    assert send_reminders(now=at(six) - DAY) == 0
    assert send_reminders(now=at(six) - SECOND) == 0
    assert send_reminders(now=at(six)) == 1
    assert send_reminders(now=at(six) + MINUTE) == 0
    assert send_reminders(now=at(six) + DAY) == 0


# --- New years --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_references_begin_anew_at_midnight_in_brussels(cast: Cast, role: Role, acting_as: Acting) -> None:
    jean, second, turn = acting_as(cast.jean), RoleFactory(), at("2028-01-01 00:00+01")
    assert turn.year == 2027
    (old,) = give(jean, cast.dubois, [cast.anna], [role], now=turn - SECOND, valid_until=on("2028-01-31"))
    (new,) = give(jean, cast.dubois, [cast.anna], [second], now=turn, valid_until=on("2028-01-31"))
    (extended,) = extend_assignments([old], valid_until=None, acting=jean, now=turn)
    assert [row.reference for row in (old, new, extended)] == [
        "AR-2027-000001-1",
        "AR-2028-000001-1",
        "AR-2028-000002-1",
    ]
    old.refresh_from_db()
    assert (old.ended_on, extended.valid_from) == (on("2028-01-01"), on("2028-01-01"))
