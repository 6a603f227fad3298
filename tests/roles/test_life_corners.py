"""Corners of a role's life that random acts (test_life_model) and a close look have found, each with its name."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from outbox.models import OutgoingEmail
from roles.errors import AlreadyAnswered, CannotAssign, NotAllowed
from roles.operations.confirm import confirm_assignment, refuse_assignment
from roles.operations.ending import end_assignments
from roles.operations.prolong import extend_assignments
from roles.operations.reminders import send_end_notices, send_reminders
from roles.operations.undo import undo_assignments
from roles.states import State
from tenants.acting import ActingContext
from tenants.models import Person
from tenants.periods import add_years, local_day
from tests.conftest import Cast
from tests.factories import RoleFactory
from tests.roles.passes import give

pytestmark = pytest.mark.django_db
Acting = Callable[..., ActingContext]

NOW = datetime.now(UTC).replace(hour=9, minute=0)
TODAY = local_day(NOW)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def waiting_for(person: Person) -> list[str]:
    """Return the letters that will still leave for a person."""
    letters = OutgoingEmail.objects.filter(to=person.email, status="queued").order_by("id")
    return list(letters.values_list("name", flat=True))


def test_a_planned_end_is_brought_forward_and_never_put_off(cast: Cast, acting_as: Acting) -> None:
    jean, role = acting_as(cast.jean), RoleFactory()
    (row,) = give(jean, cast.dubois, [cast.anna], [role], now=NOW)
    end_assignments([row], last_day=TODAY + 10 * DAY, note="leaves us", acting=jean, now=NOW)

    for who in (acting_as(cast.anna), jean):
        with pytest.raises(CannotAssign) as refusal:
            end_assignments([row], last_day=TODAY + 11 * DAY, acting=who, now=NOW)
        assert [objection.code for objection in refusal.value.objections] == ["ends_already"]
    row.refresh_from_db()
    assert (row.last_day, row.end_note, row.ended_by) == (TODAY + 10 * DAY, "leaves us", cast.jean)
    end_assignments([row], last_day=TODAY + 5 * DAY, acting=acting_as(cast.anna), now=NOW)
    row.refresh_from_db()
    assert (row.last_day, row.ended_by) == (TODAY + 5 * DAY, cast.anna)


@pytest.mark.parametrize("days", [0, 3])
def test_whoever_leaves_does_not_come_back_by_an_extension_that_waits(cast: Cast, acting_as: Acting, days: int) -> None:
    ingrid, anna = acting_as(cast.ingrid), acting_as(cast.anna)
    (row,) = give(ingrid, cast.eupen, [cast.anna], [RoleFactory()], now=NOW, valid_until=TODAY + 20 * DAY)
    confirm_assignment(row, acting=anna, now=NOW)
    (longer,) = extend_assignments([row], valid_until=None, acting=ingrid, now=NOW + DAY)

    last = TODAY + (1 + days) * DAY if days else None
    end_assignments([row], last_day=last, acting=ingrid, now=NOW + DAY)

    with pytest.raises(AlreadyAnswered):
        confirm_assignment(longer, acting=anna, now=NOW + 2 * DAY)
    longer.refresh_from_db()
    assert longer.state(now=NOW + 30 * DAY) == State.CANCELLED


def test_a_limit_in_years_is_counted_from_today_also_where_the_extension_waits(cast: Cast, acting_as: Acting) -> None:
    ingrid, anna = acting_as(cast.ingrid), acting_as(cast.anna)
    role = RoleFactory(max_duration_years=2)
    (row,) = give(ingrid, cast.eupen, [cast.anna], [role], now=NOW, valid_until=add_years(TODAY, 2))
    confirm_assignment(row, acting=anna, now=NOW)
    with pytest.raises(CannotAssign) as refusal:
        extend_assignments([row], valid_until=add_years(TODAY, 3), acting=ingrid, now=NOW)
    assert [objection.code for objection in refusal.value.objections] == ["lasts_too_long"]


def test_people_who_were_switched_off_decide_nothing(cast: Cast, acting_as: Acting) -> None:
    Person.objects.filter(pk__in=[cast.klaus.pk]).update(is_active=False)
    (row,) = give(acting_as(cast.ingrid), cast.eupen, [cast.ingrid], [RoleFactory()], now=NOW)
    assert row.confirmer == "assignee"
    assert waiting_for(cast.klaus) == []


def test_the_second_manager_needs_the_key_that_the_role_asks_of_its_giver(cast: Cast, acting_as: Acting) -> None:
    (row,) = give(acting_as(cast.ingrid), cast.eupen, [cast.ingrid], [RoleFactory(minimum_level=450)], now=NOW)
    with pytest.raises(NotAllowed):
        confirm_assignment(row, acting=acting_as(cast.klaus, level=400), now=NOW)
    confirm_assignment(row, acting=acting_as(cast.klaus, level=450), now=NOW)


def test_a_grant_whose_end_is_planned_is_taken_back_too(cast: Cast, acting_as: Acting) -> None:
    jean, role = acting_as(cast.jean), RoleFactory()
    anna, marie = give(jean, cast.dubois, [cast.anna, cast.marie], [role], now=NOW)
    end_assignments([anna], last_day=TODAY + 10 * DAY, note="for the fair", acting=jean, now=NOW + MINUTE)

    undo_assignments(anna.draft, acting=jean, now=NOW + 2 * MINUTE)

    for row in (anna, marie):
        row.refresh_from_db()
        assert (row.state(now=NOW + 2 * MINUTE), row.end_note) == (State.CANCELLED, "")
    assert not OutgoingEmail.objects.exclude(status="withdrawn").exists()


def test_a_letter_about_the_end_of_two_acts_outlives_the_undoing_of_one(cast: Cast, acting_as: Acting) -> None:
    jean = acting_as(cast.jean)
    anna, marie = give(jean, cast.dubois, [cast.anna, cast.marie], [RoleFactory()], now=NOW)
    (other,) = give(jean, cast.dubois, [cast.anna], [RoleFactory()], now=NOW + MINUTE)
    end_assignments([anna, other], acting=jean, now=NOW + 2 * MINUTE)

    undo_assignments(marie.draft, acting=jean, now=NOW + 3 * MINUTE)

    assert waiting_for(cast.anna) == ["role_ended"]
    assert waiting_for(cast.marie) == []


@pytest.mark.parametrize("answer", [confirm_assignment, refuse_assignment])
def test_the_one_letter_that_tells_of_another_role_stays_after_an_answer(
    cast: Cast, acting_as: Acting, answer: Callable[..., object]
) -> None:
    jean, anna = acting_as(cast.jean), acting_as(cast.anna)
    roles = [RoleFactory(), RoleFactory(always_confirm=True)]
    rows = give(jean, cast.dubois, [cast.anna], roles, now=NOW)
    (asked,) = (row for row in rows if row.confirmer == "assignee")

    answer(asked, acting=anna, now=NOW + MINUTE)

    assert waiting_for(cast.anna) == ["role_to_confirm"]


def test_who_confirms_for_himself_and_for_another_is_reminded_of_both(cast: Cast, acting_as: Acting) -> None:
    ingrid = acting_as(cast.ingrid)
    give(ingrid, cast.eupen, [cast.ingrid, cast.klaus], [RoleFactory()], now=NOW)
    OutgoingEmail.objects.update(status="withdrawn")

    assert send_reminders(now=NOW + 3 * DAY) == 2

    assert sorted(waiting_for(cast.klaus)) == ["confirm_for_manager", "role_to_confirm"]


def test_a_last_day_is_announced_when_the_extension_was_refused_or_has_lapsed(cast: Cast, acting_as: Acting) -> None:
    ingrid, anna = acting_as(cast.ingrid), acting_as(cast.anna)
    rows = give(
        ingrid,
        cast.eupen,
        [cast.anna],
        [RoleFactory(), RoleFactory(), RoleFactory()],
        now=NOW,
        valid_until=TODAY + 40 * DAY,
    )
    for row in rows:
        confirm_assignment(row, acting=anna, now=NOW)
    refused, confirmed, _lapses = extend_assignments(rows, valid_until=None, acting=ingrid, now=NOW + DAY)
    refuse_assignment(refused, acting=anna, now=NOW + DAY)
    confirm_assignment(confirmed, acting=anna, now=NOW + DAY)

    for days, announced in ((10, [rows[0]]), (33, [rows[0], rows[2]])):
        assert send_end_notices(now=NOW + days * DAY) == 1
        letter = OutgoingEmail.objects.filter(name="role_ends_soon").latest("id")
        assert [role["reference"] for role in letter.context["roles"]] == [row.reference for row in announced]


def test_somebody_switched_off_a_moment_ago_does_nothing_more(cast: Cast, acting_as: Acting) -> None:
    jean, anna = acting_as(cast.jean), acting_as(cast.anna)
    (row,) = give(jean, cast.dubois, [cast.anna], [RoleFactory()], now=NOW, valid_until=TODAY + 20 * DAY)
    (asked,) = give(jean, cast.dubois, [cast.anna], [RoleFactory(always_confirm=True)], now=NOW)
    Person.objects.filter(pk__in=[cast.jean.pk, cast.anna.pk]).update(is_active=False)
    acts: list[Callable[[], object]] = [
        lambda: end_assignments([row], acting=jean, now=NOW),
        lambda: end_assignments([row], acting=anna, now=NOW),
        lambda: extend_assignments([row], valid_until=None, acting=jean, now=NOW),
        lambda: undo_assignments(row.draft, acting=jean, now=NOW),
        lambda: confirm_assignment(asked, acting=anna, now=NOW),
    ]
    for act in acts:
        with pytest.raises(NotAllowed):
            act()
    for one in (row, asked):
        one.refresh_from_db()
        assert one.ended_at is None and one.confirmed_at is None
