"""What holds for every page of the wizard: whose draft, which step, which version, which session."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import AuditEntry
from roles.models import AssignmentDraft, Role
from tenants.models import AccessManagerAppointment, RegisteredPerson
from tests.csam.flows import sign_in_with_card
from tests.factories import RoleFactory
from tests.roles.pages import (
    ANSWERED,
    STEPS,
    address,
    chosen_persons,
    chosen_roles,
    draft_of,
    errors_of,
    finish,
    heading_of,
    in_english,
    press,
    text_of,
    words_of,
    written,
)

E27 = "This draft changed in another tab. This is the latest version"
OPEN = STEPS[:-1]


@pytest.fixture
def role(cast: Any) -> Role:
    """A role of the domain Finance."""
    return RoleFactory(name_en="Example role")


@pytest.fixture
def draft(cast: Any, role: Role, now: datetime) -> AssignmentDraft:
    """Jean's draft, with an answer to every step."""
    return draft_of(cast.jean, persons=[cast.anna], roles=[role], now=now, **ANSWERED)


# --- Whose -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [*STEPS, "delete"])
@pytest.mark.parametrize("who", ["olivier", "carine", "tom", "sofie", "anna"])
@pytest.mark.threat(1)
def test_a_draft_of_somebody_else_does_not_exist(
    cast: Any, draft: AssignmentDraft, open_as: Any, who: str, step: str
) -> None:
    client = open_as(getattr(cast, who))
    before, version = written(), draft.version
    for answer in (client.get(address(draft, step)), press(client, draft, step, "next")):
        assert answer.status_code in ({404, 405} if step in ("delete", "done") else {404})
    if step != "done":
        posted = press(client, draft, step, "delete")
        assert posted.status_code == 404
        absent = client.post(f"/assignments/new/00000000-0000-4000-8000-000000000000/{step}/", {"action": "delete"})
        assert absent.status_code == 404
        assert heading_of(posted) == heading_of(absent)
    draft.refresh_from_db()
    assert (draft.version, draft.deleted_at) == (version, None)
    assert written() == before


@pytest.mark.parametrize("step", STEPS)
def test_signed_out_one_signs_in_first_and_comes_back(client: Client, draft: AssignmentDraft, step: str) -> None:
    answer = client.get(address(draft, step))
    assert (answer.status_code, answer.url) == (302, f"/login/?next={address(draft, step)}")


def test_a_key_that_is_none_is_not_found(jean: Client) -> None:
    assert jean.get("/assignments/new/not-a-key/persons/").status_code == 404


# --- Gone and finished ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("how", ["deleted", "expired"])
def test_a_draft_that_is_gone_says_so(jean: Client, draft: AssignmentDraft, step: str, how: str) -> None:
    if how == "deleted":
        jean.post(address(draft, "delete"))
    else:
        AssignmentDraft.objects.update(updated_at=timezone.now() - timedelta(hours=24))
    page = jean.get(address(draft, step))
    assert page.status_code == 410
    assert heading_of(page) == "This draft no longer exists"
    assert "Drafts are kept for 24 hours. Start again from My open tasks" in words_of(page)
    if step != "done":
        assert press(jean, draft, step, "next").status_code == 410
    assert written()["assignments"] == 0


def test_an_hour_less_and_it_is_still_there(jean: Client, draft: AssignmentDraft) -> None:
    AssignmentDraft.objects.update(updated_at=timezone.now() - timedelta(hours=23))
    assert jean.get(address(draft, "review")).status_code == 200


@pytest.mark.parametrize("step", OPEN)
def test_a_finished_draft_leads_to_its_done_page(jean: Client, draft: AssignmentDraft, step: str) -> None:
    finish(jean, draft)
    after = written()
    for answer in (
        jean.get(address(draft, step)),
        press(jean, draft, step, "next"),
        press(jean, draft, step, "delete"),
    ):
        assert (answer.status_code, answer.url) == (303, address(draft, "done"))
    assert jean.post(address(draft, "delete")).status_code == 303
    assert jean.get(address(draft, "done")).status_code == 200
    assert written() == after


# --- Order of steps ---------------------------------------------------------------------------------------------------


@pytest.mark.asvs(11)
def test_a_step_opened_too_early_leads_to_the_first_open_one(tom: Client, cast: Any, role: Role, now: datetime) -> None:
    draft = draft_of(cast.tom, now=now)

    def leads(step: str, target: str) -> None:
        for answer in (tom.get(address(draft, step)), press(tom, draft, step, "finish")):
            assert (answer.status_code, answer.url) == (303, address(draft, target))

    for step in ("organisation", "roles", "properties", "review"):
        leads(step, "persons")
    assert tom.get(address(draft, "done")).url == address(draft, "review")
    press(tom, draft, "persons", "add", person=cast.anna.key)
    for step in ("roles", "properties", "review"):
        leads(step, "organisation")
    press(tom, draft, "organisation", "next", organisation=cast.dubois.key)
    for step in ("properties", "review"):
        leads(step, "roles")
    press(tom, draft, "roles", "add", role=role.code)
    leads("review", "properties")
    assert written()["assignments"] == 0


def test_the_way_by_number_begins_at_the_number(jean: Client, cast: Any, now: datetime) -> None:
    draft = draft_of(cast.jean, variant="number", now=now)
    assert jean.get(address(draft, "roles")).url == address(draft, "number")


def test_back_shows_the_earlier_answers(jean: Client, draft: AssignmentDraft, role: Role) -> None:
    for step, previous in (("review", "properties"), ("properties", "roles"), ("roles", "persons")):
        assert f'href="{address(draft, previous)}"' in text_of(jean.get(address(draft, step)))
    assert "Chosen people (1)" in words_of(jean.get(address(draft, "persons")))
    assert "Chosen roles (1)" in words_of(jean.get(address(draft, "roles")))
    assert text_of(jean.get(address(draft, "properties"))).count(" checked") == 2


@pytest.mark.parametrize("step", OPEN)
def test_reloading_changes_nothing(jean: Client, draft: AssignmentDraft, step: str) -> None:
    entries = AuditEntry.objects.count()
    for _turn in range(3):
        assert jean.get(address(draft, step)).status_code in (200, 303)
        assert jean.head(address(draft, step)).status_code in (200, 303)
    draft.refresh_from_db()
    assert draft.version == 1
    assert AuditEntry.objects.count() == entries


@pytest.mark.parametrize("step", STEPS)
def test_other_methods_are_not_allowed(jean: Client, draft: AssignmentDraft, step: str) -> None:
    for method in ("put", "patch", "delete", "options"):
        assert getattr(jean, method)(address(draft, step)).status_code == 405


# --- Versions and tabs ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "data"),
    [
        ("persons", {"action": "next", "person": "marie"}),
        ("persons", {"action": "search", "q": "peeters"}),
        ("persons", {"remove": "anna"}),
        ("number", {"action": "add", "number": "marie's"}),
        ("number", {"action": "remove", "remove": "anna"}),
        ("roles", {"action": "next"}),
        ("roles", {"action": "search", "q": "example"}),
        ("properties", {"action": "next", "duration": "one_year", "start": "today"}),
        ("review", {"action": "finish"}),
    ],
)
@pytest.mark.parametrize("version", ["1", "", "-1x"])
def test_an_old_version_shows_the_latest_and_changes_nothing(
    jean: Client, draft: AssignmentDraft, cast: Any, step: str, data: dict[str, str], version: str
) -> None:
    AssignmentDraft.objects.update(version=7)
    people = {"marie": cast.marie.key, "anna": cast.anna.key, "marie's": cast.marie.national_number}
    answer = press(
        jean, draft, step, **{**{name: people.get(value, value) for name, value in data.items()}, "version": version}
    )
    assert errors_of(answer) == [E27]
    assert 'name="version" value="7"' in text_of(answer)
    draft.refresh_from_db()
    assert (draft.version, draft.duration, draft.person_query, draft.role_query) == (7, "unlimited", "", "")
    assert chosen_persons(draft) == ["Anna Peeters"]
    assert written()["assignments"] == 0


def test_an_old_version_of_step_2_as_well(tom: Client, cast: Any, now: datetime) -> None:
    draft = draft_of(cast.tom, persons=[cast.anna], now=now, version=7)
    answer = press(tom, draft, "organisation", "next", organisation=cast.dubois.key, version="6")
    assert errors_of(answer) == [E27]
    draft.refresh_from_db()
    assert draft.organisation is None


def test_two_tabs_with_two_drafts_never_mix(jean: Client, cast: Any, role: Role, now: datetime) -> None:
    other = RoleFactory(name_en="Other role")
    first, second = draft_of(cast.jean, now=now), draft_of(cast.jean, variant="number", now=now)
    press(jean, first, "persons", "add", person=cast.anna.key)
    press(jean, second, "number", "add", number=cast.marie.national_number)
    press(jean, first, "roles", "next", role=role.code)
    press(jean, second, "roles", "next", role=other.code)
    press(jean, second, "properties", "next", duration="one_year", start="today")
    press(jean, first, "properties", "next", duration="unlimited", start="today")
    assert finish(jean, second).url == address(second, "done")
    assert (chosen_persons(first), chosen_roles(first)) == (["Anna Peeters"], [role.code])
    shown = words_of(jean.get(address(first, "review")))
    assert "Anna Peeters" in shown
    assert "Marie Claes" not in shown
    assert "Other role" not in shown
    assert "Marie Claes – Other role" in words_of(jean.get(address(second, "done")))


@pytest.mark.parametrize("step", ["persons", "number", "organisation", "roles", "properties", "review"])
@pytest.mark.asvs(71)
def test_every_single_value_sent_twice_is_refused(jean: Client, draft: AssignmentDraft, step: str) -> None:
    for name in ("version", "action", "q", "number", "remove", "page", "myself", "organisation", "duration", "shown"):
        assert press(jean, draft, step, **{name: ["1", "1"]}).status_code == 400, name


# --- Sessions ---------------------------------------------------------------------------------------------------------


def test_a_session_that_ended_in_step_3_is_said_and_signing_in_again_goes_on(
    jean: Client, draft: AssignmentDraft, cast: Any
) -> None:
    card = RegisteredPerson(given_name="Jean", family_name="Dubois", email=cast.jean.email, language="fr")
    card.set_national_number(cast.jean.national_number)
    card.save()
    session = jean.session
    session["seen_at"] = (timezone.now() - timedelta(minutes=31)).isoformat()
    session.save()
    here = address(draft, "roles")
    ended = jean.get(here)
    assert ended.status_code == 403
    assert heading_of(ended) == "Your session has ended"
    assert f'href="/login/?next={quote(here, safe="")}"' in text_of(ended)
    assert sign_in_with_card(jean, card, here).url == here
    page = in_english(jean).get(here)
    assert "Chosen roles (1)" in words_of(page)
    assert finish(jean, draft).url == address(draft, "done")


def test_a_session_that_ended_before_a_press_changes_nothing(jean: Client, draft: AssignmentDraft) -> None:
    session = jean.session
    session["seen_at"] = (timezone.now() - timedelta(minutes=31)).isoformat()
    session.save()
    answer = press(jean, draft, "roles", "next")
    assert answer.status_code == 403
    assert heading_of(answer) == "Your session has ended"
    draft.refresh_from_db()
    assert draft.version == 1


@pytest.mark.parametrize("step", OPEN)
@pytest.mark.asvs(35)
def test_a_low_session_steps_up_and_comes_back_to_the_same_draft(
    cast: Any, draft: AssignmentDraft, open_as: Any, step: str
) -> None:
    client = open_as(cast.jean, 300)
    here = address(draft, step, "?return=review")
    answer = client.get(here)
    assert answer.status_code == 403
    words = words_of(answer)
    assert "The digital key you signed in with does not prove well enough who you are." in words
    assert f'href="/login/?next={quote(here, safe="/")}">Sign in with another key' in text_of(answer)
    assert press(client, draft, step, "next").status_code == 403
    draft.refresh_from_db()
    assert draft.version == 1
    assert open_as(cast.jean, 400).get(here).status_code in (200, 303)
    assert AuditEntry.objects.filter(event="access:denied").count() == 2


def test_a_key_that_looks_like_a_number_is_refused_like_any_other(
    cast: Any, role: Role, open_as: Any, now: datetime
) -> None:
    key = "ca030427-f897-4913-8053-0951f18abbee"  # 4913-8053-095 has the check digits of a national number
    draft = draft_of(cast.jean, persons=[cast.anna], roles=[role], now=now, key=key, **ANSWERED)
    assert open_as(cast.jean, 300).get(address(draft, "roles")).status_code == 403
    (entry,) = AuditEntry.objects.filter(event="access:denied")
    assert entry.data["path"] == address(draft, "roles")


@pytest.mark.parametrize("step", OPEN)
@pytest.mark.threat(4)
def test_a_right_that_ended_shows_who_can_help(jean: Client, cast: Any, draft: AssignmentDraft, step: str) -> None:
    AccessManagerAppointment.objects.filter(person=cast.jean).update(
        ended_at=timezone.now(), valid_until=timezone.localdate() - timedelta(days=1)
    )
    for answer in (jean.get(address(draft, step)), press(jean, draft, step, "next")):
        assert answer.status_code == 403
        assert heading_of(answer) == "You cannot do this (yet)"
        assert "You are not an access manager for Boulangerie Dubois SRL." in words_of(answer)
        assert "Tom Janssens (co-chief access manager)" in words_of(answer)
        assert "Your function for Boulangerie Dubois SRL ended on " in words_of(answer)


def test_without_a_token_the_press_is_refused_and_the_draft_kept(
    cast: Any, draft: AssignmentDraft, sign_in: Any
) -> None:
    strict = in_english(sign_in(cast.jean, client=Client(enforce_csrf_checks=True)))
    answer = press(strict, draft, "roles", "next")
    assert answer.status_code == 403
    assert "This page was open too long. Reload it and try again" in words_of(answer)
    draft.refresh_from_db()
    assert draft.version == 1
