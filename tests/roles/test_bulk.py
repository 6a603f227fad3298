"""Ending and extending what was ticked in the list: a page that asks, then all of it or nothing."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import AuditEntry
from outbox.models import OutgoingEmail
from roles.models import Role, RoleAssignment
from roles.states import State
from tests.conftest import Cast
from tests.factories import AssignmentFactory, RoleFactory
from tests.roles.pages import errors_of, heading_of, text_of, words_of

URL = "/assignments/bulk/"
pytestmark = pytest.mark.django_db
OpenAs = Callable[..., Client]


def give(cast: Cast, holder: Any, **values: Any) -> RoleAssignment:
    role = values.pop("role", None) or RoleFactory(name_en="Example role")
    place = values.pop("organisation", cast.dubois)
    return AssignmentFactory(role=role, organisation=place, assignee=holder, assigned_by=cast.jean, **values)


@pytest.fixture
def three(cast: Cast) -> list[RoleAssignment]:
    """Two roles of Anna and one of Marie."""
    soon = timezone.localdate() + timedelta(days=20)
    return [give(cast, person, valid_until=soon) for person in (cast.anna, cast.anna, cast.marie)]


def query(action: str, rows: list[RoleAssignment]) -> str:
    return f"{URL}?action={action}" + "".join(f"&key={row.key}" for row in rows)


def form(action: str, rows: list[RoleAssignment], **values: Any) -> dict[str, Any]:
    return {"action": action, "key": [row.key for row in rows], **values}


def states(rows: list[RoleAssignment]) -> list[State]:
    found = RoleAssignment.objects.filter(pk__in=[row.pk for row in rows]).order_by("id")
    return [row.state(now=timezone.now()) for row in found]


def test_the_page_names_everything_before_it_acts(jean: Client, three: list[RoleAssignment]) -> None:
    page = jean.get(query("end", three))
    assert heading_of(page) == "End these assignments?"
    words = words_of(page)
    assert "End 3 assignments" in words
    assert all(row.reference in words for row in three)
    assert words.count("is the only one who holds") == 3
    assert states(three) == [State.ACTIVE] * 3


@pytest.mark.parametrize("action", ["end", "extend"])
def test_the_page_with_errors_has_an_address_that_opens(jean: Client, three: list[RoleAssignment], action: str) -> None:
    page = jean.get(query(action, three)).content.decode()
    address = re.search(r'<form method="post" action="(/assignments/bulk/[^"]*)"', page)
    assert address is not None
    there = html.unescape(address[1])
    assert errors_of(jean.post(there, form(action, three)))
    assert heading_of(jean.get(there)) == heading_of(jean.get(query(action, three)))


def test_all_end_in_one_act_with_one_letter_each(jean: Client, cast: Cast, three: list[RoleAssignment]) -> None:
    assert errors_of(jean.post(URL, form("end", three))) == ["Choose when the assignment ends"]
    done = jean.post(URL, form("end", three, when="now", note="Closed"))
    assert (done.status_code, done.headers["Location"]) == (303, "/assignments/")
    assert "3 assignments have ended" in words_of(jean.get("/assignments/"))
    assert states(three) == [State.ENDED] * 3
    assert sorted(OutgoingEmail.objects.values_list("to", flat=True)) == sorted([cast.anna.email, cast.marie.email])
    assert AuditEntry.objects.filter(event="assignment:ended").count() == 3


def test_all_are_extended_in_one_act(jean: Client, three: list[RoleAssignment]) -> None:
    page = jean.get(query("extend", three))
    assert heading_of(page) == "Extend these assignments"
    done = jean.post(URL, form("extend", three, duration="one_year"))
    assert done.headers["Location"] == "/assignments/"
    assert "3 assignments are extended" in words_of(jean.get("/assignments/"))
    assert RoleAssignment.objects.filter(replaces__in=three).count() == 3


def test_a_day_that_suits_one_and_not_the_other_ends_none(jean: Client, cast: Cast) -> None:
    late, soon = give(cast, cast.anna), give(cast, cast.tom, valid_until=timezone.localdate() + timedelta(days=3))
    last = timezone.localdate() + timedelta(days=9)
    when = {"when": "date", "until_day": last.day, "until_month": last.month, "until_year": last.year}
    (error,) = errors_of(jean.post(URL, form("end", [late, soon], **when)))
    assert error.startswith("The role of Tom Janssens ends on")
    assert RoleAssignment.objects.filter(ended_at__isnull=True).count() == 2


def test_nothing_ticked_is_said_on_the_list(jean: Client, three: list[RoleAssignment]) -> None:
    page = jean.get(f"{URL}?action=end")
    assert errors_of(page) == ["Choose at least one assignment"]
    assert heading_of(page) == "Manage role assignments"


def test_what_is_over_is_named_and_nothing_is_done(jean: Client, three: list[RoleAssignment]) -> None:
    jean.post(URL, form("end", three[:1], when="now"))
    again = jean.post(URL, form("end", three, when="now"))
    assert again.status_code == 200
    assert "These assignments are over already: Anna Peeters" in words_of(again)
    assert states(three) == [State.ENDED, State.ACTIVE, State.ACTIVE]
    without_end = words_of(jean.get(query("extend", three[:1])))
    assert "Only roles that work and have an end date can be extended." in without_end


@pytest.mark.threat(1)
@pytest.mark.threat(8)
def test_a_foreign_an_unknown_and_a_key_of_another_domain_are_alike(
    open_as: OpenAs, jean: Client, cast: Cast, catalogue: dict[str, Role], three: list[RoleAssignment]
) -> None:
    foreign = give(cast, cast.anna, organisation=cast.peeters)
    other = give(cast, cast.anna, role=catalogue["CCB_SAFEONWEBATWORK_EDIT"])
    absent = RoleAssignment(key="no-such-key-anywhere00")
    assert jean.post(URL, form("end", [*three, foreign], when="now")).status_code == 404
    assert jean.post(URL, form("end", [*three, absent], when="now")).status_code == 404
    assert open_as(cast.marie).post(URL, form("end", [other], when="now")).status_code == 404
    for who in (cast.anna, cast.olivier, cast.carine):
        answer = open_as(who).post(URL, form("end", three, when="now"))
        assert answer.status_code in (403, 404)
    assert states(three) == [State.ACTIVE] * 3
    assert RoleAssignment.objects.filter(ended_at__isnull=True).count() == 5


def test_nonsense_is_not_found(jean: Client, three: list[RoleAssignment]) -> None:
    assert jean.get(query("delete", three)).status_code == 404
    assert jean.get(query("end", three * 9)).status_code == 404


def test_the_list_offers_ticks_for_what_still_counts_only(
    jean: Client, cast: Cast, three: list[RoleAssignment]
) -> None:
    past = give(
        cast, cast.tom, valid_from=timezone.localdate() - timedelta(9), valid_until=timezone.localdate() - timedelta(1)
    )
    page = text_of(jean.get("/assignments/"))
    assert all(f'name="key" value="{row.key}"' in page for row in three)
    assert f'name="key" value="{past.key}"' not in page
