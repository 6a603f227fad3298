"""S9: one assignment, its facts and its events, for those who may see it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from roles.models import RoleAssignment
from roles.operations.confirm import confirm_assignment, refuse_assignment
from tests.factories import AssignmentFactory, PropertyFactory, RoleFactory
from tests.roles.pages import ANSWERED, draft_of, finish, heading_of, in_english, text_of, words_of


@pytest.fixture
def row(cast: Any, catalogue: Any) -> RoleAssignment:
    """Anna's role of the domain Cybersecurity at Dubois, given by Jean."""
    return AssignmentFactory(
        reference="AR-2026-004821-1",
        role=catalogue["CCB_SAFEONWEBATWORK_EDIT"],
        organisation=cast.dubois,
        assignee=cast.anna,
        assigned_by=cast.jean,
    )


def url(row: RoleAssignment) -> str:
    """Return its address."""
    return f"/assignments/{row.key}/"


@pytest.mark.parametrize("who", ["anna", "jean", "tom"])
def test_its_holder_and_its_managers_see_it(cast: Any, row: RoleAssignment, open_as: Any, who: str) -> None:
    page = open_as(getattr(cast, who)).get(url(row))
    assert heading_of(page) == "Assignment AR-2026-004821-1"
    words = words_of(page)
    assert "Active Can be used now." in words
    assert "Role CCB SAFEONWEBATWORK EDIT Register and edit the organisation on Safeonweb@work" in words
    assert "Organisation Boulangerie Dubois SRL (0999.999.922)" in words
    assert "Person Anna Peeters" in words
    assert "Assigned by Jean Dubois" in words
    assert "Reference AR-2026-004821-1" in words
    assert 'href="https://atwork.safeonweb.be"' in text_of(page)
    back = "/my-roles/" if who == "anna" else "/assignments/"
    assert f'<a href="{back}">Back</a>' in text_of(page)


@pytest.mark.threat(1)
@pytest.mark.parametrize("who", ["marie", "carine", "olivier", "sofie", "klaus"])
@pytest.mark.parametrize("page", ["", "confirm/"])
def test_for_everybody_else_it_does_not_exist(
    cast: Any, row: RoleAssignment, open_as: Any, who: str, page: str
) -> None:
    client = open_as(getattr(cast, who))
    foreign, absent = client.get(url(row) + page), client.get(f"/assignments/{'A' * 22}/{page}")
    assert foreign.status_code == absent.status_code == 404
    assert words_of(foreign) == words_of(absent)


def test_a_holder_from_elsewhere_reads_whom_to_turn_to(cast: Any, row: RoleAssignment, open_as: Any) -> None:
    anna = words_of(open_as(cast.anna).get(url(row)))
    RoleAssignment.objects.update(assignee=cast.olivier)
    page = open_as(cast.olivier).get(url(row))
    assert "Assigned by Jean Dubois. Write to the access managers" in words_of(page)
    assert '<a href="/access-managers/contact/">Write' in text_of(page)
    for words in (anna, words_of(open_as(cast.jean).get(url(row)))):
        assert "Write to the access managers" not in words


def test_a_colleague_does_not_see_it(cast: Any, row: RoleAssignment, open_as: Any) -> None:
    RoleAssignment.objects.update(assignee=cast.marie)
    assert open_as(cast.anna).get(url(row)).status_code == 404


@pytest.mark.threat(4)
def test_a_manager_whose_right_ended_no_longer_sees_it(
    cast: Any, row: RoleAssignment, open_as: Any, now: datetime
) -> None:
    tom = open_as(cast.tom)
    cast.tom.appointments.update(ended_at=now, valid_until=timezone.localdate() - timedelta(days=1))
    assert tom.get(url(row)).status_code == 404


@pytest.mark.parametrize("key", ["x", "%00", "%27", "A" * 500, "é", "new%00"])
def test_a_key_that_is_none_is_not_found(jean: Client, key: str) -> None:
    assert jean.get(f"/assignments/{key}/").status_code == 404
    assert jean.get(f"/assignments/{key}/confirm/").status_code == 404


def test_signed_out_one_signs_in_first(client: Client, row: RoleAssignment) -> None:
    assert in_english(client).get(url(row)).url == f"/login/?next={url(row)}"


@pytest.mark.asvs(35)
def test_a_low_session_sees_its_own_and_steps_up_for_others(cast: Any, row: RoleAssignment, open_as: Any) -> None:
    assert open_as(cast.anna, 300).get(url(row)).status_code == 200
    answer = open_as(cast.jean, 300).get(url(row))
    assert answer.status_code == 403
    assert f'href="/login/?next={url(row)}"' in text_of(answer)
    assert "Anna Peeters" not in words_of(answer).split("What you can do")[0]


def test_a_post_is_not_allowed(jean: Client, row: RoleAssignment) -> None:
    assert jean.post(url(row)).status_code == 405


def test_properties_are_shown_in_words(jean: Client, cast: Any) -> None:
    role = RoleFactory()
    PropertyFactory(role=role, code="A", label_en="Sensitive mandates")
    PropertyFactory(
        role=role, code="B", kind="choices", label_en="Types", options=[{"code": "X", "en": "First"}, {"code": "Y"}]
    )
    row = AssignmentFactory(
        role=role, organisation=cast.dubois, assignee=cast.anna, properties={"A": False, "B": ["X", "Y", "GONE"]}
    )
    words = words_of(jean.get(url(row)))
    assert "Sensitive mandates No" in words
    assert "Types First, Y, GONE" in words


def test_the_events_come_newest_first_with_who_and_when(cast: Any, open_as: Any, acting_as: Any, now: datetime) -> None:
    draft = draft_of(cast.ingrid, persons=[cast.klaus], roles=[RoleFactory()], now=now, **ANSWERED)
    finish(open_as(cast.ingrid), draft)
    row = RoleAssignment.objects.get()
    confirm_assignment(row, acting=acting_as(cast.klaus), now=timezone.now())
    events = words_of(open_as(cast.klaus).get(url(row))).split("Events ")[1]
    confirmed, given = events.index("Role confirmed"), events.index("Role assigned; the role holder has to confirm")
    assert confirmed < given
    assert "– Klaus Lennertz" in events[confirmed:given]
    assert "– Ingrid Schmitz" in events[given:]


def test_a_refusal_shows_its_reason(cast: Any, open_as: Any, acting_as: Any, now: datetime) -> None:
    row = AssignmentFactory(
        role=RoleFactory(), organisation=cast.eupen, assignee=cast.klaus, assigned_by=cast.ingrid,
        confirmer="assignee", confirm_before=timezone.localdate() + timedelta(days=3),
    )  # fmt: skip
    refuse_assignment(row, note="I have <left>", acting=acting_as(cast.klaus), now=now)
    page = open_as(cast.ingrid).get(url(row))
    assert "Reason for refusing: I have <left>" in text_of(page)
    assert "I have <left>" not in page.content.decode()
    assert "Klaus Lennertz refused this role on" in words_of(page)


def test_whoever_has_to_confirm_finds_the_button(cast: Any, open_as: Any) -> None:
    row = AssignmentFactory(
        role=RoleFactory(), organisation=cast.eupen, assignee=cast.ingrid,
        confirmer="manager", confirm_before=timezone.localdate() + timedelta(days=3),
    )  # fmt: skip
    assert f'href="{url(row)}confirm/"' in text_of(open_as(cast.klaus).get(url(row)))
    holder = open_as(cast.ingrid).get(url(row))
    assert "confirm/" not in text_of(holder)
    assert "Klaus Lennertz must confirm before" in words_of(holder)
    assert "This role does not work yet." in words_of(holder)


def test_whoever_has_the_button_to_confirm_is_not_told_where_to_find_it(open_as: Any, cast: Any) -> None:
    row = AssignmentFactory(
        role=RoleFactory(),
        organisation=cast.eupen,
        assignee=cast.ingrid,
        assigned_by=cast.ingrid,
        confirmer="manager",
        confirm_before=timezone.localdate() + timedelta(days=9),
    )
    advice = "Klaus Lennertz signs in, opens “My open tasks”"
    assert advice in words_of(open_as(cast.ingrid).get(f"/assignments/{row.key}/"))
    page = words_of(open_as(cast.klaus).get(f"/assignments/{row.key}/"))
    assert "Confirm or refuse" in page
    assert advice not in page
