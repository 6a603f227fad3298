"""Asking, approving, refusing, withdrawing, expiring: each one act, with one trace and one letter per person."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from audit.models import AuditEntry
from outbox.models import OutgoingEmail
from roles.errors import CannotAssign, DraftChanged, DraftFinished, NotAllowed, TooLate
from roles.models import ConfirmationRule, Role, RoleAssignment, RoleRequest
from roles.operations.requests import expire_requests, refuse_request, withdraw_request
from roles.rules import Reason, deciders_of, may_decide, may_request, may_request_for
from roles.states import State
from tenants.acting import ActingContext
from tenants.models import AccessManagerAppointment, Organisation, Person
from tenants.operations import end_appointment
from tenants.periods import local_day
from tests.conftest import Cast
from tests.factories import AppointmentFactory, AssignmentFactory, EmploymentFactory, PersonFactory
from tests.roles.requests import approve, ask, request_draft

Acting = Callable[..., ActingContext]
Catalogue = dict[str, Role]
pytestmark = pytest.mark.django_db

CYBER, FINANCE, ENERGY = "CCB_SAFEONWEBATWORK_EDIT", "FIN_FATCA", "FLUVIUS_ENERGY_PORTAL_ADMIN"
EXECUTOR = "FIN_MANDATE_EXECUTOR"
ANSWERS = {"MANDATE_TYPES": ["VAT"], "SENSITIVE_MANDATES": False}


def letters() -> Counter[tuple[str, str]]:
    return Counter((row.name, row.to.split("@")[0]) for row in OutgoingEmail.objects.all())


def events(row: Any) -> list[str]:
    return [entry.event for entry in AuditEntry.objects.about(row.key).order_by("id")]


def codes(refusal: Any) -> list[str]:
    return [str(objection.code) for objection in refusal.value.objections]


@pytest.fixture
def anna(cast: Cast, acting_as: Acting) -> ActingContext:
    """Anna, an employee."""
    return acting_as(cast.anna)


@pytest.fixture
def tom(cast: Cast, acting_as: Acting) -> ActingContext:
    """Tom, co-chief, acting for Dubois."""
    return acting_as(cast.tom, cast.dubois)


@pytest.fixture
def asked(cast: Cast, catalogue: Catalogue, anna: ActingContext, now: datetime) -> RoleRequest:
    """Anna's request for a role of the domain Finance, for a year."""
    (row,) = ask(anna, cast.dubois, [catalogue[FINANCE]], now=now, valid_until=local_day(now) + timedelta(days=300))
    OutgoingEmail.objects.all().delete()
    return row


# --- Who may ask ---


def test_whoever_belongs_to_the_organisation_may_ask_and_nobody_else(
    cast: Cast, catalogue: Catalogue, acting_as: Acting
) -> None:
    for person, reason in (
        (cast.anna, None),
        (cast.jean, None),
        (cast.carine, Reason.NOT_LINKED),
        (cast.olivier, Reason.NOT_LINKED),
        (cast.sofie, Reason.NOT_LINKED),
    ):
        assert may_request(acting_as(person), catalogue[CYBER], cast.dubois) == reason
    assert may_request_for(acting_as(cast.olivier), None) == Reason.NOT_LINKED


def test_an_appointment_alone_is_a_link_too(cast: Cast, catalogue: Catalogue, acting_as: Acting) -> None:
    person = PersonFactory()
    AppointmentFactory(person=person, organisation=cast.dubois, kind="co_chief")
    assert may_request(acting_as(person), catalogue[CYBER], cast.dubois) is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"is_requestable": False}, Reason.NOT_REQUESTABLE),
        ({"is_assignable": False}, Reason.ROLE_WITHDRAWN),
        ({"is_assignable": False, "is_derived": True}, Reason.ROLE_IS_DERIVED),
    ],
)
def test_some_roles_cannot_be_asked_for(
    cast: Cast, catalogue: Catalogue, anna: ActingContext, change: dict[str, bool], reason: Reason
) -> None:
    role = catalogue[CYBER]
    for field, value in change.items():
        setattr(role, field, value)
    assert may_request(anna, role, cast.dubois) == reason


def test_nobody_asks_a_stopped_organisation(cast: Cast, catalogue: Catalogue, acting_as: Acting) -> None:
    Organisation.objects.filter(pk=cast.dubois.pk).update(status="stopped")
    acting = acting_as(cast.anna)
    assert acting.organisation is None
    assert may_request_for(acting, None) == Reason.ORGANISATION_STOPPED
    assert may_request(acting, catalogue[CYBER], acting.links[0].organisation) == Reason.ORGANISATION_STOPPED


def test_those_who_may_give_the_role_decide_and_never_the_asker(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    (row,) = ask(acting_as(cast.tom, cast.dubois), cast.dubois, [catalogue[FINANCE]], now=now)
    assert may_decide(acting_as(cast.jean), row) is None
    assert may_decide(acting_as(cast.marie), row) is None
    assert may_decide(acting_as(cast.tom, cast.dubois), row) == Reason.OWN_REQUEST
    assert may_decide(acting_as(cast.anna), row) == Reason.NOT_MANAGER
    assert may_decide(acting_as(cast.carine), row) == Reason.OTHER_ORGANISATION
    assert may_decide(acting_as(cast.olivier), row) == Reason.NOT_LINKED
    assert may_decide(acting_as(cast.jean, level=300), row) == Reason.LEVEL_TOO_LOW
    (other,) = ask(acting_as(cast.anna), cast.dubois, [catalogue[ENERGY]], now=now)
    assert may_decide(acting_as(cast.marie), other) == Reason.OTHER_DOMAIN


# --- Asking ---


def test_asking_makes_one_request_per_role_and_tells_each_manager_once(
    cast: Cast, catalogue: Catalogue, anna: ActingContext, now: datetime
) -> None:
    last = local_day(now) + timedelta(days=90)
    roles = [catalogue[FINANCE], catalogue[ENERGY]]
    first, second = ask(anna, cast.dubois, roles, now=now, valid_until=last, motivation="For the VAT return")
    year = local_day(now).year
    assert (first.reference, second.reference) == (f"DR-{year}-000001-1", f"DR-{year}-000001-2")
    assert first.draft is not None and first.draft.reference == f"DR-{year}-000001"
    assert (first.requester, first.organisation, first.status) == (cast.anna, cast.dubois, "pending")
    assert (first.valid_from, first.valid_until, first.motivation) == (local_day(now), last, "For the VAT return")
    assert first.decide_before == local_day(now) + timedelta(days=30)
    assert letters() == {
        ("role_requested", "jean.dubois"): 1,
        ("role_requested", "tom.janssens"): 1,
        ("role_requested", "marie.claes"): 1,
    }
    roles_in = {row.to.split(".")[0]: len(row.context["roles"]) for row in OutgoingEmail.objects.all()}
    assert roles_in == {"jean": 2, "tom": 2, "marie": 1}
    assert events(first) == ["request:made"]
    entry = AuditEntry.objects.about(first.key).get()
    assert entry.data["role"] == FINANCE and "VAT" not in str(entry.data)


def test_a_manager_who_asks_gets_no_letter_about_it(
    cast: Cast, catalogue: Catalogue, tom: ActingContext, now: datetime
) -> None:
    ask(tom, cast.dubois, [catalogue[ENERGY]], now=now)
    assert letters() == {("role_requested", "jean.dubois"): 1}


def test_asking_twice_for_the_same_is_refused(
    cast: Cast, catalogue: Catalogue, anna: ActingContext, now: datetime, asked: RoleRequest
) -> None:
    with pytest.raises(CannotAssign) as refusal:
        ask(anna, cast.dubois, [catalogue[FINANCE]], now=now)
    assert codes(refusal) == ["already_asked"]
    assert RoleRequest.objects.get() == asked
    assert not OutgoingEmail.objects.exists()


def test_after_a_withdrawal_the_role_can_be_asked_for_again(
    cast: Cast, catalogue: Catalogue, anna: ActingContext, now: datetime, asked: RoleRequest
) -> None:
    withdraw_request(asked, acting=anna, now=now)
    (again,) = ask(anna, cast.dubois, [catalogue[FINANCE]], now=now)
    assert again.reference.endswith("-000002-1")


def test_a_late_request_that_no_job_has_closed_yet_does_not_stand_in_the_way(
    cast: Cast, catalogue: Catalogue, anna: ActingContext, now: datetime, asked: RoleRequest
) -> None:
    (again,) = ask(anna, cast.dubois, [catalogue[FINANCE]], now=now + timedelta(days=30))
    asked.refresh_from_db()
    assert (asked.status, again.status) == ("expired", "pending")
    assert events(asked) == ["request:made", "request:expired"]


def test_a_role_that_is_held_without_end_cannot_be_asked_for(
    cast: Cast, catalogue: Catalogue, anna: ActingContext, now: datetime
) -> None:
    AssignmentFactory(role=catalogue[FINANCE], organisation=cast.dubois, assignee=cast.anna)
    with pytest.raises(CannotAssign) as refusal:
        ask(anna, cast.dubois, [catalogue[FINANCE]], now=now)
    assert codes(refusal) == ["held_already"]


def test_nothing_is_asked_where_nobody_could_decide(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    with pytest.raises(CannotAssign) as refusal:
        ask(acting_as(cast.carine), cast.peeters, [catalogue[CYBER], catalogue[ENERGY]], now=now)
    assert codes(refusal) == ["nobody_decides"]  # of the domain Energy, Tom is access manager there
    assert not RoleRequest.objects.exists()


def test_the_period_is_held_to_what_the_role_allows(
    cast: Cast, catalogue: Catalogue, anna: ActingContext, now: datetime
) -> None:
    Role.objects.filter(code=FINANCE).update(max_duration_years=2)
    for values, code in (
        ({}, "lasts_too_long"),
        ({"valid_until": local_day(now) + timedelta(days=900)}, "lasts_too_long"),
        ({"valid_until": local_day(now)}, "ends_in_the_past"),
        (
            {
                "valid_from": local_day(now) - timedelta(days=1),
                "valid_until": local_day(now) + timedelta(days=9),
            },
            "starts_in_the_past",
        ),
    ):
        with pytest.raises(CannotAssign) as refusal:
            ask(anna, cast.dubois, [catalogue[FINANCE]], now=now, **values)  # type: ignore[arg-type]
        assert codes(refusal) == [code]


@pytest.mark.parametrize("who", ["carine", "olivier"])
def test_the_neighbour_and_the_outsider_cannot_ask(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime, who: str
) -> None:
    with pytest.raises(NotAllowed) as refusal:
        ask(acting_as(getattr(cast, who)), cast.dubois, [catalogue[CYBER]], now=now)
    assert refusal.value.reason == Reason.NOT_LINKED
    assert not RoleRequest.objects.exists()


def test_a_link_that_was_lost_meanwhile_is_seen_under_the_lock(
    cast: Cast, catalogue: Catalogue, anna: ActingContext, now: datetime
) -> None:
    cast.anna.employments.update(valid_until=local_day(now) - timedelta(days=1))  # type: ignore[attr-defined]
    with pytest.raises(NotAllowed):
        ask(anna, cast.dubois, [catalogue[CYBER]], now=now)
    Person.objects.filter(pk=cast.anna.pk).update(is_active=False)
    with pytest.raises(NotAllowed) as refusal:
        ask(anna, cast.dubois, [catalogue[CYBER]], now=now)
    assert refusal.value.reason == Reason.PERSON_INACTIVE


def test_the_second_press_finds_the_work_done_and_an_old_tab_is_told(
    cast: Cast, catalogue: Catalogue, anna: ActingContext, now: datetime
) -> None:
    roles = [catalogue[CYBER]]
    draft = request_draft(cast.anna, cast.dubois, roles, now=now, version=4)
    with pytest.raises(DraftChanged):
        ask(anna, cast.dubois, roles, now=now, draft=draft, seen_version=3)
    ask(anna, cast.dubois, roles, now=now, draft=draft, seen_version=4)
    with pytest.raises(DraftFinished):
        ask(anna, cast.dubois, roles, now=now, draft=draft, seen_version=4)
    assert RoleRequest.objects.count() == 1


# --- Approving ---


def test_an_approval_gives_the_role_and_tells_the_asker_once(
    cast: Cast, tom: ActingContext, now: datetime, asked: RoleRequest
) -> None:
    given = approve(asked, tom, now=now, note="Welcome")
    asked.refresh_from_db()
    assert (asked.status, asked.decided_by, asked.decision_note) == ("approved", cast.tom, "Welcome")
    assert asked.assignment == given
    assert (given.assignee, given.role, given.organisation) == (cast.anna, asked.role, cast.dubois)
    assert (given.valid_from, given.valid_until) == (asked.valid_from, asked.valid_until)
    assert (given.assigned_by, given.origin, given.state(now=now)) == (cast.tom, "request", State.ACTIVE)
    assert given.reference == f"AR-{local_day(now).year}-000001-1"
    assert letters() == {("request_decided", "anna.peeters"): 1}
    assert events(asked) == ["request:made", "request:approved"]
    assert events(given) == ["assignment:granted"]
    assert AuditEntry.objects.about(asked.key).filter(event="request:approved").get().data["role"] == FINANCE


def test_a_manager_may_shorten_and_not_lengthen(
    cast: Cast, tom: ActingContext, now: datetime, asked: RoleRequest
) -> None:
    last = asked.valid_until
    assert last is not None
    for until in (None, last + timedelta(days=1)):
        with pytest.raises(CannotAssign) as refusal:
            approve(asked, tom, now=now, valid_until=until)
        assert codes(refusal) == ["longer_than_asked"]
    given = approve(asked, tom, now=now, valid_until=last - timedelta(days=100))
    assert given.valid_until == last - timedelta(days=100)


def test_a_manager_cannot_let_it_begin_earlier(
    cast: Cast, catalogue: Catalogue, anna: ActingContext, tom: ActingContext, now: datetime
) -> None:
    start = local_day(now) + timedelta(days=10)
    (row,) = ask(anna, cast.dubois, [catalogue[CYBER]], now=now, valid_from=start)
    with pytest.raises(CannotAssign) as refusal:
        approve(row, tom, now=now, valid_from=local_day(now))
    assert codes(refusal) == ["starts_before_asked"]
    # Decided after the day that was asked for, it begins on the day of the decision.
    later = now + timedelta(days=12)
    assert approve(row, tom, now=later, valid_from=local_day(later)).valid_from == local_day(later)


def test_the_questions_of_a_role_are_answered_by_who_approves(
    cast: Cast, catalogue: Catalogue, anna: ActingContext, tom: ActingContext, now: datetime
) -> None:
    (row,) = ask(anna, cast.dubois, [catalogue[EXECUTOR]], now=now)
    with pytest.raises(CannotAssign) as refusal:
        approve(row, tom, now=now)
    assert set(codes(refusal)) == {"wrong_answer"}
    assert approve(row, tom, now=now, properties=ANSWERS).properties == ANSWERS


def test_whoever_asked_has_confirmed_already(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    worker = PersonFactory()
    EmploymentFactory(person=worker, organisation=cast.eupen)
    (row,) = ask(acting_as(worker), cast.eupen, [catalogue[CYBER]], now=now)
    given = approve(row, acting_as(cast.ingrid), now=now)
    assert (given.confirmer, given.confirmed_by, given.state(now=now)) == ("assignee", worker, State.ACTIVE)
    assert Counter(OutgoingEmail.objects.values_list("name", flat=True)) == {"role_requested": 2, "request_decided": 1}


def test_where_another_manager_confirms_as_well_that_one_is_asked(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    ConfirmationRule.objects.filter(organisation_status="new").update(confirmer="manager")
    worker = PersonFactory()
    EmploymentFactory(person=worker, organisation=cast.eupen)
    (row,) = ask(acting_as(worker), cast.eupen, [catalogue[CYBER]], now=now)
    OutgoingEmail.objects.all().delete()
    given = approve(row, acting_as(cast.ingrid), now=now)
    assert given.state(now=now) == State.TO_CONFIRM
    assert letters() == {
        ("request_decided", worker.email.split("@")[0]): 1,
        ("confirm_for_manager", "klaus.lennertz"): 1,
    }


def test_what_was_given_meanwhile_is_not_given_twice(
    cast: Cast, tom: ActingContext, now: datetime, asked: RoleRequest
) -> None:
    AssignmentFactory(role=asked.role, organisation=cast.dubois, assignee=cast.anna)
    with pytest.raises(CannotAssign) as refusal:
        approve(asked, tom, now=now)
    assert codes(refusal) == ["held_meanwhile"]
    asked.refresh_from_db()
    assert asked.status == "pending" and not OutgoingEmail.objects.exists()


def test_a_role_that_is_held_is_extended(
    cast: Cast, catalogue: Catalogue, anna: ActingContext, tom: ActingContext, now: datetime
) -> None:
    today = local_day(now)
    held = AssignmentFactory(
        role=catalogue[EXECUTOR],
        organisation=cast.dubois,
        assignee=cast.anna,
        valid_from=today - timedelta(days=50),
        valid_until=today + timedelta(days=20),
        properties=ANSWERS,
    )
    with pytest.raises(CannotAssign) as refusal:
        ask(anna, cast.dubois, [catalogue[EXECUTOR]], now=now, valid_until=today + timedelta(days=20))
    assert codes(refusal) == ["not_longer"]
    (row,) = ask(anna, cast.dubois, [catalogue[EXECUTOR]], now=now, valid_until=today + timedelta(days=300))
    assert row.extends == held
    given = approve(row, tom, now=now)
    held.refresh_from_db()
    assert (held.end_reason, given.replaces, given.origin) == ("extended", held, "request")
    assert (given.valid_from, given.valid_until, given.properties) == (today, today + timedelta(days=300), ANSWERS)
    assert events(held)[-1] == "assignment:extended"


def test_an_extension_in_a_new_organisation_goes_on_at_once_for_the_holder_asked(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    today, worker = local_day(now), PersonFactory()
    EmploymentFactory(person=worker, organisation=cast.eupen)
    AssignmentFactory(
        role=catalogue[CYBER], organisation=cast.eupen, assignee=worker, valid_until=today + timedelta(days=5)
    )
    (row,) = ask(acting_as(worker), cast.eupen, [catalogue[CYBER]], now=now)
    given = approve(row, acting_as(cast.ingrid), now=now)
    assert (given.valid_from, given.state(now=now), given.confirmed_by) == (today, State.ACTIVE, worker)


def test_what_ended_before_the_decision_begins_anew(
    cast: Cast, catalogue: Catalogue, anna: ActingContext, tom: ActingContext, now: datetime
) -> None:
    today = local_day(now)
    AssignmentFactory(
        role=catalogue[EXECUTOR],
        organisation=cast.dubois,
        assignee=cast.anna,
        valid_until=today + timedelta(days=2),
        properties=ANSWERS,
    )
    (row,) = ask(anna, cast.dubois, [catalogue[EXECUTOR]], now=now)
    later = now + timedelta(days=5)
    given = approve(row, tom, now=later, valid_from=local_day(later))
    assert (given.replaces, given.properties, given.valid_from) == (None, ANSWERS, local_day(later))


def test_what_ended_before_the_decision_does_not_begin_earlier_than_asked(
    cast: Cast, catalogue: Catalogue, anna: ActingContext, tom: ActingContext, now: datetime
) -> None:
    today, role = local_day(now), catalogue[CYBER]
    held = AssignmentFactory(
        role=role, organisation=cast.dubois, assignee=cast.anna, valid_until=today + timedelta(days=12)
    )
    start = today + timedelta(days=10)
    (row,) = ask(anna, cast.dubois, [role], now=now, valid_from=start)
    assert row.extends == held
    RoleAssignment.objects.filter(pk=held.pk).update(
        ended_at=now, ended_on=today, ended_by=cast.jean, end_reason="manager"
    )
    later = now + timedelta(days=5)
    with pytest.raises(CannotAssign) as refusal:
        approve(row, tom, now=later, valid_from=local_day(later))
    assert codes(refusal) == ["starts_before_asked"]
    assert not RoleAssignment.objects.exclude(pk=held.pk).exists()
    assert approve(row, tom, now=later, valid_from=start).valid_from == start


@pytest.mark.threat(2)
@pytest.mark.parametrize(
    ("who", "reason"),
    [
        ("anna", Reason.OWN_REQUEST),
        ("carine", Reason.OTHER_ORGANISATION),
        ("olivier", Reason.NOT_LINKED),
        ("sofie", Reason.NOT_LINKED),
    ],
)
def test_nobody_else_decides(
    cast: Cast, acting_as: Acting, now: datetime, asked: RoleRequest, who: str, reason: Reason
) -> None:
    acting = acting_as(getattr(cast, who))
    for act in (
        lambda: approve(asked, acting, now=now),
        lambda: refuse_request(asked, note="No", acting=acting, now=now),
    ):
        with pytest.raises(NotAllowed) as refusal:
            act()
        assert refusal.value.reason == reason
    assert not RoleAssignment.objects.exists()


def test_a_manager_of_another_domain_does_not_decide(
    cast: Cast, catalogue: Catalogue, anna: ActingContext, acting_as: Acting, now: datetime
) -> None:
    (row,) = ask(anna, cast.dubois, [catalogue[ENERGY]], now=now)
    with pytest.raises(NotAllowed) as refusal:
        approve(row, acting_as(cast.marie), now=now)
    assert refusal.value.reason == Reason.OTHER_DOMAIN


def test_a_right_that_was_withdrawn_since_the_page_was_opened_is_gone(
    cast: Cast, tom: ActingContext, now: datetime, asked: RoleRequest
) -> None:
    end_appointment(AccessManagerAppointment.objects.get(person=cast.tom, kind="co_chief"), acting=None, now=now)
    with pytest.raises(NotAllowed):
        approve(asked, tom, now=now)
    asked.refresh_from_db()
    assert asked.status == "pending" and not RoleAssignment.objects.exists()


# --- Refusing, withdrawing, expiring ---


def test_a_refusal_gives_nothing_and_says_why(
    cast: Cast, tom: ActingContext, now: datetime, asked: RoleRequest
) -> None:
    refuse_request(asked, note="Ask Marie first", acting=tom, now=now)
    asked.refresh_from_db()
    assert (asked.status, asked.decided_by, asked.decision_note) == ("refused", cast.tom, "Ask Marie first")
    assert letters() == {("request_decided", "anna.peeters"): 1}
    assert OutgoingEmail.objects.get().context["note"] == "Ask Marie first"
    assert events(asked) == ["request:made", "request:refused"]
    assert "Ask Marie" not in str(AuditEntry.objects.latest("id").data)
    assert not RoleAssignment.objects.exists()


def test_a_decision_is_taken_once(
    cast: Cast, tom: ActingContext, acting_as: Acting, now: datetime, asked: RoleRequest
) -> None:
    refuse_request(asked, note="No", acting=tom, now=now)
    jean = acting_as(cast.jean)
    for act in (
        lambda: approve(asked, jean, now=now),
        lambda: refuse_request(asked, note="No", acting=jean, now=now),
        lambda: withdraw_request(asked, acting=acting_as(cast.anna), now=now),
    ):
        with pytest.raises(TooLate):
            act()
    assert OutgoingEmail.objects.count() == 1 and not RoleAssignment.objects.exists()


def test_only_the_asker_withdraws_and_no_letter_is_needed(
    cast: Cast, anna: ActingContext, tom: ActingContext, now: datetime, asked: RoleRequest
) -> None:
    with pytest.raises(NotAllowed):
        withdraw_request(asked, acting=tom, now=now)
    withdraw_request(asked, acting=anna, now=now)
    asked.refresh_from_db()
    assert (asked.status, asked.decided_by) == ("withdrawn", cast.anna)
    assert events(asked) == ["request:made", "request:withdrawn"]
    assert not OutgoingEmail.objects.exists()
    with pytest.raises(TooLate):
        approve(asked, tom, now=now)


@pytest.mark.parametrize(("days", "expires"), [(29, False), (30, True), (31, True)])
def test_a_request_expires_after_thirty_days(
    cast: Cast, tom: ActingContext, now: datetime, asked: RoleRequest, days: int, expires: bool
) -> None:
    later = now + timedelta(days=days)
    assert asked.status_now(now=later) == ("expired" if expires else "pending")
    if expires:
        with pytest.raises(TooLate):  # whether the job has run or not
            approve(asked, tom, now=later, valid_from=local_day(later))
    assert expire_requests(now=later) == (1 if expires else 0)
    assert expire_requests(now=later) == 0
    asked.refresh_from_db()
    assert asked.status == ("expired" if expires else "pending")
    assert letters() == ({("request_expired", "anna.peeters"): 1} if expires else {})
    assert events(asked) == ["request:made"] + (["request:expired"] if expires else [])


def test_the_rule_of_deciders_lists_chiefs_first(cast: Cast, catalogue: Catalogue, now: datetime) -> None:
    deciders = deciders_of(cast.dubois, day=local_day(now))
    names = [person.given_name for person in deciders.managers_for(catalogue[FINANCE], besides=cast.anna)]
    assert names == ["Jean", "Tom", "Marie"]
