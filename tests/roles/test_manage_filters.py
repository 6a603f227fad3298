"""S11: filters, order, pages by key, the file."""

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import AuditEntry
from roles.models import Role, RoleAssignment
from tests.conftest import Cast
from tests.factories import AssignmentFactory, PersonFactory, RoleFactory
from tests.roles.pages import errors_of, words_of
from tests.roles.test_assignments_page import keys_on

URL = "/assignments/"
pytestmark = pytest.mark.django_db
OpenAs = Callable[..., Client]


def day(number: int) -> date:
    return timezone.localdate() + timedelta(days=number)


@pytest.fixture
def rows(cast: Cast) -> dict[str, RoleAssignment]:
    """Four assignments at Dubois and one at the neighbour's, by name."""
    billing, customs = RoleFactory(name_en="Billing officer", code="B"), RoleFactory(name_en="Customs", code="A")
    dubois = {"organisation": cast.dubois, "assigned_by": cast.jean}
    return {
        "anna": AssignmentFactory(role=billing, assignee=cast.anna, valid_until=day(10), **dubois),
        "tom": AssignmentFactory(role=customs, assignee=cast.tom, **dubois),
        "marie": AssignmentFactory(role=customs, assignee=cast.marie, valid_from=day(5), **dubois),
        "past": AssignmentFactory(role=customs, assignee=cast.anna, valid_from=day(-9), valid_until=day(-1), **dubois),
        "foreign": AssignmentFactory(role=billing, assignee=cast.anna, organisation=cast.peeters),
    }


def named(page: Any, rows: dict[str, RoleAssignment]) -> list[str]:
    names = {row.key: name for name, row in rows.items()}
    return [names[key] for key in keys_on(page)]


def after_filter(client: Client, **form: Any) -> Any:
    answer = client.post(URL + "filter/", form)
    assert answer.status_code == 303, errors_of(answer)
    return client.get(answer.headers["Location"].partition("#")[0])


def test_unfiltered_all_are_shown_newest_first(jean: Client, rows: dict[str, RoleAssignment]) -> None:
    assert named(jean.get(URL), rows) == ["past", "marie", "tom", "anna"]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"name": "anna"}, ["past", "anna"]),
        ({"name": "peeters an"}, ["past", "anna"]),
        ({"name": "JANSSENS"}, ["tom"]),
        ({"role": "billing"}, ["anna"]),
        ({"status": "active"}, ["tom", "anna"]),
        ({"status": "scheduled"}, ["marie"]),
        ({"status": "expired"}, ["past"]),
        ({"status": "current"}, ["marie", "tom", "anna"]),
        ({"name": "anna", "status": "active"}, ["anna"]),
        ({"status": "nonsense"}, ["past", "marie", "tom", "anna"]),
    ],
)
def test_a_filter_leaves_what_it_says(
    jean: Client, rows: dict[str, RoleAssignment], form: dict[str, str], expected: list[str]
) -> None:
    assert named(after_filter(jean, **form), rows) == expected


def test_what_ends_before_a_day_is_found(jean: Client, rows: dict[str, RoleAssignment]) -> None:
    until = day(11)
    form = {"ends_day": until.day, "ends_month": until.month, "ends_year": until.year, "status": "current"}
    page = after_filter(jean, **form)
    assert named(page, rows) == ["anna"]
    assert "Ends before" in words_of(page)


@pytest.mark.threat(17)
def test_a_name_is_never_in_an_address(jean: Client, rows: dict[str, RoleAssignment]) -> None:
    answer = jean.post(URL + "filter/", {"name": "anna", "role": "billing", "status": "active"})
    assert answer.headers["Location"] == f"{URL}?status=active#results"
    page = jean.get(URL)
    assert "Name: anna" in words_of(page)
    assert "anna" not in "".join(part.split('"')[0] for part in page.content.decode().split('href="')[1:])


def test_filters_are_taken_off_one_by_one_or_all(jean: Client, rows: dict[str, RoleAssignment]) -> None:
    after_filter(jean, name="anna", role="billing")
    assert named(after_filter(jean, clear="role"), rows) == ["past", "anna"]
    assert named(after_filter(jean, clear="all"), rows) == ["past", "marie", "tom", "anna"]


def test_no_match_says_so_and_offers_to_clear(jean: Client, rows: dict[str, RoleAssignment]) -> None:
    words = words_of(after_filter(jean, name="nobody"))
    assert "No assignment matches." in words
    assert "Clear filters" in words


def test_eleven_digits_are_no_name(jean: Client, rows: dict[str, RoleAssignment]) -> None:
    page = jean.post(URL + "filter/", {"name": "85.07.30-033.28"})
    assert errors_of(page) == ["Search by name. The number cannot be used as a filter"]
    page = jean.post(URL + "filter/", {"ends_day": "31", "ends_month": "2", "ends_year": "2030"})
    assert errors_of(page) == ["Enter a real end date"]
    page = jean.post(URL + "filter/", {"name": "x" * 101})
    assert errors_of(page) == ["“Name” can have at most 100 characters"]
    assert "manage_words" not in jean.session


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("person", ["marie", "tom", "past", "anna"]),
        ("role", ["past", "marie", "tom", "anna"]),
        ("ends", ["past", "anna", "marie", "tom"]),
        ("nonsense", ["past", "marie", "tom", "anna"]),
    ],
)
def test_the_order_is_what_was_chosen(
    jean: Client, rows: dict[str, RoleAssignment], sort: str, expected: list[str]
) -> None:
    assert named(jean.get(f"{URL}?sort={sort}"), rows) == expected


@pytest.mark.parametrize("sort", ["newest", "person", "role", "ends"])
def test_pages_by_key_show_everything_once_in_every_order(jean: Client, cast: Cast, sort: str) -> None:
    roles = [RoleFactory() for _number in range(3)]
    people = [PersonFactory() for _number in range(20)]
    for number in range(60):
        AssignmentFactory(
            organisation=cast.dubois,
            assignee=people[number % 20],
            role=roles[number // 20],
            valid_until=day(number % 7) if number % 3 else None,
        )
    found: list[str] = []
    address = f"{URL}?sort={sort}"
    for _page in range(3):
        page = jean.get(address)
        found += keys_on(page)
        address = f"{URL}?sort={sort}&after={found[-1]}"
    assert len(found) == len(set(found)) == 60


def test_the_file_holds_what_the_filters_leave(jean: Client, rows: dict[str, RoleAssignment], cast: Cast) -> None:
    cast.tom.family_name = "=cmd|' /C calc'!A0"
    cast.tom.save()
    answer = jean.get(f"{URL}?status=active&format=csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert lines[0][:4] == ["Person", "Role", "Code", "Status"]
    assert [line[7] for line in lines[1:]] == [rows["tom"].reference, rows["anna"].reference]
    assert not [cell for line in lines for cell in line if cell.startswith(("=", "+", "-", "@"))]
    entry = AuditEntry.objects.get(event="assignments:exported")
    assert entry.data == {"lines": 2}


@pytest.mark.threat(1)
@pytest.mark.threat(2)
def test_neither_list_nor_file_holds_what_is_not_ones_own(
    open_as: OpenAs, cast: Cast, catalogue: dict[str, Role]
) -> None:
    for code in ("CUSTOMS_EMCS", "CCB_SAFEONWEBATWORK_EDIT"):
        AssignmentFactory(role=catalogue[code], organisation=cast.dubois, assignee=cast.anna)
    marie = open_as(cast.marie)
    assert len(keys_on(marie.get(URL))) == 1
    assert marie.get(f"{URL}?format=csv").content.decode().count("\r\n") == 2
    for who in (cast.anna, cast.olivier):
        assert open_as(who).get(f"{URL}?format=csv").status_code == 403
        assert open_as(who).post(URL + "filter/", {"name": "x"}).status_code == 403
    assert keys_on(open_as(cast.carine).get(f"{URL}?sort=person")) == []


def test_a_page_with_an_error_can_be_asked_for_in_another_language(jean: Client) -> None:
    address = URL + "filter/"
    assert errors_of(jean.post(address, {"ends_day": "32"})) != []
    assert jean.get(address + "?language=fr", follow=True).redirect_chain[-1] == (URL, 303)
