"""Appointing and ending access managers, meeting a person for the first time, choosing for whom one acts."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from audit.models import AuditEntry
from outbox.models import OutgoingEmail
from rolemgmt.demo.numbers import national_number
from tenants.acting import SELF, ActingContext
from tenants.middleware import ACTING_FOR
from tenants.models import AccessManagerAppointment, Domain, Organisation, Person
from tenants.operations import (
    appoint_access_manager,
    change_address,
    change_preferences,
    choose_organisation,
    create_person,
    end_appointment,
    lock_organisation,
    replace_chief,
)
from tenants.periods import local_day
from tenants.registers import RegisterRecord
from tests.conftest import Cast
from tests.factories import EmploymentFactory, OrganisationFactory, PersonFactory

Acting = Callable[..., ActingContext]
pytestmark = pytest.mark.django_db

NUMBER = national_number(9_500)


def events() -> list[str]:
    return list(AuditEntry.objects.order_by("id").values_list("event", flat=True))


def newest() -> AuditEntry:
    entry = AuditEntry.objects.order_by("-id").first()
    assert entry is not None
    return entry


# --- Access managers ---


def test_a_manager_of_a_domain_is_appointed_on_record(cast: Cast, acting_as: Acting, now: datetime) -> None:
    energy = Domain.objects.get(code="ENERGY")
    today, last = local_day(now), local_day(now) + timedelta(days=300)
    row = appoint_access_manager(
        organisation=cast.dubois,
        person=cast.anna,
        kind="domain",
        domain=energy,
        valid_from=today,
        valid_until=last,
        acting=acting_as(cast.jean),
        now=now,
    )
    assert (row.appointed_by, row.domain, row.ended_at) == (cast.jean, energy, None)
    entry = newest()
    assert (entry.event, entry.actor_key, entry.subject_key, entry.organisation_key, entry.occurred_at) == (
        "access_manager:appointed",
        cast.jean.key,
        cast.anna.key,
        cast.dubois.key,
        now,
    )
    assert entry.data == {
        "kind": "domain",
        "domain": "ENERGY",
        "valid_from": today.isoformat(),
        "valid_until": last.isoformat(),
    }


def test_the_chief_belongs_to_the_organisation(cast: Cast, now: datetime) -> None:
    place = OrganisationFactory()
    values: dict[str, Any] = {
        "organisation": place,
        "person": cast.anna,
        "kind": "chief",
        "valid_from": local_day(now),
        "acting": None,
        "now": now,
    }
    with pytest.raises(ValidationError) as refusal:
        appoint_access_manager(**values)
    assert refusal.value.code == "chief_not_linked"
    job = EmploymentFactory(person=cast.anna, organisation=place, valid_until=local_day(now) - timedelta(days=1))
    with pytest.raises(ValidationError):
        appoint_access_manager(**values)
    assert events() == []
    job.valid_until = local_day(now)
    job.save()
    assert appoint_access_manager(**values).appointed_by is None
    assert newest().actor_key == ""


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "chief", "person": "anna"},
        {"kind": "co_chief", "person": "tom"},
        {"kind": "domain", "person": "marie", "domain": "FINANCE"},
        {"kind": "domain", "person": "anna"},
        {"kind": "co_chief", "person": "anna", "domain": "FINANCE"},
        {"kind": "co_chief", "person": "anna", "valid_until": date(2020, 1, 1)},
        {"kind": "boss", "person": "anna"},
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(cast: Cast, now: datetime, values: dict[str, Any]) -> None:
    before = AccessManagerAppointment.objects.count()
    values = {**values, "person": getattr(cast, values["person"])}
    if "domain" in values:
        values["domain"] = Domain.objects.get(code=values["domain"])
    with pytest.raises(ValidationError):
        appoint_access_manager(
            **{"organisation": cast.dubois, "valid_from": local_day(now), "acting": None, "now": now, **values}
        )
    assert AccessManagerAppointment.objects.count() == before
    assert events() == []


def test_an_appointment_is_ended_once(cast: Cast, acting_as: Acting, now: datetime) -> None:
    row = AccessManagerAppointment.objects.get(person=cast.marie)
    jean = acting_as(cast.jean)
    assert end_appointment(row, acting=jean, now=now) is True
    assert end_appointment(row, acting=jean, now=now + timedelta(hours=1)) is False
    row.refresh_from_db()
    assert (row.ended_at, row.ended_by) == (now, cast.jean)
    assert events() == ["access_manager:ended"]
    assert (newest().subject_key, newest().data) == (cast.marie.key, {"kind": "domain", "domain": "FINANCE"})


@pytest.mark.threat(12)
def test_the_chief_is_not_ended_without_a_successor(cast: Cast, acting_as: Acting, now: datetime) -> None:
    row = AccessManagerAppointment.objects.get(person=cast.jean)
    with pytest.raises(ValidationError) as refusal:
        end_appointment(row, by_staff=True, acting=acting_as(cast.sofie), now=now)
    assert refusal.value.code == "last_chief"
    row.refresh_from_db()
    assert row.ended_at is None
    assert events() == []


def test_the_next_chief_takes_the_place_of_the_present_one(cast: Cast, acting_as: Acting, now: datetime) -> None:
    today = local_day(now)
    made = replace_chief(
        organisation=cast.dubois, person=cast.anna, valid_from=today, acting=acting_as(cast.jean), now=now
    )
    assert made.kind == "chief"
    live = AccessManagerAppointment.objects.filter(organisation=cast.dubois, kind="chief").live(today)
    assert [row.person for row in live] == [cast.anna]
    assert events() == ["access_manager:ended", "access_manager:appointed"]


@pytest.mark.threat(12)
@pytest.mark.parametrize(("starts", "ends"), [(1, None), (-9, -1)])
def test_there_is_no_day_without_a_chief(
    cast: Cast, acting_as: Acting, now: datetime, starts: int, ends: int | None
) -> None:
    today = local_day(now)
    values: dict[str, Any] = {
        "organisation": cast.dubois,
        "person": cast.anna,
        "valid_from": today + timedelta(days=starts),
        "valid_until": None if ends is None else today + timedelta(days=ends),
        "by_staff": True,
        "acting": acting_as(cast.sofie),
        "now": now,
    }
    with pytest.raises(ValidationError) as refusal:
        replace_chief(**values)
    assert refusal.value.code == "chief_gap"
    assert AccessManagerAppointment.objects.get(person=cast.jean).ended_at is None
    # Where the present one's time is over anyway, nothing is made worse.
    AccessManagerAppointment.objects.filter(person=cast.jean).update(valid_until=today - timedelta(days=1))
    assert replace_chief(**values).person == cast.anna


def test_a_successor_who_is_refused_leaves_the_present_chief(cast: Cast, acting_as: Acting, now: datetime) -> None:
    with pytest.raises(ValidationError):
        replace_chief(
            organisation=cast.dubois,
            person=cast.olivier,
            valid_from=local_day(now),
            acting=acting_as(cast.jean),
            now=now,
        )
    assert AccessManagerAppointment.objects.get(person=cast.jean).ended_at is None
    assert events() == []


def test_the_lock_returns_the_row_as_it_is_now(cast: Cast) -> None:
    Organisation.objects.filter(pk=cast.dubois.pk).update(status="stopped")
    with transaction.atomic():
        assert lock_organisation(cast.dubois.pk).is_stopped


# --- Persons ---


def record_of(**changes: Any) -> RegisterRecord:
    values = {"given_name": "Noor", "family_name": "Aerts", "email": "noor@post.example", "language": "nl"}
    return RegisterRecord(**{"digits": NUMBER, **values, **changes})


def test_somebody_new_becomes_a_person_once(now: datetime) -> None:
    person = create_person(record_of(), now=now)
    assert (person.full_name, person.email, person.language) == ("Noor Aerts", "noor@post.example", "nl")
    assert (person.national_number, person.last_key) == (NUMBER, "aerts")
    assert create_person(record_of(given_name="Other"), now=now) == person
    assert events() == ["person:created"]
    assert (newest().actor_key, newest().subject_key, newest().data) == (person.key, person.key, {})


def test_an_address_that_is_taken_or_no_address_is_left_out(now: datetime) -> None:
    PersonFactory(email="noor@post.example")
    assert create_person(record_of(email="NOOR@Post.example"), now=now).email == ""
    for number, bad in enumerate(("noor", "noor@", "noor at post.example", "")):
        source = record_of(digits=national_number(9_600 + number), email=bad)
        assert create_person(source, now=now).email == ""


def test_a_record_does_not_show_its_number() -> None:
    assert NUMBER not in repr(record_of())


def test_the_address_is_changed_on_record(cast: Cast, acting_as: Acting, now: datetime) -> None:
    change_address(cast.anna, email=" Anna@post.example ", acting=acting_as(cast.anna), now=now)
    anna = Person.objects.get(pk=cast.anna.pk)
    assert (anna.email, anna.email_key) == ("Anna@post.example", "anna@post.example")
    assert (newest().event, newest().data) == ("person:contact_changed", {})


def test_the_address_of_somebody_else_is_refused(cast: Cast, acting_as: Acting, now: datetime) -> None:
    with pytest.raises(ValidationError):
        change_address(cast.anna, email=cast.jean.email.upper(), acting=acting_as(cast.anna), now=now)
    assert Person.objects.get(pk=cast.anna.pk).email == cast.anna.email == "anna.peeters@boulangerie-dubois.example"
    # The refusal tells that somebody uses this address: it is recorded, without it.
    assert (events(), newest().data) == (["person:contact_refused"], {})
    assert not OutgoingEmail.objects.exists()


def test_the_old_address_is_told_of_the_new_one(cast: Cast, acting_as: Acting, now: datetime) -> None:
    anna, old = acting_as(cast.anna), cast.anna.email
    change_address(cast.anna, email=old.upper(), acting=anna, now=now)
    assert not OutgoingEmail.objects.exists()
    change_address(cast.anna, email="new@post.example", acting=anna, now=now)
    letter = OutgoingEmail.objects.get()
    assert (letter.name, letter.to, letter.language) == ("contact_changed", old.upper(), "nl")
    assert "new@post.example" not in str(letter.context)


def test_preferences_are_changed_on_record_and_only_when_they_differ(
    cast: Cast, acting_as: Acting, now: datetime
) -> None:
    anna = acting_as(cast.anna)
    change_preferences(cast.anna, language="nl", wants_digest=True, acting=anna, now=now)
    assert events() == []
    change_preferences(cast.anna, language="de", wants_digest=False, acting=anna, now=now)
    stored = Person.objects.get(pk=cast.anna.pk)
    assert (stored.language, stored.wants_digest) == ("de", False)
    assert newest().event == "person:preferences_changed"
    assert newest().data == {"language": "de", "daily_message": False}


def test_one_number_is_one_person(cast: Cast) -> None:
    twin = Person(given_name="Another", family_name="Anna")
    twin.set_national_number(cast.anna.national_number)
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save()


# --- For whom one acts ---


def test_the_choice_is_kept_as_a_key_and_recorded(cast: Cast, acting_as: Acting, now: datetime) -> None:
    session: dict[str, Any] = {}
    tom = acting_as(cast.tom)
    choose_organisation(session, cast.peeters, acting=tom, now=now)
    assert session == {ACTING_FOR: cast.peeters.key}
    choose_organisation(session, None, acting=tom, now=now)
    assert session == {ACTING_FOR: SELF}
    first, second = AuditEntry.objects.order_by("id")
    assert (first.organisation_key, first.data) == (cast.peeters.key, {"own_name_only": False})
    assert (second.organisation_key, second.data) == ("", {"own_name_only": True})
