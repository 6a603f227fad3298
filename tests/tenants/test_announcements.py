"""Before an access manager's last day: sixty, thirty and seven days before, one letter per person and day."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from outbox.models import OutgoingEmail
from outbox.rendering import render
from tenants.models import AccessManagerAppointment, Person
from tenants.operations.announcements import announce_ending_appointments
from tests.conftest import Cast
from tests.factories import AppointmentFactory, EmploymentFactory
from tests.parallel import at_once

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 11, 23, 8, 0, tzinfo=ZoneInfo("Europe/Brussels"))
TODAY = MORNING.date()


def until(person: Person, days: int) -> None:
    """Let the functions of somebody end so many days after the test's morning."""
    rows = AccessManagerAppointment.objects.filter(person=person)
    rows.update(valid_until=TODAY + timedelta(days=days), valid_from=TODAY - timedelta(days=400))


def receivers() -> list[str]:
    letters = OutgoingEmail.objects.filter(name="appointment_ending")
    return sorted(letter.to.partition(".")[0] for letter in letters)


def text_to(person: Person) -> str:
    letter = OutgoingEmail.objects.get(name="appointment_ending", to=person.email)
    letter.language = "en"
    rendered = render(letter)
    return f"{rendered.subject}\n{rendered.text}"


@pytest.mark.parametrize("days", [60, 30, 7])
def test_the_person_and_the_chief_hear_of_it(cast: Cast, days: int) -> None:
    until(cast.marie, days)
    assert announce_ending_appointments(now=MORNING) == 2
    assert receivers() == ["jean", "marie"]
    assert text_to(cast.marie).startswith("Your function ends on ")
    assert text_to(cast.jean).startswith("1 access manager’s function ends soon")
    assert text_to(cast.jean).count("\n\nThis function of an access manager ends soon:\n\n- Marie Claes, ") == 1
    assert "Marie Claes" in text_to(cast.jean) and "Boulangerie Dubois SRL" in text_to(cast.jean)


@pytest.mark.parametrize("days", [61, 59, 31, 29, 8, 6, 1, 0, -1])
def test_on_other_days_nobody_hears_anything(cast: Cast, days: int) -> None:
    until(cast.marie, days)
    assert announce_ending_appointments(now=MORNING) == 0


def test_a_chiefs_end_is_told_to_the_legal_representatives_too(cast: Cast) -> None:
    EmploymentFactory(person=cast.anna, organisation=cast.peeters, kind="legal_representative")
    until(cast.carine, 30)
    announce_ending_appointments(now=MORNING)
    assert receivers() == ["anna", "carine"]


def test_one_letter_has_a_line_for_each_appointment(cast: Cast) -> None:
    until(cast.marie, 30)
    until(cast.jean, 7)
    until(cast.tom, 60)  # at Dubois and at Peeters
    announce_ending_appointments(now=MORNING)
    assert Counter(receivers()) == Counter(["jean", "marie", "tom", "carine"])
    text = text_to(cast.jean)
    assert text.startswith("3 access managers’ functions end soon")
    assert "\n\nThese functions of access managers end soon:\n\n- " in text
    assert [name in text for name in ("Jean Dubois,", "Tom Janssens,", "Marie Claes,")] == [True] * 3
    assert "Peeters" not in text


def test_it_is_said_once_a_day_also_by_another_worker(cast: Cast) -> None:
    until(cast.marie, 30)
    assert announce_ending_appointments(now=MORNING) == 2
    assert announce_ending_appointments(now=MORNING + timedelta(hours=3)) == 0
    assert announce_ending_appointments(now=MORNING + timedelta(days=1)) == 0
    assert len(receivers()) == 2


def test_a_day_without_a_worker_is_made_up_for(cast: Cast) -> None:
    announce_ending_appointments(now=MORNING - timedelta(days=3))
    until(cast.marie, 29)  # yesterday was its thirtieth day before
    assert announce_ending_appointments(now=MORNING) == 2
    assert announce_ending_appointments(now=MORNING + timedelta(minutes=1)) == 0


def test_nobody_is_woken_by_it(cast: Cast) -> None:
    until(cast.marie, 30)
    assert announce_ending_appointments(now=MORNING.replace(hour=5)) == 0
    assert announce_ending_appointments(now=MORNING.replace(hour=6)) == 2


def test_what_has_ended_has_not_begun_or_stopped_is_not_announced(cast: Cast, now: datetime) -> None:
    until(cast.marie, 30)
    AccessManagerAppointment.objects.filter(person=cast.marie).update(ended_at=now)
    until(cast.carine, 30)
    cast.peeters.status = "stopped"
    cast.peeters.save()
    AppointmentFactory(
        person=cast.anna,
        organisation=cast.dubois,
        kind="co_chief",
        valid_from=TODAY + timedelta(days=1),
        valid_until=TODAY + timedelta(days=30),
    )
    assert announce_ending_appointments(now=MORNING) == 0


def test_nobody_without_an_address_is_written_to(cast: Cast) -> None:
    until(cast.marie, 30)
    Person.objects.filter(pk=cast.marie.pk).update(email="", email_key="")
    Person.objects.filter(pk=cast.jean.pk).update(is_active=False)
    assert announce_ending_appointments(now=MORNING) == 0


def test_its_cost_does_not_grow_with_the_appointments(cast: Cast, django_assert_max_num_queries: Any) -> None:
    for number in range(8):
        AppointmentFactory(valid_until=TODAY + timedelta(days=30), valid_from=TODAY - timedelta(days=number + 1))
    # Per letter: its look-up, its row and the savepoints around them.
    with django_assert_max_num_queries(8 * 6 + 22):
        assert announce_ending_appointments(now=MORNING) == 8


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_write_one_letter_per_person(cast: Cast) -> None:
    until(cast.marie, 30)
    at_once(lambda _number: announce_ending_appointments(now=MORNING), times=4, threads=4)
    assert receivers() == ["jean", "marie"]
