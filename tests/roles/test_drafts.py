"""Drafts: each change on the version that was seen, by its owner, and nothing after the end."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from audit.models import AuditEntry
from roles.errors import DraftChanged, DraftFinished
from roles.models import AssignmentDraft, DraftPerson, Role
from roles.operations import drafts
from tenants.acting import ActingContext
from tenants.models import Person
from tests.conftest import Cast

Acting = Callable[..., ActingContext]
Catalogue = dict[str, Role]
pytestmark = pytest.mark.django_db

ENERGY, CYBER = "FLUVIUS_ENERGY_PORTAL_ADMIN", "CCB_SAFEONWEBATWORK_EDIT"


@pytest.fixture
def jean(cast: Cast, acting_as: Acting) -> ActingContext:
    """Jean, acting for Dubois."""
    return acting_as(cast.jean)


@pytest.fixture
def draft(jean: ActingContext, now: datetime) -> AssignmentDraft:
    """A draft that Jean has just begun."""
    return drafts.start_draft(acting=jean, variant="search", now=now)


def events() -> list[tuple[str, dict[str, Any]]]:
    return list(AuditEntry.objects.filter(event__startswith="draft:").order_by("id").values_list("event", "data"))


def names(draft: AssignmentDraft) -> list[str]:
    return [row.person.given_name for row in draft.chosen_persons.select_related("person")]


def test_a_draft_begins_empty_and_the_trail_says_so(cast: Cast, draft: AssignmentDraft, now: datetime) -> None:
    assert (draft.owner, draft.version, draft.created_at, draft.updated_at) == (cast.jean, 1, now, now)
    assert (names(draft), draft.chosen_roles.count(), draft.organisation, draft.duration) == ([], 0, None, "")
    assert events() == [("draft:started", {"variant": "search", "role": None})]
    assert AuditEntry.objects.get(event="draft:started").actor_key == cast.jean.key


def test_it_may_begin_with_a_role_and_the_people_of_an_earlier_one(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    found = drafts.start_draft(
        acting=acting_as(cast.jean),
        variant="number",
        role=catalogue[CYBER],
        persons=[DraftPerson(person=cast.anna), DraftPerson(person=cast.marie, by_number=True)],
        now=now,
    )
    assert names(found) == ["Anna", "Marie"]
    assert [row.by_number for row in found.chosen_persons.all()] == [False, True]
    assert [row.role.code for row in found.chosen_roles.all()] == [CYBER]
    assert events() == [("draft:started", {"variant": "number", "role": CYBER})]


def test_a_change_is_stored_and_raises_the_version(
    cast: Cast, draft: AssignmentDraft, jean: ActingContext, now: datetime
) -> None:
    later = now + timedelta(minutes=5)
    with drafts.changing(draft, seen_version=1, now=later) as open_draft:
        drafts.add_persons(open_draft, [cast.marie.key, cast.anna.key, "nobody"], acting=jean, now=now)
        drafts.choose_organisation(open_draft, cast.dubois)
        open_draft.person_query = "peeters"
    draft = AssignmentDraft.objects.get()
    assert (draft.version, draft.updated_at, draft.organisation, draft.person_query) == (
        2,
        later,
        cast.dubois,
        "peeters",
    )
    assert names(draft) == ["Marie", "Anna"]


def test_people_put_on_the_list_may_know_who_did_it(
    cast: Cast, draft: AssignmentDraft, jean: ActingContext, now: datetime, django_assert_num_queries: Any
) -> None:
    with drafts.changing(draft, seen_version=1, now=now) as open_draft, django_assert_num_queries(4):
        drafts.add_persons(open_draft, [cast.anna.key, cast.marie.key, cast.jean.key], acting=jean, now=now)
    with drafts.changing(draft, seen_version=2, now=now) as open_draft:
        drafts.add_persons(open_draft, [cast.anna.key], acting=jean, now=now)  # once is enough
    chosen = AuditEntry.objects.filter(event="person:chosen")
    assert {row.subject_key for row in chosen} == {cast.anna.key, cast.marie.key}, "not Jean, who chose himself"
    assert {(row.actor_key, row.organisation_key) for row in chosen} == {(cast.jean.key, cast.dubois.key)}
    assert chosen.count() == 2


def test_people_are_added_once_and_taken_off(
    cast: Cast, draft: AssignmentDraft, jean: ActingContext, now: datetime
) -> None:
    Person.objects.filter(pk=cast.olivier.pk).update(is_active=False)
    with drafts.changing(draft, seen_version=1, now=now) as open_draft:
        drafts.add_persons(open_draft, [cast.anna.key], acting=jean, now=now)
        drafts.add_persons(open_draft, [cast.anna.key, cast.anna.key, cast.olivier.key], acting=jean, now=now)
    assert names(draft) == ["Anna"]
    with drafts.changing(draft, seen_version=2, now=now) as open_draft:
        drafts.remove_person(open_draft, "nobody")
        drafts.remove_person(open_draft, cast.anna.key)
    assert names(draft) == []


def test_only_allowed_roles_are_added_and_step_four_is_asked_again(
    catalogue: Catalogue, draft: AssignmentDraft, now: datetime
) -> None:
    AssignmentDraft.objects.update(properties_answered=True)
    draft.refresh_from_db()
    with drafts.changing(draft, seen_version=1, now=now) as open_draft:
        drafts.add_roles(open_draft, [ENERGY, CYBER, "NO_SUCH"], allowed=lambda role: role.code == CYBER)
    draft.refresh_from_db()
    assert [row.role.code for row in draft.chosen_roles.all()] == [CYBER]
    assert draft.properties_answered is False
    with drafts.changing(draft, seen_version=2, now=now) as open_draft:
        drafts.set_properties(open_draft, {catalogue[CYBER].pk: {"X": True}})
        drafts.add_roles(open_draft, [CYBER], allowed=lambda role: True)  # chosen already: nothing new to ask
    draft.refresh_from_db()
    assert draft.properties_answered is True
    assert draft.chosen_roles.get().properties == {"X": True}
    with drafts.changing(draft, seen_version=3, now=now) as open_draft:
        drafts.remove_role(open_draft, CYBER)
    assert not draft.chosen_roles.exists()


@pytest.mark.threat(13)
@pytest.mark.parametrize("version", [0, 2, 99])
def test_another_version_than_the_one_seen_is_refused(
    cast: Cast, draft: AssignmentDraft, jean: ActingContext, now: datetime, version: int
) -> None:
    with pytest.raises(DraftChanged), drafts.changing(draft, seen_version=version, now=now) as open_draft:
        drafts.add_persons(open_draft, [cast.anna.key], acting=jean, now=now)
    assert names(draft) == []
    assert AssignmentDraft.objects.get().version == 1


def test_of_two_tabs_the_second_is_told(cast: Cast, draft: AssignmentDraft, jean: ActingContext, now: datetime) -> None:
    other_tab = AssignmentDraft.objects.get()
    with drafts.changing(draft, seen_version=1, now=now) as open_draft:
        drafts.add_persons(open_draft, [cast.anna.key], acting=jean, now=now)
    with pytest.raises(DraftChanged), drafts.changing(other_tab, seen_version=1, now=now) as open_draft:
        drafts.add_persons(open_draft, [cast.marie.key], acting=jean, now=now)
    assert names(draft) == ["Anna"]


def test_an_error_within_a_change_takes_it_back(
    cast: Cast, draft: AssignmentDraft, jean: ActingContext, now: datetime
) -> None:
    with pytest.raises(RuntimeError), drafts.changing(draft, seen_version=1, now=now) as open_draft:
        drafts.add_persons(open_draft, [cast.anna.key], acting=jean, now=now)
        raise RuntimeError("the light went out")
    assert names(draft) == []
    assert AssignmentDraft.objects.get().version == 1


def test_a_finished_draft_stands(draft: AssignmentDraft, acting_as: Acting, cast: Cast, now: datetime) -> None:
    AssignmentDraft.objects.update(submitted_at=now, reference="AR-2026-000009")
    with pytest.raises(DraftFinished), drafts.changing(draft, seen_version=1, now=now):
        pass
    assert drafts.delete_draft(draft, acting=acting_as(cast.jean), now=now) is False
    assert AssignmentDraft.objects.get().deleted_at is None
    assert [event for event, _data in events()] == ["draft:started"]


def test_a_draft_is_deleted_once(draft: AssignmentDraft, acting_as: Acting, cast: Cast, now: datetime) -> None:
    jean = acting_as(cast.jean)
    assert drafts.delete_draft(draft, acting=jean, now=now) is True
    assert drafts.delete_draft(draft, acting=jean, now=now) is False
    assert [event for event, _data in events()] == ["draft:started", "draft:deleted"]
    with pytest.raises(DraftChanged), drafts.changing(draft, seen_version=1, now=now):
        pass
    draft.refresh_from_db()
    assert draft.is_gone(now=now)


def test_drafts_are_kept_a_day_after_their_last_change(cast: Cast, draft: AssignmentDraft, now: datetime) -> None:
    mine = AssignmentDraft.objects.of(cast.jean)
    for hours, is_open in ((0, True), (23, True), (24, False), (100, False)):
        then = now + timedelta(hours=hours)
        assert mine.open(now=then).exists() is is_open
        assert draft.is_gone(now=then) is not is_open
    with drafts.changing(draft, seen_version=1, now=now + timedelta(hours=20)):
        pass
    assert mine.open(now=now + timedelta(hours=43)).exists()
    AssignmentDraft.objects.update(submitted_at=now, reference="AR-2026-000009")
    draft.refresh_from_db()
    assert not mine.open(now=now).exists()
    assert not draft.is_gone(now=now + timedelta(days=400))  # its done page stays


def test_nobody_else_sees_it(cast: Cast, draft: AssignmentDraft, now: datetime) -> None:
    for person in cast.people:
        assert AssignmentDraft.objects.of(person).exists() is (person == cast.jean)
