"""Who appoints and ends access managers: the pure questions, case by case (DOMAIN 3.2, E38)."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tenants.acting import ActingContext
from tenants.mandates import is_last_right, may_appoint, may_appoint_anybody, may_end, wrong_period
from tenants.models import AccessManagerAppointment
from tenants.periods import local_day
from tests.conftest import Cast
from tests.factories import AppointmentFactory, EmploymentFactory

Acting = Callable[..., ActingContext]
pytestmark = pytest.mark.django_db
ALL = ("chief", "co_chief", "domain")


def answers(cast: Cast, acting: ActingContext) -> list[str | None]:
    return [may_appoint(acting, cast.dubois, kind) for kind in ALL]


def ends(cast: Cast, acting: ActingContext, day: date) -> dict[str, str | None]:
    rows = AccessManagerAppointment.objects.filter(organisation=cast.dubois).for_page()
    return {row.person.given_name: may_end(acting, row, day=day) for row in rows}


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("jean", [None, None, None]),  # chief and legal representative
        ("tom", ["not_representative", "not_chief", "not_chief"]),
        ("marie", ["not_representative", "not_chief", "not_chief"]),
        ("anna", ["not_representative", "not_chief", "not_chief"]),
        ("carine", ["not_linked"] * 3),
        ("olivier", ["not_linked"] * 3),
        ("sofie", ["not_linked"] * 3),
    ],
)
def test_who_appoints_whom(cast: Cast, acting_as: Acting, who: str, expected: list[str | None]) -> None:
    assert answers(cast, acting_as(getattr(cast, who), cast.dubois)) == expected


def test_a_chief_who_represents_nobody_appoints_all_but_the_chief(cast: Cast, acting_as: Acting) -> None:
    carine = acting_as(cast.carine)
    assert [may_appoint(carine, cast.peeters, kind) for kind in ALL] == ["not_representative", None, None]
    assert may_appoint_anybody(carine, cast.peeters) is None


def test_a_representative_who_is_no_chief_appoints_the_chief_only(cast: Cast, acting_as: Acting) -> None:
    EmploymentFactory(person=cast.anna, organisation=cast.dubois, kind="legal_representative")
    anna = acting_as(cast.anna)
    assert answers(cast, anna) == [None, "not_chief", "not_chief"]
    assert may_appoint_anybody(anna, cast.dubois) is None


@pytest.mark.asvs(35)
def test_a_code_by_e_mail_is_too_weak_unless_the_setting_says_otherwise(
    cast: Cast, acting_as: Acting, settings: Any, now: datetime
) -> None:
    jean = acting_as(cast.jean, level=300)
    assert answers(cast, jean) == ["level_too_low"] * 3
    assert may_appoint_anybody(jean, cast.dubois) == "level_too_low"
    assert set(ends(cast, jean, local_day(now)).values()) == {"level_too_low"}
    settings.REQUIRE_STEP_UP_TO_MANAGE = False
    assert answers(cast, jean) == [None] * 3


def test_in_a_stopped_organisation_nobody_is_appointed_and_ending_stays_possible(
    cast: Cast, acting_as: Acting, now: datetime
) -> None:
    cast.dubois.status = "stopped"
    cast.dubois.save()
    jean = acting_as(cast.jean)
    assert answers(cast, jean) == ["organisation_stopped"] * 3
    assert set(ends(cast, jean, local_day(now)).values()) == {None}


@pytest.mark.threat(12)
@pytest.mark.parametrize(
    ("who", "jean", "tom", "marie"),
    [
        ("jean", None, None, None),
        ("tom", "not_representative", None, "not_chief"),
        ("marie", "not_representative", "not_chief", None),
        ("anna", "not_representative", "not_chief", "not_chief"),
        ("carine", "not_linked", "not_linked", "not_linked"),
        ("olivier", "not_linked", "not_linked", "not_linked"),
    ],
)
def test_who_ends_whom(cast: Cast, acting_as: Acting, now: datetime, who: str, jean: str, tom: str, marie: str) -> None:
    found = ends(cast, acting_as(getattr(cast, who)), local_day(now))
    assert found == {"Jean": jean, "Tom": tom, "Marie": marie}


@pytest.mark.threat(12)
def test_a_chief_who_represents_nobody_does_not_leave_without_a_successor(
    cast: Cast, acting_as: Acting, now: datetime
) -> None:
    today = local_day(now)
    row = AccessManagerAppointment.objects.get(person=cast.carine)
    assert may_end(acting_as(cast.carine), row, day=today) == "keeps_chief"
    EmploymentFactory(person=cast.anna, organisation=cast.peeters, kind="legal_representative")
    assert may_end(acting_as(cast.anna), row, day=today) is None
    # One who has not begun yet leaves nobody without.
    row.valid_from = today + timedelta(days=1)
    assert may_end(acting_as(cast.carine), row, day=today) is None


def test_somebody_appointed_for_later_may_give_it_up_without_any_other_link(
    cast: Cast, acting_as: Acting, now: datetime
) -> None:
    today = local_day(now)
    row = AppointmentFactory(
        person=cast.olivier, organisation=cast.dubois, kind="co_chief", valid_from=today + timedelta(days=9)
    )
    assert may_end(acting_as(cast.olivier), row, day=today) is None


def test_the_last_right_in_an_organisation_is_known(cast: Cast, acting_as: Acting) -> None:
    rows = {row.organisation: row for row in AccessManagerAppointment.objects.filter(person=cast.tom)}
    assert is_last_right(acting_as(cast.tom), rows[cast.dubois])
    AppointmentFactory(person=cast.tom, organisation=cast.dubois, kind="domain", domain=rows[cast.peeters].domain)
    assert not is_last_right(acting_as(cast.tom), rows[cast.dubois])
    assert not is_last_right(acting_as(cast.jean), rows[cast.dubois])


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0, None, ""),
        (9, None, ""),
        (0, 1, ""),
        (9, 9, ""),
        (-1, None, "starts_in_the_past"),
        (0, 0, "ends_in_the_past"),
        (0, -1, "ends_in_the_past"),
        (9, 8, "ends_before_start"),
    ],
)
def test_what_is_wrong_with_a_period(start: int, end: int | None, expected: str) -> None:
    day = date(2028, 2, 29)
    last = None if end is None else day + timedelta(days=end)
    assert wrong_period(day + timedelta(days=start), last, day=day) == expected
