"""S14 and S15: what waits, what was decided, one's own; and the decision on one request."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from audit.models import AuditEntry
from outbox.models import OutgoingEmail
from roles.models import Role, RoleAssignment, RoleRequest
from roles.operations.requests import refuse_request, withdraw_request
from roles.rules import deciders_of
from roles.views.requests import request_tasks
from tenants.acting import ActingContext
from tenants.models import AccessManagerAppointment, Organisation, Person
from tenants.operations import end_appointment
from tenants.periods import add_years
from tests.conftest import Cast
from tests.factories import AppointmentFactory, AssignmentFactory, EmploymentFactory, PersonFactory, UserFactory
from tests.roles.pages import errors_of, heading_of, text_of, words_of
from tests.roles.requests import approve, ask, url

Acting = Callable[..., ActingContext]
Catalogue = dict[str, Role]
pytestmark = pytest.mark.django_db

CYBER, FINANCE, ENERGY = "CCB_SAFEONWEBATWORK_EDIT", "FIN_FATCA", "FLUVIUS_ENERGY_PORTAL_ADMIN"
EXECUTOR = "FIN_MANDATE_EXECUTOR"
LATE = "This request no longer waits for a decision. Nothing was changed"
APPROVE = {"decision": "approve", "duration": "unlimited", "start": "today"}


@pytest.fixture
def asked(cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime) -> RoleRequest:
    """Anna's request for a role of the domain Finance, without an end date."""
    return ask(acting_as(cast.anna), cast.dubois, [catalogue[FINANCE]], now=now, motivation="For the VAT return")[0]


@pytest.fixture
def energy(cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime) -> RoleRequest:
    """Anna's request for a role of the domain Energy."""
    return ask(acting_as(cast.anna), cast.dubois, [catalogue[ENERGY]], now=now)[0]


def day_fields(name: str, day: Any) -> dict[str, int]:
    return {f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year}


def on_day(day: Any) -> str:
    return date_format(day, "j F Y")


def status_of(row: RoleRequest) -> str:
    row.refresh_from_db()
    return row.status


# --- S14 ---


def test_a_manager_sees_what_waits_and_an_own_request_not(
    tom: Client, cast: Cast, catalogue: Catalogue, acting_as: Acting, asked: RoleRequest, now: datetime
) -> None:
    (own,) = ask(acting_as(cast.tom, cast.dubois), cast.dubois, [catalogue[CYBER]], now=now)
    page = tom.get("/requests/")
    assert heading_of(page) == "Role requests"
    words = words_of(page)
    assert "To decide (1)" in words and "Anna Peeters – FATCA" in words and "Requested" in words
    assert url(own) not in text_of(page)
    mine = tom.get("/requests/?status=mine")
    assert heading_of(mine) == "My requests" and url(own) in text_of(mine) and url(asked) not in text_of(mine)


def test_what_was_decided_is_in_a_list_of_its_own(
    tom: Client, cast: Cast, acting_as: Acting, asked: RoleRequest, energy: RoleRequest, now: datetime
) -> None:
    refuse_request(asked, note="No", acting=acting_as(cast.jean), now=now)
    RoleRequest.objects.filter(pk=energy.pk).update(decide_before=timezone.localdate(now))  # no job has come by
    assert "No request to decide." in words_of(tom.get("/requests/?status=to_decide"))
    words = words_of(tom.get("/requests/?status=decided"))
    assert "Jean Dubois refused it on" in words and "Refused" in words
    assert "Nobody decided before" in words and "Expired" in words


def test_a_domain_manager_sees_the_own_domain_only(
    open_as: Any, cast: Cast, asked: RoleRequest, energy: RoleRequest
) -> None:
    page = open_as(cast.marie).get("/requests/")
    assert url(asked) in text_of(page) and url(energy) not in text_of(page)
    assert "You see the roles of your domain: Finance." in words_of(page)
    assert open_as(cast.marie).get(url(energy)).status_code == 404


def test_an_employee_sees_the_own_requests_only(open_as: Any, cast: Cast, asked: RoleRequest) -> None:
    anna = open_as(cast.anna, 300)
    page = anna.get("/requests/")
    assert heading_of(page) == "My requests" and url(asked) in text_of(page)
    assert "To decide" not in words_of(page)
    assert anna.get("/requests/?status=to_decide").status_code == 403
    assert "You have not asked for a role yet." in words_of(open_as(cast.olivier).get("/requests/"))


def test_the_neighbour_sees_nothing_of_it(open_as: Any, cast: Cast, asked: RoleRequest) -> None:
    carine = open_as(cast.carine)
    for status in ("to_decide", "decided", "mine"):
        assert url(asked) not in text_of(carine.get(f"/requests/?status={status}"))


def test_a_low_key_reads_nothing_about_others(open_as: Any, cast: Cast, asked: RoleRequest) -> None:
    tom = open_as(cast.tom, 300, acting_for=cast.dubois.key)
    assert heading_of(tom.get("/requests/")) == "My requests"
    for path in ("/requests/?status=to_decide", url(asked)):
        answer = tom.get(path)
        assert answer.status_code == 403 and "Sign in with another key" in words_of(answer)
        assert "Anna" not in words_of(answer)


def test_a_long_list_has_pages(tom: Client, cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime) -> None:
    rows = []
    for _ in range(26):
        person = PersonFactory()
        EmploymentFactory(person=person, organisation=cast.dubois)
        rows += ask(acting_as(person), cast.dubois, [catalogue[CYBER]], now=now)
    first = text_of(tom.get("/requests/?status=to_decide"))
    assert url(rows[0]) in first and url(rows[25]) not in first  # who has waited longest comes first
    second = text_of(tom.get(f"/requests/?status=to_decide&after={rows[24].key}"))
    assert url(rows[25]) in second and url(rows[0]) not in second
    assert url(rows[0]) in text_of(tom.get("/requests/?after=unknown"))


@pytest.mark.parametrize("status", ["", "nonsense", "to_decide\x00", "mine&status=decided"])
def test_odd_words_in_the_address_show_the_usual_list(tom: Client, cast: Cast, asked: RoleRequest, status: str) -> None:
    assert tom.get("/requests/", {"status": status}).status_code == 200


# --- The task ---


@pytest.mark.parametrize(("who", "offers"), [("anna", True), ("olivier", False)])
def test_a_role_is_offered_to_those_who_may_ask(open_as: Any, cast: Cast, who: str, offers: bool) -> None:
    client = open_as(getattr(cast, who))
    page = client.get("/requests/?status=mine")
    assert ('href="/my-roles/request/"' in text_of(page)) is offers
    assert (client.get("/my-roles/request/").status_code == 200) is offers


def test_the_task_counts_what_one_may_decide_and_names_who_asks(
    cast: Cast, acting_as: Acting, asked: RoleRequest, energy: RoleRequest, now: datetime
) -> None:
    deciders = deciders_of(cast.dubois, day=timezone.localdate(now))
    (task,) = request_tasks(acting_as(cast.jean), deciders, now=now)
    assert (task.tag, task.hint, task.url) == ("2 requests", "Asked by Anna Peeters", "/requests/?status=to_decide")
    (task,) = request_tasks(acting_as(cast.marie), deciders, now=now)
    assert task.tag == "1 request"
    (task,) = request_tasks(acting_as(cast.jean, level=300), deciders, now=now)
    assert (task.tag, task.hint) == ("2 requests", "")
    for nobody in (cast.anna, cast.carine, cast.olivier):
        assert request_tasks(acting_as(nobody), None, now=now) == []


# --- S15, seen by whoever may decide ---


def test_the_page_shows_what_was_asked_and_nothing_is_chosen(tom: Client, asked: RoleRequest) -> None:
    page = tom.get(url(asked))
    assert heading_of(page) == "Request from Anna Peeters"
    words = words_of(page)
    assert "For the VAT return" in words and asked.reference in words and "no end date" in words
    source = text_of(page)
    assert 'value="approve"' in source and 'value="approve" checked' not in source
    assert "Send the decision" in words and "Withdraw" not in words


def test_it_reads_from_what_is_asked_to_the_decision(tom: Client, asked: RoleRequest) -> None:
    words = words_of(tom.get(url(asked)))
    order = [
        "Role " + asked.role.name, "Person Anna Peeters", "Organisation Boulangerie Dubois SRL",
        "Reason For the VAT return", "What this role allows", "Online service", "Validity asked for", "Asked on",
        "Your decision", "If you approve", "How long is this role valid?", "Reason for your decision",
        "Send the decision",
    ]  # fmt: skip
    places = [words.index(part) for part in order]
    assert places == sorted(places), words


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({}, "Choose “approve” or “refuse”"),
        ({"decision": "perhaps"}, "Choose “approve” or “refuse”"),
        ({"decision": "refuse"}, "Say why you refuse"),
        ({"decision": "refuse", "note": "   "}, "Say why you refuse"),
        ({"decision": "refuse", "note": "x" * 301}, "“Reason for your decision” can have at most 300 characters"),
        ({"decision": "refuse", "note": "85073003328"}, "Take the national register number out of the text"),
        ({"decision": "approve", "start": "today"}, "Choose unlimited or limited duration"),
        ({"decision": "approve", "start": "today", "duration": "until"}, "Enter an end date"),
    ],
)
def test_mistakes_are_said_and_nothing_is_decided(
    tom: Client, asked: RoleRequest, data: dict[str, str], error: str
) -> None:
    page = tom.post(url(asked), data)
    assert errors_of(page) == [error]
    assert data.get("note", "").strip() in text_of(page)
    assert status_of(asked) == "pending"


def test_an_approval_gives_the_role(tom: Client, cast: Cast, asked: RoleRequest) -> None:
    answer = tom.post(url(asked), APPROVE)
    assert (answer.status_code, answer.url) == (303, url(asked))
    given = RoleAssignment.objects.get()
    assert (given.assignee, given.assigned_by, given.valid_until) == (cast.anna, cast.tom, None)
    page = tom.get(url(asked))
    words = words_of(page)
    assert "The request of Anna Peeters for FATCA is approved" in words
    assert "Tom Janssens approved it on" in words and "Send the decision" not in words
    assert f'href="/assignments/{given.key}/"' in text_of(page)


def test_a_shorter_time_can_be_given_and_a_longer_one_not(
    tom: Client, cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    today = timezone.localdate(now)
    last = today + timedelta(days=100)
    (row,) = ask(acting_as(cast.anna), cast.dubois, [catalogue[CYBER]], now=now, valid_until=last)
    source = text_of(tom.get(url(row)))
    assert 'value="unlimited"' not in source and 'value="one_year"' not in source  # both are longer
    until = {"decision": "approve", "start": "today", "duration": "until"}
    page = tom.post(url(row), {**until, **day_fields("until", last + timedelta(days=1))})
    assert errors_of(page) == [f"Choose a date up to {last:%-d %B %Y}: no longer than what was asked"]
    assert not RoleAssignment.objects.exists()
    shorter = last - timedelta(days=50)
    assert tom.post(url(row), {**until, **day_fields("until", shorter)}).status_code == 303
    assert RoleAssignment.objects.get().valid_until == shorter


def test_what_was_asked_is_chosen_already_and_a_shorter_time_needs_no_clearing(
    tom: Client, cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    today = timezone.localdate(now)
    year = add_years(today, 1)
    (one_year,) = ask(acting_as(cast.anna), cast.dubois, [catalogue[CYBER]], now=now, valid_until=year)
    source = text_of(tom.get(url(one_year)))
    assert re.search(r'value="one_year"[^>]* checked', source)
    assert 'name="until_day" value=' not in source
    last = year + timedelta(days=30)
    (longer,) = ask(acting_as(cast.anna), cast.dubois, [catalogue[ENERGY]], now=now, valid_until=last)
    source = text_of(tom.get(url(longer)))
    assert re.search(r'value="until"[^>]* checked', source) and f'name="until_day" value="{last.day}"' in source
    # The date that the page has filled in may stay; one that somebody has typed is a question (E20).
    shorter = {"decision": "approve", "start": "today", "duration": "one_year"}
    typed = day_fields("until", last - timedelta(days=1))
    assert errors_of(tom.post(url(longer), {**shorter, **typed})) == ["Choose “until another date” or clear the date"]
    assert tom.post(url(longer), {**shorter, **day_fields("until", last)}).status_code == 303
    assert RoleAssignment.objects.get().valid_until == year


def test_a_shortened_approval_shows_what_was_asked_and_what_was_granted(
    open_as: Any, cast: Cast, acting_as: Acting, asked: RoleRequest, now: datetime
) -> None:
    anna = open_as(cast.anna)
    assert "Validity granted" not in words_of(anna.get(url(asked)))
    last = asked.valid_from + timedelta(days=90)
    approve(asked, acting_as(cast.jean), now=now, valid_until=last)
    for client in (anna, open_as(cast.jean)):
        words = words_of(client.get(url(asked)))
        assert f"Validity asked for From {on_day(asked.valid_from)}, no end date" in words
        assert f"Validity granted From {on_day(asked.valid_from)} to {on_day(last)}" in words


def test_the_days_begin_not_before_what_was_asked(
    tom: Client, cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    start = timezone.localdate(now) + timedelta(days=10)
    (row,) = ask(acting_as(cast.anna), cast.dubois, [catalogue[CYBER]], now=now, valid_from=start)
    (error,) = errors_of(tom.post(url(row), APPROVE))
    assert error == f"Choose a start date from {start:%-d %B %Y} on: not before what was asked"
    days = {"start": "date", **day_fields("starting", start)}
    assert tom.post(url(row), {**APPROVE, **days}).status_code == 303
    assert RoleAssignment.objects.get().valid_from == start


def test_the_questions_of_the_role_are_asked_of_who_approves(
    tom: Client, cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    role = catalogue[EXECUTOR]
    (row,) = ask(acting_as(cast.anna), cast.dubois, [role], now=now)
    assert f"Specify the role {role.name}" in words_of(tom.get(url(row)))
    assert len(errors_of(tom.post(url(row), APPROVE))) == 2
    answers = {f"property_{role.pk}_MANDATE_TYPES": ["VAT"], f"property_{role.pk}_SENSITIVE_MANDATES": "no"}
    assert tom.post(url(row), {**APPROVE, **answers}).status_code == 303
    assert RoleAssignment.objects.get().properties == {"MANDATE_TYPES": ["VAT"], "SENSITIVE_MANDATES": False}


def test_a_refusal_needs_only_its_reason(tom: Client, cast: Cast, catalogue: Catalogue, asked: RoleRequest) -> None:
    answer = tom.post(url(asked), {"decision": "refuse", "note": "Ask\r\nMarie first", "duration": "until"})
    assert answer.status_code == 303
    assert status_of(asked) == "refused" and asked.decision_note == "Ask Marie first"
    assert "Reason for the decision: Ask Marie first" in words_of(tom.get(url(asked)))
    assert OutgoingEmail.objects.filter(name="request_decided").count() == 1


def test_what_was_given_meanwhile_is_said(tom: Client, cast: Cast, asked: RoleRequest) -> None:
    AssignmentFactory(role=asked.role, organisation=cast.dubois, assignee=cast.anna)
    page = tom.post(url(asked), APPROVE)
    assert errors_of(page) == ["Anna Peeters already holds this role for Boulangerie Dubois SRL in this period"]
    assert status_of(asked) == "pending"
    assert AuditEntry.objects.filter(event="assignment:denied").count() == 1


def test_an_extension_is_decided_without_asking_what_is_known(
    tom: Client, cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    last = timezone.localdate(now) + timedelta(days=20)
    answers = {"MANDATE_TYPES": ["VAT"], "SENSITIVE_MANDATES": False}
    held = AssignmentFactory(
        role=catalogue[EXECUTOR], organisation=cast.dubois, assignee=cast.anna, valid_until=last, properties=answers
    )
    (row,) = ask(acting_as(cast.anna), cast.dubois, [catalogue[EXECUTOR]], now=now)
    page = tom.get(url(row))
    assert f"Extends the assignment {held.reference}" in words_of(page)
    assert f"Without an end date, instead of until {last:%-d %B %Y}" in words_of(page)
    assert "property_" not in text_of(page) and 'name="start"' not in text_of(page)
    until = {"decision": "approve", "duration": "until"}
    (error,) = errors_of(tom.post(url(row), {**until, **day_fields("until", last)}))
    assert error == f"Choose a date after {last:%-d %B %Y}: the role lasts until then already"
    assert tom.post(url(row), {"decision": "approve", "duration": "unlimited"}).status_code == 303
    held.refresh_from_db()
    assert held.end_reason == "extended"


def test_a_surer_key_is_asked_for_where_the_role_needs_it(open_as: Any, cast: Cast, asked: RoleRequest) -> None:
    Role.objects.filter(pk=asked.role_id).update(minimum_level=450)
    tom = open_as(cast.tom, 400, acting_for=cast.dubois.key)
    page = tom.get(url(asked))
    assert "You cannot decide on this request." in words_of(
        page
    ) and "Sign in with a key of a higher level" in words_of(page)
    assert "Send the decision" not in words_of(page)
    assert tom.post(url(asked), APPROVE).status_code == 403
    assert status_of(asked) == "pending"


def test_who_left_the_organisation_is_pointed_out(tom: Client, cast: Cast, asked: RoleRequest, now: datetime) -> None:
    assert "is no longer linked" not in words_of(tom.get(url(asked)))
    cast.anna.employments.update(valid_until=timezone.localdate(now) - timedelta(days=1))  # type: ignore[attr-defined]
    assert "Anna Peeters is no longer linked to Boulangerie Dubois SRL." in words_of(tom.get(url(asked)))


@pytest.mark.parametrize("how", ["approved", "refused", "withdrawn", "expired"])
def test_after_it_is_over_a_decision_does_nothing_and_says_so(
    tom: Client, cast: Cast, acting_as: Acting, asked: RoleRequest, now: datetime, how: str
) -> None:
    match how:
        case "approved":
            approve(asked, acting_as(cast.jean), now=now)
        case "refused":
            refuse_request(asked, note="No", acting=acting_as(cast.jean), now=now)
        case "withdrawn":
            withdraw_request(asked, acting=acting_as(cast.anna), now=now)
        case "expired":
            RoleRequest.objects.filter(pk=asked.pk).update(decide_before=timezone.localdate(now))
    before = (RoleAssignment.objects.count(), OutgoingEmail.objects.count(), AuditEntry.objects.count())
    answer = tom.post(url(asked), APPROVE)
    assert (answer.status_code, answer.url) == (303, url(asked))
    page = tom.get(url(asked))
    assert LATE in words_of(page) and "Send the decision" not in words_of(page)
    assert (RoleAssignment.objects.count(), OutgoingEmail.objects.count(), AuditEntry.objects.count()) == before


@pytest.mark.threat(4)
@pytest.mark.threat(5)
@pytest.mark.parametrize("who", ["jean", "tom", "marie"])
def test_a_manager_who_comes_to_a_withdrawn_request_reads_who_withdrew_it_and_decides_nothing(
    open_as: Any, cast: Cast, acting_as: Acting, asked: RoleRequest, now: datetime, who: str
) -> None:
    withdraw_request(asked, acting=acting_as(cast.anna), now=now)
    manager = open_as(getattr(cast, who))
    page = manager.get(url(asked))
    day = f"{timezone.localdate(now):%-d %B %Y}"
    assert (page.status_code, heading_of(page)) == (200, "Request from Anna Peeters")
    assert f"Withdrawn Anna Peeters withdrew it on {day}." in words_of(page)
    assert "Send the decision" not in words_of(page) and "Withdraw my request" not in words_of(page)
    assert LATE in words_of(manager.post(url(asked), APPROVE, follow=True))
    assert status_of(asked) == "withdrawn"
    assert asked.reference not in words_of(manager.get("/requests/?status=to_decide"))
    assert open_as(cast.carine).get(url(asked)).status_code == 404


def test_a_right_withdrawn_between_page_and_click_is_explained(
    tom: Client, cast: Cast, asked: RoleRequest, now: datetime
) -> None:
    assert "Send the decision" in words_of(tom.get(url(asked)))
    end_appointment(AccessManagerAppointment.objects.get(person=cast.tom, kind="co_chief"), acting=None, now=now)
    answer = tom.post(url(asked), APPROVE)
    assert answer.status_code == 403
    assert heading_of(answer) == "You cannot do this (yet)"
    words = words_of(answer)
    assert "You are not an access manager for Boulangerie Dubois SRL." in words
    today = on_day(timezone.localdate(now))
    ended = f"Your function for Boulangerie Dubois SRL ended on {today}: co-chief access manager."
    assert f"{ended} Nothing was changed." in words
    looked_at = words_of(tom.get(url(asked)))
    assert ended in looked_at and "Nothing was changed." not in looked_at
    assert status_of(asked) == "pending" and not RoleAssignment.objects.exists()


@pytest.mark.parametrize("role", ["asked", "energy"])
def test_only_those_are_named_who_could_decide_instead(
    request: pytest.FixtureRequest, open_as: Any, cast: Cast, now: datetime, role: str
) -> None:
    """Marie manages the domain Finance: she cannot help with a role of the domain Energy."""
    row = request.getfixturevalue(role)
    end_appointment(AccessManagerAppointment.objects.get(person=cast.tom, kind="co_chief"), acting=None, now=now)
    answer = open_as(cast.tom, acting_for=cast.dubois.key).post(url(row), APPROVE)
    assert answer.status_code == 403
    words = words_of(answer)
    assert "Jean Dubois (chief access manager)" in words
    assert ("Marie Claes" in words) is (role == "asked")
    assert "Tom Janssens (" not in words


def test_whoever_no_longer_belongs_there_reads_no_names_and_nothing_untrue(
    open_as: Any, cast: Cast, asked: RoleRequest, now: datetime
) -> None:
    AppointmentFactory(person=cast.olivier, organisation=cast.dubois, kind="co_chief", ended_at=now)
    words = words_of(open_as(cast.olivier).get(url(asked)))
    assert "Ask an access manager of Boulangerie Dubois SRL." in words
    assert "Nobody is access manager" not in words and "Jean Dubois" not in words


def test_a_stopped_organisation_decides_nothing(tom: Client, cast: Cast, asked: RoleRequest) -> None:
    Organisation.objects.filter(pk=cast.dubois.pk).update(status="stopped")
    assert "You cannot decide on this request." in words_of(tom.get(url(asked)))
    assert tom.post(url(asked), APPROVE).status_code == 403
    assert status_of(asked) == "pending"


@pytest.mark.threat(1)
@pytest.mark.parametrize("who", ["carine", "ingrid", "olivier", "sofie"])
@pytest.mark.parametrize("path", ["", "withdraw/"])
def test_for_everybody_else_it_does_not_exist(
    open_as: Any, cast: Cast, asked: RoleRequest, who: str, path: str
) -> None:
    client = open_as(getattr(cast, who))
    assert client.post(url(asked) + path, APPROVE).status_code == 404
    assert client.get(url(asked)).status_code == 404
    assert status_of(asked) == "pending"


def test_a_colleague_without_a_right_finds_nothing(open_as: Any, cast: Cast, asked: RoleRequest) -> None:
    colleague: Person = PersonFactory()
    EmploymentFactory(person=colleague, organisation=cast.dubois)
    UserFactory(person=colleague)
    assert open_as(colleague).get(url(asked)).status_code == 404


def test_doubled_answers_are_refused(tom: Client, asked: RoleRequest) -> None:
    assert tom.post(url(asked), {**APPROVE, "decision": ["approve", "refuse"]}).status_code == 400
    assert tom.post(url(asked), {**APPROVE, "note": "a\x00b"}).status_code == 400
    assert status_of(asked) == "pending"


# --- S15, seen by who asked ---


def test_the_asker_follows_and_withdraws(open_as: Any, cast: Cast, asked: RoleRequest) -> None:
    anna = open_as(cast.anna, 300)
    page = anna.get(url(asked))
    assert heading_of(page) == f"Your request {asked.reference}"
    words = words_of(page)
    assert "Another person must decide: Jean Dubois, Tom Janssens or Marie Claes." in words
    assert "Send the decision" not in words
    assert anna.get(url(asked) + "withdraw/").status_code == 405
    assert anna.post(url(asked) + "withdraw/").url == url(asked)
    page = anna.get(url(asked))
    assert "Your request is withdrawn" in words_of(page) and "Withdraw my request" not in words_of(page)
    assert status_of(asked) == "withdrawn"
    # A second press, from another tab.
    anna.post(url(asked) + "withdraw/")
    assert LATE in words_of(anna.get(url(asked)))
    assert AuditEntry.objects.filter(event="request:withdrawn").count() == 1


@pytest.mark.threat(2)
def test_a_manager_does_not_decide_on_an_own_request(
    tom: Client, cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    (own,) = ask(acting_as(cast.tom, cast.dubois), cast.dubois, [catalogue[CYBER]], now=now)
    page = tom.get(url(own))
    assert "Another person must decide: Jean Dubois." in words_of(page)
    answer = tom.post(url(own), APPROVE)
    assert answer.status_code == 403 and "You cannot decide on your own request." in words_of(answer)
    assert status_of(own) == "pending" and not RoleAssignment.objects.exists()


def test_where_nobody_can_decide_any_more_the_asker_reads_it(
    open_as: Any, cast: Cast, asked: RoleRequest, now: datetime
) -> None:
    AccessManagerAppointment.objects.filter(organisation=cast.dubois).update(ended_at=now)
    words = words_of(open_as(cast.anna).get(url(asked)))
    assert "Nobody can decide on this request yet." in words and "You can send them this text:" in words


def test_only_the_own_request_can_be_withdrawn(tom: Client, asked: RoleRequest) -> None:
    assert tom.post(url(asked) + "withdraw/").status_code == 404
    assert status_of(asked) == "pending"
