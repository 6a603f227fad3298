"""W5: the last look, and the one POST that writes."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import AuditEntry
from outbox.models import OutgoingEmail
from roles.models import AssignmentDraft, Role, RoleAssignment
from tenants.models import AccessManagerAppointment
from tests.factories import AssignmentFactory, PersonFactory, PropertyFactory, RoleFactory
from tests.roles.pages import (
    ANSWERED,
    address,
    draft_of,
    errors_of,
    finish,
    heading_of,
    hidden,
    press,
    text_of,
    words_of,
    written,
)

E25 = "These people already hold these roles. There is nothing to assign"
E27 = "This draft changed in another tab. This is the latest version"
CHANGED = "Something has changed since you opened this page. Check again, then finish"
NOTHING = {"assignments": 0, "letters": 0, "references": 0, "granted": 0}


@pytest.fixture
def role(cast: Any) -> Role:
    """A role of the domain Finance."""
    return RoleFactory(name_en="Example role")


@pytest.fixture
def draft(cast: Any, role: Role, now: datetime) -> AssignmentDraft:
    """Jean's finished draft: one role for Anna, without end."""
    return draft_of(cast.jean, persons=[cast.anna], roles=[role], now=now, **ANSWERED)


def look(client: Client, draft: AssignmentDraft) -> dict[str, str]:
    """Open the check page; return what its last button sends."""
    page = client.get(address(draft, "review"))
    return {"action": "finish", "version": hidden(page, "version"), "shown": hidden(page, "shown")}


def send(client: Client, draft: AssignmentDraft, seen: dict[str, str], **data: str) -> Any:
    """Press the last button of a page that was opened before."""
    return client.post(address(draft, "review"), {**seen, **data})


def test_the_page_shows_everything_and_that_nothing_is_done(
    jean: Client, draft: AssignmentDraft, role: Role, cast: Any
) -> None:
    PropertyFactory(role=role, code="SENSITIVE", label_en="Sensitive mandates")
    draft.chosen_roles.update(properties={"SENSITIVE": True})
    page = jean.get(address(draft, "review"))
    assert heading_of(page) == "Check before you finish the assignment"
    words = words_of(page)
    assert "The assignment is not done yet." in words
    assert "People Anna Peeters Change the people" in words
    assert "Organisation Boulangerie Dubois SRL 0999.999.922 Roles" in words  # no Change: there is only one
    assert "Example role FPS Example Change the roles" in words
    assert "no end date Change the validity" in words
    assert "Sensitive mandates: Yes" in words
    assert "1 assignment will be created. Anna Peeters will receive an e-mail." in words
    assert written() == NOTHING


@pytest.mark.parametrize("step", ["persons", "roles", "properties"])
def test_changing_an_answer_keeps_the_message(jean: Client, draft: AssignmentDraft, step: str) -> None:
    answer = send(jean, draft, look(jean, draft), action=step, message="Welcome")
    assert (answer.status_code, answer.url) == (303, address(draft, step, "?return=review"))
    assert ">Welcome</textarea>" in text_of(jean.get(address(draft, "review")))
    assert written() == NOTHING


def test_seeing_it_as_data_keeps_the_message(jean: Client, draft: AssignmentDraft) -> None:
    page = jean.get(address(draft, "review"))
    assert 'form="finish" name="action" value="data">See it as data</button>' in text_of(page)
    answer = send(jean, draft, look(jean, draft), action="data", message="Welcome")
    assert (answer.status_code, answer.url) == (303, address(draft, "service-view"))
    assert f'href="{address(draft, "review")}"' in text_of(jean.get(answer.url))
    assert ">Welcome</textarea>" in text_of(jean.get(address(draft, "review")))
    assert written() == NOTHING


def test_a_message_that_cannot_be_sent_is_not_kept_by_leaving_either(jean: Client, draft: AssignmentDraft) -> None:
    answer = send(jean, draft, look(jean, draft), action="data", message="x" * 301)
    assert errors_of(answer) == ["“Message to these people” can have at most 300 characters"]
    assert "x" * 301 in text_of(answer)


def test_leaving_without_a_new_message_changes_nothing(jean: Client, draft: AssignmentDraft) -> None:
    seen = look(jean, draft)
    assert send(jean, draft, seen, action="data", message="").status_code == 303
    assert send(jean, draft, seen).url == address(draft, "done")  # the page that was left is still the newest


def test_persons_times_roles_are_counted_and_all_are_named(jean: Client, cast: Any, role: Role, now: datetime) -> None:
    people = [cast.anna, cast.marie, *PersonFactory.create_batch(5)]
    draft = draft_of(cast.jean, persons=people, roles=[role, RoleFactory()], now=now, **ANSWERED)
    words = words_of(jean.get(address(draft, "review")))
    assert "14 assignments will be created." in words
    for person in people:
        assert person.full_name in words
    assert "will each receive an e-mail." in words


def test_the_way_by_number_changes_people_by_number(jean: Client, cast: Any, role: Role, now: datetime) -> None:
    draft = draft_of(cast.jean, variant="number", persons=[cast.anna], roles=[role], now=now, **ANSWERED)
    answer = send(jean, draft, look(jean, draft), action="persons", message="")
    assert answer.url == address(draft, "number", "?return=review")


def test_several_organisations_offer_to_change_it(tom: Client, cast: Any, role: Role, now: datetime) -> None:
    draft = draft_of(cast.tom, persons=[cast.anna], organisation=cast.dubois, roles=[role], now=now, **ANSWERED)
    assert "Change the organisation" in words_of(tom.get(address(draft, "review")))
    answer = send(tom, draft, look(tom, draft), action="organisation", message="")
    assert answer.url == address(draft, "organisation", "?return=review")


def test_finish_does_it_once_and_leads_to_the_done_page(
    jean: Client, draft: AssignmentDraft, role: Role, cast: Any
) -> None:
    seen = look(jean, draft)
    answer = send(jean, draft, seen)
    assert (answer.status_code, answer.url) == (303, address(draft, "done"))
    row = RoleAssignment.objects.get()
    assert (row.assignee, row.role, row.organisation, row.assigned_by) == (cast.anna, role, cast.dubois, cast.jean)
    assert sorted(OutgoingEmail.objects.values_list("name", flat=True)) == ["assignment_receipt", "role_given"]
    after = written()
    for _turn in range(3):
        assert send(jean, draft, seen).url == address(draft, "done")
    assert written() == after


def test_where_a_confirmation_is_needed_the_page_says_whose_and_why(
    cast: Any, role: Role, open_as: Any, now: datetime
) -> None:
    ingrid = open_as(cast.ingrid)
    draft = draft_of(cast.ingrid, persons=[cast.ingrid, cast.klaus], roles=[role], now=now, **ANSWERED)
    words = words_of(ingrid.get(address(draft, "review")))
    assert "To be confirmed: Klaus Lennertz must confirm before" in words
    assert "because you are assigning this role to yourself" in words
    assert "because your organisation is new" in words


def test_a_role_that_always_needs_a_confirmation_says_so(jean: Client, draft: AssignmentDraft, role: Role) -> None:
    Role.objects.update(always_confirm=True)
    words = words_of(jean.get(address(draft, "review")))
    assert "Anna Peeters must confirm before" in words
    assert "because this role always needs a confirmation" in words


def test_whoever_has_no_address_is_named(jean: Client, draft: AssignmentDraft, cast: Any) -> None:
    cast.anna.email = ""
    cast.anna.save()
    words = words_of(jean.get(address(draft, "review")))
    assert "Anna Peeters has no e-mail address here: tell them yourself." in words
    assert "will receive an e-mail" not in words


def test_what_exists_already_is_named_and_left_out(jean: Client, cast: Any, role: Role, now: datetime) -> None:
    AssignmentFactory(role=role, assignee=cast.anna, organisation=cast.dubois)
    draft = draft_of(cast.jean, persons=[cast.anna, cast.marie], roles=[role], now=now, **ANSWERED)
    words = words_of(jean.get(address(draft, "review")))
    assert "1 assignment already exists and will not be created Anna Peeters – Example role" in words
    assert "1 assignment will be created. Marie Claes will receive an e-mail." in words
    assert finish(jean, draft).url == address(draft, "done")
    assert RoleAssignment.objects.filter(draft=draft).get().assignee == cast.marie


def test_when_all_exist_there_is_no_main_button(jean: Client, draft: AssignmentDraft, role: Role, cast: Any) -> None:
    AssignmentFactory(role=role, assignee=cast.anna, organisation=cast.dubois)
    page = jean.get(address(draft, "review"))
    assert errors_of(page) == [E25]
    assert "Finish direct role assignment" not in words_of(page)
    assert "Cancel and delete the draft" in words_of(page)


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ("x" * 301, "“Message to these people” can have at most 300 characters"),
        ("My number is 85.07.30-033.28", "Take the national register number out of the text"),
        ("85073003328", "Take the national register number out of the text"),
    ],
)
def test_a_message_that_cannot_be_sent_is_refused_and_kept_in_the_field(
    jean: Client, draft: AssignmentDraft, message: str, error: str
) -> None:
    answer = send(jean, draft, look(jean, draft), message=message)
    assert errors_of(answer) == [error]
    assert message in text_of(answer)
    assert written() == NOTHING
    draft.refresh_from_db()
    assert draft.message == ""


def test_300_characters_travel_with_the_letter(jean: Client, draft: AssignmentDraft) -> None:
    assert send(jean, draft, look(jean, draft), message="é" * 300).status_code == 303
    assert OutgoingEmail.objects.get(name="role_given").context["message"] == "é" * 300


@pytest.mark.parametrize("name", ["version", "shown", "message", "action"])
@pytest.mark.asvs(71)
def test_doubled_values_are_refused(jean: Client, draft: AssignmentDraft, name: str) -> None:
    seen = {"message": "", **look(jean, draft)}
    assert jean.post(address(draft, "review"), {**seen, name: [seen[name], seen[name]]}).status_code == 400
    assert written() == NOTHING


def test_a_character_that_no_text_has_is_refused(jean: Client, draft: AssignmentDraft) -> None:
    assert send(jean, draft, look(jean, draft), message="a\x00b").status_code == 400


@pytest.mark.threat(13)
def test_an_old_page_shows_the_latest_version_and_changes_nothing(
    jean: Client, draft: AssignmentDraft, cast: Any
) -> None:
    seen = look(jean, draft)
    press(jean, draft, "persons", "add", person=cast.marie.key)
    answer = send(jean, draft, seen)
    assert errors_of(answer) == [E27]
    assert "Marie Claes" in words_of(answer)
    assert written() == NOTHING
    assert hidden(answer, "version") != seen["version"]


@pytest.mark.parametrize("missing", ["version", "shown"])
def test_without_what_the_page_showed_nothing_is_done(jean: Client, draft: AssignmentDraft, missing: str) -> None:
    seen = look(jean, draft)
    del seen[missing]
    assert errors_of(jean.post(address(draft, "review"), seen)) == [E27 if missing == "version" else CHANGED]
    assert written() == NOTHING


def test_a_role_given_meanwhile_by_somebody_else_is_named(jean: Client, cast: Any, role: Role, now: datetime) -> None:
    draft = draft_of(cast.jean, persons=[cast.anna, cast.marie], roles=[role], now=now, **ANSWERED)
    seen = look(jean, draft)
    AssignmentFactory(role=role, assignee=cast.anna, organisation=cast.dubois, assigned_by=cast.tom)
    before = written()
    answer = send(jean, draft, seen)
    assert errors_of(answer) == ["Anna Peeters already holds this role for Boulangerie Dubois SRL in this period"]
    assert written() == before
    assert AuditEntry.objects.filter(event="assignment:denied").count() == 1
    # The page shows what is left; its button now does just that.
    again = {"action": "finish", "version": hidden(answer, "version"), "shown": hidden(answer, "shown")}
    assert send(jean, draft, again).url == address(draft, "done")


def test_a_role_withdrawn_meanwhile_is_named_with_its_page(jean: Client, draft: AssignmentDraft) -> None:
    seen = look(jean, draft)
    Role.objects.update(is_assignable=False)
    answer = send(jean, draft, seen, message="Welcome")
    assert errors_of(answer) == ["Example role is no longer available. Remove this role"]
    assert f'href="{address(draft, "roles", "?return=review")}">Example role' in text_of(answer)
    draft.refresh_from_db()
    assert draft.message == "Welcome"  # it waits for the way back
    assert written() == NOTHING
    (entry,) = AuditEntry.objects.filter(event="assignment:denied")
    assert entry.data["reasons"] == ["role_withdrawn"]


@pytest.mark.threat(2)
def test_a_role_that_became_another_domains_is_named(cast: Any, open_as: Any, role: Role, now: datetime) -> None:
    marie = open_as(cast.marie)
    draft = draft_of(cast.marie, persons=[cast.anna], roles=[role], now=now, **ANSWERED)
    seen = look(marie, draft)
    Role.objects.update(domain=cast.peeters.appointments.get(kind="domain").domain)
    assert errors_of(send(marie, draft, seen)) == ["You cannot assign Example role for Boulangerie Dubois SRL"]
    assert written() == NOTHING


def test_a_role_that_needs_a_higher_key_is_named(cast: Any, open_as: Any, role: Role, now: datetime) -> None:
    jean = open_as(cast.jean, 400)
    draft = draft_of(cast.jean, persons=[cast.anna], roles=[role], now=now, **ANSWERED)
    seen = look(jean, draft)
    Role.objects.update(minimum_level=450)
    assert errors_of(send(jean, draft, seen)) == ["You need to sign in with eID or itsme to assign Example role"]
    assert written() == NOTHING


def test_a_person_switched_off_meanwhile_is_named(jean: Client, draft: AssignmentDraft, cast: Any) -> None:
    seen = look(jean, draft)
    cast.anna.is_active = False
    cast.anna.save()
    assert errors_of(send(jean, draft, seen)) == ["Anna Peeters is no longer active. Remove this person"]
    assert written() == NOTHING


@pytest.mark.threat(6)
def test_an_organisation_that_stopped_meanwhile_allows_nothing(jean: Client, draft: AssignmentDraft, cast: Any) -> None:
    seen = look(jean, draft)
    cast.dubois.status = "stopped"
    cast.dubois.save()
    answer = send(jean, draft, seen)
    assert answer.status_code == 403
    assert "has stopped, according to the Crossroads Bank for Enterprises" in words_of(answer)
    # It is not offered as an organisation to act for.
    assert "You are access manager of" not in words_of(answer)
    assert written() == NOTHING


@pytest.mark.threat(4)
def test_a_right_withdrawn_meanwhile_allows_nothing(jean: Client, draft: AssignmentDraft, cast: Any) -> None:
    seen = look(jean, draft)
    AccessManagerAppointment.objects.filter(person=cast.jean).update(
        ended_at=timezone.now(), valid_until=timezone.localdate() - timedelta(days=1)
    )
    answer = send(jean, draft, seen)
    assert answer.status_code == 403
    assert heading_of(answer) == "You cannot do this (yet)"
    assert "Tom Janssens (co-chief access manager)" in words_of(answer)
    assert written() == NOTHING


def test_dates_that_have_passed_meanwhile_are_named(jean: Client, draft: AssignmentDraft) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    AssignmentDraft.objects.update(start="date", valid_from=yesterday, duration="until", valid_until=yesterday)
    (past, early) = errors_of(jean.get(address(draft, "review")))
    assert past == "The start date cannot be before today"
    assert early.startswith("The end date must be after today, ")


def test_a_maximum_that_came_meanwhile_is_named(jean: Client, draft: AssignmentDraft) -> None:
    Role.objects.update(max_duration_years=2)
    (error,) = errors_of(jean.get(address(draft, "review")))
    assert error.startswith("Example role lasts 2 years at most. Choose a date up to ")


def test_more_than_twenty_people_are_asked_about_once(jean: Client, cast: Any, role: Role, now: datetime) -> None:
    draft = draft_of(cast.jean, persons=PersonFactory.create_batch(21), roles=[role], now=now, **ANSWERED)
    page = send(jean, draft, look(jean, draft), message="Welcome")
    assert heading_of(page) == "Do you want to go on?"
    assert "You are about to create 21 assignments for 21 people." in words_of(page)
    assert written() == NOTHING
    seen = {name: hidden(page, name) for name in ("version", "shown", "message")}
    assert send(jean, draft, {**seen, "action": "confirm_large"}).url == address(draft, "done")
    assert RoleAssignment.objects.count() == 21
    assert OutgoingEmail.objects.filter(name="role_given").first().context["message"] == "Welcome"  # type: ignore[union-attr]


def test_back_from_the_question_keeps_the_message(jean: Client, cast: Any, role: Role, now: datetime) -> None:
    draft = draft_of(cast.jean, persons=PersonFactory.create_batch(21), roles=[role], now=now, **ANSWERED)
    page = send(jean, draft, look(jean, draft), message="Welcome")
    seen = {name: hidden(page, name) for name in ("version", "shown", "message")}
    answer = send(jean, draft, {**seen, "action": "back"})
    assert answer.url == address(draft, "review")
    assert ">Welcome</textarea>" in text_of(jean.get(answer.url))
    assert written() == NOTHING


def test_twenty_people_are_not_asked_about(jean: Client, cast: Any, role: Role, now: datetime) -> None:
    draft = draft_of(cast.jean, persons=PersonFactory.create_batch(20), roles=[role], now=now, **ANSWERED)
    assert finish(jean, draft).url == address(draft, "done")


def test_cancel_deletes_the_draft_and_writes_nothing_else(jean: Client, draft: AssignmentDraft) -> None:
    answer = press(jean, draft, "review", "delete")
    assert answer.url == "/"
    assert jean.get(address(draft, "review")).status_code == 410
    assert written() == NOTHING
    assert AuditEntry.objects.filter(event="draft:deleted").count() == 1
