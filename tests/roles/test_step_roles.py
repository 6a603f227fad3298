"""W3: which roles."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import AuditEntry
from roles.models import AssignmentDraft, Role, RoleAssignment
from tests.factories import AssignmentFactory, PersonFactory, RoleFactory
from tests.roles.pages import (
    ANSWERED,
    address,
    chosen_roles,
    draft_of,
    errors_of,
    heading_of,
    press,
    text_of,
    words_of,
    written,
)

SAFEONWEB = "CCB_SAFEONWEBATWORK_EDIT"
FLUVIUS = "FLUVIUS_ENERGY_PORTAL_ADMIN"


@pytest.fixture
def draft(cast: Any, now: datetime) -> AssignmentDraft:
    """Jean's draft for Anna."""
    return draft_of(cast.jean, persons=[cast.anna], now=now)


def search(client: Client, draft: AssignmentDraft, words: str, **data: Any) -> str:
    """Search, and return the words of the page with the results."""
    answer = press(client, draft, "roles", "search", q=words, **data)
    assert answer.status_code == 303, errors_of(answer)
    assert answer.url == address(draft, "roles") + "#results"
    return words_of(client.get(address(draft, "roles")))


def test_the_page_lists_every_role_by_owner_with_its_description(
    jean: Client, draft: AssignmentDraft, catalogue: Any
) -> None:
    page = jean.get(address(draft, "roles"))
    assert heading_of(page) == "Which roles do you want to assign?"
    words = words_of(page)
    assert "Assign a role – step 3 of 5: roles" in words
    assert "26 roles available" in words
    assert "CCB SAFEONWEBATWORK EDIT Register and edit the organisation on Safeonweb@work" in words
    assert "Centre for Cybersecurity Belgium" in words
    assert text_of(page).count('name="role"') == 20
    press(jean, draft, "roles", page="2")
    assert text_of(jean.get(address(draft, "roles"))).count('name="role"') == 6


@pytest.mark.parametrize(
    "words",
    [
        "CCB_SAFEONWEBATWORK_EDIT",
        "ccb safeonwebatwork edit",
        "safeonweb",
        "register and edit",
        "registreren aanpassen",
        "cybersecurity belgië",
        "cybersecurite",
        "NIS2",
        "centre EDIT",
        "SAFEONWEBATWORK_EDIT",
        "safeonweb@work",
        "NIS-2",
    ],
)
def test_a_role_is_found_by_code_name_description_owner_and_synonym(
    jean: Client, draft: AssignmentDraft, catalogue: Any, words: str
) -> None:
    assert "CCB SAFEONWEBATWORK EDIT" in search(jean, draft, words).split("Chosen roles")[0]


@pytest.mark.parametrize("words", ["art", "onweb", "atwork", "webatwork_edit", "NIS3"])
def test_nothing_is_found_inside_words(jean: Client, draft: AssignmentDraft, words: str) -> None:
    RoleFactory(
        code="DESK_START_SAFEONWEBATWORK", name_en="Start desk", synonyms="Smart meter\nNIS2", description_en="Starting"
    )
    assert f"No role for “{words}”" in search(jean, draft, words)


@pytest.mark.parametrize("words", ["star", "desk_st", "START_SAFE", "safe", "smart MET", "meter", "nis 2", "Stárt"])
def test_names_codes_their_parts_and_synonyms_are_found_by_their_beginnings(
    jean: Client, draft: AssignmentDraft, words: str
) -> None:
    RoleFactory(code="DESK_START_SAFEONWEBATWORK", name_en="Start desk", synonyms="Smart meter\nNIS2")
    assert "Start desk" in search(jean, draft, words).split("Chosen roles")[0]


def test_intervat_and_ubo_find_their_roles(jean: Client, draft: AssignmentDraft, catalogue: Any) -> None:
    assert "SPF Fin Désignation Propre Entreprise" in search(jean, draft, "intervat")
    assert "FPS Fin UBO Information provider" in search(jean, draft, "ubo")


@pytest.mark.parametrize("words", ["xyzzy", "909090%", "o'neill", '"quoted"', "<script>", "%%%xyz"])
def test_nothing_found_says_so(jean: Client, draft: AssignmentDraft, words: str) -> None:
    RoleFactory()
    press(jean, draft, "roles", "search", q=words)
    page = jean.get(address(draft, "roles"))
    assert f"No role for “{words}”" in text_of(page)
    assert "Try the name of the service." in words_of(page)
    assert "<script>" not in page.content.decode()


def test_500_characters_are_too_many(jean: Client, draft: AssignmentDraft) -> None:
    RoleFactory()
    answer = press(jean, draft, "roles", "search", q="x" * 500)
    assert errors_of(answer) == ["“Search for a role” can have at most 100 characters"]
    assert "x" * 500 in text_of(answer)


def test_a_character_that_no_text_has_is_refused(jean: Client, draft: AssignmentDraft) -> None:
    assert press(jean, draft, "roles", "search", q="a\x00b").status_code == 400
    assert press(jean, draft, "roles", "add", role="a\x00b").status_code == 400


def test_add_stores_several_at_once(jean: Client, draft: AssignmentDraft) -> None:
    first, second = RoleFactory(), RoleFactory()
    answer = press(jean, draft, "roles", "add", role=[first.code, second.code])
    assert answer.url == address(draft, "roles") + "#chosen"
    page = jean.get(address(draft, "roles"))
    assert "Chosen roles (2)" in words_of(page)
    assert words_of(page).count("Already chosen") == 2
    assert 'name="role"' not in text_of(page)
    assert "Add selected roles" not in words_of(page)


def test_searching_and_paging_keep_the_ticks(jean: Client, draft: AssignmentDraft) -> None:
    first, second = RoleFactory(), RoleFactory()
    press(jean, draft, "roles", "search", q="example", role=first.code)
    press(jean, draft, "roles", page="1", role=second.code)
    assert chosen_roles(draft) == [first.code, second.code]


def test_next_counts_ticks_as_chosen(jean: Client, draft: AssignmentDraft) -> None:
    role = RoleFactory()
    assert press(jean, draft, "roles", "next", role=role.code).url == address(draft, "properties")
    assert chosen_roles(draft) == [role.code]


def test_next_with_none_chosen_says_so(jean: Client, draft: AssignmentDraft) -> None:
    RoleFactory()
    assert errors_of(press(jean, draft, "roles", "next")) == ["Choose at least one role"]
    assert errors_of(press(jean, draft, "roles", "next", role="NO_SUCH_ROLE")) == ["Choose at least one role"]


def test_remove_takes_one_off(jean: Client, draft: AssignmentDraft) -> None:
    role = RoleFactory()
    press(jean, draft, "roles", "add", role=role.code)
    assert press(jean, draft, "roles", remove=role.code).url.endswith("/roles/#chosen")
    assert chosen_roles(draft) == []


def test_a_role_that_some_hold_is_noted_and_can_be_chosen(jean: Client, cast: Any, now: datetime) -> None:
    draft = draft_of(cast.jean, persons=[cast.anna, cast.marie], now=now)
    role = RoleFactory()
    until = timezone.localdate() + timedelta(days=40)
    AssignmentFactory(role=role, assignee=cast.anna, organisation=cast.dubois, valid_until=until)
    page = jean.get(address(draft, "roles"))
    assert "Already assigned to Anna Peeters until " in words_of(page)
    assert f'value="{role.code}"' in text_of(page)


def test_a_role_that_all_hold_has_no_box(jean: Client, draft: AssignmentDraft, cast: Any) -> None:
    role = RoleFactory()
    AssignmentFactory(role=role, assignee=cast.anna, organisation=cast.dubois)
    page = jean.get(address(draft, "roles"))
    assert "All these people already hold this role" in words_of(page)
    assert "Already assigned to Anna Peeters, no end date" in words_of(page)
    assert f'value="{role.code}"' not in text_of(page)


def people_of(draft: AssignmentDraft) -> list[Any]:
    return [row.person for row in draft.chosen_persons.select_related("person")]


def test_of_many_holders_three_are_named_with_how_many_others(jean: Client, cast: Any, now: datetime) -> None:
    draft = draft_of(cast.jean, persons=PersonFactory.create_batch(6), now=now)
    holders = people_of(draft)[:5]
    role, until = RoleFactory(), timezone.localdate() + timedelta(days=40)
    for person in holders:
        AssignmentFactory(role=role, assignee=person, organisation=cast.dubois, valid_until=until)
    names = f"{', '.join(person.full_name for person in holders[:3])} and 2 other people"
    assert f"Already assigned to {names} until " in words_of(jean.get(address(draft, "roles")))
    RoleAssignment.objects.filter(assignee=holders[0]).update(valid_until=None)
    words = words_of(jean.get(address(draft, "roles")))
    assert f"Already assigned to {names}. The validity differs" in words
    assert words.count("Already assigned to") == 1


def test_of_many_strangers_three_are_named_and_the_check_page_names_all(jean: Client, cast: Any, now: datetime) -> None:
    people = PersonFactory.create_batch(8)
    draft = draft_of(cast.jean, persons=[cast.anna, *people], roles=[RoleFactory()], now=now, **ANSWERED)
    words = words_of(jean.get(address(draft, "roles")))
    names = f"{', '.join(person.full_name for person in people[:3])} and 5 other people"
    assert f"{names} are not linked to your organisation. You can still assign roles to them." in words
    assert words.count("not linked to your organisation") == 1
    review = words_of(jean.get(address(draft, "review")))
    assert all(f"{person.full_name} is not linked to your organisation." in review for person in people)


def test_what_they_hold_elsewhere_or_held_before_does_not_count(
    jean: Client, draft: AssignmentDraft, cast: Any
) -> None:
    role = RoleFactory()
    yesterday = timezone.localdate() - timedelta(days=1)
    AssignmentFactory(role=role, assignee=cast.anna, organisation=cast.peeters)
    AssignmentFactory(
        role=role, assignee=cast.anna, organisation=cast.dubois, valid_from=yesterday, valid_until=yesterday
    )
    assert "Already assigned" not in words_of(jean.get(address(draft, "roles")))


def test_roles_used_here_come_first(jean: Client, draft: AssignmentDraft, cast: Any, catalogue: Any) -> None:
    AssignmentFactory(role=catalogue["JUST_TRAFFIC_FINES"], assignee=cast.marie, organisation=cast.dubois)
    words = words_of(jean.get(address(draft, "roles")))
    assert "Already used in this organisation Traffic fines" in words


def test_notes_say_what_a_role_asks_for(jean: Client, draft: AssignmentDraft, catalogue: Any) -> None:
    assert "Needs a confirmation" in search(jean, draft, "plda")
    assert "Needs a key with eID or itsme" in search(jean, draft, "criminal")


def test_roles_of_other_domains_are_listed_with_who_can_give_them(
    cast: Any, catalogue: Any, open_as: Any, now: datetime
) -> None:
    marie = open_as(cast.marie)
    draft = draft_of(cast.marie, persons=[cast.anna], now=now)
    page = marie.get(address(draft, "roles"))
    words = words_of(page)
    assert "Roles that you cannot assign (7)" in words
    assert "CCB SAFEONWEBATWORK EDIT Domain Cybersecurity: ask Jean Dubois, Tom Janssens" in words
    assert "Assigned automatically, from the Crossroads Bank for Enterprises" in words
    assert f'value="{SAFEONWEB}"' not in text_of(page)


@pytest.mark.threat(2)
def test_a_role_outside_my_domain_is_refused_by_name(cast: Any, catalogue: Any, open_as: Any, now: datetime) -> None:
    marie = open_as(cast.marie)
    draft = draft_of(cast.marie, persons=[cast.anna], now=now)
    answer = press(marie, draft, "roles", "next", role=[SAFEONWEB, "CUSTOMS_EMCS"])
    assert errors_of(answer) == ["You cannot assign CCB SAFEONWEBATWORK EDIT for Boulangerie Dubois SRL"]
    assert chosen_roles(draft) == ["CUSTOMS_EMCS"]


def test_nobody_else_can_give_it_is_said_too(cast: Any, catalogue: Any, open_as: Any, now: datetime) -> None:
    cast.dubois.appointments.exclude(person=cast.marie).update(valid_until=datetime(2024, 1, 1).date(), ended_at=now)
    marie = open_as(cast.marie)
    draft = draft_of(cast.marie, persons=[cast.anna], now=now)
    assert "Domain Cybersecurity: nobody manages it for this organisation yet" in words_of(
        marie.get(address(draft, "roles"))
    )


def test_a_role_that_needs_a_higher_key_is_listed_apart_and_refused(
    cast: Any, catalogue: Any, open_as: Any, now: datetime
) -> None:
    jean = open_as(cast.jean, 400)
    draft = draft_of(cast.jean, persons=[cast.anna], now=now)
    words = words_of(jean.get(address(draft, "roles")))
    assert "Criminal offences Sign in with eID or itsme to assign this role" in words
    answer = press(jean, draft, "roles", "add", role="JUST_CRIMINAL_OFFENCES")
    assert errors_of(answer) == ["You need to sign in with eID or itsme to assign Criminal offences"]
    assert chosen_roles(draft) == []


def test_the_derived_role_cannot_be_ticked(jean: Client, draft: AssignmentDraft, catalogue: Any) -> None:
    answer = press(jean, draft, "roles", "add", role="CBE_LEGAL_REPRESENTATIVE")
    assert errors_of(answer) == ["CBE - legal representative is no longer available. Remove this role"]
    assert chosen_roles(draft) == []


def test_a_role_withdrawn_meanwhile_is_refused_by_name(jean: Client, draft: AssignmentDraft) -> None:
    role, other = RoleFactory(), RoleFactory()
    Role.objects.filter(pk=role.pk).update(is_assignable=False)
    answer = press(jean, draft, "roles", "next", role=[role.code, other.code])
    assert errors_of(answer) == [f"{role.name} is no longer available. Remove this role"]
    assert chosen_roles(draft) == [other.code]


def test_no_role_at_all_says_so(jean: Client, draft: AssignmentDraft) -> None:
    page = jean.get(address(draft, "roles"))
    assert "No role is available for this organisation" in words_of(page)
    assert 'href="/help/#contact"' in text_of(page)


def test_names_in_another_language_say_which(jean: Client, draft: AssignmentDraft, catalogue: Any) -> None:
    Role.objects.filter(code="CUSTOMS_EMCS").update(name_en="")
    search(jean, draft, "emcs")
    assert 'translate="no" lang="nl">EMCS' in text_of(jean.get(address(draft, "roles")))


def test_a_new_role_makes_step_4_a_question_again(jean: Client, cast: Any, now: datetime) -> None:
    first, second = RoleFactory(), RoleFactory()
    draft = draft_of(cast.jean, persons=[cast.anna], roles=[first], now=now, **ANSWERED)
    answer = press(jean, draft, "roles", "next", "?return=review", role=second.code)
    assert answer.url == address(draft, "properties")


def test_without_a_change_next_leads_back_to_the_check_page(jean: Client, cast: Any, now: datetime) -> None:
    draft = draft_of(cast.jean, persons=[cast.anna], roles=[RoleFactory()], now=now, **ANSWERED)
    assert press(jean, draft, "roles", "next", "?return=review").url == address(draft, "review")


def test_choosing_roles_writes_nothing_but_the_draft(jean: Client, draft: AssignmentDraft) -> None:
    role, before, entries = RoleFactory(), written(), AuditEntry.objects.count()
    press(jean, draft, "roles", "search", q="example")
    press(jean, draft, "roles", "next", role=role.code)
    assert written() == before
    assert AuditEntry.objects.count() == entries
