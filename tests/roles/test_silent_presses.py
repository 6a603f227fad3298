"""Presses that used to say nothing: each is answered, or recorded."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import AuditEntry
from roles.models import AssignmentDraft
from roles.operations.drafts import delete_draft
from tests.factories import RoleFactory
from tests.roles.pages import ANSWERED, address, draft_of, words_of


@pytest.fixture
def draft(cast: Any, now: datetime) -> AssignmentDraft:
    return draft_of(cast.tom, persons=[cast.anna], roles=[RoleFactory()], organisation=cast.dubois, now=now, **ANSWERED)


@pytest.mark.parametrize(
    ("step", "error"), [("persons", "Choose at least one person"), ("roles", "Choose at least one role")]
)
def test_add_with_nothing_ticked_says_so(tom: Client, draft: AssignmentDraft, step: str, error: str) -> None:
    answer = tom.post(address(draft, step), {"version": draft.version, "q": "", "action": "add"})
    assert answer.status_code == 200
    assert f"There is a problem {error}" in words_of(answer)


def test_a_last_press_after_the_organisation_was_lost_is_recorded(
    tom: Client, draft: AssignmentDraft, cast: Any
) -> None:
    cast.tom.appointments.filter(organisation=cast.dubois).update(ended_at=timezone.now() - timedelta(minutes=1))
    answer = tom.post(address(draft, "review"), {"version": draft.version, "shown": "", "action": "finish"})
    assert answer.url == address(draft, "organisation")
    assert AuditEntry.objects.filter(event="assignment:denied", actor_key=cast.tom.key).count() == 1


def test_deleting_what_was_just_finished_changes_nothing(
    cast: Any, draft: AssignmentDraft, acting_as: Any, now: datetime
) -> None:
    AssignmentDraft.objects.filter(pk=draft.pk).update(submitted_at=now, reference="AR-2026-000009")
    assert not delete_draft(draft, acting=acting_as(cast.tom), now=now)
    draft.refresh_from_db()
    assert draft.deleted_at is None
