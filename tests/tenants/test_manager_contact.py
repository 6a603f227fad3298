"""A message to the access managers of an organisation: it reaches them, and shows nobody who they are."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from audit.models import AuditEntry
from outbox.models import OutgoingEmail
from outbox.rendering import render
from tenants.models import AccessManagerAppointment, Organisation
from tenants.operations import Contact, ContactLimitReached, Outcome, write_to_managers
from tests.conftest import Cast
from tests.factories import OrganisationFactory, PersonFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def write(cast: Cast, now: datetime, message: str = "Who can help me?", place: Organisation | None = None) -> Contact:
    number = (place or cast.dubois).enterprise_number
    return write_to_managers(number, message=message, acting=cast.olivier, now=now)


def receivers() -> list[str]:
    return sorted(row.to.partition(".")[0] for row in OutgoingEmail.objects.all())


def test_it_reaches_the_chief_and_the_co_chiefs_and_nobody_else(cast: Cast, now: datetime) -> None:
    assert write(cast, now) == Contact(Outcome.SENT, cast.dubois)
    assert receivers() == ["jean", "tom"]
    letter = OutgoingEmail.objects.get(to=cast.tom.email)
    assert (letter.name, letter.language) == ("manager_contact", "nl")
    letter.language = "en"
    rendered = render(letter)
    for words in ("Olivier Lambert", cast.olivier.email, "Who can help me?", "Boulangerie Dubois SRL (0999.999.922)"):
        assert words in rendered.text
    assert len(rendered.subject) <= 60


def test_it_is_recorded_without_the_message_and_without_names(cast: Cast, now: datetime) -> None:
    write(cast, now)
    entry = AuditEntry.objects.get()
    assert (entry.event, entry.actor_key, entry.organisation_key) == (
        "access_manager:contacted",
        cast.olivier.key,
        cast.dubois.key,
    )
    assert entry.data == {"letters": 2, "with_message": True}


def test_the_same_message_twice_in_a_day_is_one(cast: Cast, now: datetime) -> None:
    write(cast, now)
    assert write(cast, now + timedelta(seconds=1)).outcome == Outcome.SENT_BEFORE
    assert (receivers(), AuditEntry.objects.count()) == (["jean", "tom"], 1)
    assert write(cast, now, "Another one").outcome == Outcome.SENT
    assert write(cast, now + DAY).outcome == Outcome.SENT


def test_somebody_without_an_address_is_said_to_have_none(cast: Cast, now: datetime) -> None:
    cast.olivier.email = ""
    cast.olivier.save()
    write(cast, now, "")
    letter = OutgoingEmail.objects.get(to=cast.jean.email)
    letter.language = "en"
    text = render(letter).text
    assert "Olivier Lambert has no e-mail address in this portal" in text
    assert "There is no message with it" in text


def test_what_cannot_be_reached_is_told_apart(cast: Cast, now: datetime) -> None:
    assert write_to_managers("0403019261", message="", acting=cast.olivier, now=now) == Contact(Outcome.UNKNOWN)
    empty = OrganisationFactory()
    assert write(cast, now, place=empty) == Contact(Outcome.NOBODY, empty)
    cast.peeters.status = "stopped"
    cast.peeters.save()
    assert write(cast, now, place=cast.peeters).outcome == Outcome.STOPPED
    type(cast.ingrid).objects.filter(pk__in=[cast.ingrid.pk, cast.klaus.pk]).update(email="", email_key="")
    assert write(cast, now, place=cast.eupen).outcome == Outcome.NO_ADDRESS
    assert (receivers(), AuditEntry.objects.count()) == ([], 0)


def test_managers_whose_time_is_over_or_to_come_are_not_written_to(cast: Cast, now: datetime) -> None:
    AccessManagerAppointment.objects.filter(person=cast.tom).update(valid_until=now.date() - 2 * DAY)
    AccessManagerAppointment.objects.filter(person=cast.jean).update(valid_from=now.date() + 2 * DAY)
    assert write(cast, now).outcome == Outcome.NOBODY


@pytest.mark.threat(15)
def test_a_person_writes_five_times_a_day(cast: Cast, now: datetime, settings: Any) -> None:
    for number in range(settings.MANAGER_CONTACT_QUOTA):
        write(cast, now, f"Message {number}")
    with pytest.raises(ContactLimitReached) as limit:
        write(cast, now, "One more")
    assert (limit.value.retry_at, limit.value.organisation) == (now + DAY, None)
    assert OutgoingEmail.objects.count() == 2 * settings.MANAGER_CONTACT_QUOTA
    entry = AuditEntry.objects.order_by("-id")[0]
    assert (entry.event, entry.data) == ("access_manager:contact_refused", {"scope": "manager_contact"})
    assert write(cast, now + DAY).outcome == Outcome.SENT


@pytest.mark.threat(15)
def test_an_organisation_is_written_to_as_often_as_its_quota_allows(cast: Cast, now: datetime, settings: Any) -> None:
    settings.ORGANISATION_CONTACT_QUOTA = 3
    for _number in range(3):
        person = PersonFactory()
        write_to_managers(cast.dubois.enterprise_number, message="", acting=person, now=now)
    with pytest.raises(ContactLimitReached) as limit:
        write(cast, now)
    assert limit.value.organisation == cast.dubois
    assert write(cast, now, place=cast.peeters).outcome == Outcome.SENT


@pytest.mark.parametrize("message", ["x" * 301, "I am 85.07.30-033.28"])
def test_a_message_that_cannot_be_sent_is_an_error_of_the_page(cast: Cast, now: datetime, message: str) -> None:
    with pytest.raises(ValueError):
        write(cast, now, message)
    assert not OutgoingEmail.objects.exists()
