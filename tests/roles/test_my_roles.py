"""S8: what a person holds, in every state."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from tests.factories import AssignmentFactory, EmploymentFactory, OrganisationFactory, RoleFactory
from tests.roles.pages import heading_of, in_english, text_of, words_of

URL = "/my-roles/"


def day(offset: int) -> date:
    """Return the day so many days from today."""
    return timezone.localdate() + timedelta(days=offset)


def written_out(value: date) -> str:
    """Return a day as the English page writes it."""
    return date_format(value, "j F Y")


STATES: dict[str, tuple[dict[str, Any], str]] = {
    "To be confirmed": (
        {"confirmer": "assignee", "confirm_before": day(14)},
        f"This role does not work yet. Confirm it before {written_out(day(14))}.",
    ),
    "Scheduled": ({"valid_from": day(3)}, f"From {written_out(day(3))}, no end date"),
    "Active": ({"valid_until": day(300)}, f"From {written_out(day(0))} to {written_out(day(300))}"),
    "Ends in 20 days": ({"valid_until": day(20)}, f"to {written_out(day(20))}"),
    "Ends in 1 day": ({"valid_until": day(1)}, "Active"),
    "Ends today": ({"valid_until": day(0)}, "Active"),
}
PAST: dict[str, dict[str, Any]] = {
    "Expired": {"valid_from": day(-9), "valid_until": day(-1)},
    "Ended": {"valid_from": day(-9), "ended_at": timezone.now(), "ended_on": day(0), "end_reason": "manager"},
    "Cancelled": {"valid_from": day(9), "ended_at": timezone.now(), "ended_on": day(0), "end_reason": "manager"},
    "Refused": {"confirmer": "assignee", "confirm_before": day(9), "refused_at": timezone.now()},
    "Lapsed": {"confirmer": "assignee", "confirm_before": day(0)},
}


def held(cast: Any, **facts: Any) -> Any:
    """Give Anna a role at Dubois."""
    if facts.get("refused_at"):
        facts["refused_by"] = cast.anna
    role = RoleFactory(name_en="Example role")
    return AssignmentFactory(role=role, assignee=cast.anna, organisation=cast.dubois, **facts)


@pytest.mark.parametrize("label", STATES)
def test_a_current_role_shows_its_state_and_dates(cast: Any, open_as: Any, label: str) -> None:
    facts, expected = STATES[label]
    row = held(cast, **facts)
    page = open_as(cast.anna).get(URL)
    table = words_of(page).split("What do the statuses mean?")[0]
    assert heading_of(page) == "My role assignments"
    assert f"Example role Boulangerie Dubois SRL {'Active' if label.startswith('Ends') else label}" in table
    assert label in table
    assert expected in table
    assert f'href="/assignments/{row.key}/"' in text_of(page)
    assert text_of(page).count('<svg class="bar"') == 1


@pytest.mark.parametrize("label", PAST)
def test_a_past_role_stands_behind_the_link(cast: Any, open_as: Any, label: str) -> None:
    held(cast, **PAST[label])
    anna = open_as(cast.anna)
    now = words_of(anna.get(URL))
    assert "Example role" not in now
    assert "See the past roles (1)" in now
    page = anna.get(f"{URL}?status=past")
    assert heading_of(page) == "My past role assignments"
    assert f"Example role Boulangerie Dubois SRL {'Expired' if label == 'Lapsed' else label}" in words_of(page)
    assert "See the current roles" in words_of(page)


def test_only_ones_own_confirmation_is_offered(cast: Any, open_as: Any) -> None:
    mine = held(cast, confirmer="assignee", confirm_before=day(14))
    other = held(cast, confirmer="manager", confirm_before=day(14))
    page = text_of(open_as(cast.anna).get(URL))
    assert f'href="/assignments/{mine.key}/confirm/"' in page
    assert f'href="/assignments/{other.key}/confirm/"' not in page


def test_what_waits_stands_first(cast: Any, open_as: Any) -> None:
    AssignmentFactory(
        role=RoleFactory(name_en="Waiting role"), assignee=cast.anna, organisation=cast.dubois,
        confirmer="assignee", confirm_before=day(3),
    )  # fmt: skip
    held(cast)
    words = words_of(open_as(cast.anna).get(URL))
    assert words.index("Waiting role") < words.index("Example role")


def test_nobody_sees_the_roles_of_others(cast: Any, open_as: Any) -> None:
    held(cast)
    for person in (cast.jean, cast.carine, cast.olivier):
        assert "Example role" not in words_of(open_as(person).get(URL))


def test_what_ends_soon_elsewhere_names_its_giver_and_a_way_to_write(cast: Any, open_as: Any) -> None:
    """Olivier works nowhere; Jean gave him a role of Dubois by invitation. He cannot ask for it again himself."""
    role = RoleFactory(name_en="Example role")
    held_by = {"role": role, "organisation": cast.dubois, "assigned_by": cast.jean}
    AssignmentFactory(assignee=cast.olivier, valid_until=day(10), **held_by)
    AssignmentFactory(assignee=cast.anna, valid_until=day(10), **held_by)
    page = open_as(cast.olivier).get(URL)
    words = words_of(page)
    assert "Ends in 10 days" in words and "Assigned by Jean Dubois. Write to the access managers" in words
    assert 'href="/access-managers/contact/"' in text_of(page) and "/my-roles/request/" not in text_of(page)
    anna = text_of(open_as(cast.anna).get(URL))
    assert "Given by" not in anna and "/my-roles/request/?role=" in anna


def test_without_a_role_the_managers_are_named(cast: Any, open_as: Any) -> None:
    words = words_of(open_as(cast.anna).get(URL))
    assert "You have no role yet. Ask your access manager: Jean Dubois (chief access manager)" in words


def test_without_a_role_and_an_organisation_there_is_nobody_to_name(cast: Any, open_as: Any) -> None:
    words = words_of(open_as(cast.olivier).get(URL))
    assert "You have no role yet." in words
    assert "Ask your access manager" not in words


def test_no_past_roles_is_said(cast: Any, open_as: Any) -> None:
    assert "You have no past roles." in words_of(open_as(cast.anna).get(f"{URL}?status=past"))


def test_a_legal_representative_holds_the_derived_role_while_the_function_lasts(
    cast: Any, catalogue: Any, open_as: Any
) -> None:
    jean = open_as(cast.jean)
    words = words_of(jean.get(URL))
    assert "CBE - legal representative Assigned automatically, from the Crossroads Bank for Enterprises" in words
    assert "Boulangerie Dubois SRL Active From 1 September 2023, no end date" in words
    assert "CBE - legal representative" not in words_of(open_as(cast.anna).get(URL))
    cast.jean.employments.update(valid_until=day(-1))
    assert "CBE - legal representative" not in words_of(jean.get(URL))


def test_a_stopped_organisation_derives_no_role(cast: Any, catalogue: Any, open_as: Any) -> None:
    cast.dubois.status = "stopped"
    cast.dubois.save()
    assert "CBE - legal representative" not in words_of(open_as(cast.jean).get(URL))


def test_the_derived_role_comes_once_per_organisation(cast: Any, catalogue: Any, open_as: Any) -> None:
    EmploymentFactory(
        person=cast.jean, organisation=OrganisationFactory(name_fr="Atelier"), kind="legal_representative"
    )
    assert words_of(open_as(cast.jean).get(URL)).count("CBE - legal representative") == 2


def test_the_statuses_are_explained(cast: Any, open_as: Any) -> None:
    words = words_of(open_as(cast.olivier).get(URL)).split("What do the statuses mean?")[1]
    for label in ("To be confirmed", "Scheduled", "Active", "Expired", "Ended", "Refused", "Cancelled"):
        assert label in words


def test_a_low_session_sees_its_own_roles(cast: Any, open_as: Any) -> None:
    held(cast)
    assert "Example role" in words_of(open_as(cast.anna, 300).get(URL))


def test_signed_out_one_signs_in_first(client: Client, db: None) -> None:
    assert in_english(client).get(URL).url == f"/login/?next={URL}"


@pytest.mark.parametrize("query", ["?status=", "?status=all", "?status=past&status=x", "?status=%00"])
def test_other_filters_show_the_current_roles(cast: Any, open_as: Any, query: str) -> None:
    held(cast)
    assert "Example role" in words_of(open_as(cast.anna).get(URL + query))


def test_a_state_changes_with_the_day_and_without_a_write(cast: Any, now: datetime) -> None:
    row = held(cast, valid_until=day(1))
    assert row.state(now=now) == "active"
    assert row.state(now=now + timedelta(days=2)) == "expired"


def test_the_list_can_be_taken_along_as_a_file(open_as: Any, cast: Any) -> None:
    role = RoleFactory(name_en="=Example role", code="EXAMPLE")
    given = {"role": role, "organisation": cast.dubois, "assigned_by": cast.jean}
    AssignmentFactory(assignee=cast.anna, valid_from=date(2026, 1, 5), **given)
    AssignmentFactory(assignee=cast.marie, **given)
    anna = open_as(cast.anna)
    assert "Download the list (CSV)" in words_of(anna.get("/my-roles/"))
    lines = anna.get("/my-roles/?format=csv").content.decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert lines[1] == '"\'=Example role";"EXAMPLE";"Boulangerie Dubois SRL";"Active";"2026-01-05";""'
    assert len(anna.get("/my-roles/?status=past&format=csv").content.decode().splitlines()) == 1
