"""S13: asking for a role, page by page."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import AuditEntry
from outbox.models import OutgoingEmail
from roles.models import AssignmentDraft, Role, RoleRequest
from roles.operations.requests import withdraw_request
from tenants.acting import SELF, ActingContext
from tenants.models import AccessManagerAppointment, Organisation
from tests.conftest import Cast
from tests.factories import AssignmentFactory, EmploymentFactory
from tests.roles.pages import ANSWERED, chosen_roles, errors_of, heading_of, hidden, text_of, words_of
from tests.roles.requests import address, ask, request_draft

Acting = Callable[..., ActingContext]
Catalogue = dict[str, Role]
pytestmark = pytest.mark.django_db

CYBER, FINANCE, ENERGY = "CCB_SAFEONWEBATWORK_EDIT", "FIN_FATCA", "FLUVIUS_ENERGY_PORTAL_ADMIN"
BEGIN = "/my-roles/request/"


@pytest.fixture
def anna(cast: Cast, open_as: Any) -> Client:
    """Anna's browser. She is an employee, signed in with a code by e-mail: asking needs no surer key."""
    return open_as(cast.anna, 300)


@pytest.fixture
def draft(cast: Cast, catalogue: Catalogue, now: datetime) -> AssignmentDraft:
    """Anna's draft, complete."""
    return request_draft(cast.anna, cast.dubois, [catalogue[CYBER]], now=now, **ANSWERED)


def press(client: Client, draft: AssignmentDraft, step: str, action: str = "next", query: str = "", **data: Any) -> Any:
    draft.refresh_from_db(fields=["version"])
    return client.post(address(draft, step, query), {"version": draft.version, "action": action, **data})


# --- The first page ---


def test_looking_shows_the_roles_and_makes_no_draft(anna: Client, cast: Cast, catalogue: Catalogue) -> None:
    page = anna.get(BEGIN)
    assert heading_of(page) == "Which roles do you need?"
    words = words_of(page)
    assert "Organisation: Boulangerie Dubois SRL" in words
    assert "26 roles available" in words
    assert "Ask for a role – step 1 of 3: roles" in words
    assert "Roles that you cannot ask for now (1)" in words  # it follows from the Crossroads Bank
    assert not AssignmentDraft.objects.exists()


def test_the_first_press_makes_the_draft_and_keeps_the_ticks(anna: Client, cast: Cast, catalogue: Catalogue) -> None:
    answer = anna.post(BEGIN, {"version": "1", "action": "search", "q": "energy", "role": CYBER})
    draft = AssignmentDraft.objects.get()
    assert (answer.status_code, answer.url) == (303, address(draft, "roles") + "#results")
    assert (draft.variant, draft.organisation, draft.owner) == ("request", cast.dubois, cast.anna)
    assert (draft.role_query, chosen_roles(draft)) == ("energy", [CYBER])
    assert AuditEntry.objects.filter(event="draft:started").count() == 1


def test_a_link_with_a_role_has_it_chosen_already(anna: Client, cast: Cast, catalogue: Catalogue) -> None:
    page = anna.get(BEGIN + f"?role={FINANCE}")
    assert "Chosen roles (1)" in words_of(page)
    assert hidden(page, "role") == FINANCE
    answer = anna.post(BEGIN + f"?role={FINANCE}", {"version": "1", "action": "next", "role": FINANCE})
    draft = AssignmentDraft.objects.get()
    assert answer.url == address(draft, "reason")
    assert chosen_roles(draft) == [FINANCE]
    # And off it goes, where it was not meant.
    anna.post(BEGIN + f"?role={FINANCE}", {"version": "1", "remove": FINANCE, "role": FINANCE})
    assert chosen_roles(AssignmentDraft.objects.latest("id")) == []


@pytest.mark.parametrize("code", ["NO_SUCH_ROLE", "x" * 200, "a\x00b"])
def test_a_link_with_an_unknown_role_shows_the_list(anna: Client, cast: Cast, catalogue: Catalogue, code: str) -> None:
    assert "Chosen roles (0)" in words_of(anna.get(BEGIN, {"role": code}))


def test_pressing_next_without_a_role_is_an_error(anna: Client, cast: Cast, catalogue: Catalogue) -> None:
    page = anna.post(BEGIN, {"version": "1", "action": "next"})
    assert errors_of(page) == ["Choose at least one role"]
    assert f'action="{address(AssignmentDraft.objects.get(), "roles")}"' in text_of(page)


def test_what_was_asked_for_already_says_when(
    anna: Client, cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    ask(acting_as(cast.anna), cast.dubois, [catalogue[FINANCE]], now=now)
    day = re.escape(f"{timezone.localdate(now):%-d %B %Y}")
    page = anna.get(BEGIN)
    assert re.search(f"You already asked for this role on {day}", words_of(page))
    assert f'value="{FINANCE}"' not in text_of(page)
    assert "You cannot ask for this role now." in words_of(anna.get(BEGIN + f"?role={FINANCE}"))
    errors = errors_of(anna.post(BEGIN, {"version": "1", "action": "next", "role": FINANCE}))
    assert errors == ["You already asked for FATCA. Remove this role"]


def test_what_is_held_has_no_box_unless_it_can_last_longer(
    anna: Client, cast: Cast, catalogue: Catalogue, now: datetime
) -> None:
    last = timezone.localdate(now) + timedelta(days=20)
    AssignmentFactory(role=catalogue[FINANCE], organisation=cast.dubois, assignee=cast.anna)
    AssignmentFactory(role=catalogue[ENERGY], organisation=cast.dubois, assignee=cast.anna, valid_until=last)
    page = anna.get(BEGIN)
    assert f'value="{FINANCE}"' not in text_of(page)
    assert f'value="{ENERGY}"' in text_of(page)
    assert "You already hold this role You hold it without an end date" in words_of(page)
    assert f"You hold it until {last:%-d %B %Y}" in words_of(page)
    assert "Anna" not in words_of(page)


def test_a_role_for_which_nobody_can_decide_is_said_so(open_as: Any, cast: Cast, catalogue: Catalogue) -> None:
    AccessManagerAppointment.objects.filter(organisation=cast.dubois).exclude(person=cast.marie).update(
        ended_at=timezone.now()
    )
    words = words_of(open_as(cast.anna).get(BEGIN))
    assert "Nobody can decide on this role yet" in words
    assert "Roles that you cannot ask for now" in words


def test_without_any_manager_there_is_a_text_for_the_legal_representative(
    open_as: Any, cast: Cast, catalogue: Catalogue
) -> None:
    AccessManagerAppointment.objects.filter(organisation=cast.dubois).update(ended_at=timezone.now())
    words = words_of(open_as(cast.anna).get(BEGIN))
    assert "According to the Crossroads Bank for Enterprises that is: Jean Dubois" in words
    assert "You can send them this text:" in words
    assert "Chosen roles" not in words


def test_the_only_manager_is_led_to_assigning(open_as: Any, cast: Cast, catalogue: Catalogue) -> None:
    AccessManagerAppointment.objects.filter(organisation=cast.peeters).exclude(person=cast.carine).update(
        ended_at=timezone.now()
    )
    page = open_as(cast.carine).get(BEGIN)
    assert "You can assign the role to yourself" in words_of(page)
    assert 'href="/assignments/new/"' in text_of(page)


@pytest.mark.threat(1)
@pytest.mark.parametrize("method", ["get", "post"])
def test_the_outsider_reads_why_he_cannot(outsider: Client, cast: Cast, catalogue: Catalogue, method: str) -> None:
    answer = getattr(outsider, method)(BEGIN)
    assert answer.status_code == 403
    assert "You are not linked to any organisation." in words_of(answer)
    assert not AssignmentDraft.objects.exists()


def test_who_acts_in_his_own_name_chooses_an_organisation_first(open_as: Any, cast: Cast, catalogue: Catalogue) -> None:
    answer = open_as(cast.tom, acting_for=SELF).get(BEGIN)
    assert answer.status_code == 403
    assert "Choose the organisation for which you need a role." in words_of(answer)
    assert "/acting-for/?next=/my-roles/request/" in text_of(answer)


def test_a_stopped_organisation_is_asked_for_nothing(open_as: Any, cast: Cast, catalogue: Catalogue) -> None:
    Organisation.objects.filter(pk=cast.dubois.pk).update(status="stopped")
    assert open_as(cast.anna).get(BEGIN).status_code == 403


def test_with_several_organisations_the_one_acted_for_is_named(open_as: Any, cast: Cast, catalogue: Catalogue) -> None:
    EmploymentFactory(person=cast.anna, organisation=cast.eupen)
    page = open_as(cast.anna, acting_for=cast.eupen.key).get(BEGIN)
    assert "Organisation: Eupener Werkstätten GmbH Change" in words_of(page)
    assert "/acting-for/?next=/my-roles/request/" in text_of(page)


# --- How long and why ---


def test_the_second_page_stores_days_and_reason(anna: Client, cast: Cast, catalogue: Catalogue, now: datetime) -> None:
    draft = request_draft(cast.anna, cast.dubois, [catalogue[CYBER]], now=now)
    page = anna.get(address(draft, "reason"))
    assert heading_of(page) == "How long do you need the roles, and why?"
    assert 'name="duration" value="unlimited"' in text_of(page)
    answer = press(anna, draft, "reason", duration="one_year", start="today", motivation="  For the\r\nVAT return ")
    assert answer.url == address(draft, "review")
    draft.refresh_from_db()
    assert (draft.duration, draft.start, draft.message) == ("one_year", "today", "For the VAT return")


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({}, "Choose unlimited or limited duration"),
        ({"duration": "until"}, "Enter an end date"),
        ({"duration": "unlimited", "motivation": "x" * 301}, "“Reason” can have at most 300 characters"),
        (
            {"duration": "unlimited", "motivation": "my number 85.07.30-033.28"},
            "Take the national register number out of the text",
        ),
    ],
)
def test_mistakes_on_the_second_page_are_said_and_what_was_typed_stays(
    anna: Client, cast: Cast, catalogue: Catalogue, now: datetime, data: dict[str, str], error: str
) -> None:
    draft = request_draft(cast.anna, cast.dubois, [catalogue[CYBER]], now=now)
    page = press(anna, draft, "reason", start="today", **data)
    assert errors_of(page) == [error]
    assert data.get("motivation", "") in text_of(page)
    draft.refresh_from_db()
    assert not draft.message and not draft.properties_answered


def test_the_strictest_role_limits_the_period_and_no_questions_are_asked(
    anna: Client, cast: Cast, catalogue: Catalogue, now: datetime
) -> None:
    Role.objects.filter(code=CYBER).update(max_duration_years=1)
    draft = request_draft(cast.anna, cast.dubois, [catalogue[CYBER], catalogue["FIN_MANDATE_EXECUTOR"]], now=now)
    page = text_of(anna.get(address(draft, "reason")))
    assert 'value="unlimited"' not in page and "“Unlimited duration” is not offered" in page
    assert "property_" not in page
    late = timezone.localdate(now) + timedelta(days=800)
    days = {"until_day": late.day, "until_month": late.month, "until_year": late.year}
    (error,) = errors_of(press(anna, draft, "reason", duration="until", start="today", **days))
    assert "lasts 1 year at most" in error


def test_what_is_held_can_only_be_asked_for_longer(
    anna: Client, cast: Cast, catalogue: Catalogue, now: datetime
) -> None:
    last = timezone.localdate(now) + timedelta(days=500)
    AssignmentFactory(role=catalogue[CYBER], organisation=cast.dubois, assignee=cast.anna, valid_until=last)
    draft = request_draft(cast.anna, cast.dubois, [catalogue[CYBER]], now=now)
    (error,) = errors_of(press(anna, draft, "reason", duration="one_year", start="today"))
    assert error == f"Choose a date after {last:%-d %B %Y}: the role lasts until then already"
    assert press(anna, draft, "reason", duration="unlimited", start="today").status_code == 303
    assert f"You hold this role until {last:%-d %B %Y}" in words_of(anna.get(address(draft, "review")))


# --- The check page and what follows ---


def test_the_check_page_names_who_decides_on_each_role(
    anna: Client, cast: Cast, catalogue: Catalogue, now: datetime
) -> None:
    draft = request_draft(
        cast.anna, cast.dubois, [catalogue[FINANCE], catalogue[ENERGY]], now=now, **ANSWERED, message="VAT return"
    )
    page = anna.get(address(draft, "review"))
    assert heading_of(page) == "Check before you send the request"
    words = words_of(page)
    assert "The request is not sent yet." in words and "VAT return" in words and "no end date" in words
    assert f"{catalogue[FINANCE].name} Jean Dubois, Tom Janssens or Marie Claes" in words
    assert f"{catalogue[ENERGY].name} Jean Dubois or Tom Janssens" in words
    assert "An e-mail goes to Jean Dubois, Tom Janssens and Marie Claes." in words
    assert not OutgoingEmail.objects.exists()


def test_sending_asks_and_leads_to_a_page_with_the_reference(anna: Client, cast: Cast, draft: AssignmentDraft) -> None:
    answer = press(anna, draft, "review", "send")
    assert (answer.status_code, answer.url) == (303, address(draft, "done"))
    row = RoleRequest.objects.get()
    page = anna.get(answer.url)
    assert heading_of(page) == "Request sent"
    words = words_of(page)
    assert row.reference.rsplit("-", 1)[0] in words and "Who decides: Jean Dubois or Tom Janssens" in words
    assert OutgoingEmail.objects.count() == 2
    # Pressed twice, or "Back": the same page, and nothing twice.
    for step in ("roles", "reason", "review"):
        assert anna.get(address(draft, step)).url == answer.url
    assert press(anna, draft, "review", "send").url == answer.url
    assert RoleRequest.objects.count() == 1


def test_what_changed_meanwhile_comes_back_to_the_check_page(
    anna: Client, cast: Cast, catalogue: Catalogue, draft: AssignmentDraft
) -> None:
    AssignmentFactory(role=catalogue[CYBER], organisation=cast.dubois, assignee=cast.anna)
    page = press(anna, draft, "review", "send")
    (error,) = errors_of(page)
    assert error.startswith("You already hold ") and "Remove this role" in error
    assert f'href="{address(draft, "roles")}?return=review"' in text_of(page)
    assert 'value="send"' not in text_of(page)
    assert not RoleRequest.objects.exists()


def test_changing_an_answer_leads_back_to_the_check_page(anna: Client, cast: Cast, draft: AssignmentDraft) -> None:
    answer = press(anna, draft, "reason", query="?return=review", duration="one_year", start="today")
    assert answer.url == address(draft, "review")
    answer = press(anna, draft, "roles", query="?return=review", role=FINANCE)
    assert answer.url == address(draft, "reason")  # a new role may limit the period


def test_a_page_opened_too_early_leads_to_the_first_open_question(
    anna: Client, cast: Cast, catalogue: Catalogue, now: datetime
) -> None:
    empty = request_draft(cast.anna, cast.dubois, now=now)
    assert anna.get(address(empty, "review")).url == address(empty, "roles")
    chosen = request_draft(cast.anna, cast.dubois, [catalogue[CYBER]], now=now)
    assert anna.get(address(chosen, "review")).url == address(chosen, "reason")
    assert anna.get(address(chosen, "done")).url == address(chosen, "review")


def test_an_old_tab_is_told_and_shows_the_latest(anna: Client, cast: Cast, draft: AssignmentDraft) -> None:
    press(anna, draft, "roles", "add", role=FINANCE)
    page = anna.post(address(draft, "roles"), {"version": "1", "action": "add", "role": ENERGY})
    assert errors_of(page) == ["This draft changed in another tab. This is the latest version"]
    assert chosen_roles(draft) == [CYBER, FINANCE]
    page = anna.post(address(draft, "review"), {"version": "1", "action": "send"}, follow=True)
    assert not RoleRequest.objects.exists()


def test_a_draft_can_be_deleted_and_old_ones_are_gone(
    anna: Client, cast: Cast, draft: AssignmentDraft, now: datetime
) -> None:
    assert press(anna, draft, "review", "delete").url == "/my-roles/"
    assert anna.get(address(draft, "review")).status_code == 410
    old = request_draft(cast.anna, cast.dubois, now=now - timedelta(days=2))
    assert anna.get(address(old, "done")).status_code == 410


@pytest.mark.threat(3)
@pytest.mark.parametrize("who", ["tom", "carine", "olivier"])
@pytest.mark.parametrize("step", ["roles", "reason", "review", "done"])
def test_the_draft_of_another_does_not_exist(
    open_as: Any, cast: Cast, draft: AssignmentDraft, who: str, step: str
) -> None:
    client = open_as(getattr(cast, who))
    assert client.get(address(draft, step)).status_code == 404
    if step != "done":
        assert client.post(address(draft, step), {"version": "1", "action": "send"}).status_code == 404
    assert not RoleRequest.objects.exists()


def test_a_draft_of_the_wizard_is_none_of_requests_and_the_other_way_round(
    jean: Client, cast: Cast, catalogue: Catalogue, now: datetime
) -> None:
    own = request_draft(cast.jean, cast.dubois, [catalogue[CYBER]], now=now, **ANSWERED)
    assert jean.get(f"/assignments/new/{own.key}/roles/").status_code == 404
    assert "Resume" not in words_of(jean.get("/assignments/new/"))
    wizard = AssignmentDraft.objects.create(owner=cast.jean, created_at=now, updated_at=now)
    assert jean.get(address(wizard, "roles")).status_code == 404


def test_doubled_fields_are_refused(anna: Client, cast: Cast, draft: AssignmentDraft) -> None:
    assert anna.post(address(draft, "review"), {"version": ["1", "1"], "action": "send"}).status_code == 400
    assert not RoleRequest.objects.exists()


@pytest.mark.asvs(15)
def test_asking_and_withdrawing_again_and_again_has_an_end_for_the_day(
    anna: Client, cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime, settings: Any
) -> None:
    settings.REQUEST_QUOTA = 2
    for _time in range(2):
        (row,) = ask(acting_as(cast.anna), cast.dubois, [catalogue[CYBER]], now=now)
        withdraw_request(row, acting=acting_as(cast.anna), now=now)
    written = OutgoingEmail.objects.count()
    draft = request_draft(cast.anna, cast.dubois, [catalogue[CYBER]], now=now, **ANSWERED)
    page = press(anna, draft, "review", "send")
    assert page.status_code == 429
    assert "Too many attempts. Try again" in words_of(page)
    assert (OutgoingEmail.objects.count(), RoleRequest.objects.filter(draft=draft).count()) == (written, 0)
    entry = AuditEntry.objects.get(event="request:denied")
    assert (entry.actor_key, entry.organisation_key) == (cast.anna.key, cast.dubois.key)
    # What was written stands; a colleague and the next day are free.
    (others,) = ask(acting_as(cast.marie, cast.dubois), cast.dubois, [catalogue[CYBER]], now=now)
    assert others.requester == cast.marie
    assert ask(acting_as(cast.anna), cast.dubois, [catalogue[CYBER]], now=now + timedelta(days=1, seconds=1))


# --- The ways to it ---


def test_home_and_my_roles_lead_to_asking(anna: Client, cast: Cast, catalogue: Catalogue, now: datetime) -> None:
    AssignmentFactory(
        role=catalogue[CYBER],
        organisation=cast.dubois,
        assignee=cast.anna,
        valid_until=timezone.localdate(now) + timedelta(days=20),
    )
    assert f'href="{BEGIN}"' in text_of(anna.get("/"))
    page = anna.get("/my-roles/")
    assert f'href="{BEGIN}"' in text_of(page)
    assert f'href="{BEGIN}?role={CYBER}"' in text_of(page) and "Ask for an extension" in words_of(page)


def test_the_outsider_is_not_sent_round_in_a_circle(outsider: Client, cast: Cast) -> None:
    for path in ("/", "/my-roles/", "/assignments/"):
        assert f'href="{BEGIN}"' not in text_of(outsider.get(path))


def test_whoever_may_not_assign_is_led_to_asking(anna: Client, cast: Cast) -> None:
    page = anna.get("/assignments/")
    assert page.status_code == 403
    assert f'href="{BEGIN}"' in text_of(page)
