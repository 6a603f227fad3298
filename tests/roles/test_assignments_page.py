"""S11: the assignments of the organisation, as a plain list with pages."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories import AssignmentFactory, PersonFactory, RoleFactory
from tests.roles.pages import heading_of, in_english, text_of, words_of

URL = "/assignments/"


def keys_on(page: Any) -> list[str]:
    """Return the keys of the assignments listed."""
    return re.findall(
        r'<th role="rowheader"[^>]* data-label="Person"><a href="/assignments/([^/"]+)/"', page.content.decode()
    )


def give(organisation: Any, count: int = 1, **values: Any) -> list[Any]:
    """Store that many assignments of one role."""
    role = values.pop("role", None) or RoleFactory(name_en="Example role")
    return [AssignmentFactory(organisation=organisation, role=role, **values) for _number in range(count)]


def test_an_empty_list_says_so_and_offers_to_begin(jean: Client) -> None:
    page = jean.get(URL)
    assert heading_of(page) == "Manage role assignments"
    words = words_of(page)
    assert "Nobody holds a role for Boulangerie Dubois SRL yet." in words
    assert "Assign a role" in words
    assert "<table" not in text_of(page)


def test_each_row_names_person_role_state_and_dates(jean: Client, cast: Any) -> None:
    (row,) = give(cast.dubois, assignee=cast.anna)
    page = jean.get(URL)
    assert "Anna Peeters – Example role Example role Active From" in words_of(page)
    assert keys_on(page) == [row.key]


def test_the_buttons_stand_only_where_something_can_be_ticked(jean: Client, cast: Any, now: Any) -> None:
    today = timezone.localdate()
    give(cast.dubois, assignee=cast.anna, ended_at=now, ended_on=today, end_reason="manager")
    page = jean.get(f"{URL}?status=ended")
    assert "Anna Peeters" in words_of(page)
    assert 'type="checkbox"' not in text_of(page) and 'value="extend"' not in text_of(page)
    assert 'data-label="Choose"' not in text_of(page)
    give(cast.dubois, assignee=cast.anna)
    page = jean.get(URL)
    assert text_of(page).count('type="checkbox"') == 1 and 'value="extend"' in text_of(page)


def test_a_role_to_confirm_names_who_has_to(open_as: Any, cast: Any) -> None:
    day = timezone.localdate().replace(year=timezone.localdate().year + 1, day=5)
    give(cast.eupen, assignee=cast.ingrid, confirmer="manager", confirm_before=day)
    assert "Klaus Lennertz must confirm before" in words_of(open_as(cast.klaus).get(URL))


@pytest.mark.threat(1)
def test_only_ones_own_organisation_is_listed(jean: Client, cast: Any, open_as: Any) -> None:
    (own,), (foreign,) = give(cast.dubois), give(cast.peeters)
    assert keys_on(jean.get(URL)) == [own.key]
    assert keys_on(open_as(cast.carine).get(URL)) == [foreign.key]


@pytest.mark.threat(2)
def test_a_domain_manager_sees_the_own_domain_only_and_reads_so(open_as: Any, cast: Any, catalogue: Any) -> None:
    (own,) = give(cast.dubois, role=catalogue["CUSTOMS_EMCS"])
    (other,) = give(cast.dubois, role=catalogue["CCB_SAFEONWEBATWORK_EDIT"])
    page = open_as(cast.marie).get(URL)
    assert keys_on(page) == [own.key]
    assert "You see the roles of your domain: Finance." in words_of(page)
    assert keys_on(open_as(cast.jean).get(URL)) == [other.key, own.key]


def test_a_manager_of_several_sees_the_organisation_acted_for(cast: Any, catalogue: Any, open_as: Any) -> None:
    (dubois,) = give(cast.dubois, role=catalogue["CUSTOMS_EMCS"])
    (peeters,) = give(cast.peeters, role=catalogue["FLUVIUS_ENERGY_PORTAL_ADMIN"])
    give(cast.peeters, role=catalogue["CUSTOMS_EMCS"])
    assert keys_on(open_as(cast.tom, acting_for=cast.dubois.key).get(URL)) == [dubois.key]
    assert keys_on(open_as(cast.tom, acting_for=cast.peeters.key).get(URL)) == [peeters.key]


def test_pages_of_25_go_on_where_the_last_one_ended(jean: Client, cast: Any) -> None:
    rows = give(cast.dubois, 60)
    newest_first = [row.key for row in reversed(rows)]
    first = jean.get(URL)
    assert keys_on(first) == newest_first[:25]
    assert "First page" not in words_of(first)
    second = jean.get(f"{URL}?after={newest_first[24]}")
    assert f'href="{URL}?after={newest_first[24]}"' in text_of(first)
    assert keys_on(second) == newest_first[25:50]
    third = jean.get(f"{URL}?after={newest_first[49]}")
    assert keys_on(third) == newest_first[50:]
    assert "First page" in words_of(third)
    assert 'rel="next"' not in text_of(third)


def test_exactly_25_are_one_page(jean: Client, cast: Any) -> None:
    give(cast.dubois, 25)
    assert 'class="pagination"' not in text_of(jean.get(URL))


def test_rows_given_meanwhile_move_nothing(jean: Client, cast: Any) -> None:
    rows = [row.key for row in reversed(give(cast.dubois, 30))]
    give(cast.dubois, 3)
    assert keys_on(jean.get(f"{URL}?after={rows[24]}")) == rows[25:]


@pytest.mark.threat(1)
@pytest.mark.parametrize("after", ["foreign", "unknown", "%00", "%27%22%25", "x" * 500, ""])
def test_a_foreign_or_unknown_key_shows_the_first_page(jean: Client, cast: Any, after: str) -> None:
    own = give(cast.dubois, 3)
    (foreign,) = give(cast.peeters)
    page = jean.get(f"{URL}?after={foreign.key if after == 'foreign' else after}")
    assert keys_on(page) == [row.key for row in reversed(own)]


@pytest.mark.threat(3)
@pytest.mark.parametrize(("who", "why"), [("anna", "You are not an access manager"), ("olivier", "You are not linked")])
def test_whoever_is_no_manager_reads_why(cast: Any, open_as: Any, who: str, why: str) -> None:
    give(cast.dubois)
    answer = open_as(getattr(cast, who)).get(URL)
    assert answer.status_code == 403
    assert why in words_of(answer)
    assert "Example role" not in words_of(answer)


@pytest.mark.asvs(35)
def test_a_low_session_steps_up(cast: Any, open_as: Any) -> None:
    give(cast.dubois)
    answer = open_as(cast.jean, 300).get(URL)
    assert answer.status_code == 403
    assert 'href="/login/?next=/assignments/"' in text_of(answer)


def test_in_ones_own_name_only_there_is_no_list(cast: Any, open_as: Any) -> None:
    answer = open_as(cast.tom, acting_for="self").get(URL)
    assert answer.status_code == 403
    assert "You are access manager of these organisations:" in words_of(answer)
    assert 'href="/acting-for/?next=/assignments/"' in text_of(answer)


def test_signed_out_one_signs_in_first(client: Client, db: None) -> None:
    assert in_english(client).get(URL).url == f"/login/?next={URL}"


def test_names_are_escaped(jean: Client, cast: Any) -> None:
    give(cast.dubois, assignee=PersonFactory(given_name="<b>Bob</b>", family_name='O’"Neill'))
    page = jean.get(URL)
    assert "<b>Bob" not in page.content.decode()
    assert '<b>Bob</b> O’"Neill' in text_of(page)
