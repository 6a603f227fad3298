"""Appointing, replacing and ending by those who may: one effect, one entry, one letter per person, or nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils.formats import date_format

from audit.models import AuditEntry
from outbox.models import OutgoingEmail
from outbox.rendering import render
from tenants.acting import ActingContext
from tenants.mandates import NotEntitled
from tenants.models import AccessManagerAppointment, Domain
from tenants.operations import appoint_access_manager, end_appointment, replace_chief
from tenants.periods import local_day
from tests.conftest import Cast
from tests.factories import AppointmentFactory, EmploymentFactory

Acting = Callable[..., ActingContext]
pytestmark = pytest.mark.django_db


def events() -> list[str]:
    return list(AuditEntry.objects.order_by("id").values_list("event", flat=True))


def letters() -> list[tuple[str, str]]:
    return [(row.name, row.to.partition(".")[0]) for row in OutgoingEmail.objects.order_by("id")]


def text_to(person: Any) -> str:
    letter = OutgoingEmail.objects.get(to=person.email)
    letter.language = "en"
    rendered = render(letter)
    assert len(rendered.subject) <= 60
    return f"{rendered.subject}\n{rendered.text}"


def of(person: Any) -> AccessManagerAppointment:
    return AccessManagerAppointment.objects.filter(person=person).earliest("id")


def open_rows(cast: Cast, kind: str) -> list[str]:
    rows = AccessManagerAppointment.objects.filter(organisation=cast.dubois, kind=kind, ended_at__isnull=True)
    return [row.person.given_name for row in rows.order_by("id")]


@pytest.fixture
def co_chief(cast: Cast, acting_as: Acting, now: datetime) -> dict[str, Any]:
    """What it takes to make Anna co-chief."""
    return {
        "organisation": cast.dubois,
        "person": cast.anna,
        "kind": "co_chief",
        "valid_from": local_day(now),
        "acting": acting_as(cast.jean),
        "now": now,
    }


def test_the_chief_appoints_a_co_chief_who_is_told(cast: Cast, co_chief: dict[str, Any]) -> None:
    row = appoint_access_manager(**co_chief)
    assert (row.appointed_by, row.kind) == (cast.jean, "co_chief")
    assert (events(), letters()) == (["access_manager:appointed"], [("manager_appointed", "anna")])
    text = text_to(cast.anna)
    assert "Jean Dubois appointed you as access manager" in text
    assert "Function: co-hoofdtoegangsbeheerder" in text  # the letter is Dutch, its frame here English
    assert "Boulangerie Dubois SRL (0999.999.922)" in text
    assert OutgoingEmail.objects.get().language == "nl"


@pytest.mark.threat(5)
@pytest.mark.parametrize(
    ("who", "obstacle"),
    [("tom", "not_chief"), ("marie", "not_chief"), ("anna", "not_chief"), ("carine", "not_linked")],
)
def test_nobody_else_appoints_and_nothing_is_left(
    cast: Cast, acting_as: Acting, co_chief: dict[str, Any], who: str, obstacle: str
) -> None:
    co_chief["acting"] = acting_as(getattr(cast, who))
    with pytest.raises(NotEntitled) as refusal:
        appoint_access_manager(**co_chief)
    assert (str(refusal.value.obstacle), refusal.value.organisation) == (obstacle, cast.dubois)
    assert (events(), letters(), open_rows(cast, "co_chief")) == ([], [], ["Tom"])


@pytest.mark.threat(5)
def test_a_right_lost_since_the_page_was_read_is_lost(cast: Cast, co_chief: dict[str, Any], now: datetime) -> None:
    assert co_chief["acting"].is_manager
    AccessManagerAppointment.objects.filter(person=cast.jean).update(ended_at=now)
    with pytest.raises(NotEntitled):
        appoint_access_manager(**co_chief)
    assert open_rows(cast, "co_chief") == ["Tom"]


@pytest.mark.parametrize(
    ("start", "end", "code"),
    [(-1, None, "starts_in_the_past"), (0, 0, "ends_in_the_past"), (9, 8, "ends_before_start")],
)
def test_a_period_that_cannot_be_is_refused(
    cast: Cast, co_chief: dict[str, Any], start: int, end: int | None, code: str
) -> None:
    day = co_chief["valid_from"]
    co_chief["valid_from"] = day + timedelta(days=start)
    co_chief["valid_until"] = None if end is None else day + timedelta(days=end)
    with pytest.raises(ValidationError) as refusal:
        appoint_access_manager(**co_chief)
    assert refusal.value.code == code
    assert open_rows(cast, "co_chief") == ["Tom"]


def test_the_same_function_twice_is_refused_also_one_to_come(cast: Cast, co_chief: dict[str, Any]) -> None:
    co_chief["valid_from"] += timedelta(days=9)
    appoint_access_manager(**co_chief)
    for days in (0, 9, 30):
        co_chief["valid_from"] = local_day(co_chief["now"]) + timedelta(days=days)
        with pytest.raises(ValidationError) as refusal:
            appoint_access_manager(**co_chief)
        assert refusal.value.code == "already"
        assert refusal.value.messages == ["Anna Peeters already has this function: co-chief access manager"]
    assert (events(), len(letters())) == (["access_manager:appointed"], 1)


def test_a_person_who_is_no_longer_active_is_not_appointed(cast: Cast, co_chief: dict[str, Any]) -> None:
    cast.anna.is_active = False
    cast.anna.save()
    with pytest.raises(ValidationError) as refusal:
        appoint_access_manager(**co_chief)
    assert refusal.value.code == "inactive"


def test_what_ran_out_does_not_stand_in_the_way(cast: Cast, co_chief: dict[str, Any]) -> None:
    yesterday = co_chief["valid_from"] - timedelta(days=1)
    old = AppointmentFactory(person=cast.anna, organisation=cast.dubois, kind="co_chief", valid_until=yesterday)
    appoint_access_manager(**co_chief)
    old.refresh_from_db()
    assert (old.ended_at, old.ended_by, old.valid_until) == (co_chief["now"], None, yesterday)
    assert events() == ["access_manager:run_out", "access_manager:appointed"]
    assert letters() == [("manager_appointed", "anna")]


def test_a_longer_period_takes_the_place_of_the_present_one(cast: Cast, co_chief: dict[str, Any]) -> None:
    day = co_chief["valid_from"]
    co_chief["valid_until"] = day + timedelta(days=10)
    first = appoint_access_manager(**co_chief)
    # Neither as long nor shorter, nor with a gap.
    for start, last, code in ((0, 10, "already"), (0, 5, "already"), (5, 50, "renewal_gap")):
        wrong = {"valid_from": day + timedelta(days=start), "valid_until": day + timedelta(days=last)}
        with pytest.raises(ValidationError) as refusal:
            appoint_access_manager(**{**co_chief, **wrong})
        assert refusal.value.code == code
    second = appoint_access_manager(**{**co_chief, "valid_until": None})
    first.refresh_from_db()
    assert (first.ended_at, second.ended_at, second.valid_until) == (co_chief["now"], None, None)
    entry = AuditEntry.objects.order_by("-id")[0]
    assert (entry.event, entry.data["renews"]) == ("access_manager:appointed", first.key)
    assert events() == ["access_manager:appointed"] * 2


def test_without_an_address_there_is_no_letter(cast: Cast, co_chief: dict[str, Any]) -> None:
    cast.anna.email = ""
    cast.anna.save()
    appoint_access_manager(**co_chief)
    assert letters() == []


# --- The chief ---


def chief(cast: Cast, acting: Any, now: datetime, person: Any, **values: Any) -> AccessManagerAppointment:
    given = {"organisation": cast.dubois, "valid_from": local_day(now), "acting": acting, "now": now}
    return replace_chief(**{**given, "person": person, **values})


def test_a_representative_replaces_himself_and_both_are_told_once(cast: Cast, acting_as: Acting, now: datetime) -> None:
    chief(cast, acting_as(cast.jean), now, cast.anna, seen=of(cast.jean).key)
    assert open_rows(cast, "chief") == ["Anna"]
    assert events() == ["access_manager:ended", "access_manager:appointed"]
    assert letters() == [("manager_ended", "jean"), ("manager_appointed", "anna")]
    assert "Anna Peeters is the new chief access manager." in text_to(cast.jean)


@pytest.mark.parametrize("who", ["tom", "marie", "anna", "carine", "ingrid", "olivier"])
def test_nobody_but_a_representative_replaces_the_chief(cast: Cast, acting_as: Acting, now: datetime, who: str) -> None:
    with pytest.raises(NotEntitled):
        chief(cast, acting_as(getattr(cast, who)), now, cast.tom)
    assert (open_rows(cast, "chief"), events(), letters()) == (["Jean"], [], [])


def test_a_chief_who_represents_nobody_appoints_no_chief(cast: Cast, acting_as: Acting, now: datetime) -> None:
    values = {"organisation": cast.peeters, "person": cast.carine, "valid_from": local_day(now), "now": now}
    with pytest.raises(NotEntitled) as refusal:
        replace_chief(**values, acting=acting_as(cast.carine))
    assert str(refusal.value.obstacle) == "not_representative"


@pytest.mark.threat(12)
def test_the_next_chief_begins_today(cast: Cast, acting_as: Acting, now: datetime) -> None:
    with pytest.raises(ValidationError) as refusal:
        chief(cast, acting_as(cast.jean), now, cast.tom, valid_from=local_day(now) + timedelta(days=1))
    assert refusal.value.code == "chief_gap"
    assert (open_rows(cast, "chief"), events()) == (["Jean"], [])


def test_where_nobody_is_chief_one_may_begin_later_and_be_replaced_before(
    cast: Cast, acting_as: Acting, now: datetime
) -> None:
    jean = acting_as(cast.jean)
    end_appointment(of(cast.jean), acting=jean, now=now)
    later = local_day(now) + timedelta(days=5)
    chief(cast, jean, now, cast.tom, valid_from=later, seen="")
    chief(cast, jean, now, cast.anna, valid_from=later)
    assert open_rows(cast, "chief") == ["Anna"]


def test_a_chief_from_elsewhere_is_refused(cast: Cast, acting_as: Acting, now: datetime) -> None:
    with pytest.raises(ValidationError) as refusal:
        chief(cast, acting_as(cast.jean), now, cast.carine)
    assert refusal.value.code == "chief_not_linked"
    assert open_rows(cast, "chief") == ["Jean"]


@pytest.mark.parametrize("seen", ["", "somebody-else-00000000"])
def test_a_page_that_showed_another_chief_replaces_nobody(
    cast: Cast, acting_as: Acting, now: datetime, seen: str
) -> None:
    with pytest.raises(ValidationError) as refusal:
        chief(cast, acting_as(cast.jean), now, cast.tom, seen=seen)
    assert refusal.value.code == "changed"
    assert (open_rows(cast, "chief"), events(), letters()) == (["Jean"], [], [])


def test_a_chief_is_given_more_time_by_the_same_way(cast: Cast, acting_as: Acting, now: datetime) -> None:
    row = of(cast.jean)
    row.valid_until = local_day(now) + timedelta(days=3)
    row.save()
    made = chief(cast, acting_as(cast.jean), now, cast.jean, seen=row.key)
    assert (open_rows(cast, "chief"), made.valid_until) == (["Jean"], None)
    assert (events(), letters()) == (["access_manager:appointed"], [("manager_appointed", "jean")])
    with pytest.raises(ValidationError) as refusal:
        chief(cast, acting_as(cast.jean), now, cast.jean)
    assert refusal.value.code == "already"


# --- Ending ---


def test_the_chief_ends_a_manager_who_is_told(cast: Cast, acting_as: Acting, now: datetime) -> None:
    assert end_appointment(of(cast.marie), acting=acting_as(cast.jean), now=now)
    assert letters() == [("manager_ended", "marie")]
    text = text_to(cast.marie)
    assert "Jean Dubois ended your function" in text
    assert f"to {date_format(local_day(now), 'j F Y')}" in text and "no end date" not in text
    assert not end_appointment(of(cast.marie), acting=acting_as(cast.jean), now=now)
    assert (events(), len(letters())) == (["access_manager:ended"], 1)


def test_whoever_gives_up_a_function_is_told_and_so_is_the_chief(cast: Cast, acting_as: Acting, now: datetime) -> None:
    assert end_appointment(of(cast.tom), acting=acting_as(cast.tom), now=now)
    assert letters() == [("manager_ended", "tom"), ("manager_ended", "jean")]
    assert "You ended your function" in text_to(cast.tom)
    assert "Tom Janssens gave up this function" in text_to(cast.jean)


def test_the_letter_about_a_function_that_never_began_says_so(cast: Cast, acting_as: Acting, now: datetime) -> None:
    row = of(cast.marie)
    row.valid_from = local_day(now) + timedelta(days=5)
    row.save()
    assert end_appointment(row, acting=acting_as(cast.jean), now=now)
    assert f"- Never began: it was to start on {date_format(row.valid_from, 'j F Y')}" in text_to(cast.marie)


@pytest.mark.threat(12)
def test_a_chief_who_represents_nobody_stays(cast: Cast, acting_as: Acting, now: datetime) -> None:
    with pytest.raises(NotEntitled) as refusal:
        end_appointment(of(cast.carine), acting=acting_as(cast.carine), now=now)
    assert str(refusal.value.obstacle) == "keeps_chief"
    assert of(cast.carine).ended_at is None
    assert (events(), letters()) == ([], [])


@pytest.mark.threat(12)
def test_a_representative_may_leave_the_organisation_without_a_chief(
    cast: Cast, acting_as: Acting, now: datetime
) -> None:
    EmploymentFactory(person=cast.anna, organisation=cast.peeters, kind="legal_representative")
    assert end_appointment(of(cast.carine), acting=acting_as(cast.anna), now=now)
    assert letters() == [("manager_ended", "carine")]


@pytest.mark.parametrize("who", ["marie", "anna", "carine", "olivier", "sofie"])
def test_nobody_else_ends(cast: Cast, acting_as: Acting, now: datetime, who: str) -> None:
    with pytest.raises(NotEntitled):
        end_appointment(of(cast.tom), acting=acting_as(getattr(cast, who)), now=now)
    assert of(cast.tom).ended_at is None


def test_what_ran_out_is_not_ended_again(cast: Cast, acting_as: Acting, now: datetime) -> None:
    AccessManagerAppointment.objects.filter(person=cast.marie).update(valid_until=local_day(now) - timedelta(days=1))
    assert not end_appointment(of(cast.marie), acting=acting_as(cast.jean), now=now)
    assert events() == []


def test_on_the_last_day_it_can_still_be_ended(cast: Cast, acting_as: Acting, now: datetime) -> None:
    AccessManagerAppointment.objects.filter(person=cast.marie).update(valid_until=local_day(now))
    assert end_appointment(of(cast.marie), acting=acting_as(cast.jean), now=now)


def test_staff_act_without_a_right_and_the_trail_and_the_letter_say_so(
    cast: Cast, acting_as: Acting, co_chief: dict[str, Any], now: datetime
) -> None:
    sofie = acting_as(cast.sofie)
    appoint_access_manager(**{**co_chief, "acting": sofie}, by_staff=True)
    assert AuditEntry.objects.get().data["by_staff"] is True
    text = text_to(cast.anna)
    assert "The administration of this portal appointed you" in text and "Sofie" not in text
    end_appointment(of(cast.marie), by_staff=True, acting=sofie, now=now)
    assert AuditEntry.objects.order_by("-id")[0].data == {"kind": "domain", "domain": "FINANCE", "by_staff": True}
    assert Domain.objects.filter(code="FINANCE").exists()


def test_a_co_chief_who_becomes_chief_is_chief_alone(cast: Cast, acting_as: Acting, now: datetime) -> None:
    today = local_day(now)
    replace_chief(organisation=cast.dubois, person=cast.tom, valid_from=today, acting=acting_as(cast.jean), now=now)
    assert (open_rows(cast, "chief"), open_rows(cast, "co_chief")) == (["Tom"], [])
    assert [(row.event, row.data["kind"]) for row in AuditEntry.objects.order_by("id")] == [
        ("access_manager:ended", "chief"),
        ("access_manager:ended", "co_chief"),
        ("access_manager:appointed", "chief"),
    ]
    assert letters() == [("manager_ended", "jean"), ("manager_appointed", "tom")]
    # What he is at the neighbour's is another matter.
    assert AccessManagerAppointment.objects.get(person=cast.tom, organisation=cast.peeters).ended_at is None


def test_a_chief_to_come_stays_co_chief_until_then(cast: Cast, acting_as: Acting, now: datetime) -> None:
    AccessManagerAppointment.objects.filter(person=cast.jean).update(ended_at=now)
    later = local_day(now) + timedelta(days=9)
    replace_chief(organisation=cast.dubois, person=cast.anna, valid_from=later, acting=acting_as(cast.jean), now=now)
    replace_chief(organisation=cast.dubois, person=cast.tom, valid_from=later, acting=acting_as(cast.jean), now=now)
    assert (open_rows(cast, "chief"), open_rows(cast, "co_chief")) == (["Tom"], ["Tom"])


def test_a_domain_manager_who_becomes_co_chief_keeps_the_domain(cast: Cast, co_chief: dict[str, Any]) -> None:
    appoint_access_manager(**{**co_chief, "person": cast.marie})
    assert (open_rows(cast, "co_chief"), open_rows(cast, "domain")) == (["Tom", "Marie"], ["Marie"])
    assert events() == ["access_manager:appointed"]


@pytest.mark.parametrize(
    ("who", "kind", "words"),
    [
        ("jean", "co_chief", "Jean Dubois is chief access manager already: that covers all domains"),
        ("jean", "domain", "Jean Dubois is chief access manager already: that covers all domains"),
        ("tom", "domain", "Tom Janssens is co-chief access manager already: that covers all domains"),
    ],
)
@pytest.mark.parametrize("by_staff", [False, True])
def test_a_function_that_another_one_covers_is_refused(
    cast: Cast, co_chief: dict[str, Any], who: str, kind: str, words: str, by_staff: bool
) -> None:
    domain = Domain.objects.get(code="FINANCE") if kind == "domain" else None
    values = {**co_chief, "person": getattr(cast, who), "kind": kind, "domain": domain, "by_staff": by_staff}
    with pytest.raises(ValidationError) as refusal:
        appoint_access_manager(**values)
    assert (refusal.value.code, refusal.value.messages) == ("covered", [words])
    assert (events(), letters()) == ([], [])


def test_what_lasts_longer_than_the_wider_function_is_given(cast: Cast, co_chief: dict[str, Any]) -> None:
    last = co_chief["valid_from"] + timedelta(days=30)
    AccessManagerAppointment.objects.filter(person=cast.tom, organisation=cast.dubois).update(valid_until=last)
    finance = {**co_chief, "person": cast.tom, "kind": "domain", "domain": Domain.objects.get(code="FINANCE")}
    with pytest.raises(ValidationError):
        appoint_access_manager(**{**finance, "valid_until": last})
    appoint_access_manager(**finance)
    assert open_rows(cast, "domain") == ["Marie", "Tom"]
