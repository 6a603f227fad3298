"""My activity: what I did, and what was done about me, looking me up included."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from audit.models import AuditEntry
from audit.record import record
from roles.operations.answer_invitation import decline_invitation
from roles.operations.requests import refuse_request
from tests.factories import AssignmentFactory
from tests.roles.invites import PAUL, invite
from tests.roles.pages import address, draft_of, heading_of, press, text_of, words_of
from tests.roles.passes import give
from tests.roles.requests import ask
from tests.roles.test_exports import cells_of
from tests.roles.test_history_page import sentences_on

URL = "/profile/activity/"
CYBER = "CCB_SAFEONWEBATWORK_EDIT"


def test_without_a_trail_it_says_so(outsider: Client, open_as: Any, cast: Any) -> None:
    page = open_as(cast.olivier).get(URL)
    assert heading_of(page) == "My activity"
    assert "Nothing has been recorded about you yet." in words_of(page)


def test_it_shows_what_i_did_and_what_was_done_about_me_and_my_roles(
    open_as: Any, cast: Any, catalogue: Any, acting_as: Any, now: datetime
) -> None:
    (row,) = give(acting_as(cast.tom, cast.dubois), cast.dubois, [cast.anna], [catalogue[CYBER]], now=now)
    record("person:preferences_changed", actor=cast.anna, subject=cast.anna, now=now + timedelta(minutes=1))
    record("assignment:ended", actor=cast.jean, subject=row, organisation=cast.dubois, now=now + timedelta(minutes=2))
    record("persons:searched", actor=cast.jean, organisation=cast.dubois, words="anna")
    page = open_as(cast.anna).get(URL)
    name = catalogue[CYBER].name_in("en")
    assert sentences_on(page) == [
        f"Jean Dubois ended the role {name} of Anna Peeters",
        "Anna Peeters changed the language or the messages",
        f"Tom Janssens assigned the role {name} to Anna Peeters",
    ]
    assert f'<a href="/assignments/{row.key}/">{row.reference}</a>' in text_of(page)


def test_it_shows_what_was_decided_on_my_requests_and_what_became_of_invitations_i_answered(
    open_as: Any, cast: Any, catalogue: Any, acting_as: Any, now: datetime
) -> None:
    anna, jean, role = acting_as(cast.anna), acting_as(cast.jean), catalogue[CYBER]
    (refused,) = ask(anna, cast.dubois, [role], now=now)
    (others,) = ask(acting_as(cast.marie, cast.dubois), cast.dubois, [role], now=now)
    for row in (refused, others):
        refuse_request(row, note="Not needed", acting=jean, now=now + timedelta(minutes=1))
    people = [("Anna", cast.anna.family_name, "anna@post.example", "en"), PAUL]
    mine, _pauls = invite(jean, cast.dubois, people, [role], now=now + timedelta(minutes=2))
    decline_invitation(mine, seen_sent_at=mine.sent_at, acting=anna, now=now + timedelta(minutes=3))
    name = role.name_in("en")
    assert sentences_on(open_as(cast.anna).get(URL)) == [
        "Anna Peeters refused an invitation",
        f"Jean Dubois invited Anna Peeters to a role: {name}",
        f"Jean Dubois refused the role request of Anna Peeters: {name}",
        f"Anna Peeters asked for a role: {name}",
    ]
    for who in ("ingrid", "olivier"):
        assert sentences_on(open_as(getattr(cast, who)).get(URL)) == [], who


def test_i_read_who_looked_me_up_and_who_chose_me_and_for_which_organisation(
    open_as: Any, cast: Any, catalogue: Any, now: datetime
) -> None:
    carine = open_as(cast.carine)
    by_number = draft_of(cast.carine, variant="number", now=now)
    press(carine, by_number, "number", "add", number=cast.anna.national_number)
    by_name = draft_of(cast.carine, now=now)
    press(carine, by_name, "persons", "search", q="olivier")
    press(carine, by_name, "persons", "add", person=[cast.olivier.key])
    name = cast.carine.full_name
    page = open_as(cast.anna).get(URL)
    assert sentences_on(page) == [
        f"{name} chose Anna Peeters for a role assignment",
        f"{name} looked up Anna Peeters by national register number",
    ]
    assert f"– {cast.peeters.name_in('en')}" in words_of(page)
    # The outsider, whom a search found and a manager chose, may know it as well.
    chosen = f"{name} chose {cast.olivier.full_name} for a role assignment"
    assert sentences_on(open_as(cast.olivier).get(URL)) == [chosen]
    assert carine.get(address(by_name, "persons")).status_code == 200


def test_choosing_oneself_is_not_recorded(jean: Client, cast: Any, now: datetime) -> None:
    draft = draft_of(cast.jean, now=now)
    press(jean, draft, "persons", "add", myself="on")
    assert [row.person for row in draft.chosen_persons.all()] == [cast.jean]
    assert not AuditEntry.objects.filter(event="person:chosen").exists()


@pytest.mark.threat(1)
def test_what_others_do_with_others_is_not_here(jean: Client, open_as: Any, cast: Any, catalogue: Any) -> None:
    row = AssignmentFactory(organisation=cast.dubois, role=catalogue[CYBER], assignee=cast.marie)
    record("assignment:granted", actor=cast.tom, subject=row, organisation=cast.dubois, role=CYBER)
    record("number:looked_up", actor=cast.carine, subject=cast.marie, organisation=cast.peeters)
    for who in ("anna", "jean", "ingrid", "olivier", "sofie"):
        assert sentences_on(open_as(getattr(cast, who)).get(URL)) == [], who


def test_whom_my_message_reached_stays_hidden_from_me(open_as: Any, cast: Any) -> None:
    record("access_manager:contacted", actor=cast.olivier, subject=cast.jean, organisation=cast.dubois)
    browser = open_as(cast.olivier)
    for answer in (browser.get(URL), browser.get(f"{URL}?format=csv")):
        assert "Jean" not in answer.content.decode()
    assert sentences_on(browser.get(URL))[-1] == f"{cast.olivier.full_name} wrote to the access managers"


def test_a_role_of_another_that_i_gave_is_no_link(open_as: Any, cast: Any, catalogue: Any) -> None:
    row = AssignmentFactory(organisation=cast.eupen, role=catalogue[CYBER], assignee=cast.klaus)
    record("assignment:granted", actor=cast.anna, subject=row, organisation=cast.eupen, role=CYBER)
    page = open_as(cast.anna).get(URL)
    assert row.reference in words_of(page)
    assert f"/assignments/{row.key}/" not in text_of(page)


def test_pages_of_25_hold_each_entry_once_whatever_way_it_is_mine(open_as: Any, cast: Any, catalogue: Any) -> None:
    row = AssignmentFactory(organisation=cast.dubois, role=catalogue[CYBER], assignee=cast.anna)
    made = []
    for number in range(60):
        subject = (row, cast.anna, None)[number % 3]
        actor = cast.jean if number % 3 == 0 else cast.anna
        made.append(record("persons:searched", actor=actor, subject=subject))
    browser, seen, where = open_as(cast.anna), 0, URL
    for expected in (25, 25, 10):
        page = browser.get(where)
        assert len(sentences_on(page)) == expected
        seen += expected
        following = re.search(r'href="\?after=(\d+)" rel="next"', text_of(page))
        if following:
            assert int(following[1]) == made[60 - seen].pk
            where = f"{URL}?after={following[1]}"
    assert following is None


@pytest.mark.threat(1)
def test_the_key_of_a_foreign_entry_shows_the_first_page(open_as: Any, cast: Any) -> None:
    record("persons:searched", actor=cast.anna)
    foreign = record("persons:searched", actor=cast.jean)
    record("persons:searched", actor=cast.anna)
    assert len(sentences_on(open_as(cast.anna).get(f"{URL}?after={foreign.pk}"))) == 2


def test_the_own_list_is_a_file_and_taking_it_is_recorded(open_as: Any, cast: Any) -> None:
    record("number:looked_up", actor=cast.carine, subject=cast.anna, organisation=cast.peeters)
    browser = open_as(cast.anna)
    answer = browser.get(f"{URL}?format=csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="activity.csv"'
    head, *lines = cells_of(answer)
    name = cast.carine.full_name
    assert [line[1:5] for line in lines] == [
        [
            name,
            f"{name} looked up Anna Peeters by national register number",
            "Anna Peeters",
            cast.peeters.name_in("en"),
        ]
    ]
    taken = AuditEntry.objects.get(event="activity:exported")
    assert (taken.actor_key, taken.subject_key, taken.data) == (cast.anna.key, cast.anna.key, {"lines": 1})
    assert sentences_on(browser.get(URL))[0] == "Anna Peeters downloaded the list of their own activity"


def test_a_low_session_may_read_its_own(open_as: Any, cast: Any) -> None:
    assert open_as(cast.anna, 300).get(URL).status_code == 200


def test_signed_out_one_signs_in_first(client: Client, db: None) -> None:
    assert client.get(URL).url == f"/login/?next={URL}"


def test_the_profile_leads_here(open_as: Any, cast: Any) -> None:
    assert f'href="{URL}"' in text_of(open_as(cast.anna).get("/profile/"))
