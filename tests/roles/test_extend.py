"""Extending: the old row ends, a new one goes on from it; nobody loses a role by it, and no second pair of eyes."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import AuditEntry
from outbox.models import OutgoingEmail
from roles.errors import CannotAssign, NotAllowed, TooLate
from roles.models import Role, RoleAssignment
from roles.operations.confirm import confirm_assignment
from roles.operations.ending import end_assignments
from roles.operations.prolong import extend_assignments
from roles.states import State
from tenants.acting import ActingContext
from tests.conftest import Cast
from tests.factories import AssignmentFactory, RoleFactory
from tests.roles.pages import errors_of, heading_of, words_of

Acting = Callable[..., ActingContext]
pytestmark = pytest.mark.django_db


def day(number: int) -> date:
    return timezone.localdate() + timedelta(days=number)


def held(cast: Cast, place: str = "dubois", holder: str = "anna", **values: Any) -> RoleAssignment:
    """Store a role that ends in twenty days."""
    facts: dict[str, Any] = {"valid_from": day(-100), "valid_until": day(20), **values}
    giver = {"dubois": cast.jean, "eupen": cast.ingrid}[place]
    role = facts.pop("role", None) or RoleFactory(name_en="Example role")
    return AssignmentFactory(
        role=role, organisation=getattr(cast, place), assignee=getattr(cast, holder), assigned_by=giver, **facts
    )


def state(row: RoleAssignment, now: datetime | None = None) -> State:
    row.refresh_from_db()
    return row.state(now=now or timezone.now())


def letters() -> list[tuple[str, str]]:
    return list(OutgoingEmail.objects.order_by("id").values_list("name", "to"))


def test_the_new_row_begins_today_and_the_old_one_ends_now(cast: Cast, acting_as: Acting, now: datetime) -> None:
    old = held(cast, properties={"A": True})
    (new,) = extend_assignments([old], valid_until=day(400), acting=acting_as(cast.jean), now=now)
    assert (state(old), state(new)) == (State.ENDED, State.ACTIVE)
    assert (old.end_reason, old.ended_by) == ("extended", cast.jean)
    assert (new.valid_from, new.valid_until, new.replaces_id) == (day(0), day(400), old.pk)
    assert new.properties == {"A": True}
    assert new.reference.startswith("AR-")
    events = AuditEntry.objects.order_by("id").values_list("event", "subject_key")
    assert list(events) == [("assignment:granted", new.key), ("assignment:extended", old.key)]
    assert letters() == [("role_extended", cast.anna.email)]


def test_without_end_is_longer_than_any_day(cast: Cast, acting_as: Acting, now: datetime) -> None:
    (new,) = extend_assignments([held(cast)], valid_until=None, acting=acting_as(cast.tom, cast.dubois), now=now)
    assert new.valid_until is None


def test_a_planned_end_is_extended_too(cast: Cast, acting_as: Acting, now: datetime) -> None:
    old = held(cast, valid_until=None)
    end_assignments([old], last_day=day(5), acting=acting_as(cast.jean), now=now)
    (new,) = extend_assignments([old], valid_until=day(50), acting=acting_as(cast.jean), now=now)
    assert (state(old), state(new)) == (State.ENDED, State.ACTIVE)


@pytest.mark.parametrize(
    ("facts", "until", "code"),
    [({"valid_until": None}, 90, "has_no_end"), ({}, 20, "not_longer"), ({}, 19, "not_longer")],
)
def test_what_makes_it_no_longer_is_refused(
    cast: Cast, acting_as: Acting, now: datetime, facts: dict[str, Any], until: int, code: str
) -> None:
    old = held(cast, **facts)
    with pytest.raises(CannotAssign) as refusal:
        extend_assignments([old], valid_until=day(until), acting=acting_as(cast.jean), now=now)
    assert [one.code for one in refusal.value.objections] == [code]
    assert state(old) == State.ACTIVE
    assert (RoleAssignment.objects.count(), letters()) == (1, [])


def test_a_role_with_a_limit_lasts_no_longer_than_that_from_today(cast: Cast, acting_as: Acting, now: datetime) -> None:
    old = held(cast, role=RoleFactory(max_duration_years=1))
    for until in (day(400), None):
        with pytest.raises(CannotAssign) as refusal:
            extend_assignments([old], valid_until=until, acting=acting_as(cast.jean), now=now)
        assert [one.code for one in refusal.value.objections] == ["lasts_too_long"]
    assert state(old) == State.ACTIVE


def test_a_later_row_stands_in_the_way_and_the_old_one_goes_on(cast: Cast, acting_as: Acting, now: datetime) -> None:
    old = held(cast)
    held(cast, role=old.role, valid_from=day(30), valid_until=day(60))
    with pytest.raises(CannotAssign) as refusal:
        extend_assignments([old], valid_until=day(90), acting=acting_as(cast.jean), now=now)
    assert [one.code for one in refusal.value.objections] == ["held_meanwhile"]
    assert state(old) == State.ACTIVE
    extend_assignments([old], valid_until=day(29), acting=acting_as(cast.jean), now=now)


def test_what_does_not_work_is_not_extended(cast: Cast, acting_as: Acting, now: datetime) -> None:
    for facts in (
        {"valid_until": day(-1)},
        {"valid_from": day(2)},
        {"confirmer": "assignee", "confirm_before": day(9)},
    ):
        with pytest.raises(TooLate):
            extend_assignments([held(cast, **facts)], valid_until=day(90), acting=acting_as(cast.jean), now=now)


@pytest.mark.threat(1)
def test_the_holder_the_neighbour_and_other_domains_may_not(
    cast: Cast, catalogue: dict[str, Role], acting_as: Acting, now: datetime
) -> None:
    old = held(cast, role=catalogue["CCB_SAFEONWEBATWORK_EDIT"])
    for who in (cast.anna, cast.carine, cast.olivier, cast.marie):
        with pytest.raises(NotAllowed):
            extend_assignments([old], valid_until=day(90), acting=acting_as(who), now=now)
    assert state(old) == State.ACTIVE


def test_where_the_holder_must_confirm_the_old_one_goes_on_to_its_last_day(
    cast: Cast, acting_as: Acting, now: datetime
) -> None:
    old = held(cast, "eupen")
    (new,) = extend_assignments([old], valid_until=day(90), acting=acting_as(cast.ingrid), now=now)
    assert (state(old), state(new)) == (State.ACTIVE, State.TO_CONFIRM)
    assert new.valid_from == day(21)
    assert letters() == [("role_to_confirm", cast.anna.email)]
    confirm_assignment(new, acting=acting_as(cast.anna), now=now)
    later = now + timedelta(days=21)
    assert (state(old, later), state(new, later)) == (State.EXPIRED, State.ACTIVE)


@pytest.mark.threat(7)
def test_nobody_gets_round_the_second_manager_by_extending(cast: Cast, acting_as: Acting, now: datetime) -> None:
    old = held(cast, "eupen", "ingrid")
    (new,) = extend_assignments([old], valid_until=None, acting=acting_as(cast.ingrid), now=now)
    assert new.confirmer == "manager"
    assert state(new) == State.TO_CONFIRM
    assert ("confirm_for_manager", cast.klaus.email) in letters()


def test_of_several_all_or_none(cast: Cast, acting_as: Acting, now: datetime) -> None:
    first, second = held(cast), held(cast, valid_until=None)
    with pytest.raises(CannotAssign):
        extend_assignments([first, second], valid_until=day(90), acting=acting_as(cast.jean), now=now)
    assert (state(first), RoleAssignment.objects.count()) == (State.ACTIVE, 2)
    end_assignments([second], last_day=day(3), acting=acting_as(cast.jean), now=now)
    OutgoingEmail.objects.all().delete()
    extend_assignments([first, second], valid_until=day(90), acting=acting_as(cast.jean), now=now)
    assert letters() == [("role_extended", cast.anna.email)]


# --- The page ---------------------------------------------------------------------------------------------------------


def test_the_page_asks_how_long_and_shows_the_chain_afterwards(jean: Client, cast: Cast) -> None:
    old = held(cast)
    page = jean.get(f"/assignments/{old.key}/extend/")
    assert heading_of(page) == "Extend this assignment"
    assert "is its last day now." in words_of(page)
    assert errors_of(jean.post(f"/assignments/{old.key}/extend/", {})) == ["Choose unlimited or limited duration"]
    early = day(10)
    form = {"duration": "until", "until_day": early.day, "until_month": early.month, "until_year": early.year}
    assert "Choose a date after" in errors_of(jean.post(f"/assignments/{old.key}/extend/", form))[0]
    done = jean.post(f"/assignments/{old.key}/extend/", {"duration": "unlimited"})
    new = RoleAssignment.objects.get(replaces=old)
    assert done.headers["Location"] == f"/assignments/{new.key}/"
    words = words_of(jean.get(done.headers["Location"]))
    assert "The assignment is extended" in words
    assert f"It goes on from {old.reference}" in words
    before = words_of(jean.get(f"/assignments/{old.key}/"))
    assert f"Extended: see {new.reference}" in before
    assert "Replaced by an extension on" in before
    again = jean.post(f"/assignments/{old.key}/extend/", {"duration": "unlimited"})
    assert again.status_code == 303
    assert RoleAssignment.objects.count() == 2
