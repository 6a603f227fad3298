"""W6: the record of what was done, and what happens next."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from roles.models import AssignmentDraft, RoleAssignment
from tests.factories import RoleFactory
from tests.roles.pages import ANSWERED, address, draft_of, finish, heading_of, in_english, text_of, words_of, written


@pytest.fixture
def draft(jean: Client, cast: Any, catalogue: Any, now: datetime) -> AssignmentDraft:
    """Jean has given Anna and Marie a role."""
    found = draft_of(
        cast.jean,
        persons=[cast.anna, cast.marie],
        roles=[catalogue["CCB_SAFEONWEBATWORK_EDIT"]],
        now=now,
        **ANSWERED,
    )
    assert finish(jean, found).url == address(found, "done")
    found.refresh_from_db()
    return found


def test_it_shows_the_reference_and_a_line_per_person_and_role(jean: Client, draft: AssignmentDraft) -> None:
    page = jean.get(address(draft, "done"))
    assert heading_of(page) == "Assignment finished"
    words = words_of(page)
    assert f"Reference {draft.reference}" in words
    assert "Roles for Boulangerie Dubois SRL" in words
    assert "Anna Peeters – CCB SAFEONWEBATWORK EDIT Can be used now" in words
    assert f"{draft.reference}-1 Active" in words
    assert f"{draft.reference}-2 Active" in words
    assert "Each person receives an e-mail, and you a receipt. They leave at " in words
    assert 'href="https://atwork.safeonweb.be"' in text_of(page)
    for link in ('href="/assignments/"', 'href="/"'):
        assert link in text_of(page)


def test_reloading_does_nothing_twice(jean: Client, draft: AssignmentDraft) -> None:
    before = written()
    for _turn in range(3):
        assert jean.get(address(draft, "done")).status_code == 200
    assert jean.post(address(draft, "done")).status_code == 405
    assert written() == before


def test_later_the_same_page_shows_todays_states(
    jean: Client, draft: AssignmentDraft, cast: Any, now: datetime
) -> None:
    earlier = now - timedelta(days=400)
    AssignmentDraft.objects.update(submitted_at=earlier, updated_at=earlier)
    RoleAssignment.objects.filter(assignee=cast.anna).update(
        valid_from=timezone.localdate() - timedelta(days=400), valid_until=timezone.localdate() - timedelta(days=1)
    )
    words = words_of(jean.get(address(draft, "done")))
    assert "Status today" in words
    assert "Expired" in words
    assert "Active" in words


def test_who_must_confirm_until_when_is_said(cast: Any, open_as: Any, now: datetime) -> None:
    ingrid = open_as(cast.ingrid)
    draft = draft_of(
        cast.ingrid, persons=[cast.ingrid, cast.klaus], roles=[RoleFactory(name_en="Role")], now=now, **ANSWERED
    )
    finish(ingrid, draft)
    words = words_of(ingrid.get(address(draft, "done")))
    assert "Ingrid Schmitz – Role Klaus Lennertz must confirm before" in words
    assert "Klaus Lennertz – Role Klaus Lennertz must confirm before" in words
    assert words.count("To be confirmed") == 2


def test_whoever_has_no_address_is_named(jean: Client, draft: AssignmentDraft, cast: Any) -> None:
    cast.anna.email = ""
    cast.anna.save()
    assert "Anna Peeters has no e-mail address here: tell them yourself." in words_of(jean.get(address(draft, "done")))


def test_another_role_for_these_people_is_one_press(jean: Client, draft: AssignmentDraft) -> None:
    assert f'name="persons_of" value="{draft.key}"' in text_of(jean.get(address(draft, "done")))


def test_whoever_lost_the_right_no_longer_reads_about_others(jean: Client, draft: AssignmentDraft, cast: Any) -> None:
    cast.jean.appointments.update(ended_at=timezone.now(), valid_until=timezone.localdate() - timedelta(days=1))
    answer = jean.get(address(draft, "done"))
    assert answer.status_code == 403
    assert "Anna Peeters" not in text_of(answer)


@pytest.mark.asvs(35)
def test_a_session_of_low_level_steps_up_before_it_reads_about_others(
    draft: AssignmentDraft, cast: Any, open_as: Any
) -> None:
    answer = open_as(cast.jean, 300).get(address(draft, "done"))
    assert answer.status_code == 403
    assert "Anna Peeters" not in text_of(answer)


@pytest.mark.threat(1)
@pytest.mark.parametrize("who", ["tom", "anna", "marie", "carine", "olivier"])
def test_for_everybody_else_it_does_not_exist(cast: Any, draft: AssignmentDraft, open_as: Any, who: str) -> None:
    assert open_as(getattr(cast, who)).get(address(draft, "done")).status_code == 404


def test_signed_out_one_signs_in_first(draft: AssignmentDraft) -> None:
    assert in_english(Client()).get(address(draft, "done")).url == f"/login/?next={address(draft, 'done')}"


def test_an_open_draft_is_not_done(jean: Client, cast: Any, now: datetime) -> None:
    draft = draft_of(cast.jean, persons=[cast.anna], roles=[RoleFactory()], now=now, **ANSWERED)
    assert jean.get(address(draft, "done")).url == address(draft, "review")
