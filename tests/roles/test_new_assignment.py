"""S5: where links of service owners arrive, and where a draft begins."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import AuditEntry
from roles.models import AssignmentDraft, Role
from tests.factories import RoleFactory
from tests.roles.pages import (
    ANSWERED,
    address,
    chosen_persons,
    chosen_roles,
    draft_of,
    finish,
    heading_of,
    in_english,
    text_of,
    words_of,
    written,
)

URL = "/assignments/new/"
SAFEONWEB = "CCB_SAFEONWEBATWORK_EDIT"
LINK = f"{URL}?role={SAFEONWEB}"


def only_draft() -> AssignmentDraft:
    """Return the draft that was begun."""
    return AssignmentDraft.objects.get()


def test_a_manager_sees_both_ways_in_and_opening_changes_nothing(jean: Client) -> None:
    page = jean.get(URL)
    assert heading_of(page) == "Assign a role"
    words = words_of(page)
    assert "Assign a role to a user Search by name, first name, e-mail address or organisation" in words
    assert "Assign a role via national register number If you have the person’s number" in words
    assert "Your drafts" not in words
    assert not AssignmentDraft.objects.exists()


@pytest.mark.parametrize(("variant", "step"), [("search", "persons"), ("number", "number"), ("other", "persons")])
def test_a_press_begins_a_draft(jean: Client, cast: Any, variant: str, step: str) -> None:
    answer = jean.post(URL, {"variant": variant})
    draft = only_draft()
    assert (answer.status_code, answer.url) == (303, address(draft, step))
    assert draft.owner == cast.jean
    assert AuditEntry.objects.filter(event="draft:started").count() == 1
    assert written()["assignments"] == 0


def test_a_link_shows_its_role_and_the_draft_begins_with_it(jean: Client, catalogue: Any) -> None:
    page = jean.get(LINK)
    words = words_of(page)
    assert "You are here for this role: CCB SAFEONWEBATWORK EDIT Register and edit the organisation" in words
    assert text_of(page).count(f'name="role" value="{SAFEONWEB}"') == 2
    assert not AssignmentDraft.objects.exists()
    jean.post(LINK, {"variant": "search", "role": SAFEONWEB})
    assert chosen_roles(only_draft()) == [SAFEONWEB]


@pytest.mark.parametrize("code", ["NO_SUCH_ROLE", "CBE_LEGAL_REPRESENTATIVE", "<script>alert(1)</script>", "%25%27%22"])
def test_an_unknown_or_automatic_role_is_said_and_the_way_stays_open(jean: Client, catalogue: Any, code: str) -> None:
    page = jean.get(f"{URL}?role={code}")
    assert page.status_code == 200
    assert "We do not know the role " in words_of(page)
    assert "You can choose a role in step 3." in words_of(page)
    assert "<script>alert" not in page.content.decode()
    jean.post(URL, {"variant": "search", "role": code})
    assert chosen_roles(only_draft()) == []


@pytest.mark.parametrize("code", ["%00", "%0a", "x" * 101])
def test_what_cannot_be_a_code_is_as_if_there_were_none(jean: Client, code: str) -> None:
    page = jean.get(f"{URL}?role={code}")
    assert page.status_code == 200
    assert "We do not know the role" not in words_of(page)


def test_a_withdrawn_role_is_unknown(jean: Client) -> None:
    role = RoleFactory()
    Role.objects.update(is_assignable=False)
    assert f"We do not know the role {role.code}" in words_of(jean.get(f"{URL}?role={role.code}"))


def test_a_role_that_is_not_mine_says_who_can_give_it_and_the_buttons_stay(
    cast: Any, catalogue: Any, open_as: Any
) -> None:
    marie = open_as(cast.marie)
    page = marie.get(LINK)
    words = words_of(page)
    assert "You cannot assign this role. Domain Cybersecurity: ask Jean Dubois, Tom Janssens" in words
    assert "Assign a role to a user" in words
    assert f'name="role" value="{SAFEONWEB}"' not in text_of(page)
    marie.post(URL, {"variant": "search", "role": SAFEONWEB})
    assert chosen_roles(only_draft()) == []


def test_a_role_for_a_higher_key_says_so(cast: Any, catalogue: Any, open_as: Any) -> None:
    page = open_as(cast.jean, 400).get(f"{URL}?role=JUST_CRIMINAL_OFFENCES")
    assert "You cannot assign this role. Sign in with eID or itsme to assign this role" in words_of(page)


def test_signed_out_the_link_shows_its_role_and_the_way_back(client: Client, catalogue: Any) -> None:
    page = in_english(client).get(LINK)
    assert page.status_code == 200
    assert "CCB SAFEONWEBATWORK EDIT" in words_of(page)
    assert 'href="/login/?next=/assignments/new/%3Frole%3DCCB_SAFEONWEBATWORK_EDIT"' in text_of(page)
    assert "Assign a role to a user" not in words_of(page)
    answer = client.post(URL, {"variant": "search", "role": SAFEONWEB})
    assert answer.status_code == 303
    assert answer.url.startswith("/login/?next=")
    assert not AssignmentDraft.objects.exists()


@pytest.mark.threat(3)
@pytest.mark.parametrize(
    ("who", "why", "help_"),
    [
        ("anna", "You are not an access manager for Boulangerie Dubois SRL.", "Jean Dubois (chief access manager)"),
        ("olivier", "You are not linked to any organisation.", "Is your organisation missing here?"),
        ("sofie", "You are not linked to any organisation.", "Is your organisation missing here?"),
    ],
)
def test_whoever_is_no_manager_reads_why_and_who_can_help(
    cast: Any, catalogue: Any, open_as: Any, who: str, why: str, help_: str
) -> None:
    client = open_as(getattr(cast, who))
    for answer in (client.get(LINK), client.post(URL, {"variant": "search", "role": SAFEONWEB})):
        assert answer.status_code == 403
        assert heading_of(answer) == "You cannot do this (yet)"
        assert why in words_of(answer)
        assert help_ in words_of(answer)
    assert not AssignmentDraft.objects.exists()
    assert AuditEntry.objects.filter(event="access:denied").count() == 2


def test_who_comes_with_a_role_and_is_no_manager_asks_for_it_of_those_who_give_it(
    cast: Any, catalogue: Any, open_as: Any
) -> None:
    page = open_as(cast.anna).get(LINK)
    assert "Role: CCB SAFEONWEBATWORK EDIT" in words_of(page)
    assert f'<a class="button" href="/my-roles/request/?role={SAFEONWEB}">' in page.content.decode()
    # Marie manages another domain: she cannot help.
    assert "Tom Janssens" in words_of(page) and "Marie Claes" not in words_of(page)
    assert "/my-roles/request/?role=" not in open_as(cast.olivier).get(LINK).content.decode()


def test_an_organisation_without_a_manager_names_its_representative(
    cast: Any, catalogue: Any, open_as: Any, now: datetime
) -> None:
    cast.dubois.appointments.update(valid_until=datetime(2024, 1, 1).date(), ended_at=now)
    words = words_of(open_as(cast.anna).get(LINK))
    assert "Nobody is access manager for Boulangerie Dubois SRL." in words
    assert "According to the Crossroads Bank for Enterprises that is: Jean Dubois." in words


def test_a_low_session_steps_up_and_the_link_keeps_its_role(cast: Any, catalogue: Any, open_as: Any) -> None:
    answer = open_as(cast.jean, 300).get(LINK)
    assert answer.status_code == 403
    assert 'href="/login/?next=/assignments/new/%3Frole%3DCCB_SAFEONWEBATWORK_EDIT"' in text_of(answer)


def test_a_stopped_organisation_says_so(cast: Any, open_as: Any) -> None:
    cast.dubois.status = "stopped"
    cast.dubois.save()
    answer = open_as(cast.jean).get(URL)
    assert answer.status_code == 403
    assert "stopped, according to the Crossroads Bank for Enterprises" in words_of(answer)


def test_own_drafts_are_listed_with_their_step_and_can_be_deleted(jean: Client, cast: Any, now: datetime) -> None:
    draft = draft_of(cast.jean, persons=[cast.anna], now=now)
    draft_of(cast.jean, persons=[cast.klaus], now=now, updated_at=now - timedelta(hours=25))
    draft_of(cast.tom, persons=[cast.ingrid], now=now)
    page = jean.get(URL)
    words = words_of(page)
    assert "Your drafts Anna Peeters step 3 of 5 – " in words
    assert "Klaus" not in words
    assert "Ingrid" not in words
    assert f'href="{address(draft, "roles")}"' in text_of(page)
    assert jean.get(address(draft, "delete")).status_code == 405
    assert jean.post(address(draft, "delete")).url == URL
    assert "Your drafts" not in words_of(jean.get(URL))


def test_another_role_for_the_same_people(jean: Client, cast: Any, now: datetime) -> None:
    gone = cast.marie
    draft = draft_of(cast.jean, persons=[cast.anna, gone], roles=[RoleFactory()], now=now, **ANSWERED)
    finish(jean, draft)
    gone.is_active = False
    gone.save()
    answer = jean.post(URL, {"variant": "number", "persons_of": str(draft.key)})
    fresh = AssignmentDraft.objects.latest("id")
    assert answer.url == address(fresh, "number")
    assert chosen_persons(fresh) == ["Anna Peeters"]
    assert chosen_roles(fresh) == []


@pytest.mark.threat(1)
def test_the_people_of_somebody_elses_draft_stay_unknown(jean: Client, cast: Any, now: datetime) -> None:
    foreign = draft_of(cast.carine, persons=[cast.olivier], now=now)
    assert jean.post(URL, {"variant": "search", "persons_of": str(foreign.key)}).status_code == 404
    assert AssignmentDraft.objects.filter(owner=cast.jean).count() == 0
    assert jean.post(URL, {"variant": "search", "persons_of": "nonsense"}).status_code == 303


@pytest.mark.asvs(71)
@pytest.mark.parametrize("name", ["variant", "role", "persons_of"])
def test_doubled_values_are_refused(jean: Client, name: str) -> None:
    assert jean.post(URL, {"variant": "search", name: ["a", "b"]}).status_code == 400
    assert not AssignmentDraft.objects.exists()


def test_drafts_live_a_day(jean: Client, cast: Any, now: datetime) -> None:
    draft_of(cast.jean, persons=[cast.anna], now=now, updated_at=timezone.now() - timedelta(hours=23, minutes=59))
    assert "Your drafts" in words_of(jean.get(URL))
