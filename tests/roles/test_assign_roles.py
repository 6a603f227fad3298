"""Giving roles: all of what the check page showed, or nothing; each refusal with its reason."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from audit.models import AuditEntry
from outbox.models import OutgoingEmail
from roles.errors import CannotAssign, DraftChanged, DraftFinished, NotAllowed
from roles.models import AssignmentDraft, ConfirmationRule, ReferenceSeries, Role, RoleAssignment, RoleProperty
from roles.models.assignment import next_reference
from roles.operations import assign, letters, making
from roles.planning import make_plan, objections_to
from roles.reasons import objection_words
from roles.rules import Reason
from roles.states import State
from tenants.acting import ActingContext
from tenants.models import AccessManagerAppointment, Employment, Organisation, Person
from tenants.periods import add_years, local_day
from tests.conftest import LOW, SUBSTANTIAL, Cast
from tests.factories import AssignmentFactory, EmploymentFactory, PersonFactory
from tests.roles.passes import Pass, an_order, give

Acting = Callable[..., ActingContext]
Catalogue = dict[str, Role]
pytestmark = pytest.mark.django_db

ENERGY, FINANCE, CYBER = "FLUVIUS_ENERGY_PORTAL_ADMIN", "FIN_FATCA", "CCB_SAFEONWEBATWORK_EDIT"


@pytest.fixture
def jean(cast: Cast, catalogue: Catalogue, acting_as: Acting) -> ActingContext:
    """Jean, chief at Dubois."""
    return acting_as(cast.jean)


def look(acting: ActingContext, persons: list[Person], roles: list[Role], *, now: Any, **values: Any) -> Pass:
    """Fill in a draft and look at its check page."""
    organisation = values.pop("organisation", None) or acting.managed[0]
    return Pass(an_order(organisation, persons, roles, now=now, **values), acting=acting, now=now)


def codes(refusal: pytest.ExceptionInfo[CannotAssign]) -> list[str]:
    return [str(objection.code) for objection in refusal.value.objections]


def nothing_written() -> bool:
    """Say whether neither a row, a letter, a reference nor an audit entry of the act is there."""
    return not (
        RoleAssignment.objects.exists()
        or OutgoingEmail.objects.exists()
        or ReferenceSeries.objects.exists()
        or AuditEntry.objects.filter(event__startswith="assignment:").exists()
        or AssignmentDraft.objects.filter(submitted_at__isnull=False).exists()
    )


# --- What is done ----------------------------------------------------------------------------------------------------


def test_everybody_gets_every_role(cast: Cast, catalogue: Catalogue, jean: ActingContext, now: Any) -> None:
    last = local_day(now) + timedelta(days=400)
    seen = look(jean, [cast.anna, cast.marie], [catalogue[ENERGY], catalogue[CYBER]], now=now, valid_until=last)
    reference = seen.press()
    assert [(row.assignee.given_name, row.role.code, row.reference) for row in seen.rows] == [
        ("Anna", ENERGY, f"{reference}-1"),
        ("Anna", CYBER, f"{reference}-2"),
        ("Marie", ENERGY, f"{reference}-3"),
        ("Marie", CYBER, f"{reference}-4"),
    ]
    for row in seen.rows:
        assert (row.organisation, row.assigned_by, row.assigned_at) == (cast.dubois, cast.jean, now)
        assert (row.valid_from, row.valid_until, row.confirmer, row.confirm_before) == (
            local_day(now),
            last,
            "nobody",
            None,
        )
        assert (row.origin, row.state(now=now)) == ("direct", State.ACTIVE)
    seen.draft.refresh_from_db()
    assert (seen.draft.submitted_at, seen.draft.reference, seen.draft.version) == (now, reference, 2)


def test_one_letter_per_person_and_one_receipt(cast: Cast, catalogue: Catalogue, jean: ActingContext, now: Any) -> None:
    give(jean, cast.dubois, [cast.anna, cast.marie], [catalogue[ENERGY], catalogue[CYBER]], now=now)
    letters = OutgoingEmail.objects.order_by("id").values_list("name", "to", "language")
    assert list(letters) == [
        ("role_given", cast.anna.email, "nl"),
        ("role_given", cast.marie.email, "fr"),
        ("assignment_receipt", cast.jean.email, "fr"),
    ]


@pytest.mark.threat(25)
def test_there_is_one_audit_entry_for_each_row(cast: Cast, catalogue: Catalogue, jean: ActingContext, now: Any) -> None:
    executor = catalogue["FIN_MANDATE_EXECUTOR"]
    answers = {executor.code: {"MANDATE_TYPES": ["VAT"], "SENSITIVE_MANDATES": False}}
    rows = give(jean, cast.dubois, [cast.anna, cast.marie], [catalogue[CYBER], executor], now=now, answers=answers)
    entries = AuditEntry.objects.filter(event="assignment:granted").order_by("id")
    assert [entry.subject_key for entry in entries] == [row.key for row in rows]
    for entry, row in zip(entries, rows, strict=True):
        assert (entry.actor_key, entry.actor_label) == (cast.jean.key, "Jean Dubois")
        assert (entry.organisation_key, entry.subject_type, entry.occurred_at) == (cast.dubois.key, "assignment", now)
        assert entry.subject_label == f"{row.reference} – {row.assignee.full_name} – {row.role.code}"
        assert entry.data == {
            "assignee": row.assignee.key,
            "role": row.role.code,
            "valid_from": row.valid_from.isoformat(),
            "valid_until": None,
            "properties": answers.get(row.role.code, {}),
            "confirmer": "nobody",
            "level": 500,
        }


def test_answers_to_properties_are_stored_with_the_role(
    cast: Cast, catalogue: Catalogue, jean: ActingContext, now: Any
) -> None:
    role = catalogue["FIN_OWN_ENTERPRISE"]
    answers = {role.code: {"BEPS13_FILER": True}}
    (row,) = give(jean, cast.dubois, [cast.anna], [role], now=now, answers=answers)
    assert row.properties == {"BEPS13_FILER": True}


def test_oneself_can_be_among_them(cast: Cast, catalogue: Catalogue, jean: ActingContext, now: Any) -> None:
    (row,) = give(jean, cast.dubois, [cast.jean], [catalogue[CYBER]], now=now)
    assert row.state(now=now) == State.ACTIVE
    assert sorted(OutgoingEmail.objects.values_list("name", flat=True)) == ["assignment_receipt", "role_given"]


def test_a_person_of_another_place_can_be_given_a_role(
    cast: Cast, catalogue: Catalogue, jean: ActingContext, now: Any
) -> None:
    (row,) = give(jean, cast.dubois, [cast.olivier], [catalogue[CYBER]], now=now)
    assert row.assignee == cast.olivier


def test_a_domain_manager_gives_roles_of_the_domain(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: Any
) -> None:
    (row,) = give(acting_as(cast.marie), cast.dubois, [cast.anna], [catalogue[FINANCE]], now=now)
    assert row.assigned_by == cast.marie


def test_without_an_address_there_is_no_letter_but_the_role(
    cast: Cast, catalogue: Catalogue, jean: ActingContext, now: Any
) -> None:
    cast.anna.email = ""
    cast.anna.save()
    (row,) = give(jean, cast.dubois, [cast.anna], [catalogue[CYBER]], now=now)
    assert row.state(now=now) == State.ACTIVE
    assert [letter.name for letter in OutgoingEmail.objects.all()] == ["assignment_receipt"]


def test_the_message_is_kept_on_the_draft(cast: Cast, catalogue: Catalogue, jean: ActingContext, now: Any) -> None:
    seen = look(jean, [cast.anna], [catalogue[CYBER]], now=now, message="Welcome")
    seen.press()
    seen.draft.refresh_from_db()
    assert seen.draft.message == "Welcome"


def test_references_count_up_within_a_year(db: None) -> None:
    assert next_reference("AR", 2026) == "AR-2026-000001"
    assert next_reference("AR", 2026) == "AR-2026-000002"
    assert next_reference("AR", 2027) == "AR-2027-000001"
    assert next_reference("IN", 2026) == "IN-2026-000001"


# --- Who has to confirm ----------------------------------------------------------------------------------------------


def test_a_collaborator_confirms_in_a_new_organisation(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: Any, settings: Any
) -> None:
    (row,) = give(acting_as(cast.ingrid), cast.eupen, [cast.anna], [catalogue[CYBER]], now=now)
    assert (row.confirmer, row.state(now=now)) == ("assignee", State.TO_CONFIRM)
    assert row.confirm_before == local_day(now) + timedelta(days=14)
    assert list(OutgoingEmail.objects.order_by("id").values_list("name", "to")) == [
        ("role_to_confirm", cast.anna.email),
        ("assignment_receipt", cast.ingrid.email),
    ]


def test_another_manager_confirms_what_a_manager_gives_to_herself(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: Any
) -> None:
    (row,) = give(acting_as(cast.ingrid), cast.eupen, [cast.ingrid], [catalogue[CYBER]], now=now)
    assert (row.confirmer, row.state(now=now)) == ("manager", State.TO_CONFIRM)
    assert list(OutgoingEmail.objects.order_by("id").values_list("name", "to")) == [
        ("role_given", cast.ingrid.email),
        ("confirm_for_manager", cast.klaus.email),
        ("assignment_receipt", cast.ingrid.email),
    ]


def test_without_another_manager_she_confirms_herself_and_the_trail_says_so(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: Any
) -> None:
    AccessManagerAppointment.objects.filter(person=cast.klaus).update(ended_at=now)
    persons = [cast.ingrid, cast.anna]
    rows = give(acting_as(cast.ingrid), cast.eupen, persons, [catalogue[CYBER]], now=now)
    assert [row.confirmer for row in rows] == ["assignee", "assignee"]
    entries = AuditEntry.objects.filter(event="assignment:granted").order_by("id")
    assert [entry.data.get("lacks_manager", False) for entry in entries] == [True, False]


def test_a_representative_is_asked_when_there_is_no_other_manager(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: Any
) -> None:
    AccessManagerAppointment.objects.filter(person=cast.klaus).update(ended_at=now)
    EmploymentFactory(organisation=cast.eupen, person=cast.sofie, kind="legal_representative")
    (row,) = give(acting_as(cast.ingrid), cast.eupen, [cast.ingrid], [catalogue[CYBER]], now=now)
    assert row.confirmer == "manager"
    assert OutgoingEmail.objects.get(name="confirm_for_manager").to == cast.sofie.email


def test_only_managers_of_the_domain_are_asked(cast: Cast, catalogue: Catalogue, acting_as: Acting, now: Any) -> None:
    cast.dubois.status = "special"
    cast.dubois.save()
    roles = [catalogue[ENERGY], catalogue[FINANCE]]
    give(acting_as(cast.jean), cast.dubois, [cast.jean], roles, now=now)
    asked = OutgoingEmail.objects.filter(name="confirm_for_manager").order_by("id")
    assert [(letter.to, len(letter.context["roles"])) for letter in asked] == [
        (cast.tom.email, 2),
        (cast.marie.email, 1),
    ]


# --- What is held already --------------------------------------------------------------------------------------------


def test_what_they_hold_already_is_not_given_again(
    cast: Cast, catalogue: Catalogue, jean: ActingContext, now: Any
) -> None:
    give(jean, cast.dubois, [cast.anna], [catalogue[CYBER]], now=now)
    OutgoingEmail.objects.all().delete()
    seen = look(jean, [cast.anna, cast.marie], [catalogue[CYBER]], now=now)
    assert [row.assignee for row in seen.plan.held] == [cast.anna]
    seen.press()
    assert [row.assignee for row in seen.rows] == [cast.marie]
    assert {letter.to for letter in OutgoingEmail.objects.all()} == {cast.marie.email, cast.jean.email}


def test_when_all_hold_everything_nothing_is_done(
    cast: Cast, catalogue: Catalogue, jean: ActingContext, now: Any
) -> None:
    AssignmentFactory(role=catalogue[CYBER], organisation=cast.dubois, assignee=cast.anna)
    seen = look(jean, [cast.anna], [catalogue[CYBER]], now=now)
    with pytest.raises(CannotAssign) as refusal:
        seen.press()
    assert codes(refusal) == ["nothing_to_assign"]
    assert not AuditEntry.objects.filter(event="assignment:granted").exists()
    seen.draft.refresh_from_db()
    assert (seen.draft.submitted_at, seen.draft.version) == (None, 1)


def test_what_was_given_meanwhile_is_named_and_nothing_is_written(
    cast: Cast, catalogue: Catalogue, jean: ActingContext, acting_as: Acting, now: Any
) -> None:
    roles = [catalogue[CYBER], catalogue[FINANCE]]
    seen = look(jean, [cast.anna, cast.olivier], roles, now=now)
    give(acting_as(cast.tom), cast.dubois, [cast.anna], [catalogue[FINANCE]], now=now + timedelta(seconds=5))
    before = (RoleAssignment.objects.count(), OutgoingEmail.objects.count(), AuditEntry.objects.count())
    with pytest.raises(CannotAssign) as refusal:
        seen.press(now=now + timedelta(seconds=9))
    (objection,) = refusal.value.objections
    assert objection.code == "held_meanwhile"
    assert objection.about["person"] == cast.anna
    assert objection.about["role"] == catalogue[FINANCE]
    assert (RoleAssignment.objects.count(), OutgoingEmail.objects.count(), AuditEntry.objects.count()) == before


def test_another_plan_than_the_one_shown_is_not_carried_out(
    cast: Cast, catalogue: Catalogue, jean: ActingContext, now: Any
) -> None:
    seen = look(jean, [cast.anna], [catalogue[CYBER]], now=now)
    ConfirmationRule.objects.filter(organisation_status="normal").update(confirmer="assignee")
    with pytest.raises(CannotAssign) as refusal:
        seen.press()
    assert codes(refusal) == ["changed_meanwhile"]
    assert nothing_written()


def test_a_plan_shown_yesterday_is_shown_again(cast: Cast, catalogue: Catalogue, jean: ActingContext, now: Any) -> None:
    tomorrow = local_day(now) + timedelta(days=1)
    seen = look(jean, [cast.anna], [catalogue[CYBER]], now=now, valid_from=tomorrow)
    with pytest.raises(CannotAssign) as refusal:
        seen.press(now=now + timedelta(days=1))
    assert codes(refusal) == ["changed_meanwhile"]


def test_what_lapsed_is_closed_and_can_be_given_again(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: Any
) -> None:
    ingrid = acting_as(cast.ingrid)
    early = now - timedelta(days=20)
    old = give(ingrid, cast.eupen, [cast.anna, cast.marie], [catalogue[CYBER]], now=early)
    assert [row.state(now=now) for row in old] == [State.EXPIRED, State.EXPIRED]
    (new,) = give(ingrid, cast.eupen, [cast.anna], [catalogue[CYBER]], now=now)
    first, other = RoleAssignment.objects.filter(pk__in=[row.pk for row in old]).order_by("id")
    assert (first.ended_at, first.ended_on, first.end_reason) == (now, local_day(now), "lapsed")
    assert first.state(now=now) == State.EXPIRED
    assert other.ended_at is None
    assert new.state(now=now) == State.TO_CONFIRM
    entry = AuditEntry.objects.get(event="assignment:lapsed")
    assert (entry.subject_key, entry.actor_key, entry.organisation_key) == (first.key, "", cast.eupen.key)


def test_what_still_waits_is_held(cast: Cast, catalogue: Catalogue, acting_as: Acting, now: Any) -> None:
    ingrid = acting_as(cast.ingrid)
    give(ingrid, cast.eupen, [cast.anna], [catalogue[CYBER]], now=now - timedelta(days=13))
    seen = look(ingrid, [cast.anna], [catalogue[CYBER]], now=now)
    assert len(seen.plan.held) == 1
    assert seen.plan.new == ()


# --- One press -------------------------------------------------------------------------------------------------------


@pytest.mark.threat(9)
def test_a_second_press_finds_the_work_done(cast: Cast, catalogue: Catalogue, jean: ActingContext, now: Any) -> None:
    seen = look(jean, [cast.anna], [catalogue[CYBER]], now=now)
    seen.press()
    for version in (1, 2, 3):
        with pytest.raises(DraftFinished):
            seen.press(seen_version=version)
    assert RoleAssignment.objects.count() == 1
    assert OutgoingEmail.objects.count() == 2


@pytest.mark.threat(13)
def test_a_draft_that_changed_is_shown_again(cast: Cast, catalogue: Catalogue, jean: ActingContext, now: Any) -> None:
    seen = look(jean, [cast.anna], [catalogue[CYBER]], now=now)
    for version in (0, 2):
        with pytest.raises(DraftChanged):
            seen.press(seen_version=version)
    AssignmentDraft.objects.update(deleted_at=now)
    with pytest.raises(DraftChanged):
        seen.press()
    assert nothing_written()


def test_somebody_elses_draft_is_not_pressed(
    cast: Cast, catalogue: Catalogue, jean: ActingContext, acting_as: Acting, now: Any
) -> None:
    seen = look(jean, [cast.anna], [catalogue[CYBER]], now=now)
    with pytest.raises(DraftChanged):
        seen.press(acting=acting_as(cast.tom))
    assert nothing_written()


# --- What changed between the page and the press ---------------------------------------------------------------------


def withdraw_right(cast: Cast, _role: Role, now: Any) -> None:
    AccessManagerAppointment.objects.filter(person=cast.jean).update(ended_at=now)


def narrow_right(cast: Cast, role: Role, now: Any) -> None:
    AccessManagerAppointment.objects.filter(person=cast.jean).update(kind="domain", domain_id=another_domain(role))


def another_domain(role: Role) -> int:
    return Role.objects.exclude(domain=role.domain).values_list("domain_id", flat=True)[0]


def let_right_run_out(cast: Cast, _role: Role, now: Any) -> None:
    AccessManagerAppointment.objects.filter(person=cast.jean).update(valid_until=local_day(now) - timedelta(days=1))


def retire_role(_cast: Cast, role: Role, now: Any) -> None:
    Role.objects.filter(pk=role.pk).update(is_assignable=False)


def ask_for_a_high_key(_cast: Cast, role: Role, now: Any) -> None:
    Role.objects.filter(pk=role.pk).update(minimum_level=500)


def shorten_role(_cast: Cast, role: Role, now: Any) -> None:
    Role.objects.filter(pk=role.pk).update(max_duration_years=1)


def stop_organisation(cast: Cast, _role: Role, now: Any) -> None:
    Organisation.objects.filter(pk=cast.dubois.pk).update(status="stopped")


def switch_person_off(cast: Cast, _role: Role, now: Any) -> None:
    Person.objects.filter(pk=cast.anna.pk).update(is_active=False)


CHANGES: list[tuple[Callable[..., None], list[str]]] = [
    (withdraw_right, ["not_manager"]),
    (narrow_right, ["other_domain"]),
    (let_right_run_out, ["not_manager"]),
    (retire_role, ["role_withdrawn"]),
    (ask_for_a_high_key, ["role_needs_high"]),
    (shorten_role, ["lasts_too_long"]),
    (stop_organisation, ["organisation_stopped"]),
    (switch_person_off, ["person_inactive"]),
]


@pytest.mark.threat(5)
@pytest.mark.threat(6)
@pytest.mark.parametrize(("change", "expected"), CHANGES, ids=[change.__name__ for change, _codes in CHANGES])
def test_what_was_true_when_the_page_was_shown_is_asked_again(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: Any, change: Callable[..., None], expected: list[str]
) -> None:
    seen = look(acting_as(cast.jean, level=SUBSTANTIAL), [cast.anna], [catalogue[CYBER]], now=now)
    change(cast, catalogue[CYBER], now)
    with pytest.raises(CannotAssign) as refusal:
        seen.press()
    assert codes(refusal) == expected
    assert nothing_written()
    assign.deny(refusal.value.objections, acting=seen.acting, organisation=cast.dubois)
    entry = AuditEntry.objects.get(event="assignment:denied")
    assert (entry.actor_key, entry.organisation_key) == (cast.jean.key, cast.dubois.key)
    assert entry.data["reasons"] == expected


def test_a_giver_who_was_switched_off_gives_nothing(
    cast: Cast, catalogue: Catalogue, jean: ActingContext, now: Any
) -> None:
    seen = look(jean, [cast.anna], [catalogue[CYBER]], now=now)
    Person.objects.filter(pk=cast.jean.pk).update(is_active=False)
    with pytest.raises(NotAllowed) as refusal:
        seen.press()
    assert refusal.value.reason == Reason.PERSON_INACTIVE
    assert nothing_written()


def test_a_day_that_has_passed_is_refused(cast: Cast, catalogue: Catalogue, jean: ActingContext, now: Any) -> None:
    today = local_day(now)
    seen = look(jean, [cast.anna], [catalogue[CYBER]], now=now, valid_until=today + timedelta(days=1))
    with pytest.raises(CannotAssign) as refusal:
        seen.press(now=now + timedelta(days=2))
    assert codes(refusal) == ["starts_in_the_past", "ends_in_the_past"]
    assert nothing_written()


@pytest.mark.asvs(10)
@pytest.mark.parametrize(
    ("starts", "ends", "years", "expected"),
    [
        (0, None, None, []),
        (0, 1, None, []),
        (0, 0, None, ["ends_in_the_past"]),
        (0, -1, None, ["ends_in_the_past"]),
        (-1, 5, None, ["starts_in_the_past"]),
        (5, 5, None, []),
        (5, 4, None, ["ends_before_start"]),
        (0, None, 2, ["lasts_too_long"]),
        (0, "2 years", 2, []),
        (0, "2 years + 1", 2, ["lasts_too_long"]),
        (9, "2 years", 2, []),
    ],
)
def test_the_period_must_make_sense(
    cast: Cast,
    catalogue: Catalogue,
    jean: ActingContext,
    now: Any,
    starts: int,
    ends: int | str | None,
    years: int | None,
    expected: list[str],
) -> None:
    today = local_day(now)
    first = today + timedelta(days=starts)
    last: date | None = None
    if isinstance(ends, int):
        last = today + timedelta(days=ends)
    elif ends is not None:
        last = add_years(first, 2) + timedelta(days=1 if "+" in ends else 0)
    role = catalogue[CYBER]
    role.max_duration_years = years
    order = an_order(cast.dubois, [cast.anna], [role], now=now, valid_from=first, valid_until=last)
    try:
        make_plan(order, acting=jean, now=now)
        found = []
    except CannotAssign as refusal:
        found = [objection.code for objection in refusal.objections]
    assert found == expected


WRONG_ANSWERS: list[tuple[dict[str, Any], list[str]]] = [
    ({"MANDATE_TYPES": ["VAT", "BIZTAX"], "SENSITIVE_MANDATES": True}, []),
    ({"MANDATE_TYPES": ["VAT"], "SENSITIVE_MANDATES": False}, []),
    ({"MANDATE_TYPES": ["VAT"]}, ["wrong_answer"]),
    ({"MANDATE_TYPES": ["UBO"], "SENSITIVE_MANDATES": False}, ["wrong_answer"]),
    ({"MANDATE_TYPES": "VAT", "SENSITIVE_MANDATES": False}, ["wrong_answer"]),
    ({"MANDATE_TYPES": ["VAT"], "SENSITIVE_MANDATES": "yes"}, ["wrong_answer"]),
    ({"MANDATE_TYPES": [], "SENSITIVE_MANDATES": None}, ["wrong_answer", "wrong_answer"]),
]


def test_answers_are_asked_again(cast: Cast, catalogue: Catalogue, jean: ActingContext, now: Any) -> None:
    role = catalogue["FIN_MANDATE_EXECUTOR"]
    RoleProperty.objects.filter(role=role).update(is_required=True)
    role = Role.objects.for_page().get(pk=role.pk)
    for answers, expected in WRONG_ANSWERS:
        order = an_order(cast.dubois, [cast.anna], [role], now=now, answers={role.code: answers})
        assert [objection.code for objection in objections_to(order, acting=jean, today=local_day(now))] == expected


def test_a_question_that_came_meanwhile_has_to_be_answered(
    cast: Cast, catalogue: Catalogue, jean: ActingContext, now: Any
) -> None:
    seen = look(jean, [cast.anna], [catalogue[CYBER]], now=now)
    RoleProperty.objects.create(role=catalogue[CYBER], code="WHY", kind="text", label_en="Why?")
    with pytest.raises(CannotAssign) as refusal:
        seen.press()
    assert codes(refusal) == ["wrong_answer"]
    with translation.override("en"):
        assert objection_words(refusal.value.objections[0]) == "Choose an answer for “Why?”"
    assert nothing_written()


@pytest.mark.threat(17)
def test_an_answer_that_holds_a_national_number_is_refused(
    cast: Cast, catalogue: Catalogue, jean: ActingContext, now: Any
) -> None:
    RoleProperty.objects.create(role=catalogue[CYBER], code="WHY", kind="text", label_en="Why?")
    role = Role.objects.for_page().get(code=CYBER)
    for answer, expected in (
        ("Because", []),
        (f"For {cast.anna.national_number}", ["number_in_answer"]),
        ("x" * 201, ["wrong_answer"]),
    ):
        order = an_order(cast.dubois, [cast.anna], [role], now=now, answers={CYBER: {"WHY": answer}})
        assert [objection.code for objection in objections_to(order, acting=jean, today=local_day(now))] == expected


def test_all_objections_are_named_at_once(cast: Cast, catalogue: Catalogue, acting_as: Acting, now: Any) -> None:
    Person.objects.filter(pk=cast.anna.pk).update(is_active=False)
    cast.anna.refresh_from_db()
    roles = [catalogue[ENERGY], catalogue[CYBER], catalogue[FINANCE]]
    yesterday = local_day(now) - timedelta(days=1)
    order = an_order(cast.dubois, [cast.anna, cast.tom], roles, now=now, valid_from=yesterday)
    with pytest.raises(CannotAssign) as refusal:
        make_plan(order, acting=acting_as(cast.marie), now=now)
    assert codes(refusal) == ["person_inactive", "other_domain", "other_domain", "starts_in_the_past"]
    order = an_order(cast.peeters, [], [], now=now)
    with pytest.raises(CannotAssign) as refusal:
        make_plan(order, acting=acting_as(cast.marie, level=LOW), now=now)
    assert codes(refusal) == ["no_persons", "no_roles", "other_organisation"]


# --- All or nothing --------------------------------------------------------------------------------------------------


@pytest.mark.asvs(12)
@pytest.mark.parametrize("broken", ["make_assignments", "making._record", "letters.about_new_assignments"])
def test_an_error_in_between_leaves_nothing_behind(
    cast: Cast, catalogue: Catalogue, jean: ActingContext, now: Any, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    seen = look(jean, [cast.anna, cast.marie], [catalogue[CYBER]], now=now)
    place, _dot, name = broken.rpartition(".")
    target = {"": assign, "making": making, "letters": letters}[place]
    original = getattr(target, name)

    def fail_afterwards(*args: Any, **kwargs: Any) -> None:
        original(*args, **kwargs)
        raise RuntimeError("the light went out")

    monkeypatch.setattr(target, name, fail_afterwards)
    with pytest.raises(RuntimeError):
        seen.press()
    assert nothing_written()
    seen.draft.refresh_from_db()
    assert seen.draft.version == 1
    monkeypatch.undo()
    seen.press()
    assert RoleAssignment.objects.count() == 2


def test_a_letter_that_cannot_be_written_takes_the_rows_back(
    cast: Cast, catalogue: Catalogue, jean: ActingContext, now: Any
) -> None:
    seen = look(jean, [cast.anna, cast.marie], [catalogue[CYBER]], now=now)
    Person.objects.filter(pk=cast.marie.pk).update(email="no address")
    with pytest.raises(ValueError, match="address"):
        seen.press()
    assert nothing_written()


# --- Speed -----------------------------------------------------------------------------------------------------------


def queries_of(acting: ActingContext, persons: list[Person], roles: list[Role], *, now: Any) -> tuple[int, int]:
    """Return the number of queries of the check page's plan and of the press."""
    with CaptureQueriesContext(connection) as planning:
        make_plan(an_order(acting.managed[0], persons, roles, now=now), acting=acting, now=now)
    seen = look(acting, persons, roles, now=now)
    with CaptureQueriesContext(connection) as pressing:
        seen.press()
    # SQLite takes a limited number of values at a time: many rows are several INSERTs there, of many rows each.
    inserts = [query for query in pressing.captured_queries if query["sql"].startswith("INSERT")]
    assert len(inserts) <= 5 + len(seen.rows) / 20
    return len(planning), len(pressing) - len(inserts)


def test_the_number_of_queries_does_not_grow_with_people_and_roles(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: Any
) -> None:
    acting = acting_as(cast.ingrid)
    roles = [role for role in catalogue.values() if role.is_assignable]
    few = queries_of(acting, [PersonFactory()], roles[:1], now=now)
    many = queries_of(acting, [cast.ingrid, *(PersonFactory() for _ in range(25))], roles[:10], now=now)
    # Two more, to read who has to confirm what she gave herself.
    assert many == (few[0], few[1] + 2)
    assert many[1] <= 26


def test_many_lapsed_rows_are_closed_with_one_statement(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: Any
) -> None:
    acting, early = acting_as(cast.ingrid), now - timedelta(days=30)
    people = [PersonFactory() for _ in range(6)]
    _plan, without = queries_of(acting, people[:2], [catalogue[CYBER]], now=early)
    give(acting, cast.eupen, people[2:], [catalogue[CYBER]], now=early)
    _plan, closing = queries_of(acting, people, [catalogue[CYBER]], now=now)
    assert closing == without + 1
    assert RoleAssignment.objects.filter(end_reason="lapsed").count() == 6


def test_a_hundred_people_and_ten_roles_are_one_quick_act(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: Any
) -> None:
    persons = [PersonFactory() for _ in range(100)]
    roles = [role for role in catalogue.values() if role.is_assignable][:10]
    rows = give(acting_as(cast.jean), cast.dubois, persons, roles, now=now)
    assert len(rows) == 1000
    assert OutgoingEmail.objects.count() == 101
    assert AuditEntry.objects.filter(event="assignment:granted").count() == 1000


def test_employments_play_no_part_in_what_may_be_given(
    cast: Cast, catalogue: Catalogue, jean: ActingContext, now: Any
) -> None:
    Employment.objects.filter(person=cast.jean).delete()
    (row,) = give(jean, cast.dubois, [cast.anna], [catalogue[CYBER]], now=now)
    assert row.assigned_at <= timezone.now()
