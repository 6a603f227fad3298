"""W2: for which organisation; it answers itself when there is one."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from roles.models import AssignmentDraft
from tenants.models import AccessManagerAppointment
from tests.factories import (
    AppointmentFactory,
    EmploymentFactory,
    OrganisationFactory,
    PersonFactory,
    RoleFactory,
    UserFactory,
)
from tests.roles.pages import ANSWERED, address, draft_of, errors_of, heading_of, press, text_of, words_of

LOST = "You can no longer assign roles for the organisation chosen before"
CHOOSE = "Choose an organisation"


@pytest.fixture
def draft(cast: Any, now: datetime) -> AssignmentDraft:
    """Tom's draft for Anna."""
    return draft_of(cast.tom, persons=[cast.anna], now=now)


def withdraw(person: Any, organisation: Any) -> None:
    """End a person's appointments, as of yesterday."""
    AccessManagerAppointment.objects.filter(person=person, organisation=organisation).update(
        valid_until=timezone.localdate() - timedelta(days=1), ended_at=timezone.now()
    )


def test_the_organisation_acted_for_is_chosen_already(tom: Client, draft: AssignmentDraft, cast: Any) -> None:
    page = tom.get(address(draft, "organisation"))
    assert heading_of(page) == "For which organisation?"
    source = text_of(page)
    assert f'value="{cast.dubois.key}" id="organisation-{cast.dubois.key}" checked' in source
    assert f'value="{cast.peeters.key}" id="organisation-{cast.peeters.key}">' in source
    assert "For Anna Peeters" in words_of(page)
    assert "0999.999.922, Bruxelles" in words_of(page)


def test_the_choice_is_kept(tom: Client, draft: AssignmentDraft, cast: Any) -> None:
    answer = press(tom, draft, "organisation", "next", organisation=cast.peeters.key)
    assert answer.url == address(draft, "roles")
    draft.refresh_from_db()
    assert draft.organisation == cast.peeters
    assert f'value="{cast.peeters.key}" id="organisation-{cast.peeters.key}" checked' in text_of(
        tom.get(address(draft, "organisation"))
    )
    assert "Anna Peeters – Peeters & Fils SA" in words_of(tom.get(address(draft, "roles")))


def test_one_organisation_skips_the_page(jean: Client, cast: Any, now: datetime) -> None:
    draft = draft_of(cast.jean, persons=[cast.anna], now=now)
    answer = jean.get(address(draft, "organisation"))
    assert (answer.status_code, answer.url) == (303, address(draft, "roles"))
    assert press(jean, draft, "organisation", "next", organisation=cast.peeters.key).url == address(draft, "roles")
    draft.refresh_from_db()
    assert draft.organisation is None


@pytest.mark.parametrize("chosen", ["", "nonsense", "self"])
def test_none_chosen_says_so(tom: Client, draft: AssignmentDraft, chosen: str) -> None:
    assert errors_of(press(tom, draft, "organisation", "next", organisation=chosen)) == [CHOOSE]


@pytest.mark.threat(1)
def test_an_organisation_that_is_not_mine_is_not_taken(tom: Client, draft: AssignmentDraft, cast: Any) -> None:
    assert errors_of(press(tom, draft, "organisation", "next", organisation=cast.eupen.key)) == [CHOOSE]
    draft.refresh_from_db()
    assert draft.organisation is None


def test_an_organisation_of_which_one_is_only_an_employee_is_not_offered(
    tom: Client, draft: AssignmentDraft, cast: Any
) -> None:
    withdraw(cast.tom, cast.peeters)
    third = OrganisationFactory()
    AppointmentFactory(person=cast.tom, organisation=third)
    assert cast.peeters.key not in text_of(tom.get(address(draft, "organisation")))
    assert errors_of(press(tom, draft, "organisation", "next", organisation=cast.peeters.key)) == [CHOOSE]


def test_a_stopped_organisation_is_shown_with_the_reason_and_no_radio(
    tom: Client, draft: AssignmentDraft, cast: Any
) -> None:
    cast.peeters.status = "stopped"
    cast.peeters.save()
    page = tom.get(address(draft, "organisation"))
    assert "Peeters & Fils SA" in words_of(page)
    assert "Stopped, according to the Crossroads Bank for Enterprises: no roles can be assigned" in words_of(page)
    assert f'value="{cast.peeters.key}"' not in text_of(page)
    assert errors_of(press(tom, draft, "organisation", "next", organisation=cast.peeters.key)) == [CHOOSE]


def test_an_organisation_that_stopped_meanwhile_sends_back_and_says_so(
    tom: Client, draft: AssignmentDraft, cast: Any
) -> None:
    press(tom, draft, "organisation", "next", organisation=cast.peeters.key)
    cast.peeters.status = "stopped"
    cast.peeters.save()
    answer = tom.get(address(draft, "roles"))
    assert (answer.status_code, answer.url) == (303, address(draft, "organisation"))
    assert errors_of(tom.get(answer.url)) == [LOST]


def test_an_organisation_lost_in_another_tab_sends_back_and_says_so(
    tom: Client, draft: AssignmentDraft, cast: Any
) -> None:
    press(tom, draft, "organisation", "next", organisation=cast.peeters.key)
    withdraw(cast.tom, cast.peeters)
    answer = press(tom, draft, "roles", "next")
    assert answer.url == address(draft, "organisation")
    # One is left, but it is not the one that was chosen: nothing changes hands unseen.
    page = tom.get(answer.url)
    assert errors_of(page) == [LOST]
    assert press(tom, draft, "organisation", "next", organisation=cast.dubois.key).url == address(draft, "roles")
    assert "Boulangerie Dubois SRL (your only organisation)" in words_of(tom.get(address(draft, "roles")))


def test_the_check_page_does_not_open_for_a_lost_organisation(tom: Client, cast: Any, now: datetime) -> None:
    draft = draft_of(
        cast.tom, persons=[cast.anna], organisation=cast.peeters, roles=[RoleFactory()], now=now, **ANSWERED
    )
    withdraw(cast.tom, cast.peeters)
    assert tom.get(address(draft, "review")).url == address(draft, "organisation")


def test_strangers_are_named_with_where_they_work(tom: Client, cast: Any, now: datetime) -> None:
    draft = draft_of(cast.tom, persons=[cast.carine, cast.olivier], organisation=cast.dubois, now=now)
    words = words_of(tom.get(address(draft, "roles")))
    assert "Carine Peeters works for Peeters & Fils SA. You can still assign a role." in words
    assert "Olivier Lambert is not linked to your organisation. You can still assign a role." in words


def test_more_than_ten_can_be_searched(cast: Any, open_as: Any, now: datetime) -> None:
    person = PersonFactory()
    for name in ["Garage Noël", *(f"Atelier {number}" for number in range(11))]:
        organisation = OrganisationFactory(name_fr=name, name_nl="")
        EmploymentFactory(person=person, organisation=organisation)
        AppointmentFactory(person=person, organisation=organisation)
    UserFactory(person=person)
    client = open_as(person)
    draft = draft_of(person, persons=[cast.anna], now=now)
    assert "Search by name or enterprise number" in words_of(client.get(address(draft, "organisation")))
    page = press(client, draft, "organisation", "search", q="noel")
    assert errors_of(page) == []
    assert "Garage Noël" in words_of(page)
    assert "Atelier 3" not in words_of(page)
    assert "No organisation matches “xyz”" in words_of(press(client, draft, "organisation", "search", q="xyz"))
    dotted = organisation.formatted_number
    assert organisation.name in words_of(press(client, draft, "organisation", "search", q=dotted))


def test_return_to_the_check_page_after_a_change(tom: Client, cast: Any, catalogue: Any, now: datetime) -> None:
    draft = draft_of(
        cast.tom,
        persons=[cast.anna],
        organisation=cast.dubois,
        roles=[catalogue["CUSTOMS_EMCS"]],
        now=now,
        **ANSWERED,
    )
    answer = press(tom, draft, "organisation", "next", "?return=review", organisation=cast.peeters.key)
    assert answer.url == address(draft, "review")
    # Tom manages another domain there: the check page says so and offers no way to finish.
    page = tom.get(answer.url)
    assert errors_of(page) == ["You cannot assign EMCS for Peeters & Fils SA"]
    assert "Finish direct role assignment" not in words_of(page)
