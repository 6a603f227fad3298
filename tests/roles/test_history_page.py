"""S20: who did what and when in an organisation, for its access managers."""

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from audit.models import AuditEntry
from audit.record import record
from roles.operations.answer_invitation import record_mismatch
from roles.operations.invitations import cancel_invitation
from roles.trail import month_from
from tests.factories import AssignmentFactory, PersonFactory
from tests.roles.invites import NORA, PAUL, an_invitation, invite
from tests.roles.pages import heading_of, text_of, words_of
from tests.roles.passes import give
from tests.roles.requests import ask
from tests.roles.test_exports import cells_of

URL = "/history/"
CYBER, FINANCE = "CCB_SAFEONWEBATWORK_EDIT", "FIN_FATCA"
NOVEMBER = datetime(2025, 11, 15, 10, 0, tzinfo=UTC)


def sentences_on(page: Any) -> list[str]:
    """Return the sentences of the list, in their order."""
    return [html.unescape(hit) for hit in re.findall(r"<li><p><strong>(.*?)</strong>", page.content.decode())]


def happened(actor: Any, organisation: Any, event: str = "persons:searched", **values: Any) -> AuditEntry:
    """Write an entry."""
    return record(event, actor=actor, organisation=organisation, **values)


def about_a_role(cast: Any, role: Any, holder: Any, **values: Any) -> AuditEntry:
    """Write that Tom gave a role at Dubois."""
    row = AssignmentFactory(organisation=cast.dubois, role=role, assignee=holder, assigned_by=cast.tom)
    return happened(cast.tom, cast.dubois, "assignment:granted", subject=row, role=role.code, **values)


def links_of(page: Any) -> list[str]:
    """Return where the links inside `<main>` lead."""
    return re.findall(r'href="([^"]+)"', text_of(page).partition("<main")[2].partition("</main>")[0])


# --- What it shows ----------------------------------------------------------------------------------------------------


def test_an_empty_history_says_so(jean: Client) -> None:
    page = jean.get(URL)
    assert heading_of(page) == "History of the organisation"
    assert "Boulangerie Dubois SRL" in words_of(page)
    assert "Nothing in the history." in words_of(page)
    assert "CSV" not in words_of(page)


def test_each_act_is_one_sentence_with_its_moment_and_reference_newest_first(
    jean: Client, cast: Any, catalogue: Any, acting_as: Any, now: datetime
) -> None:
    (row,) = give(acting_as(cast.tom, cast.dubois), cast.dubois, [cast.anna], [catalogue[CYBER]], now=now)
    happened(cast.jean, cast.dubois, "number:looked_up", subject=cast.olivier, now=now + timedelta(minutes=1))
    page = jean.get(URL)
    assert sentences_on(page) == [
        f"Jean Dubois looked up {cast.olivier.full_name} by national register number",
        f"Tom Janssens assigned the role {catalogue[CYBER].name_in('en')} to Anna Peeters",
    ]
    assert f'<a href="/assignments/{row.key}/">{row.reference}</a>' in text_of(page)
    assert jean.get(f"/assignments/{row.key}/").status_code == 200


def test_what_a_manager_searched_for_stays_with_the_manager(jean: Client, tom: Client, cast: Any) -> None:
    happened(cast.tom, cast.dubois, words="zwaenepoel", found=2, more=False)
    for answer in (jean.get(URL), tom.get(URL), jean.get(f"{URL}?format=csv")):
        assert b"zwaenepoel" not in answer.content
    assert sentences_on(jean.get(URL)) == ["Jean Dubois downloaded the history of the organisation"] + [
        "Tom Janssens searched for people"
    ]


def test_signing_in_belongs_to_no_organisation(jean: Client, cast: Any) -> None:
    record("sign_in:succeeded", actor=cast.anna, subject=cast.anna)
    assert sentences_on(jean.get(URL)) == []


@pytest.mark.parametrize("event", ["access:denied", "lookup:denied"])
def test_what_was_refused_is_in_the_own_activity_not_in_the_history(
    jean: Client, open_as: Any, cast: Any, event: str
) -> None:
    happened(cast.jean, cast.dubois, now=NOVEMBER)
    for who in (cast.anna, cast.marie):
        happened(who, cast.dubois, event)
    for browser in (jean, open_as(cast.marie)):
        page = browser.get(URL)
        assert "Anna" not in words_of(page) and "Marie Claes" not in words_of(page)
        assert all("Anna" not in line[1] for line in cells_of(browser.get(f"{URL}?format=csv"))[1:])
    assert "?month=2025-11" in links_of(jean.get(f"{URL}?month=2025-10"))
    assert len(sentences_on(open_as(cast.anna).get("/profile/activity/"))) == 1


def test_names_are_escaped(jean: Client, cast: Any) -> None:
    happened(PersonFactory(given_name="<b>Bob</b>", family_name="O’Neill"), cast.dubois)
    page = jean.get(URL)
    assert "<b>Bob" not in page.content.decode()
    assert sentences_on(page) == ["<b>Bob</b> O’Neill searched for people"]


def test_a_reason_is_shown_with_its_act(jean: Client, cast: Any, catalogue: Any) -> None:
    about_a_role(cast, catalogue[CYBER], cast.anna, note="Changed jobs")
    assert "Reason: Changed jobs" in words_of(jean.get(URL))


# --- Who may read it --------------------------------------------------------------------------------------------------


@pytest.mark.threat(1)
def test_the_neighbour_reads_the_own_history_only(jean: Client, open_as: Any, cast: Any) -> None:
    happened(cast.jean, cast.dubois)
    happened(cast.carine, cast.peeters)
    assert sentences_on(jean.get(URL)) == ["Jean Dubois searched for people"]
    assert sentences_on(open_as(cast.carine).get(URL)) == [f"{cast.carine.full_name} searched for people"]


@pytest.mark.threat(3)
@pytest.mark.parametrize(("who", "why"), [("anna", "You are not an access manager"), ("olivier", "You are not linked")])
@pytest.mark.parametrize("query", ["", "?format=csv", "?month=2025-11"])
def test_whoever_is_no_manager_reads_why(cast: Any, open_as: Any, who: str, why: str, query: str) -> None:
    happened(cast.jean, cast.dubois)
    browser = open_as(getattr(cast, who))
    for answer in (browser.get(URL + query), browser.post(URL, {"person": "anna"})):
        assert answer.status_code == 403
        assert why in words_of(answer)
        assert "searched for people" not in words_of(answer)


@pytest.mark.asvs(35)
def test_a_low_session_steps_up(cast: Any, open_as: Any) -> None:
    answer = open_as(cast.jean, 300).get(URL)
    assert answer.status_code == 403
    assert 'href="/login/?next=/history/"' in text_of(answer)


@pytest.mark.threat(2)
def test_a_domain_manager_reads_of_invitations_only_those_wholly_of_the_own_domain(
    cast: Any, catalogue: Any, acting_as: Any, open_as: Any, jean: Client, now: datetime
) -> None:
    chief, energy = acting_as(cast.jean, cast.dubois), catalogue["FLUVIUS_ENERGY_PORTAL_ADMIN"]
    invite(chief, cast.dubois, [NORA], [catalogue[FINANCE], catalogue["FIN_JMONNET"]], now=now)
    (mixed,) = invite(chief, cast.dubois, [PAUL], [catalogue[FINANCE], energy], now=now)
    record_mismatch(mixed, acting=acting_as(cast.olivier), now=now)
    cancel_invitation(mixed, acting=chief, now=now)
    names = ", ".join(sorted(catalogue[code].name_in("en") for code in (FINANCE, "FIN_JMONNET")))
    marie = open_as(cast.marie)
    shown = sentences_on(marie.get(URL))
    assert len(shown) == 1 and shown[0].startswith("Jean Dubois invited Nora Vandenbroucke to a role: ")
    assert ", ".join(sorted(shown[0].partition(": ")[2].split(", "))) == names
    assert "Plumanns" not in marie.get(f"{URL}?format=csv").content.decode()
    assert sum("Paul Plumanns" in sentence for sentence in sentences_on(jean.get(URL))) == 3


def test_signed_out_one_signs_in_first(client: Client, db: None) -> None:
    assert client.get(URL).url == f"/login/?next={URL}"


@pytest.mark.threat(2)
def test_a_domain_manager_reads_about_the_own_domain_and_the_own_acts(
    cast: Any, catalogue: Any, open_as: Any, jean: Client
) -> None:
    own = about_a_role(cast, catalogue[FINANCE], cast.anna)
    other = about_a_role(cast, catalogue[CYBER], cast.olivier)
    happened(cast.tom, cast.dubois, "access_manager:ended", subject=cast.anna, kind="chief")
    happened(cast.marie, cast.dubois)
    marie = open_as(cast.marie)
    page = marie.get(URL)
    shown = sentences_on(page)
    assert len(shown) == 2
    assert shown[0] == "Marie Claes searched for people"
    assert shown[1].startswith("Tom Janssens assigned the role") and shown[1].endswith("to Anna Peeters")
    assert "You see what is about the roles of your domain (Finance), and what you did yourself." in words_of(page)
    assert f"/assignments/{own.subject_key}/" in links_of(page)
    lines = cells_of(marie.get(f"{URL}?format=csv"))[1:]
    assert [line[2] for line in lines] == shown
    assert sentences_on(marie.get(f"{URL}?after={other.pk}")) == sentences_on(marie.get(URL))
    assert len(sentences_on(jean.get(URL))) == 5  # the export, too


def test_requests_and_invitations_lead_to_their_pages_where_the_reader_may_open_them(
    jean: Client, cast: Any, catalogue: Any, acting_as: Any, open_as: Any, now: datetime
) -> None:
    roles = [catalogue[FINANCE], catalogue[CYBER]]
    own, other = ask(acting_as(cast.anna), cast.dubois, roles, now=now)
    finance, mixed = (
        an_invitation(cast.jean, organisation=cast.dubois, roles=some, now=now) for some in (roles[:1], roles)
    )
    for row, codes in ((finance, [FINANCE]), (mixed, [FINANCE, CYBER])):
        happened(cast.jean, cast.dubois, "invitation:sent", subject=row, role=FINANCE, roles=codes, now=now)
    all_of_them = {f"/requests/{own.key}/", f"/requests/{other.key}/"}
    all_of_them |= {f"/invitations/{finance.key}/", f"/invitations/{mixed.key}/"}
    marie = open_as(cast.marie)
    for browser, expected in (
        (jean, all_of_them),
        (marie, {f"/requests/{own.key}/", f"/invitations/{finance.key}/"}),
    ):
        assert all_of_them & set(links_of(browser.get(URL))) == expected
        assert {address for address in all_of_them if browser.get(address).status_code == 200} == expected
    assert mixed.reference in words_of(marie.get(URL))


def test_of_two_functions_the_organisation_acted_for_counts(cast: Any, catalogue: Any, open_as: Any) -> None:
    happened(cast.jean, cast.dubois)
    happened(cast.carine, cast.peeters)
    assert len(sentences_on(open_as(cast.tom, acting_for=cast.dubois.key).get(URL))) == 1
    assert sentences_on(open_as(cast.tom, acting_for=cast.peeters.key).get(URL)) == []


# --- Pages and months -------------------------------------------------------------------------------------------------


def test_pages_of_25_go_on_where_the_last_one_ended_also_within_one_moment(jean: Client, cast: Any) -> None:
    rows = [happened(cast.jean, cast.dubois, now=NOVEMBER) for _ in range(60)]
    happened(cast.carine, cast.peeters, now=NOVEMBER)
    seen: list[int] = []
    address = URL
    for expected in (25, 25, 10):
        page = jean.get(address)
        assert len(sentences_on(page)) == expected
        following = re.search(r'href="(\?after=(\d+))" rel="next"', text_of(page))
        seen += [expected]
        if following:
            assert int(following[2]) == rows[60 - sum(seen)].pk
            address = URL + following[1]
    assert following is None
    assert "First page" in words_of(page)


def test_the_order_is_that_of_the_moments_not_of_the_writing(jean: Client, cast: Any) -> None:
    happened(cast.jean, cast.dubois)
    happened(cast.tom, cast.dubois, now=NOVEMBER)
    assert sentences_on(jean.get(URL)) == ["Jean Dubois searched for people", "Tom Janssens searched for people"]


@pytest.mark.threat(1)
@pytest.mark.parametrize("after", ["foreign", "999999999", "x", "%00", "-1", "9" * 40, "2; --"])
def test_a_foreign_or_unknown_key_shows_the_first_page(jean: Client, cast: Any, after: str) -> None:
    happened(cast.jean, cast.dubois)
    foreign = happened(cast.carine, cast.peeters)
    page = jean.get(f"{URL}?after={foreign.pk if after == 'foreign' else after}")
    assert sentences_on(page) == ["Jean Dubois searched for people"]


def test_a_month_shows_its_days_in_belgium_and_leads_to_those_beside_it(jean: Client, cast: Any) -> None:
    for moment in (
        datetime(2025, 8, 3, tzinfo=UTC),
        datetime(2025, 10, 31, 22, 59, tzinfo=UTC),  # 31 October, 23:59 in Brussels
        datetime(2025, 10, 31, 23, 0, tzinfo=UTC),  # 1 November, 0:00
        datetime(2025, 11, 30, 22, 59, 59, tzinfo=UTC),
        datetime(2025, 11, 30, 23, 0, tzinfo=UTC),  # 1 December
    ):
        happened(cast.jean, cast.dubois, now=moment)
    page = jean.get(f"{URL}?month=2025-11")
    assert len(sentences_on(page)) == 2
    assert {"?month=2025-10", "?month=2025-12", "/history/"} <= set(links_of(page))
    assert {"?month=2025-08", "?month=2025-11"} <= set(links_of(jean.get(f"{URL}?month=2025-10")))
    assert "?month=2025-12" in links_of(jean.get(URL))
    assert len(sentences_on(jean.get(URL))) == 5


def test_an_empty_month_says_so_and_leads_on(jean: Client, cast: Any) -> None:
    happened(cast.jean, cast.dubois, now=NOVEMBER)
    page = jean.get(f"{URL}?month=2024-02")
    assert "Nothing in the history for this month." in words_of(page)
    assert "?month=2025-11" in links_of(page)


@pytest.mark.parametrize("month", ["2025-13", "2025-00", "25-11", "0001-01", "9999-12", "%00", "2025-11-01", "é", ""])
def test_what_is_no_month_shows_all(jean: Client, cast: Any, month: str) -> None:
    happened(cast.jean, cast.dubois, now=NOVEMBER)
    assert len(sentences_on(jean.get(f"{URL}?month={month}"))) == 1


def test_a_month_on_the_edge_of_the_calendar_is_read() -> None:
    assert str(month_from("2999-12")) == "2999-12-01"
    assert month_from("3000-01") is None


# --- The file ---------------------------------------------------------------------------------------------------------


@pytest.mark.threat(30)
def test_the_file_holds_what_the_page_shows_and_who_took_it_is_recorded(jean: Client, cast: Any) -> None:
    evil = PersonFactory(given_name="=1+1", family_name="Peeters")
    for minute in range(30):
        happened(cast.tom, cast.dubois, now=NOVEMBER + timedelta(minutes=minute))
    happened(evil, cast.dubois, "assignments:exported", now=NOVEMBER + timedelta(hours=1))
    happened(cast.carine, cast.peeters, now=NOVEMBER)
    happened(cast.tom, cast.dubois)
    answer = jean.get(f"{URL}?month=2025-11&format=csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="history-2025-11.csv"'
    assert answer.headers["Cache-Control"] == "no-store"
    head, first, *rest = cells_of(answer)
    assert head == ["Moment", "Who", "What", "About whom", "Organisation", "Reference"]
    assert first[:3] == ["2025-11-15 12:00", "'=1+1 Peeters", "'=1+1 Peeters downloaded the list of role assignments"]
    assert len(rest) == 30
    assert rest[-1] == ["2025-11-15 11:00", "Tom Janssens", "Tom Janssens searched for people", *rest[-1][3:]]
    taken = AuditEntry.objects.get(event="history:exported")
    assert (taken.actor_key, taken.organisation_key) == (cast.jean.key, cast.dubois.key)
    assert taken.data == {"month": "2025-11", "lines": 31}


def test_the_file_ends_at_its_limit(jean: Client, cast: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("roles.views.history.MOST_LINES", 3)
    for _ in range(5):
        happened(cast.jean, cast.dubois)
    assert len(cells_of(jean.get(f"{URL}?format=csv"))) == 1 + 3
    assert "The file holds the 3 newest entries at most." in words_of(jean.get(URL))


def test_asking_for_the_head_of_the_file_takes_nothing(jean: Client, cast: Any) -> None:
    assert jean.head(f"{URL}?format=csv").status_code == 200
    assert not AuditEntry.objects.filter(event="history:exported").exists()


# --- What leads here --------------------------------------------------------------------------------------------------


def test_the_home_page_of_managers_leads_here(jean: Client, open_as: Any, cast: Any) -> None:
    assert 'href="/history/"' in text_of(jean.get("/"))
    assert 'href="/history/"' not in text_of(open_as(cast.anna).get("/"))
