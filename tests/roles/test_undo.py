"""Undoing a grant: fifteen minutes, one button, no letter; after that the role is ended like any other."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from audit.models import AuditEntry
from outbox.delivery import deliver_due
from outbox.models import OutgoingEmail
from roles.errors import NotAllowed, TooLate
from roles.models import AssignmentDraft, Role, RoleAssignment
from roles.operations.confirm import confirm_assignment, refuse_assignment
from roles.operations.ending import end_assignments
from roles.operations.prolong import extend_assignments
from roles.operations.undo import undo_assignments
from roles.states import State
from tenants.acting import ActingContext
from tenants.models import AccessManagerAppointment
from tenants.periods import local_day
from tests.conftest import Cast
from tests.roles.pages import finish, heading_of, words_of
from tests.roles.passes import give
from tests.roles.test_races import CYBER, FINANCE

Acting = Callable[..., ActingContext]
pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def given(cast: Cast, catalogue: dict[str, Role], acting_as: Acting, now: datetime) -> list[RoleAssignment]:
    """What Jean gave Anna and Marie a moment ago: two roles each."""
    people = [cast.anna, cast.marie]
    return give(acting_as(cast.jean), cast.dubois, people, [catalogue[CYBER], catalogue[FINANCE]], now=now)


def states(rows: list[RoleAssignment], now: datetime) -> list[State]:
    return [row.state(now=now) for row in RoleAssignment.objects.filter(pk__in=[row.pk for row in rows]).order_by("id")]


def draft_of(rows: list[RoleAssignment]) -> AssignmentDraft:
    draft = rows[0].draft
    assert draft is not None
    return draft


def sent_by(moment: datetime) -> list[str]:
    """Let the worker send what is due; return who was written to."""
    mail.outbox = []
    while deliver_due(worker="w", now=moment):
        pass
    return sorted(letter.to[0] for letter in mail.outbox)


def test_letters_of_a_grant_wait_as_long_as_it_can_be_undone(
    cast: Cast, given: list[RoleAssignment], now: datetime
) -> None:
    assert sent_by(now + 14 * MINUTE) == []
    assert sent_by(now + 15 * MINUTE) == sorted([cast.anna.email, cast.jean.email, cast.marie.email])


def test_undone_in_time_nothing_is_left_and_nobody_is_written_to(
    cast: Cast, given: list[RoleAssignment], acting_as: Acting, now: datetime
) -> None:
    undo_assignments(draft_of(given), acting=acting_as(cast.jean), now=now + 14 * MINUTE)
    assert states(given, now + 14 * MINUTE) == [State.CANCELLED] * 4
    assert sent_by(now + timedelta(days=1)) == []
    assert AuditEntry.objects.filter(event="assignment:undone").count() == 4
    assert set(OutgoingEmail.objects.values_list("status", flat=True)) == {"withdrawn"}


def test_after_the_fifteenth_minute_it_is_too_late(
    cast: Cast, given: list[RoleAssignment], acting_as: Acting, now: datetime
) -> None:
    with pytest.raises(TooLate):
        undo_assignments(draft_of(given), acting=acting_as(cast.jean), now=now + 15 * MINUTE)
    assert states(given, now + 15 * MINUTE) == [State.ACTIVE] * 4
    assert len(sent_by(now + 15 * MINUTE)) == 3


def test_the_time_is_a_setting(
    cast: Cast, catalogue: dict[str, Role], acting_as: Acting, now: datetime, settings: Settings
) -> None:
    settings.UNDO_MINUTES = 0
    rows = give(acting_as(cast.jean), cast.dubois, [cast.anna], [catalogue[CYBER]], now=now)
    with pytest.raises(TooLate):
        undo_assignments(draft_of(rows), acting=acting_as(cast.jean), now=now)
    assert len(sent_by(now)) == 2


def test_only_the_giver_undoes_and_only_while_still_a_manager(
    cast: Cast, given: list[RoleAssignment], acting_as: Acting, now: datetime
) -> None:
    with pytest.raises(TooLate):
        undo_assignments(draft_of(given), acting=acting_as(cast.tom, cast.dubois), now=now)
    acting = acting_as(cast.jean)
    AccessManagerAppointment.objects.filter(person=cast.jean).update(ended_at=now)
    with pytest.raises(NotAllowed):
        undo_assignments(draft_of(given), acting=acting, now=now)
    assert states(given, now) == [State.ACTIVE] * 4


def test_a_second_undo_finds_nothing(cast: Cast, given: list[RoleAssignment], acting_as: Acting, now: datetime) -> None:
    undo_assignments(draft_of(given), acting=acting_as(cast.jean), now=now)
    with pytest.raises(TooLate):
        undo_assignments(draft_of(given), acting=acting_as(cast.jean), now=now)
    assert AuditEntry.objects.filter(event="assignment:undone").count() == 4


def test_whoever_has_been_told_is_told_that_it_ended(
    cast: Cast, catalogue: dict[str, Role], acting_as: Acting, now: datetime
) -> None:
    rows = give(acting_as(cast.ingrid), cast.eupen, [cast.anna, cast.marie], [catalogue[CYBER]], now=now)
    confirm_assignment(rows[0], acting=acting_as(cast.anna), now=now + MINUTE)
    undo_assignments(draft_of(rows), acting=acting_as(cast.ingrid), now=now + 2 * MINUTE)
    assert states(rows, now + 2 * MINUTE) == [State.CANCELLED] * 2
    assert sent_by(now + timedelta(days=1)) == [cast.anna.email]
    assert OutgoingEmail.objects.get(status="sent").name == "role_ended"


def test_what_has_ended_meanwhile_stays_as_it_is(
    cast: Cast, given: list[RoleAssignment], acting_as: Acting, now: datetime
) -> None:
    end_assignments(given[:1], acting=acting_as(cast.jean), now=now + MINUTE)
    undone = undo_assignments(draft_of(given), acting=acting_as(cast.jean), now=now + 2 * MINUTE)
    assert len(undone) == 3
    assert states(given, now + 2 * MINUTE) == [State.ENDED, *[State.CANCELLED] * 3]
    assert sent_by(now + timedelta(days=1)) == []


# --- Letters that would say what is no longer so -------------------------------------------------------------


def test_whoever_confirms_at_once_is_not_asked_to_confirm_afterwards(
    cast: Cast, catalogue: dict[str, Role], acting_as: Acting, now: datetime
) -> None:
    one, two = give(acting_as(cast.ingrid), cast.eupen, [cast.anna], [catalogue[CYBER], catalogue[FINANCE]], now=now)
    confirm_assignment(one, acting=acting_as(cast.anna), now=now + MINUTE)
    assert OutgoingEmail.objects.filter(name="role_to_confirm", status="queued").count() == 1
    refuse_assignment(two, acting=acting_as(cast.anna), now=now + MINUTE)
    assert not OutgoingEmail.objects.filter(name="role_to_confirm", status="queued").exists()


def test_the_end_is_told_after_the_grant_and_not_before(
    cast: Cast, given: list[RoleAssignment], acting_as: Acting, now: datetime
) -> None:
    annas_first = next(row for row in given if row.assignee == cast.anna)
    end_assignments([annas_first], acting=acting_as(cast.jean), now=now + MINUTE)
    assert sent_by(now + 2 * MINUTE) == []
    sent_by(now + 15 * MINUTE)
    annas = [letter.subject for letter in mail.outbox if letter.to == [cast.anna.email]]
    names = (
        OutgoingEmail.objects.filter(to=cast.anna.email, status="sent").order_by("id").values_list("name", flat=True)
    )
    assert list(names) == ["role_given", "role_ended"]
    assert len(annas) == 2


def test_a_grant_that_ended_before_its_news_had_left_is_told_as_ended_only(
    cast: Cast, given: list[RoleAssignment], acting_as: Acting, now: datetime
) -> None:
    annas = [row for row in given if row.assignee == cast.anna]
    end_assignments(annas, acting=acting_as(cast.jean), now=now + MINUTE)
    sent_by(now + 15 * MINUTE)
    sent = OutgoingEmail.objects.filter(to=cast.anna.email, status="sent")
    assert list(sent.values_list("name", flat=True)) == ["role_ended"]


def test_nobody_is_asked_to_confirm_what_has_ended(
    cast: Cast, catalogue: dict[str, Role], acting_as: Acting, now: datetime
) -> None:
    rows = give(acting_as(cast.ingrid), cast.eupen, [cast.anna, cast.ingrid], [catalogue[CYBER]], now=now)
    end_assignments(rows, acting=acting_as(cast.ingrid), now=now + MINUTE)
    waiting = OutgoingEmail.objects.filter(status="queued").values_list("name", flat=True)
    assert sorted(waiting) == ["assignment_receipt", "role_ended", "role_ended"]


def test_an_extension_of_these_minutes_is_taken_back_too(
    cast: Cast, catalogue: dict[str, Role], acting_as: Acting, now: datetime
) -> None:
    until = local_day(now) + timedelta(days=9)
    rows = give(acting_as(cast.jean), cast.dubois, [cast.anna], [catalogue[CYBER]], now=now, valid_until=until)
    (longer,) = extend_assignments(rows, valid_until=None, acting=acting_as(cast.jean), now=now + MINUTE)
    undone = undo_assignments(draft_of(rows), acting=acting_as(cast.jean), now=now + 2 * MINUTE)
    assert undone == [longer]
    assert states([longer], now + 2 * MINUTE) == [State.CANCELLED]
    assert sent_by(now + timedelta(days=1)) == []


# --- The pages ---------------------------------------------------------------------------------------------


@pytest.fixture
def finished(cast: Cast, catalogue: dict[str, Role], jean: Client, now: Any) -> AssignmentDraft:
    """A pass that Jean has just finished in his browser."""
    from tests.roles.pages import ANSWERED
    from tests.roles.pages import draft_of as stored

    draft = stored(
        cast.jean, persons=[cast.anna], organisation=cast.dubois, roles=[catalogue[CYBER]], now=now, **ANSWERED
    )
    assert finish(jean, draft).status_code == 303
    draft.refresh_from_db()
    return draft


def test_the_done_page_offers_it_and_shows_it(jean: Client, finished: AssignmentDraft) -> None:
    done = f"/assignments/new/{finished.key}/done/"
    assert "you can undo the whole assignment" in words_of(jean.get(done))
    answer = jean.post(f"/assignments/new/{finished.key}/undo/")
    assert (answer.status_code, answer.headers["Location"]) == (303, done)
    page = jean.get(done)
    assert heading_of(page) == "Assignment undone"
    assert "The assignment is undone" in words_of(page)
    assert "you can undo" not in words_of(page)
    jean.post(f"/assignments/new/{finished.key}/undo/")
    assert "Nothing is left of this assignment to undo" in words_of(jean.get(done))
    assert AuditEntry.objects.filter(event="assignment:undone").count() == 1


def test_the_page_of_the_assignment_offers_it_to_the_giver_only(
    jean: Client, tom: Client, finished: AssignmentDraft
) -> None:
    (row,) = RoleAssignment.objects.filter(draft=finished)
    assert "Undo the assignment" in words_of(jean.get(f"/assignments/{row.key}/"))
    assert "Undo the assignment" not in words_of(tom.get(f"/assignments/{row.key}/"))


@pytest.mark.threat(1)
def test_the_draft_of_another_is_not_undone(open_as: Any, cast: Cast, finished: AssignmentDraft, now: datetime) -> None:
    for who in (cast.tom, cast.carine, cast.olivier, cast.anna):
        assert open_as(who).post(f"/assignments/new/{finished.key}/undo/").status_code == 404
    assert RoleAssignment.objects.current(now=now).filter(draft=finished).count() == 1


def test_an_unfinished_draft_has_nothing_to_undo(jean: Client, cast: Cast, now: datetime) -> None:
    from tests.roles.pages import draft_of as stored

    draft = stored(cast.jean, persons=[cast.anna], now=now)
    assert jean.post(f"/assignments/new/{draft.key}/undo/").status_code == 404


def test_the_done_page_says_undone_also_where_one_role_had_ended_before(
    jean: Client, cast: Cast, catalogue: dict[str, Role], now: datetime
) -> None:
    from tests.roles.pages import ANSWERED
    from tests.roles.pages import draft_of as stored

    people = [cast.anna, cast.marie]
    draft = stored(cast.jean, persons=people, organisation=cast.dubois, roles=[catalogue[CYBER]], now=now, **ANSWERED)
    finish(jean, draft)
    row = RoleAssignment.objects.get(draft=draft, assignee=cast.anna)
    jean.post(f"/assignments/{row.key}/end/", {"when": "now"})
    jean.post(f"/assignments/new/{draft.key}/undo/")
    page = jean.get(f"/assignments/new/{draft.key}/done/")
    assert heading_of(page) == "Assignment undone"
    assert "Each person receives an e-mail" not in words_of(page)
