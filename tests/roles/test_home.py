"""S1 and S4: the start page, and what waits for whom."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from roles.models import RoleAssignment
from tests.factories import AssignmentFactory, EmploymentFactory, OrganisationFactory, PersonFactory, RoleFactory
from tests.roles.pages import ANSWERED, address, draft_of, heading_of, in_english, text_of, words_of

BUTTONS = ("Assign a role to a user", "Assign a role via national register number")


def waiting(cast: Any, **values: Any) -> RoleAssignment:
    """Store a role that Klaus still has to confirm."""
    given = {
        "role": RoleFactory(name_en="Example role"),
        "organisation": cast.eupen,
        "assignee": cast.klaus,
        "assigned_by": cast.ingrid,
        "confirmer": "assignee",
        "confirm_before": timezone.localdate() + timedelta(days=14),
    }
    return AssignmentFactory(**{**given, **values})


def test_signed_out_it_says_what_this_is_and_offers_to_sign_in(client: Client, db: None) -> None:
    page = in_english(client).get("/")
    assert heading_of(page) == "Manage roles for your organisation"
    assert 'class="button" href="/login/"' in text_of(page)
    assert 'href="/help/#keys"' in text_of(page)


def test_a_post_changes_nothing(jean: Client) -> None:
    assert jean.post("/").status_code == 405


@pytest.mark.parametrize("who", ["jean", "tom", "marie", "carine", "ingrid", "klaus"])
def test_a_manager_can_begin_both_ways(cast: Any, open_as: Any, who: str) -> None:
    page = open_as(getattr(cast, who)).get("/")
    words = words_of(page)
    assert heading_of(page) == "My open tasks"
    for button in BUTTONS:
        assert button in words
    assert "Manage role assignments" in words
    assert "Nothing to do. You have no active role." in words
    assert text_of(page).count('action="/assignments/new/"') == 2


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        (
            "anna",
            [
                "You cannot assign roles yet. You are not an access manager for Boulangerie Dubois SRL.",
                "Jean Dubois (chief access manager)",
                "Tom Janssens (co-chief access manager)",
                "Marie Claes (access manager for the domain Finance)",
            ],
        ),
        ("olivier", ["You are not linked to any organisation.", "Is your organisation missing here?"]),
        ("sofie", ["You are not linked to any organisation."]),
    ],
)
def test_everybody_else_reads_why_not_and_who_can(cast: Any, open_as: Any, who: str, expected: list[str]) -> None:
    page = open_as(getattr(cast, who)).get("/")
    words = words_of(page)
    assert page.status_code == 200
    for text in expected:
        assert text in words
    for button in BUTTONS:
        assert button not in words
    assert "My role assignments" in words


def test_an_organisation_without_a_manager_gives_a_text_to_forward(cast: Any, open_as: Any, now: datetime) -> None:
    cast.dubois.appointments.update(valid_until=datetime(2024, 1, 1).date(), ended_at=now)
    words = words_of(open_as(cast.anna).get("/"))
    assert "Nobody is access manager for Boulangerie Dubois SRL." in words
    assert "that is: Jean Dubois" in words
    assert "You can send them this text:" in words


def test_a_low_session_sees_what_waits_and_how_to_step_up(cast: Any, open_as: Any) -> None:
    page = open_as(cast.jean, 300).get("/")
    assert "Sign in with another key" in words_of(page)
    assert 'href="/login/?next=/"' in text_of(page)
    assert BUTTONS[0] not in words_of(page)


def test_a_manager_elsewhere_is_told_to_change(cast: Any, open_as: Any) -> None:
    other = OrganisationFactory(name_fr="Atelier", name_nl="Atelier")
    EmploymentFactory(person=cast.jean, organisation=other)
    page = open_as(cast.jean, acting_for=other.key).get("/")
    assert "You are access manager of this organisation: Boulangerie Dubois SRL." in words_of(page)
    assert 'href="/acting-for/"' in text_of(page)


def test_in_ones_own_name_only_nothing_is_given(cast: Any, open_as: Any) -> None:
    assert BUTTONS[0] not in words_of(open_as(cast.tom, acting_for="self").get("/"))


def test_a_role_to_confirm_is_a_task_of_its_holder_only(cast: Any, open_as: Any) -> None:
    row = waiting(cast)
    page = open_as(cast.klaus).get("/")
    assert "Confirm your role Example role For Eupener Werkstätten GmbH, before" in words_of(page)
    assert f'href="/assignments/{row.key}/confirm/"' in text_of(page)
    for other in (cast.ingrid, cast.jean, cast.olivier):
        assert "Confirm" not in words_of(open_as(other).get("/"))


def test_a_role_that_another_manager_confirms_is_a_task_of_theirs(cast: Any, open_as: Any) -> None:
    row = waiting(cast, assignee=cast.ingrid, confirmer="manager")
    page = open_as(cast.klaus).get("/")
    assert "Confirm the role of Ingrid Schmitz Example role, before" in words_of(page)
    assert f'href="/assignments/{row.key}/confirm/"' in text_of(page)
    assert "Confirm" not in words_of(open_as(cast.ingrid).get("/"))


def test_a_manager_of_another_domain_has_no_such_task(cast: Any, catalogue: Any, open_as: Any) -> None:
    row = waiting(
        cast, assignee=cast.jean, assigned_by=cast.jean, confirmer="manager", organisation=cast.dubois,
        role=catalogue["CCB_SAFEONWEBATWORK_EDIT"],
    )  # fmt: skip
    assert "Confirm" not in words_of(open_as(cast.marie).get("/"))
    assert row.key in text_of(open_as(cast.tom, acting_for=cast.dubois.key).get("/"))


def test_tasks_of_other_domains_hide_none_of_ones_own(cast: Any, open_as: Any) -> None:
    other = RoleFactory(domain__code="CYBERSECURITY")
    for _number in range(30):
        waiting(
            cast, assignee=PersonFactory(), confirmer="manager", organisation=cast.dubois, role=other,
            confirm_before=timezone.localdate() + timedelta(days=1),
        )  # fmt: skip
    mine = waiting(cast, assignee=cast.jean, assigned_by=cast.jean, confirmer="manager", organisation=cast.dubois)
    page = text_of(open_as(cast.marie).get("/"))
    assert page.count("/confirm/") == 1
    assert mine.key in page


@pytest.mark.parametrize(
    "facts",
    [
        {"confirm_before": timezone.localdate()},
        {"confirmed_at": timezone.now()},
        {"refused_at": timezone.now()},
    ],
)
def test_what_no_longer_waits_is_no_task(cast: Any, open_as: Any, facts: dict[str, Any]) -> None:
    if "confirmed_at" in facts:
        facts = {**facts, "confirmed_by": cast.klaus}
    if "refused_at" in facts:
        facts = {**facts, "refused_by": cast.klaus}
    waiting(cast, **facts)
    assert "Confirm your role" not in words_of(open_as(cast.klaus).get("/"))


def test_drafts_are_tasks_that_resume_at_their_step(jean: Client, cast: Any, now: datetime) -> None:
    role = RoleFactory()
    drafts = {
        "roles": draft_of(cast.jean, persons=[cast.anna], now=now),
        "properties": draft_of(cast.jean, persons=[cast.marie], roles=[role], now=now),
        "review": draft_of(cast.jean, persons=[cast.tom], roles=[role], now=now, **ANSWERED),
    }
    draft_of(cast.jean, now=now)  # nobody chosen yet: nothing to finish
    page = jean.get("/")
    for step, draft in drafts.items():
        assert f'href="{address(draft, step)}"' in text_of(page)
        assert jean.get(address(draft, step)).status_code == 200
    words = words_of(page)
    assert words.count("Finish your draft assignment") == 3
    assert "For Anna Peeters step 3 of 5" in words
    assert "For Marie Claes step 4 of 5" in words
    assert "For Tom Janssens step 5 of 5" in words


def test_finished_deleted_old_and_foreign_drafts_are_no_tasks(jean: Client, cast: Any, now: datetime) -> None:
    draft_of(cast.jean, now=now, submitted_at=now, reference="AR-2026-000001")
    draft_of(cast.jean, now=now, deleted_at=now)
    draft_of(cast.jean, now=now, updated_at=now - timedelta(hours=24))
    draft_of(cast.tom, now=now)
    assert "Finish your draft assignment" not in words_of(jean.get("/"))


def test_active_roles_are_counted(cast: Any, open_as: Any) -> None:
    AssignmentFactory(role=RoleFactory(), assignee=cast.anna, organisation=cast.dubois)
    AssignmentFactory(
        role=RoleFactory(), assignee=cast.anna, organisation=cast.dubois, valid_from=datetime(2090, 1, 1).date()
    )
    assert "Nothing to do. You have 1 active role." in words_of(open_as(cast.anna).get("/"))


def test_roles_that_end_soon_are_a_task_for_whoever_manages_them(jean: Client, open_as: Any, cast: Any) -> None:
    today = timezone.localdate()
    for days in (0, 30, 31):
        AssignmentFactory(
            role=RoleFactory(),
            organisation=cast.dubois,
            assignee=cast.anna,
            assigned_by=cast.jean,
            valid_until=today + timedelta(days=days),
        )
    page = jean.get("/")
    assert "Check the roles that end soon" in words_of(page)
    assert "2 in 30 days" in words_of(page)
    link = re.search(r'href="(/assignments/\?[^"]*)"', text_of(page))
    assert link is not None
    assert len(re.findall(r'name="key"', text_of(jean.get(link[1])))) == 2
    assert "Check the roles" not in words_of(open_as(cast.anna).get("/"))
    assert "Check the roles" not in words_of(open_as(cast.carine).get("/"))
