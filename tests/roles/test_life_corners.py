"""Corners of a role's life that random acts (test_life_model) and a close look have found, each with its name."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from outbox.models import OutgoingEmail
from roles.errors import CannotAssign
from roles.operations.confirm import confirm_assignment, refuse_assignment
from roles.operations.ending import end_assignments
from roles.operations.prolong import extend_assignments
from roles.operations.reminders import send_end_notices, send_reminders
from roles.operations.undo import undo_assignments
from roles.states import State
from tenants.acting import ActingContext
from tenants.models import Person
from tenants.periods import local_day
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


def test_a_planned_end_is_not_moved_into_days_that_were_given_anew(cast: Cast, acting_as: Acting) -> None:
    jean, role = acting_as(cast.jean), RoleFactory()
    (first,) = give(jean, cast.dubois, [cast.anna], [role], now=NOW)
    end_assignments([first], last_day=TODAY + 10 * DAY, acting=jean, now=NOW)
    give(jean, cast.dubois, [cast.anna], [role], now=NOW, valid_from=TODAY + 12 * DAY)

    with pytest.raises(CannotAssign) as refusal:
        end_assignments([first], last_day=TODAY + 12 * DAY, acting=jean, now=NOW)

    assert [objection.code for objection in refusal.value.objections] == ["held_meanwhile"]
    (moved,) = end_assignments([first], last_day=TODAY + 11 * DAY, acting=jean, now=NOW)
    assert moved.last_day == TODAY + 11 * DAY


def test_a_planned_end_is_moved_over_days_that_nobody_confirmed(cast: Cast, acting_as: Acting) -> None:
    ingrid, anna, role = acting_as(cast.ingrid), acting_as(cast.anna), RoleFactory()
    (first,) = give(ingrid, cast.eupen, [cast.anna], [role], now=NOW)
    confirm_assignment(first, acting=anna, now=NOW)
    end_assignments([first], last_day=TODAY + 40 * DAY, acting=ingrid, now=NOW)
    (second,) = give(ingrid, cast.eupen, [cast.anna], [role], now=NOW, valid_from=TODAY + 50 * DAY)

    later = NOW + 20 * DAY
    (moved,) = end_assignments([first], last_day=TODAY + 60 * DAY, acting=ingrid, now=later)

    second.refresh_from_db()
    assert (moved.last_day, second.state(now=later)) == (TODAY + 60 * DAY, State.EXPIRED)


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

    assert waiting_for(cast.anna) == ["role_given", "role_ended"]
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
