"""The demonstration in the database: complete, true to the rules, and the same after a second run."""

import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Model

from audit.models import AuditEntry
from csam.models import AppKey, User
from csam.operations.app_keys import remove_app_key
from outbox.models import OutgoingEmail
from rolemgmt.demo.assignments import ASSIGNMENTS
from rolemgmt.demo.cast import CAST
from rolemgmt.demo.organisations import ORGANISATIONS
from rolemgmt.demo.people import register_only
from rolemgmt.demo.seed import seed_demo
from roles.models import Invitation, Role, RoleAssignment
from roles.models.rule import DEFAULTS
from roles.states import State, ends_soon_words
from tenants.identifiers import parse_national_number
from tenants.models import (
    AccessManagerAppointment,
    Employment,
    EstablishmentUnit,
    Organisation,
    Person,
    RegisteredPerson,
)
from tenants.operations.announcements import announce_ending_appointments
from tenants.periods import last_day_of, local_day
from tests.kept_rows import make_or_write
from vault.numbers import holds_national_number

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
TODAY = local_day(NOW)

pytestmark = pytest.mark.django_db


@pytest.fixture
def seeded(db: Any) -> None:
    make_or_write(seed_demo, now=NOW)


def person(full_name: str) -> Person:
    given, family = full_name.split(" ", 1)
    return Person.objects.get(given_name=given, family_name=family)


def organisation(number: str) -> Organisation:
    return Organisation.objects.get(enterprise_number=number)


def managers(number: str) -> set[tuple[str, str, str]]:
    rows = AccessManagerAppointment.objects.live(TODAY).filter(organisation__enterprise_number=number)  # type: ignore[attr-defined]
    return {(row.person.full_name, row.kind, row.domain.code if row.domain else "") for row in rows}


def states() -> Counter[State]:
    return Counter(row.state(now=NOW) for row in RoleAssignment.objects.all())


MODELS: tuple[type[Model], ...] = (
    Organisation,
    EstablishmentUnit,
    Person,
    RegisteredPerson,
    User,
    Employment,
    AccessManagerAppointment,
    Role,
    RoleAssignment,
    AuditEntry,
)


def everything() -> dict[str, list[dict[str, Any]]]:
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in MODELS}


def test_it_adds_everything_and_says_so() -> None:
    out = StringIO()

    call_command("seed_demo", stdout=out)

    assert Organisation.objects.count() == len(ORGANISATIONS) == 18
    assert Person.objects.count() == User.objects.count() == 120
    assert RegisteredPerson.objects.count() == 128
    assert RoleAssignment.objects.count() == len(ASSIGNMENTS) == 75
    assert out.getvalue().startswith("Added to the demonstration: 56 catalogue entries, 18 organisations, ")


def test_a_second_run_changes_nothing_and_says_so() -> None:
    call_command("seed_demo", verbosity=0)
    before, out = everything(), StringIO()

    call_command("seed_demo", stdout=out)

    assert everything() == before
    assert out.getvalue() == "The demonstration was complete: nothing changed.\n"


def test_a_run_weeks_later_leaves_what_people_did(seeded: None) -> None:
    row = RoleAssignment.objects.get(assignee=person("Tom Janssens"), role__code="CCB_SAFEONWEBATWORK_EDIT")
    RoleAssignment.objects.filter(pk=row.pk).update(ended_at=NOW, ended_on=TODAY, end_reason="manager")
    AccessManagerAppointment.objects.filter(person=person("Marie Claes")).update(ended_at=NOW)
    anna = person("Anna Peeters")
    anna.email = "anna@elsewhere.example"
    anna.save()
    before = everything()

    assert seed_demo(now=NOW + timedelta(days=45)).did_nothing
    assert everything() == before


def test_what_is_missing_comes_back(seeded: None) -> None:
    EstablishmentUnit.objects.filter(name="Hop & Co").delete()
    RegisteredPerson.objects.filter(family_name="Plumanns").delete()

    report = seed_demo(now=NOW)

    assert {what: count for what, count in report.added.items() if count} == {
        "establishment units": 1,
        "entries of the National Register": 1,
    }


def test_it_refuses_a_portal_that_is_no_demonstration(settings: Any) -> None:
    settings.DEMO_INSTANCE = False

    with pytest.raises(CommandError, match="DEMO_INSTANCE"):
        call_command("seed_demo")

    assert not Person.objects.exists()


def test_it_is_quick() -> None:
    start = time.monotonic()

    seed_demo(now=NOW)

    assert time.monotonic() - start < 10


def test_the_standing_cast_stands(seeded: None) -> None:
    assert managers("0999999922") == {
        ("Jean Dubois", "chief", ""),
        ("Tom Janssens", "co_chief", ""),
        ("Marie Claes", "domain", "FINANCE"),
    }
    assert ("Tom Janssens", "domain", "ENERGY") in managers("0999999823")
    assert ("Carine Peeters", "chief", "") in managers("0999999823")
    assert managers("0999999724") == {("Ingrid Schmitz", "chief", ""), ("Klaus Lennertz", "co_chief", "")}
    assert organisation("0999999724").status == Organisation.Status.NEW
    assert {entry.given_name: person(f"{entry.given_name} {entry.family_name}").language for entry in CAST} == {
        "Jean": "fr", "Tom": "nl", "Marie": "fr", "Anna": "nl", "Carine": "fr", "Ingrid": "de", "Klaus": "de",
        "Olivier": "en", "Sofie": "nl",
    }  # fmt: skip


def test_a_co_chiefs_function_ends_within_thirty_days(seeded: None) -> None:
    row = person("Anne-Sophie Delvaux").appointments.get()

    assert (row.kind, row.valid_until) == ("co_chief", TODAY + timedelta(days=30))
    assert announce_ending_appointments(now=NOW) == 2
    letters = OutgoingEmail.objects.filter(name="appointment_ending")
    assert {letter.to.partition(".")[0] for letter in letters} == {"annesophie", "carine"}


def test_jean_represents_the_bakery_by_law(seeded: None) -> None:
    bakery = organisation("0999999922")

    assert [job.person.full_name for job in bakery.employments.filter(kind="legal_representative")] == ["Jean Dubois"]
    assert bakery.name_in("nl") == "Boulangerie Dubois SRL"


def test_anna_has_no_role_and_olivier_nothing_at_all(seeded: None) -> None:
    anna, olivier = person("Anna Peeters"), person("Olivier Lambert")

    assert anna.employments.count() == 1 and not anna.assignments.exists() and not anna.appointments.exists()
    assert not (olivier.employments.exists() or olivier.assignments.exists() or olivier.appointments.exists())


def test_only_sofie_is_admin(seeded: None) -> None:
    admins = User.objects.filter(is_staff=True, is_superuser=True)

    assert [user.person.full_name for user in admins] == ["Sofie De Smet"]
    assert not User.objects.filter(is_staff=True).exclude(pk__in=admins).exists()
    assert not any(user.has_usable_password() for user in User.objects.all())


def test_the_cast_and_the_newcomers_lead_the_list_of_cards(seeded: None) -> None:
    cards = [str(card) for card in RegisteredPerson.objects.all()[: len(CAST) + 8]]

    assert cards[:9] == [f"{entry.given_name} {entry.family_name}" for entry in CAST]
    assert cards[9:] == [f"{entry.given_name} {entry.family_name}" for entry in register_only()]


def test_eight_people_can_sign_in_for_the_first_time(seeded: None) -> None:
    known = set(Person.objects.values_list("national_number_index", flat=True))

    assert RegisteredPerson.objects.exclude(national_number_index__in=known).count() == 8


def test_every_national_number_is_a_fictitious_one(seeded: None) -> None:
    numbers = [parse_national_number(row.national_number, today=TODAY) for row in RegisteredPerson.objects.all()]

    assert all(number.digits[0] == "0" for number in numbers)
    assert Counter(number.kind for number in numbers)["bis"] == 2
    assert len({number.digits for number in numbers}) == 128


def test_mail_goes_nowhere_real(seeded: None) -> None:
    assert all(row.email.endswith(".example") for row in Person.objects.all())


def test_names_look_like_belgium(seeded: None) -> None:
    names = {row.full_name for row in Person.objects.all()}

    assert {"Noël Hellemans", "Jef ’t Kindt", "Dries D’Hondt", "Xavier de Halleux", "Emre Yıldız"} <= names
    assert Person.objects.filter(given_name="Marie", family_name="Dupont").count() == 2
    assert {"fr", "nl", "de", "en"} == set(Person.objects.values_list("language", flat=True))


def test_organisations_cover_what_pages_must_bear(seeded: None) -> None:
    without_manager = Organisation.objects.exclude(appointments__isnull=False)

    assert [row.name_in("fr") for row in without_manager] == ["Centre culturel Les Ateliers ASBL"]
    assert set(Organisation.objects.values_list("status", flat=True)) == {"normal", "new", "special", "stopped"}
    assert organisation("0999999625").establishments.count() == 5
    assert organisation("0999999526").employments.count() >= 30
    assert len({domain for _, _, domain in managers("0999999526")} - {""}) == 5
    assert Organisation.objects.filter(street="", legal_form="").count() == 1
    assert Organisation.objects.values("legal_form").distinct().count() == 7


def test_every_state_is_there(seeded: None) -> None:
    assert set(states()) == set(State)
    assert states()[State.ACTIVE] > 40


def test_every_kind_of_duration_is_there(seeded: None) -> None:
    active = [row for row in RoleAssignment.objects.all() if row.state(now=NOW) == State.ACTIVE]

    assert any(row.valid_until is None for row in active)
    assert sum(bool(ends_soon_words(row.valid_until, today=TODAY)) for row in active) >= 5
    assert any(row.properties.get("MANDATE_TYPES") == ["VAT"] for row in active)
    assert RoleAssignment.objects.filter(replaces__isnull=False).count() == 1


def test_klaus_finds_ingrids_role_to_confirm(seeded: None) -> None:
    eupen = organisation("0999999724")

    waiting = RoleAssignment.objects.of_organisation(eupen).awaiting_a_manager(now=NOW)  # type: ignore[attr-defined]

    assert [(row.assignee.full_name, row.assigned_by.full_name) for row in waiting] == [
        ("Ingrid Schmitz", "Ingrid Schmitz")
    ]
    assert RoleAssignment.objects.awaiting(person("Aylin Kaya"), now=NOW).count() == 1  # type: ignore[attr-defined]


def test_every_giver_had_the_right(seeded: None) -> None:
    for row in RoleAssignment.objects.for_page():  # type: ignore[attr-defined]
        appointments = AccessManagerAppointment.objects.filter(person=row.assigned_by, organisation=row.organisation)

        assert any(appointment.covers(row.role.domain_id) for appointment in appointments), row
        assert row.assignee.employments.filter(organisation=row.organisation).exists(), row
        assert row.role.is_assignable, row


def test_every_assignment_keeps_the_rules_of_its_role(seeded: None) -> None:
    for row in RoleAssignment.objects.for_page():  # type: ignore[attr-defined]
        asked = {question.code for question in row.role.properties.all()}
        years = row.role.max_duration_years

        assert set(row.properties) == asked, row
        if years:
            assert row.valid_until is not None and row.valid_until <= last_day_of(row.valid_from, years), row


def test_who_confirms_follows_the_table(seeded: None) -> None:
    for row in RoleAssignment.objects.for_page():  # type: ignore[attr-defined]
        if row.organisation.is_stopped:
            continue
        to_oneself = row.assignee_id == row.assigned_by_id
        expected = DEFAULTS[row.organisation.status, to_oneself]
        if expected == "nobody" and row.role.always_confirm:
            expected = RoleAssignment.Confirmer.ASSIGNEE

        assert row.confirmer == expected, row
        if row.confirmed_by is not None and expected == "assignee":
            assert row.confirmed_by == row.assignee, row


def test_references_read_like_those_of_the_portal(seeded: None) -> None:
    references = list(RoleAssignment.objects.order_by("assigned_at").values_list("reference", flat=True))

    assert len(set(references)) == 75 and references == sorted(references)
    assert references[-1].startswith("AR-2026-0000") and references[-1].endswith("-1")


def test_each_assignment_has_left_its_trace(seeded: None) -> None:
    granted = AuditEntry.objects.filter(event="assignment:granted")

    assert set(granted.values_list("subject_key", flat=True)) == set(
        RoleAssignment.objects.values_list("key", flat=True)
    )
    assert AuditEntry.objects.filter(event="assignment:refused").count() == 2
    assert not any(holds_national_number(f"{row.data}{row.subject_label}") for row in AuditEntry.objects.all())


def test_the_history_holds_how_each_assignment_ended_and_when(seeded: None) -> None:
    events = {
        "manager": "assignment:ended",
        "holder": "assignment:ended",
        "extended": "assignment:extended",
        "lapsed": "assignment:lapsed",
        "organisation_stopped": "assignment:stopped",
    }
    ended = RoleAssignment.objects.exclude(ended_at=None).select_related("ended_by")
    found = AuditEntry.objects.filter(event__in=events.values())

    assert {row.end_reason for row in ended} == set(events)
    assert {(row.event, row.subject_key, row.occurred_at, row.actor_key) for row in found} == {
        (events[row.end_reason], row.key, row.ended_at, row.ended_by.key if row.ended_by else "") for row in ended
    }
    assert found.count() == ended.count() == 8
    extension = RoleAssignment.objects.get(replaces__isnull=False)
    assert found.get(event="assignment:extended").data["by"] == extension.reference


def test_one_letter_waits_an_invitation_for_somebody_who_never_signed_in(seeded: None) -> None:
    invitation = Invitation.objects.open(now=NOW).get()
    letter = OutgoingEmail.objects.get()

    assert (letter.name, letter.to, letter.secrets is None) == ("invitation", invitation.email, False)
    assert invitation.invited_by == person("Jean Dubois")
    assert RegisteredPerson.objects.filter(family_name=invitation.family_name).exists()
    assert not Person.objects.filter(family_name=invitation.family_name).exists()


def test_the_invitation_comes_back_neither_when_cancelled_nor_without_the_right(seeded: None) -> None:
    Invitation.objects.update(status="cancelled", cancelled_by=person("Tom Janssens"), closed_at=NOW)
    assert seed_demo(now=NOW).did_nothing

    Invitation.objects.update(email="elsewhere@post.example")
    AccessManagerAppointment.objects.filter(person=person("Jean Dubois")).update(ended_at=NOW)
    assert seed_demo(now=NOW + timedelta(seconds=1)).did_nothing


def test_two_of_the_cast_have_a_code_by_app_unless_they_took_it_away(seeded: None) -> None:
    owners = {key.person.full_name for key in AppKey.objects.filter(activated_at__isnull=False)}
    assert owners == {"Tom Janssens", "Marie Claes"}
    remove_app_key(person("Marie Claes"), acting=None, now=NOW)
    report = seed_demo(now=NOW + timedelta(days=1))
    assert report.added["codes via app"] == 0
    assert {key.person.full_name for key in AppKey.objects.all()} == {"Tom Janssens"}
