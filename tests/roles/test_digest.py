"""The daily message to access managers: what waits, what ends soon, once a day, for those who want it."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from outbox.models import OutgoingEmail
from outbox.rendering import render
from roles.models import Role
from roles.operations.digest import send_digests
from tenants.models import Person
from tests.conftest import Cast
from tests.factories import AssignmentFactory

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 11, 23, 8, 0, tzinfo=ZoneInfo("Europe/Brussels"))
DAY = MORNING.date()
ENERGY, FINANCE = "FLUVIUS_ENERGY_PORTAL_ADMIN", "FIN_FATCA"


def given(cast: Cast, role: Role, **values: Any) -> Any:
    start = DAY - timedelta(days=100)
    defaults = {"organisation": cast.dubois, "assignee": cast.anna, "assigned_by": cast.jean, "valid_from": start}
    return AssignmentFactory(role=role, **{**defaults, **values})


def receivers() -> list[str]:
    return sorted(letter.to.split(".")[0] for letter in OutgoingEmail.objects.filter(name="daily_digest"))


def text_to(person: Person) -> str:
    letter = OutgoingEmail.objects.get(name="daily_digest", to=person.email)
    letter.language = "en"
    return render(letter).text


@pytest.mark.parametrize(("days", "told"), [(30, True), (7, True), (29, False), (8, False), (6, False), (0, False)])
def test_the_managers_of_a_role_hear_of_its_end_30_and_7_days_before(
    cast: Cast, catalogue: dict[str, Role], days: int, told: bool
) -> None:
    row = given(cast, catalogue[FINANCE], valid_until=DAY + timedelta(days=days))
    assert send_digests(now=MORNING) == (3 if told else 0)
    assert receivers() == (["jean", "marie", "tom"] if told else [])
    if told:
        assert "Anna Peeters" in text_to(cast.marie) and row.reference in text_to(cast.marie)


def test_managers_of_another_domain_and_of_other_organisations_hear_nothing(
    cast: Cast, catalogue: dict[str, Role]
) -> None:
    given(cast, catalogue[ENERGY], valid_until=DAY + timedelta(days=7))
    send_digests(now=MORNING)
    assert receivers() == ["jean", "tom"]


def test_those_who_can_confirm_hear_what_waits_for_them(cast: Cast, catalogue: dict[str, Role]) -> None:
    given(
        cast,
        catalogue[FINANCE],
        organisation=cast.eupen,
        assignee=cast.ingrid,
        assigned_by=cast.ingrid,
        confirmer="manager",
        confirm_before=DAY + timedelta(days=9),
    )
    assert send_digests(now=MORNING) == 1
    text = text_to(cast.klaus)
    assert "Waiting for your confirmation" in text and "Ingrid Schmitz" in text
    assert "Ending soon" not in text
    assert "You can switch this daily message off in your profile" in text


def test_there_is_one_message_a_day_from_six_o_clock_on(cast: Cast, catalogue: dict[str, Role]) -> None:
    given(cast, catalogue[ENERGY], valid_until=DAY + timedelta(days=7))
    assert send_digests(now=MORNING.replace(hour=5, minute=59)) == 0
    assert send_digests(now=MORNING.replace(hour=6)) == 2
    assert send_digests(now=MORNING) == 0
    assert OutgoingEmail.objects.count() == 2
    given(cast, catalogue[FINANCE], valid_until=DAY + timedelta(days=8))
    assert send_digests(now=MORNING + timedelta(days=1)) == 3


def test_a_worker_that_begins_again_writes_nothing_twice(
    cast: Cast, catalogue: dict[str, Role], monkeypatch: pytest.MonkeyPatch
) -> None:
    given(cast, catalogue[ENERGY], valid_until=DAY + timedelta(days=7))
    monkeypatch.setattr("roles.operations.digest.throttle.take", lambda *_words, **_named: None)  # it dies before that
    send_digests(now=MORNING)
    send_digests(now=MORNING)
    assert OutgoingEmail.objects.count() == 2


def test_whoever_does_not_want_it_gets_none(cast: Cast, catalogue: dict[str, Role]) -> None:
    given(cast, catalogue[ENERGY], valid_until=DAY + timedelta(days=7))
    Person.objects.filter(pk=cast.jean.pk).update(wants_digest=False)
    Person.objects.filter(pk=cast.tom.pk).update(email="", email_key="")
    assert send_digests(now=MORNING) == 0


def test_it_is_written_in_the_readers_language_without_numbers(cast: Cast, catalogue: dict[str, Role]) -> None:
    given(cast, catalogue[ENERGY], valid_until=DAY + timedelta(days=7))
    send_digests(now=MORNING)
    letter = OutgoingEmail.objects.get(to=cast.tom.email)
    assert letter.language == "nl"
    assert "Beheerder energieportaal Mijn.Fluvius" in render(letter).text
    assert cast.anna.national_number not in str(letter.context)
