"""Ending and giving up a role: who may, when, once; what is said before; what is written."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import AuditEntry
from outbox.models import OutgoingEmail
from roles.errors import CannotAssign, NotAllowed, TooLate
from roles.models import Role, RoleAssignment
from roles.operations.ending import end_assignments, midnight_after
from roles.rules import Reason
from roles.states import State
from tenants.acting import ActingContext
from tenants.models import AccessManagerAppointment, Organisation
from tests.conftest import LOW, Cast
from tests.factories import AssignmentFactory, RoleFactory
from tests.roles.pages import errors_of, heading_of, words_of

Acting = Callable[..., ActingContext]
pytestmark = pytest.mark.django_db


@pytest.fixture
def annas(cast: Cast) -> RoleAssignment:
    """A role that Anna holds at Dubois, of the domain Finance."""
    role = RoleFactory(name_en="Example role")
    return AssignmentFactory(role=role, organisation=cast.dubois, assignee=cast.anna, assigned_by=cast.jean)


def url(row: RoleAssignment, page: str = "end") -> str:
    return f"/assignments/{row.key}/{page}/"


def state(row: RoleAssignment, now: datetime | None = None) -> State:
    row.refresh_from_db()
    return row.state(now=now or timezone.now())


def written() -> tuple[list[str], list[tuple[str, str]]]:
    events = AuditEntry.objects.filter(event__startswith="assignment:").order_by("id").values_list("event", flat=True)
    return list(events), list(OutgoingEmail.objects.order_by("id").values_list("name", "to"))


# --- Who may ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["jean", "tom", "marie", "anna"])
def test_its_managers_and_its_holder_end_it(
    cast: Cast, annas: RoleAssignment, acting_as: Acting, now: datetime, who: str
) -> None:
    person = getattr(cast, who)
    end_assignments([annas], note="left", acting=acting_as(person, cast.dubois), now=now)
    assert state(annas) == State.ENDED
    assert annas.ended_by == person
    assert annas.end_reason == ("holder" if who == "anna" else "manager")
    assert annas.end_note == "left"
    assert written() == (["assignment:ended"], [("role_ended", cast.anna.email)])


@pytest.mark.threat(1)
@pytest.mark.parametrize(("who", "reason"), [("carine", "not_manager"), ("olivier", "not_manager")])
def test_the_neighbour_and_the_outsider_may_not(
    cast: Cast, annas: RoleAssignment, acting_as: Acting, now: datetime, who: str, reason: str
) -> None:
    with pytest.raises(NotAllowed) as refusal:
        end_assignments([annas], acting=acting_as(getattr(cast, who)), now=now)
    assert refusal.value.reason == reason
    assert state(annas) == State.ACTIVE
    assert written() == ([], [])


@pytest.mark.threat(2)
def test_a_domain_manager_ends_nothing_of_another_domain(
    cast: Cast, catalogue: dict[str, Role], acting_as: Acting, now: datetime
) -> None:
    row = AssignmentFactory(
        role=catalogue["CCB_SAFEONWEBATWORK_EDIT"], organisation=cast.dubois, assignee=cast.anna, assigned_by=cast.jean
    )
    with pytest.raises(NotAllowed) as refusal:
        end_assignments([row], acting=acting_as(cast.marie), now=now)
    assert refusal.value.reason == Reason.OTHER_DOMAIN


def test_a_manager_needs_a_surer_key_and_the_holder_does_not(
    cast: Cast, annas: RoleAssignment, acting_as: Acting, now: datetime
) -> None:
    with pytest.raises(NotAllowed) as refusal:
        end_assignments([annas], acting=acting_as(cast.jean, level=LOW), now=now)
    assert refusal.value.reason == Reason.LEVEL_TOO_LOW
    end_assignments([annas], acting=acting_as(cast.anna, level=LOW), now=now)
    assert state(annas) == State.ENDED


@pytest.mark.threat(4)
def test_a_right_that_ended_a_moment_ago_ends_nothing(
    cast: Cast, annas: RoleAssignment, acting_as: Acting, now: datetime
) -> None:
    acting = acting_as(cast.marie)
    AccessManagerAppointment.objects.filter(person=cast.marie).update(ended_at=now)
    with pytest.raises(NotAllowed):
        end_assignments([annas], acting=acting, now=now)
    assert state(annas) == State.ACTIVE


def test_roles_of_a_stopped_organisation_can_still_be_ended(
    cast: Cast, annas: RoleAssignment, acting_as: Acting, now: datetime
) -> None:
    Organisation.objects.filter(pk=cast.dubois.pk).update(status="stopped")
    end_assignments([annas], acting=acting_as(cast.jean), now=now)
    assert state(annas) == State.ENDED


# --- When -------------------------------------------------------------------------------------------------------------


def test_a_planned_end_lets_it_work_until_its_last_day(
    cast: Cast, annas: RoleAssignment, acting_as: Acting, now: datetime
) -> None:
    last = timezone.localdate(now) + timedelta(days=10)
    end_assignments([annas], last_day=last, acting=acting_as(cast.jean), now=now)
    assert state(annas) == State.ACTIVE
    assert annas.last_day == last
    assert state(annas, midnight_after(last) - timedelta(seconds=1)) == State.ACTIVE
    assert state(annas, midnight_after(last)) == State.ENDED
    assert written() == (["assignment:end_planned"], [("role_ended", cast.anna.email)])


def test_a_planned_end_can_be_brought_forward(
    cast: Cast, annas: RoleAssignment, acting_as: Acting, now: datetime
) -> None:
    last = timezone.localdate(now) + timedelta(days=10)
    end_assignments([annas], last_day=last, acting=acting_as(cast.jean), now=now)
    end_assignments([annas], acting=acting_as(cast.tom, cast.dubois), now=now)
    assert state(annas) == State.ENDED
    assert annas.ended_by == cast.tom


def test_what_is_over_is_not_ended_again(cast: Cast, annas: RoleAssignment, acting_as: Acting, now: datetime) -> None:
    end_assignments([annas], acting=acting_as(cast.jean), now=now)
    with pytest.raises(TooLate):
        end_assignments([annas], acting=acting_as(cast.anna), now=now)
    annas.refresh_from_db()
    assert annas.ended_by == cast.jean
    assert written()[0] == ["assignment:ended"]


@pytest.mark.parametrize(
    ("facts", "last", "code"),
    [
        ({}, 0, "ends_in_the_past"),
        ({"valid_until": 5}, 5, "ends_already"),
        ({"valid_from": 8}, 5, "begins_later"),
        ({"confirmer": "assignee", "confirm_before": 9}, 5, "waits_still"),
    ],
)
def test_a_day_that_does_not_suit_is_refused_and_nothing_is_written(
    cast: Cast, acting_as: Acting, now: datetime, facts: dict[str, Any], last: int, code: str
) -> None:
    today = timezone.localdate(now)
    values = {name: today + timedelta(days=value) if isinstance(value, int) else value for name, value in facts.items()}
    row = AssignmentFactory(
        role=RoleFactory(), organisation=cast.dubois, assignee=cast.anna, assigned_by=cast.jean, **values
    )
    before = state(row)
    with pytest.raises(CannotAssign) as refusal:
        end_assignments([row], last_day=today + timedelta(days=last), acting=acting_as(cast.jean), now=now)
    assert [one.code for one in refusal.value.objections] == [code]
    assert state(row) == before
    assert written() == ([], [])


def test_a_role_that_waits_or_has_not_begun_is_cancelled(cast: Cast, acting_as: Acting, now: datetime) -> None:
    later = timezone.localdate(now) + timedelta(days=9)
    common = {"organisation": cast.dubois, "assignee": cast.anna, "assigned_by": cast.jean}
    waits = AssignmentFactory(role=RoleFactory(), confirmer="assignee", confirm_before=later, **common)
    begins = AssignmentFactory(role=RoleFactory(), valid_from=later, **common)
    end_assignments([waits, begins], acting=acting_as(cast.jean), now=now)
    assert [state(waits), state(begins)] == [State.CANCELLED, State.CANCELLED]
    assert written() == (["assignment:ended"] * 2, [("role_ended", cast.anna.email)])


def test_what_ended_today_can_be_given_again_today(
    cast: Cast, annas: RoleAssignment, acting_as: Acting, now: datetime
) -> None:
    end_assignments([annas], acting=acting_as(cast.jean), now=now)
    again = AssignmentFactory(role=annas.role, organisation=cast.dubois, assignee=cast.anna, assigned_by=cast.jean)
    assert state(again) == State.ACTIVE


# --- The page ---------------------------------------------------------------------------------------------------------


def test_the_page_says_what_is_lost_and_who_is_the_only_one(jean: Client, annas: RoleAssignment, cast: Cast) -> None:
    page = jean.get(url(annas))
    assert heading_of(page) == "End this assignment?"
    words = words_of(page)
    assert "Anna Peeters will no longer have the role Example role for Boulangerie Dubois SRL." in words
    only = "Anna Peeters is the only one who holds Example role for Boulangerie Dubois SRL. After this nobody does."
    assert only in words
    AssignmentFactory(role=annas.role, organisation=cast.dubois, assignee=cast.tom, assigned_by=cast.jean)
    assert only not in words_of(jean.get(url(annas)))
    assert annas.state(now=timezone.now()) == State.ACTIVE


def test_an_answer_is_needed_and_what_was_typed_stays(jean: Client, annas: RoleAssignment) -> None:
    page = jean.post(url(annas), {"note": "She left us"})
    assert errors_of(page) == ["Choose when the assignment ends"]
    assert "She left us" in words_of(page)
    page = jean.post(url(annas), {"when": "date", "until_day": "31", "until_month": "2", "until_year": "2030"})
    assert errors_of(page) == ["Enter a real end date"]
    page = jean.post(url(annas), {"when": "date"})
    assert errors_of(page) == ["Enter an end date"]
    page = jean.post(url(annas), {"when": "now", "until_day": "1", "until_month": "2", "until_year": "2030"})
    assert errors_of(page) == ["Choose “on a date” or clear the date"]
    page = jean.post(url(annas), {"when": "now", "note": "x" * 301})
    assert errors_of(page) == ["“Reason” can have at most 300 characters"]
    page = jean.post(url(annas), {"when": "now", "note": "about 85.07.30-033.28"})
    assert errors_of(page) == ["Take the national register number out of the text"]
    assert state(annas) == State.ACTIVE


def test_the_button_ends_it_and_the_page_of_the_assignment_says_so(jean: Client, annas: RoleAssignment) -> None:
    done = jean.post(url(annas), {"when": "now", "note": "She left us"})
    assert (done.status_code, done.headers["Location"]) == (303, f"/assignments/{annas.key}/")
    page = words_of(jean.get(done.headers["Location"]))
    assert "The assignment has ended" in page
    assert "Reason for ending it: She left us" in page
    assert "Jean Dubois ended it on" in page
    again = jean.post(url(annas), {"when": "now"})
    assert again.status_code == 303
    assert "This role is over already" in words_of(jean.get(again.headers["Location"]))
    assert written()[0] == ["assignment:ended"]


def test_the_holder_gives_up_with_any_key(open_as: Any, cast: Cast, annas: RoleAssignment) -> None:
    anna = open_as(cast.anna, level=LOW)
    assert "Give up this role" in words_of(anna.get(f"/assignments/{annas.key}/"))
    assert "You will no longer have the role Example role" in words_of(anna.get(url(annas)))
    assert anna.post(url(annas), {"when": "now"}).status_code == 303
    assert state(annas) == State.ENDED
    assert annas.end_reason == "holder"


def test_a_date_is_planned_on_the_page(jean: Client, annas: RoleAssignment) -> None:
    last = timezone.localdate() + timedelta(days=400)
    form = {"when": "date", "until_day": last.day, "until_month": last.month, "until_year": last.year}
    done = jean.post(url(annas), form)
    assert "The end of the assignment is planned" in words_of(jean.get(done.headers["Location"]))
    assert state(annas) == State.ACTIVE
    assert annas.last_day == last
    assert "Its end is planned already" in words_of(jean.get(url(annas)))


def test_the_letter_says_who_when_and_why(jean: Client, annas: RoleAssignment, cast: Cast) -> None:
    from outbox.rendering import render

    jean.post(url(annas), {"when": "now", "note": "She left us"})
    letter = render(OutgoingEmail.objects.get())
    assert letter.subject == "Uw rol voor Boulangerie Dubois SRL is stopgezet"
    assert "Jean Dubois" in letter.text
    assert "She left us" in letter.text


@pytest.mark.threat(1)
def test_others_do_not_find_the_page(open_as: Any, cast: Cast, annas: RoleAssignment) -> None:
    for who in (cast.carine, cast.olivier, cast.sofie):
        browser = open_as(who)
        for page in ("end", "extend", "remind"):
            assert browser.post(url(annas, page), {"when": "now"}).status_code == 404
    assert state(annas) == State.ACTIVE
