"""What a service will see: on the check page, on the page of an assignment, and as data."""

import html
import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from roles.models import Role, RoleAssignment
from tenants.models import AccessManagerAppointment
from tests.conftest import Cast
from tests.factories import (
    AssignmentFactory,
    EmploymentFactory,
    PersonFactory,
    RoleFactory,
    ServiceFactory,
    UserFactory,
)
from tests.roles.pages import ANSWERED, address, draft_of, heading_of, words_of

pytestmark = pytest.mark.django_db

NOT_SEEN = "It does not see who assigned the role, messages and notes, or roles for other services."
ALSO = "receives the name, the e-mail address and the language of the person. Where it may, it receives the national"
HOLDS = "sees that Anna Peeters holds this role for Boulangerie Dubois SRL (0999.999.922)."
EMPTY = {"roles_format": "rolemgmt/1", "roles": []}


@pytest.fixture
def role(cast: Cast) -> Role:
    """A role of Mijn Test, of the domain Finance."""
    found: Role = RoleFactory(code="EXAMPLE_EDIT", name_en="Example role")
    found.services.update(name_en="Mijn Test")
    return found


def held(cast: Cast, role: Role, **values: Any) -> RoleAssignment:
    """Let Anna hold it at Dubois."""
    row: RoleAssignment = AssignmentFactory(
        role=role, organisation=cast.dubois, assignee=cast.anna, assigned_by=cast.jean, **values
    )
    return row


def url(row: RoleAssignment, sub: str = "") -> str:
    return f"/assignments/{row.key}/{sub}"


def data_of(page: Any) -> list[Any]:
    """Return what stands on a page as data."""
    assert page.status_code == 200
    found = re.findall(r"<pre[^>]*>(.*?)</pre>", page.content.decode(), re.S)
    return [json.loads(html.unescape(text)) for text in found]


def day(days: int) -> Any:
    return timezone.localdate() + timedelta(days=days)


# --- The page of an assignment ---


@pytest.mark.parametrize("who", ["anna", "jean", "marie"])
def test_its_holder_and_its_managers_read_what_the_service_sees(cast: Cast, role: Role, open_as: Any, who: str) -> None:
    row = held(cast, role)
    words = words_of(open_as(getattr(cast, who)).get(url(row)))
    assert f"What the service will see Today Mijn Test {HOLDS} It also sees the validity" in words
    assert NOT_SEEN in words and ALSO in words
    assert "sees nothing" not in words


def test_each_service_of_the_role_is_named(cast: Cast, role: Role, open_as: Any) -> None:
    role.services.add(ServiceFactory(code="zz", name_en="Other Test"))
    words = words_of(open_as(cast.jean).get(url(held(cast, role))))
    assert f"Today Mijn Test {HOLDS} Today Other Test {HOLDS}" in words


def test_before_its_first_day_the_service_sees_nothing_and_the_page_says_why(
    cast: Cast, role: Role, open_as: Any
) -> None:
    row = held(cast, role, valid_from=day(3))
    words = words_of(open_as(cast.jean).get(url(row)))
    written = f"{row.valid_from:%-d %B %Y}"
    assert f"Today the service sees nothing. It starts on {written}. From {written}, Mijn Test {HOLDS}" in words


def test_what_waits_for_a_confirmation_says_so(cast: Cast, role: Role, open_as: Any) -> None:
    row = held(cast, role, confirmer="assignee", confirm_before=day(5))
    words = words_of(open_as(cast.anna).get(url(row)))
    assert "Today the service sees nothing. Anna Peeters has to confirm it before" in words
    assert f"Once confirmed, Mijn Test {HOLDS}" in words
    RoleAssignment.objects.update(valid_from=day(3))
    words = words_of(open_as(cast.anna).get(url(row)))
    assert f"Once confirmed, and from {day(3):%-d %B %Y} at the earliest, Mijn Test {HOLDS}" in words


def test_once_it_is_over_the_service_sees_nothing_and_will_not(cast: Cast, role: Role, open_as: Any) -> None:
    row = held(cast, role, valid_from=day(-9), valid_until=day(-1))
    words = words_of(open_as(cast.jean).get(url(row)))
    assert "What the service sees Today the service sees nothing. Its last day was" in words
    assert "Mijn Test sees" not in words
    assert NOT_SEEN not in words


def test_a_stopped_organisation_is_seen_no_more(cast: Cast, role: Role, open_as: Any) -> None:
    row, jean = held(cast, role), open_as(cast.jean)
    cast.dubois.status = "stopped"
    cast.dubois.save()
    words = words_of(jean.get(url(row)))
    assert "Today the service sees nothing. Boulangerie Dubois SRL has stopped" in words
    assert data_of(jean.get(url(row, "service-view/"))) == [EMPTY]


# --- As data ---


def test_the_data_are_those_of_the_format(cast: Cast, role: Role, open_as: Any) -> None:
    row = held(cast, role, properties={"TYPES": ["VAT"]}, valid_until=day(90))
    page = open_as(cast.anna).get(url(row, "service-view/"))
    assert heading_of(page) == "What the service will see, as data"
    entry = {
        "role": "EXAMPLE_EDIT",
        "enterpriseNumber": "0999999922",
        "validFrom": row.valid_from.isoformat(),
        "validUntil": day(90).isoformat(),
        "properties": {"TYPES": ["VAT"]},
        "reference": row.reference,
    }
    assert data_of(page) == [{"roles_format": "rolemgmt/1", "roles": [entry]}]
    words = words_of(page)
    assert "Other roles of this person for the same service and organisation stand in the same list." in words
    assert ALSO in words and "The number and the name of the organisation come with them." in words
    assert "This format, rolemgmt/1, is our own." in words


def test_the_data_do_not_tell_of_roles_that_the_reader_may_not_see(
    cast: Cast, role: Role, open_as: Any, catalogue: Any
) -> None:
    row = held(cast, role)
    held(cast, catalogue["CCB_SAFEONWEBATWORK_EDIT"])
    (data,) = data_of(open_as(cast.marie).get(url(row, "service-view/")))
    assert [entry["role"] for entry in data["roles"]] == ["EXAMPLE_EDIT"]


def test_today_and_later_stand_apart(cast: Cast, role: Role, open_as: Any) -> None:
    row, jean = held(cast, role, valid_from=day(3)), open_as(cast.jean)
    page = jean.get(url(row, "service-view/"))
    today, later = data_of(page)
    assert today == EMPTY
    assert later["roles"][0]["validFrom"] == day(3).isoformat()
    assert f"Today The service sees nothing. It starts on {day(3):%-d %B %Y}." in words_of(page)
    RoleAssignment.objects.update(valid_from=day(0), confirmer="assignee", confirm_before=day(5))
    assert "Once the role is confirmed" in words_of(jean.get(url(row, "service-view/")))
    RoleAssignment.objects.update(confirm_before=day(0))
    assert data_of(jean.get(url(row, "service-view/"))) == [EMPTY]


@pytest.mark.threat(1)
@pytest.mark.parametrize("who", ["carine", "olivier", "sofie", "klaus"])
def test_for_everybody_else_there_is_no_such_page(cast: Cast, role: Role, open_as: Any, who: str) -> None:
    client = open_as(getattr(cast, who))
    foreign, absent = (
        client.get(url(held(cast, role), "service-view/")),
        client.get(f"/assignments/{'A' * 22}/service-view/"),
    )
    assert foreign.status_code == absent.status_code == 404
    assert words_of(foreign) == words_of(absent)


def test_reading_about_others_takes_a_managers_key(cast: Cast, role: Role, open_as: Any) -> None:
    row = held(cast, role)
    assert open_as(cast.jean, 300).get(url(row, "service-view/")).status_code == 403
    assert open_as(cast.anna, 300).get(url(row, "service-view/")).status_code == 200


def test_whoever_only_confirms_reads_nothing_of_it(cast: Cast, role: Role, open_as: Any) -> None:
    """A legal representative confirms where there is no other manager; what the service sees is not theirs to know."""
    others = AccessManagerAppointment.objects.filter(organisation=cast.dubois).exclude(person=cast.jean)
    others.update(ended_at=timezone.now())
    person = PersonFactory()
    UserFactory(person=person)
    EmploymentFactory(person=person, organisation=cast.dubois, kind="legal_representative")
    row = AssignmentFactory(
        role=role,
        organisation=cast.dubois,
        assignee=cast.jean,
        assigned_by=cast.jean,
        confirmer="manager",
        confirm_before=day(5),
    )
    client = open_as(person)
    page = client.get(url(row))
    assert page.status_code == 200
    assert "the service" not in words_of(page)
    assert client.get(url(row, "service-view/")).status_code == 404


# --- The check page ---


def test_the_check_page_says_it_before_anything_is_done(jean: Client, cast: Cast, role: Role, now: datetime) -> None:
    draft = draft_of(cast.jean, persons=[cast.anna], roles=[role], now=now, **ANSWERED)
    words = words_of(jean.get(address(draft, "review")))
    today = f"{timezone.localdate():%-d %B %Y}"
    assert (
        f"What the service will see From {today}, Mijn Test {HOLDS} Example role What this example lets one do" in words
    )
    assert NOT_SEEN in words


def test_for_many_people_the_first_is_the_example(jean: Client, cast: Cast, role: Role, now: datetime) -> None:
    people = [cast.anna, *PersonFactory.create_batch(4)]
    draft = draft_of(cast.jean, persons=people, roles=[role], now=now, **ANSWERED)
    for page in ("review", "service-view"):
        words = words_of(jean.get(address(draft, page)))
        assert "It will see the same of 4 other people, for the roles that they receive." in words
    assert words_of(jean.get(address(draft, "review"))).count("Mijn Test sees that") == 1
    assert len(data_of(jean.get(address(draft, "service-view")))) == 1


def test_each_service_sees_its_own_roles_only(jean: Client, cast: Cast, role: Role, now: datetime) -> None:
    second, third = RoleFactory(code="EXAMPLE_READ"), RoleFactory(code="OTHER")
    second.services.set(role.services.all())
    third.services.update(code="zz", name_en="Other Test")
    draft = draft_of(cast.jean, persons=[cast.anna], roles=[role, second, third], now=now, **ANSWERED)
    words = words_of(jean.get(address(draft, "review")))
    assert "Mijn Test sees that Anna Peeters holds these roles for" in words
    assert f"Other Test {HOLDS}" in words
    page = jean.get(address(draft, "service-view"))
    assert [[entry["role"] for entry in data["roles"]] for data in data_of(page)] == [
        ["EXAMPLE_EDIT", "EXAMPLE_READ"],
        ["OTHER"],
    ]
    assert "“…” stands for the reference" in words_of(page)
    assert data_of(page)[0]["roles"][0]["reference"] == "…"


def test_what_has_to_be_confirmed_stands_apart(open_as: Any, cast: Cast, role: Role, now: datetime) -> None:
    draft = draft_of(cast.ingrid, persons=[cast.klaus], roles=[role], now=now, **ANSWERED)
    words = words_of(open_as(cast.ingrid).get(address(draft, "review")))
    assert "Once confirmed, Mijn Test sees that Klaus Lennertz holds this role" in words
    later = {"start": "date", "valid_from": day(4)}
    draft = draft_of(cast.ingrid, persons=[cast.klaus], roles=[role], now=now, **{**ANSWERED, **later})
    words = words_of(open_as(cast.ingrid).get(address(draft, "review")))
    assert f"Once confirmed, and from {day(4):%-d %B %Y} at the earliest, Mijn Test sees" in words


def test_without_anything_to_assign_the_check_page_answers(jean: Client, cast: Cast, role: Role, now: datetime) -> None:
    held(cast, role)
    draft = draft_of(cast.jean, persons=[cast.anna], roles=[role], now=now, **ANSWERED)
    assert "What the service will see" not in words_of(jean.get(address(draft, "review")))
    assert jean.get(address(draft, "service-view")).url == address(draft, "review")
    RoleAssignment.objects.all().delete()
    Role.objects.update(is_assignable=False)
    assert jean.get(address(draft, "service-view")).url == address(draft, "review")


def test_looking_at_the_data_changes_nothing(jean: Client, cast: Cast, role: Role, now: datetime) -> None:
    draft = draft_of(cast.jean, persons=[cast.anna], roles=[role], now=now, **ANSWERED)
    assert jean.get(address(draft, "service-view")).status_code == 200
    assert jean.post(address(draft, "service-view")).status_code == 405
    draft.refresh_from_db()
    assert draft.version == 1
    assert not RoleAssignment.objects.exists()
