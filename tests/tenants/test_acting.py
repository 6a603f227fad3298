"""Who acts, for whom, with what right: read anew each time."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory

from csam.models import User
from tenants.acting import SELF, Level, acting_context, links_of
from tenants.middleware import acting_of, read_acting
from tenants.models import AccessManagerAppointment, Employment, Organisation, Person
from tests.conftest import Cast
from tests.factories import AppointmentFactory, EmploymentFactory, OrganisationFactory

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 21)


def names(organisations: Any) -> list[str]:
    return [organisation.name_fr or organisation.name_de for organisation in organisations]


def context(person: Person, **values: Any) -> Any:
    return acting_context(person, **{"day": TODAY, "level": 500, **values})


@pytest.mark.parametrize(
    ("who", "linked", "managed", "is_representative"),
    [
        ("jean", 1, 1, True),
        ("tom", 2, 2, False),
        ("marie", 1, 1, False),
        ("anna", 1, 0, False),
        ("carine", 1, 1, False),
        ("olivier", 0, 0, False),
    ],
)
def test_what_a_person_belongs_to(cast: Cast, who: str, linked: int, managed: int, is_representative: bool) -> None:
    acting = context(getattr(cast, who))
    assert (len(acting.links), len(acting.managed)) == (linked, managed)
    assert any(link.is_representative for link in acting.links) is is_representative
    assert acting.is_manager is bool(managed)
    assert acting.audit_snapshot().key == getattr(cast, who).key


def test_it_costs_two_queries(cast: Cast, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        acting = context(cast.tom)
        assert [row.domain_id is None for row in acting.appointments] == [True, False]
        assert {row.organisation.pk for row in acting.appointments} == {cast.dubois.pk, cast.peeters.pk}


def test_what_is_managed_in_whole_comes_first(cast: Cast) -> None:
    first = OrganisationFactory(enterprise_number="0999990015")
    EmploymentFactory(person=cast.tom, organisation=first)
    assert [link.organisation for link in links_of(cast.tom, TODAY)] == [cast.dubois, cast.peeters, first]


@pytest.mark.parametrize(
    ("chosen", "organisation", "has_chosen"),
    [
        ("", "dubois", False),
        ("dubois", "dubois", True),
        ("peeters", "peeters", True),
        (SELF, None, True),
        ("eupen", "dubois", False),
        ("no such key", "dubois", False),
    ],
)
def test_the_choice_of_an_organisation(cast: Cast, chosen: str, organisation: str | None, has_chosen: bool) -> None:
    key = getattr(cast, chosen).key if hasattr(cast, chosen) else chosen
    acting = context(cast.tom, acting_for=key)
    assert acting.organisation == (getattr(cast, organisation) if organisation else None)
    assert (acting.has_chosen, acting.must_choose, acting.can_change) == (has_chosen, not has_chosen, True)


def test_with_one_organisation_the_choice_makes_itself(cast: Cast) -> None:
    acting = context(cast.anna)
    assert (acting.organisation, acting.has_chosen, acting.must_choose) == (cast.dubois, True, False)
    assert context(cast.olivier).organisation is None


def test_a_stopped_organisation_is_not_acted_for(cast: Cast) -> None:
    Organisation.objects.filter(pk=cast.dubois.pk).update(status="stopped")
    assert context(cast.anna).organisation is None
    acting = context(cast.tom, acting_for=cast.dubois.key)
    assert (acting.organisation, acting.has_chosen) == (cast.peeters, False)
    assert names(acting.managed) == names([cast.dubois, cast.peeters])  # it is shown, with the reason


@pytest.mark.threat(4)
@pytest.mark.parametrize(
    ("change", "first_without"),
    [
        ({"valid_until": TODAY}, TODAY + timedelta(days=1)),
        ({"valid_until": TODAY - timedelta(days=1)}, TODAY),
        ({"ended_at": datetime.fromisoformat("2026-11-20T12:00Z")}, date(2023, 9, 1)),
    ],
)
def test_rights_end_with_their_period(cast: Cast, change: dict[str, Any], first_without: date) -> None:
    AccessManagerAppointment.objects.filter(person=cast.marie).update(**change)
    assert context(cast.marie, day=first_without).managed == ()
    if first_without > date(2023, 9, 1):
        assert names(context(cast.marie, day=first_without - timedelta(days=1)).managed) == ["Boulangerie Dubois SRL"]


def test_an_employment_that_is_over_is_no_link(cast: Cast) -> None:
    Employment.objects.filter(person=cast.anna).update(valid_until=TODAY - timedelta(days=1))
    acting = context(cast.anna)
    assert (acting.links, acting.organisation) == ((), None)
    # A manager from outside is linked by the appointment alone.
    AppointmentFactory(person=cast.anna, organisation=cast.eupen, kind="co_chief")
    assert context(cast.anna).organisation == cast.eupen


def test_links_and_appointments_of_others_are_empty(cast: Cast) -> None:
    acting = context(cast.marie)
    assert acting.link_to(cast.peeters) is None
    assert acting.link_to(None) is None
    assert acting.appointments_for(cast.peeters) == ()


@pytest.mark.parametrize(("level", "is_high"), [(300, False), (400, False), (450, True), (500, True)])
def test_eid_and_itsme_are_high(cast: Cast, level: int, is_high: bool) -> None:
    assert context(cast.jean, level=level).is_high is is_high


# --- The middleware ---


def test_nobody_acts_before_signing_in(cast: Cast) -> None:
    request = RequestFactory().get("/")
    assert read_acting(request) is None
    request.user = AnonymousUser()
    assert read_acting(request) is None
    request.acting = None  # type: ignore[attr-defined]
    with pytest.raises(RuntimeError):
        acting_of(request)


def test_a_session_without_a_level_counts_as_low(cast: Cast) -> None:
    request: Any = RequestFactory().get("/")
    request.user, request.session = User.objects.get(person=cast.jean), {}
    acting = read_acting(request)
    assert acting is not None
    assert (acting.level, acting.signed_in_at) == (Level.LOW, None)


@pytest.mark.threat(4)
@pytest.mark.asvs(56)
def test_a_right_withdrawn_is_gone_with_the_next_request(cast: Cast, sign_in: Any) -> None:
    browser: Client = sign_in(cast.marie)
    for _ in range(5):
        assert browser.get("/assignments/").status_code == 200
        AccessManagerAppointment.objects.filter(person=cast.marie).update(
            ended_at=datetime.fromisoformat("2026-01-01T12:00Z")
        )
        assert browser.get("/assignments/").status_code == 403
        assert browser.post("/assignments/new/").status_code == 403
        AccessManagerAppointment.objects.filter(person=cast.marie).update(ended_at=None)


def test_the_session_holds_keys_and_numbers_only(cast: Cast, sign_in: Any) -> None:
    browser: Client = sign_in(cast.tom)
    browser.post("/acting-for/", {"organisation": cast.peeters.key})
    browser.get("/assignments/")
    kept = dict(browser.session)
    assert kept["acting_for"] == cast.peeters.key
    assert not [value for value in kept.values() if "chief" in str(value) or "ENERGY" in str(value)]
