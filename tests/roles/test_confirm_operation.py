"""Confirming and refusing: who may, once, in time."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from audit.models import AuditEntry
from outbox.models import OutgoingEmail
from roles.errors import AlreadyAnswered, NotAllowed
from roles.models import Role, RoleAssignment
from roles.operations.confirm import confirm_assignment, refuse_assignment
from roles.rules import Reason
from roles.states import State
from tenants.acting import ActingContext
from tenants.models import AccessManagerAppointment, Organisation
from tests.conftest import LOW, SUBSTANTIAL, Cast
from tests.factories import AppointmentFactory
from tests.roles.passes import give

Acting = Callable[..., ActingContext]
Catalogue = dict[str, Role]
pytestmark = pytest.mark.django_db

CYBER = "CCB_SAFEONWEBATWORK_EDIT"


@pytest.fixture
def annas(cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime) -> RoleAssignment:
    """What Ingrid gave Anna: Anna has to confirm."""
    (row,) = give(acting_as(cast.ingrid), cast.eupen, [cast.anna], [catalogue[CYBER]], now=now)
    OutgoingEmail.objects.all().delete()
    return row


@pytest.fixture
def ingrids(cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime) -> RoleAssignment:
    """What Ingrid gave herself: Klaus has to confirm."""
    (row,) = give(acting_as(cast.ingrid), cast.eupen, [cast.ingrid], [catalogue[CYBER]], now=now)
    OutgoingEmail.objects.all().delete()
    return row


def answers() -> list[str]:
    return list(
        AuditEntry.objects.filter(event__startswith="assignment:").order_by("id").values_list("event", flat=True)
    )


def letters() -> list[tuple[str, str]]:
    return list(OutgoingEmail.objects.order_by("id").values_list("name", "to"))


# --- The holder ---


def test_the_holder_confirms_and_the_role_works(
    cast: Cast, annas: RoleAssignment, acting_as: Acting, now: datetime
) -> None:
    later = now + timedelta(days=3)
    row = confirm_assignment(annas, acting=acting_as(cast.anna), now=later)
    assert (row.state(now=later), row.confirmed_at, row.confirmed_by) == (State.ACTIVE, later, cast.anna)
    entry = AuditEntry.objects.get(event="assignment:confirmed")
    assert (entry.actor_key, entry.subject_key, entry.organisation_key, entry.occurred_at) == (
        cast.anna.key,
        row.key,
        cast.eupen.key,
        later,
    )
    assert letters() == []


def test_a_low_key_is_enough_to_answer_for_oneself(
    cast: Cast, annas: RoleAssignment, acting_as: Acting, now: datetime
) -> None:
    assert confirm_assignment(annas, acting=acting_as(cast.anna, level=LOW), now=now).state(now=now) == State.ACTIVE


def test_the_holder_refuses_and_the_giver_gets_a_letter(
    cast: Cast, annas: RoleAssignment, acting_as: Acting, now: datetime
) -> None:
    row = refuse_assignment(annas, note="Not my job", acting=acting_as(cast.anna), now=now)
    assert (row.state(now=now), row.refused_at, row.refused_by, row.refusal_note) == (
        State.REFUSED,
        now,
        cast.anna,
        "Not my job",
    )
    assert answers() == ["assignment:granted", "assignment:refused"]
    assert letters() == [("role_refused", cast.ingrid.email)]
    assert OutgoingEmail.objects.get().context["note"] == "Not my job"


def test_after_a_refusal_the_role_can_be_given_again(
    cast: Cast, catalogue: Catalogue, annas: RoleAssignment, acting_as: Acting, now: datetime
) -> None:
    refuse_assignment(annas, acting=acting_as(cast.anna), now=now)
    (row,) = give(acting_as(cast.klaus), cast.eupen, [cast.anna], [catalogue[CYBER]], now=now)
    assert row.state(now=now) == State.TO_CONFIRM


# --- Another manager ---


def test_another_manager_confirms_and_the_holder_gets_a_letter(
    cast: Cast, ingrids: RoleAssignment, acting_as: Acting, now: datetime
) -> None:
    row = confirm_assignment(ingrids, acting=acting_as(cast.klaus), now=now)
    assert (row.state(now=now), row.confirmed_by) == (State.ACTIVE, cast.klaus)
    assert letters() == [("role_given", cast.ingrid.email)]


def test_another_manager_refuses_and_the_giver_gets_one_letter(
    cast: Cast, ingrids: RoleAssignment, acting_as: Acting, now: datetime
) -> None:
    refuse_assignment(ingrids, acting=acting_as(cast.klaus), now=now)
    assert letters() == [("role_refused", cast.ingrid.email)]


def test_giver_and_holder_both_hear_of_a_managers_refusal(
    cast: Cast, annas: RoleAssignment, acting_as: Acting, now: datetime
) -> None:
    RoleAssignment.objects.update(confirmer="manager")
    refuse_assignment(annas, acting=acting_as(cast.klaus), now=now)
    assert letters() == [("role_refused", cast.ingrid.email), ("role_refused", cast.anna.email)]


def test_a_manager_needs_more_than_a_low_key(
    cast: Cast, ingrids: RoleAssignment, acting_as: Acting, now: datetime
) -> None:
    with pytest.raises(NotAllowed) as refusal:
        confirm_assignment(ingrids, acting=acting_as(cast.klaus, level=LOW), now=now)
    assert refusal.value.reason == Reason.LEVEL_TOO_LOW
    confirm_assignment(ingrids, acting=acting_as(cast.klaus, level=SUBSTANTIAL), now=now)
    assert answers() == ["assignment:granted", "assignment:confirmed"]


# --- Nobody else ---


@pytest.mark.threat(7)
def test_nobody_else_answers(
    cast: Cast, annas: RoleAssignment, ingrids: RoleAssignment, acting_as: Acting, now: datetime
) -> None:
    may = {annas.pk: {"Anna"}, ingrids.pk: {"Klaus"}}
    for row in (annas, ingrids):
        for person in cast.people:
            if person.given_name in may[row.pk]:
                continue
            for act in (confirm_assignment, refuse_assignment):
                with pytest.raises(NotAllowed):
                    act(row, acting=acting_as(person), now=now)
        row.refresh_from_db()
        assert row.state(now=now) == State.TO_CONFIRM
    assert answers() == ["assignment:granted", "assignment:granted"]
    assert letters() == []


@pytest.mark.threat(4)
def test_a_manager_whose_right_has_ended_no_longer_answers(
    cast: Cast, ingrids: RoleAssignment, acting_as: Acting, now: datetime
) -> None:
    klaus = acting_as(cast.klaus)  # read before the right ended, as a page does
    AccessManagerAppointment.objects.filter(person=cast.klaus).update(ended_at=now)
    with pytest.raises(NotAllowed):
        confirm_assignment(ingrids, acting=klaus, now=now)
    ingrids.refresh_from_db()
    assert ingrids.confirmed_at is None


def test_whoever_gave_it_does_not_confirm_it_too(
    cast: Cast, annas: RoleAssignment, acting_as: Acting, now: datetime
) -> None:
    RoleAssignment.objects.update(confirmer="manager")
    with pytest.raises(NotAllowed):
        confirm_assignment(annas, acting=acting_as(cast.ingrid), now=now)
    assert confirm_assignment(annas, acting=acting_as(cast.klaus), now=now).confirmed_by == cast.klaus


def test_a_manager_of_another_domain_does_not_answer(
    cast: Cast, catalogue: Catalogue, ingrids: RoleAssignment, acting_as: Acting, now: datetime
) -> None:
    finance = catalogue["FIN_FATCA"].domain
    AppointmentFactory(organisation=cast.eupen, person=cast.sofie, kind="domain", domain=finance)
    with pytest.raises(NotAllowed):
        confirm_assignment(ingrids, acting=acting_as(cast.sofie), now=now)


def test_in_a_stopped_organisation_nothing_is_answered(
    cast: Cast, annas: RoleAssignment, ingrids: RoleAssignment, acting_as: Acting, now: datetime
) -> None:
    people = {annas: acting_as(cast.anna), ingrids: acting_as(cast.klaus)}
    Organisation.objects.filter(pk=cast.eupen.pk).update(status="stopped")
    for row, acting in people.items():
        for act in (confirm_assignment, refuse_assignment):
            with pytest.raises(NotAllowed) as refusal:
                act(row, acting=acting, now=now)
            assert refusal.value.reason == Reason.ORGANISATION_STOPPED
    assert answers() == ["assignment:granted", "assignment:granted"]


# --- Once, and in time ---


@pytest.mark.asvs(13)
def test_the_first_answer_stands(cast: Cast, annas: RoleAssignment, acting_as: Acting, now: datetime) -> None:
    anna = acting_as(cast.anna)
    confirm_assignment(annas, acting=anna, now=now)
    for act in (confirm_assignment, refuse_assignment):
        with pytest.raises(AlreadyAnswered):
            act(annas, acting=anna, now=now + timedelta(hours=1))
    annas.refresh_from_db()
    assert (annas.confirmed_at, annas.refused_at) == (now, None)
    assert answers() == ["assignment:granted", "assignment:confirmed"]
    assert letters() == []


def test_a_refusal_stands_too(cast: Cast, annas: RoleAssignment, acting_as: Acting, now: datetime) -> None:
    anna = acting_as(cast.anna)
    refuse_assignment(annas, acting=anna, now=now)
    for act in (confirm_assignment, refuse_assignment):
        with pytest.raises(AlreadyAnswered):
            act(annas, acting=anna, now=now)
    assert answers() == ["assignment:granted", "assignment:refused"]
    assert len(letters()) == 1


def test_the_last_day_counts_and_the_day_after_is_too_late(
    cast: Cast, annas: RoleAssignment, ingrids: RoleAssignment, acting_as: Acting, now: datetime
) -> None:
    with pytest.raises(AlreadyAnswered):
        confirm_assignment(annas, acting=acting_as(cast.anna), now=now + timedelta(days=14))
    with pytest.raises(AlreadyAnswered):
        refuse_assignment(annas, acting=acting_as(cast.anna), now=now + timedelta(days=14))
    last = now + timedelta(days=13)
    assert confirm_assignment(ingrids, acting=acting_as(cast.klaus), now=last).state(now=last) == State.ACTIVE
    assert answers() == ["assignment:granted", "assignment:granted", "assignment:confirmed"]


def test_what_was_withdrawn_is_no_longer_answered(
    cast: Cast, annas: RoleAssignment, acting_as: Acting, now: datetime
) -> None:
    RoleAssignment.objects.update(ended_at=now, ended_on=now.date(), end_reason="manager")
    with pytest.raises(AlreadyAnswered):
        confirm_assignment(annas, acting=acting_as(cast.anna), now=now)


def test_an_error_afterwards_takes_the_answer_back(
    cast: Cast, annas: RoleAssignment, acting_as: Acting, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: Any, **_values: Any) -> None:
        raise RuntimeError("the light went out")

    monkeypatch.setattr("roles.operations.letters.about_refusal", fail)
    with pytest.raises(RuntimeError):
        refuse_assignment(annas, acting=acting_as(cast.anna), now=now)
    annas.refresh_from_db()
    assert annas.refused_at is None
    assert answers() == ["assignment:granted"]
