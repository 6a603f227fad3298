"""The letters about access managers in four languages: short subjects, whole sentences, links to the portal only."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from outbox.models import OutgoingEmail
from outbox.rendering import render
from tenants.acting import ActingContext
from tenants.models import AccessManagerAppointment, Person
from tenants.operations import appoint_access_manager, end_appointment, replace_chief, write_to_managers
from tenants.operations.announcements import announce_ending_appointments
from tenants.periods import local_day
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
LONG = "Coöperatieve vennootschap voor zeer lange namen en aanverwante zaken"


@pytest.mark.parametrize("language", ["fr", "nl", "de", "en"])
def test_every_letter_reads_well_in_every_language(
    cast: Cast, acting_as: Callable[..., ActingContext], settings: Any, language: str
) -> None:
    now = datetime.now(tz=ZoneInfo("Europe/Brussels")).replace(hour=9)
    today = local_day(now)
    Person.objects.update(language=language)
    cast.dubois.name_fr = LONG
    cast.dubois.save()
    for person in cast.people:
        person.refresh_from_db()
    AccessManagerAppointment.objects.filter(person=cast.marie).update(valid_until=today + timedelta(days=30))
    announce_ending_appointments(now=now)
    jean: Any = acting_as(cast.jean)
    appoint_access_manager(
        organisation=cast.dubois,
        person=cast.anna,
        kind="co_chief",
        valid_from=today,
        valid_until=today + timedelta(days=9),
        acting=jean,
        now=now,
    )
    end_appointment(AccessManagerAppointment.objects.get(person=cast.marie), acting=acting_as(cast.marie), now=now)
    replace_chief(organisation=cast.dubois, person=cast.tom, valid_from=today, acting=jean, now=now)
    replace_chief(organisation=cast.dubois, person=cast.jean, valid_from=today, acting=jean, now=now)
    end_appointment(
        AccessManagerAppointment.objects.get(person=cast.anna), by_staff=True, acting=acting_as(cast.sofie), now=now
    )
    write_to_managers(cast.dubois.enterprise_number, message="Hello", acting=cast.olivier, now=now)
    write_to_managers(cast.dubois.enterprise_number, message="", acting=cast.olivier, now=now)
    names = set(OutgoingEmail.objects.values_list("name", flat=True))
    assert names == {"manager_appointed", "manager_ended", "manager_contact", "appointment_ending"}
    for letter in OutgoingEmail.objects.all():
        rendered = render(letter)
        assert letter.language == language
        assert 10 < len(rendered.subject) <= 60, rendered.subject
        assert "\n" not in rendered.subject
        assert not re.search(r"%\(|\{\{|None|\bTrue\b", rendered.subject + rendered.text)
        assert set(re.findall(r"https?://\S+", rendered.text)) <= {f"{settings.PORTAL_BASE_URL}/"}
        assert cast.jean.national_number not in rendered.text


@pytest.mark.parametrize("by_staff", [False, True])
def test_a_new_chief_reads_who_can_end_the_function(
    cast: Cast, acting_as: Callable[..., ActingContext], now: datetime, by_staff: bool
) -> None:
    acting: Any = acting_as(cast.sofie if by_staff else cast.jean)
    replace_chief(
        organisation=cast.dubois, person=cast.tom, valid_from=local_day(now), by_staff=by_staff, acting=acting, now=now
    )
    text = in_english(OutgoingEmail.objects.get(to=cast.tom.email))
    assert "Only a legal representative can end this function" in text
    assert "this function yourself" not in text
    assert ("Ask Jean Dubois." in text) is not by_staff


def test_who_can_end_the_own_function_reads_so(
    cast: Cast, acting_as: Callable[..., ActingContext], now: datetime
) -> None:
    """A co-chief, and a legal representative who made himself chief."""
    acting: Any = acting_as(cast.jean)
    today = local_day(now)
    appoint_access_manager(
        organisation=cast.dubois, person=cast.anna, kind="co_chief", valid_from=today, acting=acting, now=now
    )
    replace_chief(organisation=cast.dubois, person=cast.tom, valid_from=today, acting=acting, now=now)
    replace_chief(organisation=cast.dubois, person=cast.jean, valid_from=today, acting=acting, now=now)
    for person in (cast.anna, cast.jean):
        text = in_english(OutgoingEmail.objects.get(to=person.email, name="manager_appointed"))
        assert "You can end this function yourself under “Access managers”." in text


def in_english(letter: OutgoingEmail) -> str:
    letter.language = "en"
    return render(letter).text
