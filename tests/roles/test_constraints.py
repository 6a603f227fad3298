"""What the database itself refuses, whoever writes: every named constraint of parties and roles, on both engines."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Model
from django.utils import timezone

from rolemgmt.demo.numbers import establishment_number, national_number
from roles.models import (
    AssignmentDraft,
    ConfirmationRule,
    DraftInvitee,
    DraftPerson,
    DraftRole,
    Invitation,
    InvitedRole,
    OnlineService,
    ReferenceSeries,
    Role,
    RoleAssignment,
    RoleProperty,
    RoleRequest,
)
from tenants.models import (
    AccessManagerAppointment,
    Domain,
    Employment,
    EstablishmentUnit,
    OrganisationNameKey,
    Person,
    RegisteredPerson,
)
from tests.factories import (
    AppointmentFactory,
    AssignmentFactory,
    EmploymentFactory,
    OrganisationFactory,
    PersonFactory,
    RequestFactory,
)
from tests.roles.invites import an_invitation

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 21)
NOW = timezone.now()
NAMELESS = {"name_fr": "", "name_nl": "", "name_de": "", "name_en": ""}


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


def domain() -> Domain:
    return Domain.objects.get_or_create(code="ENERGY", defaults={"name_en": "Energy"})[0]


def role(**values: Any) -> Role:
    number = Role.objects.count()
    return Role.objects.create(**{"code": f"ROLE_{number}", "domain": domain(), "name_en": "A role", **values})


def service() -> OnlineService:
    return OnlineService.objects.create(code="mijn", domain=domain(), name_nl="Mijn")


def question() -> RoleProperty:
    labels = {f"label_{language}": "?" for language in ("fr", "nl", "de", "en")}
    return RoleProperty.objects.create(role=role(), code="ASK", kind="text", **labels)


def assignment(**values: Any) -> RoleAssignment:
    return AssignmentFactory(**{"role": role(), "valid_from": TODAY, **values})


def waiting(**values: Any) -> RoleAssignment:
    return assignment(**{"confirmer": "assignee", "confirm_before": day(14), **values})


def draft() -> AssignmentDraft:
    return AssignmentDraft.objects.create(owner=PersonFactory(), created_at=NOW, updated_at=NOW)


def finished_draft() -> AssignmentDraft:
    return AssignmentDraft.objects.create(
        owner=PersonFactory(), created_at=NOW, updated_at=NOW, submitted_at=NOW, reference="AR-2026-000001"
    )


def asked(**values: Any) -> RoleRequest:
    return RequestFactory(**{"role": role(), "valid_from": TODAY, **values})


def approved() -> RoleRequest:
    return asked(status="approved", decided_at=NOW, decided_by=PersonFactory(), assignment=assignment())


def refused() -> RoleRequest:
    return asked(status="refused", decided_at=NOW, decided_by=PersonFactory(), decision_note="No")


def withdrawn() -> RoleRequest:
    person = PersonFactory()
    return asked(status="withdrawn", decided_at=NOW, decided_by=person, requester=person)


def invitation() -> Invitation:
    return an_invitation(PersonFactory(), now=NOW, roles=[role()])


def invitee() -> DraftInvitee:
    return DraftInvitee.objects.create(
        draft=draft(), given_name="Nora", family_name="Mertens", email="nora@post.example", language="nl"
    )


def invited_role() -> InvitedRole:
    return invitation().invited_roles.get()


def rule() -> ConfirmationRule:
    return ConfirmationRule.objects.all()[0]


def unit() -> EstablishmentUnit:
    return EstablishmentUnit.objects.create(number=establishment_number(0), organisation=OrganisationFactory())


def registered() -> RegisteredPerson:
    row = RegisteredPerson(given_name="Noor", family_name="Aerts")
    row.set_national_number(national_number(9_000))
    row.save()
    return row


ENDED = {"ended_at": NOW, "ended_on": day(1)}

# (constraint, a row that stands, what changes it into one that must not). A change may be made from the row.
Change = dict[str, Any] | Callable[[Any], dict[str, Any]]
ROWS: list[tuple[str, Callable[[], Model], Change]] = [
    ("online_service_has_a_name", service, NAMELESS),
    ("role_has_a_name", role, NAMELESS),
    ("role_derived_is_not_assigned", role, {"is_derived": True}),
    ("role_longest_duration_at_least_a_year", role, {"max_duration_years": 0}),
    ("role_minimum_level_known", role, {"minimum_level": 501}),
    ("role_minimum_level_known", role, {"minimum_level": 99}),
    ("role_property_kind_known", question, {"kind": "date"}),
    ("assignment_period_in_order", assignment, {"valid_until": day(-1)}),
    ("assignment_confirmer_known", waiting, {"confirmer": "somebody"}),
    ("assignment_origin_known", assignment, {"origin": "import"}),
    ("assignment_end_reason_known", assignment, {**ENDED, "end_reason": "boredom"}),
    ("assignment_deadline_only_to_confirm", assignment, {"confirm_before": day(14)}),
    ("assignment_deadline_only_to_confirm", waiting, {"confirm_before": None}),
    ("assignment_confirmed_by_somebody", waiting, {"confirmed_at": NOW}),
    ("assignment_confirmed_by_somebody", waiting, lambda row: {"confirmed_by": row.assignee}),
    ("assignment_confirmed_by_somebody", assignment, lambda row: {"confirmed_at": NOW, "confirmed_by": row.assignee}),
    ("assignment_refused_by_somebody", waiting, {"refused_at": NOW}),
    ("assignment_refused_by_somebody", waiting, lambda row: {"refused_by": row.assignee}),
    ("assignment_refused_by_somebody", assignment, lambda row: {"refused_at": NOW, "refused_by": row.assignee}),
    (
        "assignment_one_answer",
        waiting,
        lambda row: {
            "confirmed_at": NOW,
            "confirmed_by": row.assignee,
            "refused_at": NOW,
            "refused_by": row.assignee,
        },
    ),
    ("assignment_end_is_whole", assignment, ENDED),
    ("assignment_end_is_whole", assignment, {"ended_at": NOW, "end_reason": "manager"}),
    ("assignment_end_is_whole", assignment, {"ended_on": day(1), "end_reason": "manager"}),
    ("assignment_end_is_whole", assignment, {"end_reason": "manager"}),
    ("assignment_lapsed_unanswered", waiting, {**ENDED, "ended_on": day(13), "end_reason": "lapsed"}),
    (
        "assignment_lapsed_unanswered",
        waiting,
        lambda row: {
            **ENDED,
            "ended_on": day(14),
            "end_reason": "lapsed",
            "confirmed_at": NOW,
            "confirmed_by": row.assignee,
        },
    ),
    ("assignment_replaces_another", assignment, {"replaces": F("id")}),
    ("request_period_in_order", asked, {"valid_until": day(-1)}),
    ("request_status_known", asked, lambda row: {"status": "lost", "decided_at": NOW, "decided_by": PersonFactory()}),
    ("request_decided_by_somebody", asked, {"decided_at": NOW}),
    ("request_decided_by_somebody", asked, lambda row: {"decided_by": row.requester}),
    ("request_decided_by_somebody", asked, {"status": "expired"}),
    ("request_decided_by_somebody", refused, {"status": "expired"}),
    ("request_decided_by_somebody", refused, {"decided_by": None}),
    ("request_decided_by_somebody", refused, {"decided_at": None}),
    ("request_not_decided_by_requester", approved, lambda row: {"decided_by": row.requester}),
    ("request_not_decided_by_requester", refused, lambda row: {"decided_by": row.requester}),
    ("request_withdrawn_by_requester", withdrawn, lambda row: {"decided_by": PersonFactory()}),
    ("request_approved_is_an_assignment", approved, {"assignment": None}),
    ("request_approved_is_an_assignment", refused, lambda row: {"assignment": assignment()}),
    ("request_refused_with_reason", refused, {"decision_note": ""}),
    ("request_returns_to_a_service", asked, {"return_to": "https://service.example/"}),
    ("request_returns_to_a_service", asked, lambda _row: {"came_from": service(), "return_to": "javascript:alert(1)"}),
    ("invitation_status_known", invitation, {"status": "lost", "closed_at": NOW}),
    ("invitation_language_known", invitation, {"language": "it"}),
    ("invitation_period_in_order", invitation, {"valid_from": day(2), "valid_until": day(1)}),
    ("invitation_moment_when_closed", invitation, {"closed_at": NOW}),
    ("invitation_moment_when_closed", invitation, {"status": "expired"}),
    ("invitation_answered_by_somebody", invitation, {"status": "declined", "closed_at": NOW}),
    ("invitation_answered_by_somebody", invitation, lambda row: {"answered_by": row.invited_by}),
    ("invitation_cancelled_by_somebody", invitation, {"status": "cancelled", "closed_at": NOW}),
    ("invitation_cancelled_by_somebody", invitation, lambda row: {"cancelled_by": row.invited_by}),
    (
        "invitation_not_accepted_by_inviter",
        invitation,
        lambda row: {"status": "accepted", "closed_at": NOW, "answered_by": row.invited_by},
    ),
    ("invitation_names_somebody", invitation, {"given_name": ""}),
    ("invitation_names_somebody", invitation, {"family_name": ""}),
    ("invitation_names_somebody", invitation, {"email": ""}),
    ("draft_invitee_language_known", invitee, {"language": "it"}),
    ("draft_variant_known", draft, {"variant": "guess"}),
    ("draft_start_known", draft, {"start": "never"}),
    ("draft_duration_known", draft, {"duration": "ever"}),
    ("draft_finished_has_reference", draft, {"submitted_at": NOW}),
    ("draft_finished_has_reference", draft, {"reference": "AR-2026-000002"}),
    ("draft_finished_has_reference", finished_draft, {"deleted_at": NOW}),
    ("draft_returns_to_a_service", draft, {"return_to": "https://service.example/"}),
    ("draft_returns_to_a_service", draft, lambda _row: {"came_from": service(), "return_to": "ftp://service.example/"}),
    ("confirmation_rule_status_known", rule, {"organisation_status": "odd"}),
    ("confirmation_rule_confirmer_known", rule, {"confirmer": "somebody"}),
    ("confirmation_rule_not_for_stopped", rule, {"organisation_status": "stopped"}),
    ("domain_has_a_name", domain, NAMELESS),
    ("appointment_period_in_order", AppointmentFactory, {"valid_until": date(1999, 1, 1)}),
    ("appointment_kind_known", AppointmentFactory, {"kind": "boss"}),
    ("appointment_domain_only_for_domain_managers", AppointmentFactory, {"kind": "domain"}),
    ("appointment_domain_only_for_domain_managers", AppointmentFactory, lambda _row: {"domain": domain()}),
    ("organisation_has_a_name", OrganisationFactory, NAMELESS),
    ("organisation_status_known", OrganisationFactory, {"status": "asleep"}),
    ("organisation_number_ten_digits", OrganisationFactory, {"enterprise_number": "099999992"}),
    ("establishment_number_ten_digits", unit, {"number": "899999910"}),
    ("person_language_known", PersonFactory, {"language": "it"}),
    ("person_has_both_names", PersonFactory, {"given_name": ""}),
    ("person_has_both_names", PersonFactory, {"family_name": ""}),
    ("employment_period_in_order", EmploymentFactory, {"valid_until": date(1999, 1, 1)}),
    ("employment_kind_known", EmploymentFactory, {"kind": "friend"}),
    ("register_language_known", registered, {"language": "it"}),
]


# What breaks the one breaks the other: PostgreSQL names the first by alphabet, SQLite the first of the table.
TOGETHER = {"request_status_known": "request_decided_by_somebody"}


@pytest.mark.parametrize(("name", "make", "change"), ROWS, ids=[f"{name}-{n}" for n, (name, *_) in enumerate(ROWS)])
def test_a_row_that_makes_no_sense_is_refused(name: str, make: Callable[[], Model], change: Change) -> None:
    row = make()
    values = change(row) if callable(change) else change
    named = f"{name}|{TOGETHER[name]}" if name in TOGETHER else name
    with pytest.raises(IntegrityError, match=named), transaction.atomic():
        type(row)._default_manager.filter(pk=row.pk).update(**values)


def chief() -> AccessManagerAppointment:
    return AppointmentFactory()


def co_chief() -> AccessManagerAppointment:
    return AppointmentFactory(kind="co_chief")


def domain_manager() -> AccessManagerAppointment:
    return AppointmentFactory(kind="domain", domain=domain())


def name_key() -> OrganisationNameKey:
    return OrganisationFactory().name_keys_stored.all()[0]


def with_mail() -> Person:
    return PersonFactory(email="Same@post.example")


def same_mail(row: Person) -> Person:
    twin = PersonFactory.build(given_name="Another", family_name="Person", email="same@POST.example")
    twin.set_national_number(national_number(9_100))
    twin.fill_keys()
    return twin


def again(*fields: str) -> Callable[..., Model]:
    """Return a function that makes a second row with the same values in these fields, but for those given."""

    def make(row: Any, **changed: Any) -> Model:
        values = {field.name: getattr(row, field.name) for field in row._meta.concrete_fields} | changed
        del values["id"]
        values.pop("key", None)
        return type(row)(**values)

    return make


def chosen_person() -> DraftPerson:
    return DraftPerson.objects.create(draft=draft(), person=PersonFactory())


def chosen_role() -> DraftRole:
    return DraftRole.objects.create(draft=draft(), role=role())


def series() -> ReferenceSeries:
    return ReferenceSeries.objects.create(prefix="AR", year=2026)


TWINS: list[tuple[str, Callable[[], Model], Callable[[Any], Model]]] = [
    ("role_property_code_once", question, again()),
    ("reference_series_once", series, again()),
    ("draft_reference_once", finished_draft, again()),
    ("draft_person_once", chosen_person, again()),
    ("draft_role_once", chosen_role, again()),
    ("request_pending_once", asked, lambda row: again()(row, reference="DR-2020-999999-1")),
    ("draft_invitee_once", invitee, again()),
    ("invited_role_once", invited_role, again()),
    ("confirmation_rule_once", rule, again()),
    ("appointment_one_chief", chief, again()),
    ("appointment_co_chief_once", co_chief, again()),
    ("appointment_domain_manager_once", domain_manager, again()),
    ("organisation_name_key_once", name_key, again()),
    ("person_email_belongs_to_one", with_mail, same_mail),
    ("employment_open_once", EmploymentFactory, again()),
]


@pytest.mark.parametrize(("name", "make", "make_twin"), TWINS, ids=[name for name, *_ in TWINS])
def test_a_second_row_of_the_same_is_refused(
    name: str, make: Callable[[], Model], make_twin: Callable[[Any], Model]
) -> None:
    row = make()
    twin = make_twin(row)
    # SQLite names an index only where it has a condition.
    words = name if connection.vendor == "postgresql" else f"UNIQUE constraint failed: .*({name}|{row._meta.db_table})"
    with pytest.raises(IntegrityError, match=words), transaction.atomic():
        type(row)._default_manager.bulk_create([twin])


def test_every_named_constraint_has_a_row_here() -> None:
    named = {
        constraint.name
        for label in ("roles", "tenants")
        for model in apps.get_app_config(label).get_models()
        for constraint in model._meta.constraints
    }
    assert named - {name for name, *_ in ROWS} - {name for name, *_ in TWINS} == {"assignment_no_overlap"}
    assert {name for name, *_ in ROWS} | {name for name, *_ in TWINS} <= named


def test_an_appointment_that_ended_makes_room_for_the_next() -> None:
    for make in (chief, co_chief, domain_manager):
        row = make()
        twin = again()(row)
        type(row).objects.filter(pk=row.pk).update(ended_at=NOW)
        AccessManagerAppointment.objects.bulk_create([twin])
    assert AccessManagerAppointment.objects.count() == 6


def test_one_person_may_work_at_the_same_place_twice_one_after_the_other() -> None:
    first = EmploymentFactory(valid_until=date(2025, 1, 1))
    EmploymentFactory(person=first.person, organisation=first.organisation)
    assert Employment.objects.filter(person=first.person).count() == 2


# --- Nobody holds the same role twice on one day ----------------------------------------------------------------------


def second(row: RoleAssignment, **values: Any) -> RoleAssignment:
    """Store another assignment of the same role to the same person, for the same organisation."""
    same = {"assignee": row.assignee, "organisation": row.organisation, "role": row.role}
    return AssignmentFactory(**{"valid_from": TODAY, **same, **values})


OVERLAPPING: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("both without end", {}, {}),
    ("the second begins within the first", {"valid_until": day(10)}, {"valid_from": day(10)}),
    ("the second ends on the first day", {"valid_from": day(5)}, {"valid_until": day(5)}),
    ("the second lies within", {"valid_until": day(10)}, {"valid_from": day(3), "valid_until": day(4)}),
    ("the first lies within", {"valid_from": day(3), "valid_until": day(4)}, {"valid_until": day(10)}),
    ("the same single day", {"valid_until": TODAY}, {"valid_until": TODAY}),
    ("a past one and a long one", {"valid_from": day(-99)}, {"valid_from": day(99)}),
    ("ended tomorrow, begins today", {**ENDED, "end_reason": "manager"}, {}),
    ("waiting to be confirmed", {"confirmer": "assignee", "confirm_before": day(14)}, {}),
    ("lapsed, not closed yet", {"confirmer": "assignee", "confirm_before": day(-1)}, {}),
]


@pytest.mark.threat(11)
@pytest.mark.parametrize(("first", "other"), [case[1:] for case in OVERLAPPING], ids=[case[0] for case in OVERLAPPING])
def test_days_held_already_are_refused(first: dict[str, Any], other: dict[str, Any]) -> None:
    row = assignment(**first)
    with pytest.raises(IntegrityError, match="assignment_no_overlap"), transaction.atomic():
        second(row, **other)
    assert RoleAssignment.objects.get() == row


def ended_on(number: int, **values: Any) -> dict[str, Any]:
    return {"ended_at": NOW, "ended_on": day(number), "end_reason": "manager", **values}


APART: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("the day after the last", {"valid_until": day(10)}, {"valid_from": day(11)}),
    ("the day before the first", {"valid_from": day(5)}, {"valid_until": day(4)}),
    ("on the day on which the first was ended", ended_on(0, valid_from=day(-5)), {}),
    ("on the day on which one with a last day was ended", ended_on(0, valid_from=day(-5), valid_until=day(5)), {}),
    ("the first was withdrawn before it began", ended_on(0, valid_from=day(5)), {"valid_from": day(5)}),
    ("the first was ended on its only day", ended_on(0), {}),
    ("ended long after its last day", ended_on(9, valid_from=day(-5), valid_until=day(-1)), {}),
]


@pytest.mark.parametrize(("first", "other"), [case[1:] for case in APART], ids=[case[0] for case in APART])
def test_days_that_are_free_can_be_given(first: dict[str, Any], other: dict[str, Any]) -> None:
    second(assignment(**first), **other)
    assert RoleAssignment.objects.count() == 2


def test_a_refused_row_holds_no_days() -> None:
    row = waiting()
    RoleAssignment.objects.update(refused_at=NOW, refused_by=row.assignee)
    second(row)
    assert RoleAssignment.objects.count() == 2


@pytest.mark.parametrize("other", ["assignee", "organisation", "role"])
def test_another_person_organisation_or_role_is_no_overlap(other: str) -> None:
    make = {"assignee": PersonFactory, "organisation": OrganisationFactory, "role": role}[other]
    second(assignment(), **{other: make()})
    assert RoleAssignment.objects.count() == 2


@pytest.mark.parametrize(
    "change",
    [
        {"valid_from": TODAY},
        {"refused_at": None, "refused_by": None},
        {"ended_at": None, "ended_on": None, "end_reason": ""},
    ],
)
def test_a_change_that_would_overlap_is_refused_too(change: dict[str, Any]) -> None:
    row = assignment(valid_until=day(4))
    other = second(row, valid_from=day(5), confirmer="assignee", confirm_before=day(14))
    if "refused_at" in change:
        RoleAssignment.objects.filter(pk=other.pk).update(valid_from=TODAY, refused_at=NOW, refused_by=row.assignee)
    if "ended_on" in change:
        RoleAssignment.objects.filter(pk=other.pk).update(
            valid_from=TODAY, ended_at=NOW, ended_on=TODAY, end_reason="manager"
        )
    with pytest.raises(IntegrityError, match="assignment_no_overlap"), transaction.atomic():
        RoleAssignment.objects.filter(pk=other.pk).update(**change)


def test_a_change_of_the_row_itself_is_no_overlap_with_itself() -> None:
    row = assignment()
    RoleAssignment.objects.filter(pk=row.pk).update(valid_until=day(30))
    row.valid_until = day(20)
    row.save()
    assert RoleAssignment.objects.get().valid_until == day(20)


def test_closing_a_lapsed_row_late_does_not_touch_days_after_its_last() -> None:
    lapsed = assignment(valid_from=day(-60), valid_until=day(-50), confirmer="assignee", confirm_before=day(-46))
    second(lapsed, valid_from=day(-30))
    RoleAssignment.objects.filter(pk=lapsed.pk).update(ended_at=NOW, ended_on=TODAY, end_reason="lapsed")
    assert RoleAssignment.objects.filter(ended_on=TODAY).count() == 1


def test_the_last_day_of_the_calendar_is_a_day() -> None:
    row = assignment(valid_from=date.max, valid_until=date.max)
    with pytest.raises(IntegrityError, match="assignment_no_overlap"), transaction.atomic():
        second(row, valid_from=date.max)
