"""Asking again for a confirmation, by hand and by itself; notices of a last day; roles of stopped organisations."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import AuditEntry
from outbox.models import OutgoingEmail
from roles.errors import NotAllowed, QuotaReached, TooLate
from roles.models import Role, RoleAssignment
from roles.operations.confirm import confirm_assignment
from roles.operations.reminders import remind_confirmer, send_end_notices, send_reminders
from roles.operations.stopped import end_roles_of_stopped
from roles.states import State
from tenants.acting import ActingContext
from tenants.models import Organisation
from tests.conftest import Cast
from tests.factories import AssignmentFactory, RoleFactory
from tests.parallel import at_once
from tests.roles.pages import words_of
from tests.roles.passes import give
from tests.roles.test_races import CYBER, FINANCE

Acting = Callable[..., ActingContext]
pytestmark = pytest.mark.django_db(transaction=True)

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.fixture
def noon() -> datetime:
    """Today at noon: the jobs work from six o'clock on."""
    return timezone.localtime().replace(hour=12, minute=0)


@pytest.fixture
def waiting(cast: Cast, catalogue: dict[str, Role], acting_as: Acting, noon: datetime) -> list[RoleAssignment]:
    """What Ingrid gave Anna (two roles) and herself (one): Anna and Klaus have to confirm."""
    ingrid = acting_as(cast.ingrid)
    rows = give(ingrid, cast.eupen, [cast.anna], [catalogue[CYBER], catalogue[FINANCE]], now=noon)
    rows += give(ingrid, cast.eupen, [cast.ingrid], [catalogue[CYBER]], now=noon)
    OutgoingEmail.objects.all().delete()
    return rows


def letters() -> list[tuple[str, str]]:
    return sorted(OutgoingEmail.objects.values_list("name", "to"))


# --- By hand ----------------------------------------------------------------------------------------------------------


def test_a_manager_has_the_letter_sent_again(
    cast: Cast, waiting: list[RoleAssignment], acting_as: Acting, noon: datetime
) -> None:
    klaus = acting_as(cast.klaus)
    assert remind_confirmer(waiting[0], acting=klaus, now=noon + DAY) == ["Anna Peeters"]
    assert remind_confirmer(waiting[2], acting=klaus, now=noon + DAY) == ["Klaus Lennertz"]
    assert letters() == [("confirm_for_manager", cast.klaus.email), ("role_to_confirm", cast.anna.email)]
    assert AuditEntry.objects.filter(event="assignment:reminded").count() == 2


def test_three_times_a_day_and_no_more(
    cast: Cast, waiting: list[RoleAssignment], acting_as: Acting, noon: datetime
) -> None:
    for number in range(3):
        remind_confirmer(waiting[0], acting=acting_as(cast.klaus), now=noon + DAY + number * 10 * MINUTE)
    with pytest.raises(QuotaReached):
        remind_confirmer(waiting[0], acting=acting_as(cast.ingrid), now=noon + DAY)
    assert len(letters()) == 3


def test_two_presses_in_the_same_minutes_are_one_letter(
    cast: Cast, waiting: list[RoleAssignment], acting_as: Acting, noon: datetime
) -> None:
    at_once(
        lambda number: remind_confirmer(waiting[0], acting=acting_as(cast.klaus), now=noon + DAY), times=2, threads=2
    )
    assert len(letters()) == 1


def test_not_before_the_first_letter_nor_after_the_answer_nor_by_others(
    cast: Cast, waiting: list[RoleAssignment], acting_as: Acting, noon: datetime
) -> None:
    with pytest.raises(TooLate):
        remind_confirmer(waiting[0], acting=acting_as(cast.klaus), now=noon + 14 * MINUTE)
    for who in (cast.anna, cast.carine, cast.olivier):
        with pytest.raises(NotAllowed):
            remind_confirmer(waiting[0], acting=acting_as(who), now=noon + DAY)
    confirm_assignment(waiting[0], acting=acting_as(cast.anna), now=noon + DAY)
    with pytest.raises(TooLate):
        remind_confirmer(waiting[0], acting=acting_as(cast.klaus), now=noon + DAY)
    assert letters() == []


def test_the_page_has_the_button_and_says_who_is_written_to(open_as: Callable[..., Client], cast: Cast) -> None:
    row = AssignmentFactory(
        role=RoleFactory(),
        organisation=cast.eupen,
        assignee=cast.anna,
        assigned_by=cast.ingrid,
        confirmer="assignee",
        confirm_before=timezone.localdate() + 9 * DAY,
    )
    klaus = open_as(cast.klaus)
    assert "Send the confirmation e-mail again" in words_of(klaus.get(f"/assignments/{row.key}/"))
    answer = klaus.post(f"/assignments/{row.key}/remind/")
    assert "An e-mail is on its way to Anna Peeters" in words_of(klaus.get(answer.headers["Location"]))
    assert "Send the confirmation e-mail again" not in words_of(open_as(cast.anna).get(f"/assignments/{row.key}/"))


# --- By themselves ----------------------------------------------------------------------------------------------------


def test_after_three_and_after_seven_days_once_each(cast: Cast, waiting: list[RoleAssignment], noon: datetime) -> None:
    expected = [("confirm_for_manager", cast.klaus.email), ("role_to_confirm", cast.anna.email)]
    assert send_reminders(now=noon + 2 * DAY) == 0
    assert send_reminders(now=noon + 3 * DAY) == 2
    assert send_reminders(now=noon + 3 * DAY + MINUTE) == 0
    assert send_reminders(now=noon + 4 * DAY) == 0
    assert letters() == expected
    assert send_reminders(now=noon + 7 * DAY) == 2
    assert send_reminders(now=noon + 9 * DAY) == 0
    assert letters() == sorted(expected * 2)


def test_one_letter_for_two_roles_of_one_act(cast: Cast, waiting: list[RoleAssignment], noon: datetime) -> None:
    send_reminders(now=noon + 3 * DAY)
    annas = OutgoingEmail.objects.get(to=cast.anna.email)
    assert len(annas.context["roles"]) == 2
    assert annas.context["is_reminder"] is True


def test_nobody_is_woken_and_nobody_reminded_of_what_is_answered(
    cast: Cast, waiting: list[RoleAssignment], acting_as: Acting, noon: datetime
) -> None:
    assert send_reminders(now=noon.replace(hour=5, minute=59) + 3 * DAY) == 0
    for row in waiting[:2]:
        confirm_assignment(row, acting=acting_as(cast.anna), now=noon + DAY)
    OutgoingEmail.objects.all().delete()
    send_reminders(now=noon + 3 * DAY)
    assert letters() == [("confirm_for_manager", cast.klaus.email)]
    send_reminders(now=noon + 20 * DAY)
    assert len(letters()) == 1


def test_two_machines_write_each_letter_once(waiting: list[RoleAssignment], noon: datetime) -> None:
    at_once(lambda number: send_reminders(now=noon + 3 * DAY), times=4, threads=4)
    assert len(letters()) == 2


@pytest.mark.parametrize("days", [30, 7])
def test_holders_are_told_before_the_last_day(cast: Cast, noon: datetime, days: int) -> None:
    last = timezone.localdate(noon) + days * DAY
    common = {"organisation": cast.dubois, "assignee": cast.anna, "assigned_by": cast.jean}
    AssignmentFactory(role=RoleFactory(), valid_until=last, **common)
    AssignmentFactory(role=RoleFactory(), valid_until=last + DAY, **common)
    assert send_end_notices(now=noon) == 1
    assert send_end_notices(now=noon + MINUTE) == 0
    assert letters() == [("role_ends_soon", cast.anna.email)]


# --- Stopped organisations --------------------------------------------------------------------------------------------


def test_roles_of_an_organisation_that_stopped_end_with_a_letter(cast: Cast, noon: datetime) -> None:
    common = {"role": RoleFactory(), "organisation": cast.dubois, "assigned_by": cast.jean}
    rows = [AssignmentFactory(assignee=holder, **common) for holder in (cast.anna, cast.tom)]
    elsewhere = AssignmentFactory(role=common["role"], organisation=cast.peeters, assignee=cast.anna)
    assert end_roles_of_stopped(now=noon) == 0
    Organisation.objects.filter(pk=cast.dubois.pk).update(status="stopped")
    assert sum(at_once(lambda number: end_roles_of_stopped(now=noon), times=4, threads=4)) == 2
    for row in rows:
        row.refresh_from_db()
        assert (row.state(now=noon), row.end_reason) == (State.ENDED, "organisation_stopped")
    elsewhere.refresh_from_db()
    assert elsewhere.ended_at is None
    assert letters() == sorted([("role_ended", cast.anna.email), ("role_ended", cast.tom.email)])
    assert AuditEntry.objects.filter(event="assignment:stopped").count() == 2
