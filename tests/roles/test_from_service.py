"""A request that an online service began: filled in, asked where something is open, and with a way back at its end."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import AuditEntry
from outbox.models import OutgoingEmail
from outbox.rendering import render
from roles.models import AssignmentDraft, OnlineService, Role, RoleAssignment, RoleRequest
from roles.operations.from_service import start_request_for_service
from roles.operations.requests import refuse_request, withdraw_request
from tenants.acting import SELF, ActingContext
from tenants.models import AccessManagerAppointment, Employment, Organisation, Person
from tests.conftest import Cast
from tests.factories import AssignmentFactory, EmploymentFactory, OrganisationFactory, RoleFactory, ServiceFactory
from tests.roles.pages import ANSWERED, chosen_roles, errors_of, heading_of, hidden, text_of, words_of
from tests.roles.requests import address, approve, ask, url

Acting = Callable[..., ActingContext]
pytestmark = pytest.mark.django_db

RETURN = "https://mijn.test.example/back?state=a-b_c"
LINK = f'<a href="{RETURN}" rel="external noreferrer">Back to Mijn Test</a>'
LATER = "You can go back to Mijn Test once the role is active."


@pytest.fixture
def role(cast: Cast) -> Role:
    """A role of Mijn Test."""
    found: Role = RoleFactory(code="EXAMPLE_EDIT", name_en="Example role", name_fr="Rôle d’exemple")
    found.services.update(name_en="Mijn Test")
    return found


@pytest.fixture
def service(role: Role) -> OnlineService:
    """Mijn Test."""
    return role.services.get()


@pytest.fixture
def start(service: OnlineService, role: Role, acting_as: Acting, now: datetime) -> Callable[..., AssignmentDraft]:
    """Return a function that begins a request as the sign-in service does for Mijn Test."""

    def make(person: Person, organisation: Organisation | None = None, **changes: Any) -> AssignmentDraft:
        number = organisation.enterprise_number if organisation else ""
        values = {"role": role, "enterprise_number": number, "service": service, "return_to": RETURN, "now": now}
        return start_request_for_service(acting_as(person), **{**values, **changes})

    return make


@pytest.fixture
def anna(cast: Cast, open_as: Any) -> Client:
    """Anna's browser. Asking needs no surer key than a code by e-mail."""
    return open_as(cast.anna, 300)


def arrive(client: Client, draft: AssignmentDraft) -> Any:
    return client.get(address(draft, "from-service"))


def sent(draft: AssignmentDraft, service: OnlineService, acting: ActingContext, now: datetime) -> RoleRequest:
    """Send a request that a service began, as the last button does."""
    roles = [row.role for row in draft.chosen_roles.all()]
    about = {"came_from": service, "return_to": draft.return_to, "draft": draft}
    (row,) = ask(acting, draft.organisation, roles, now=now, **about)
    return row


# --- The operation ---


def test_the_request_is_filled_in_and_leads_to_what_is_still_open(cast: Cast, anna: Client, start: Any) -> None:
    draft = start(cast.anna)
    assert (draft.owner, draft.variant, draft.organisation) == (cast.anna, "request", cast.dubois)
    assert chosen_roles(draft) == ["EXAMPLE_EDIT"]
    assert (draft.came_from.name_in("en"), draft.return_to) == ("Mijn Test", RETURN)
    assert AuditEntry.objects.filter(event="draft:started").count() == 1
    answer = arrive(anna, draft)
    assert (answer.status_code, answer.url) == (303, address(draft, "reason"))
    assert f"You come from Mijn Test. {LATER}" in words_of(anna.get(answer.url))
    assert RETURN not in text_of(anna.get(answer.url))


def test_the_organisation_that_the_service_names_is_taken_where_one_belongs_to_it(cast: Cast, start: Any) -> None:
    assert start(cast.tom, cast.peeters).organisation == cast.peeters
    assert start(cast.tom).organisation is None  # he belongs to two
    assert start(cast.anna, cast.peeters).organisation is None  # never another one unseen
    assert start(cast.olivier, cast.dubois).organisation is None


def test_a_stopped_organisation_is_not_the_only_one(cast: Cast, start: Any) -> None:
    EmploymentFactory(person=cast.anna, organisation=OrganisationFactory(status="stopped"))
    assert start(cast.anna).organisation == cast.dubois


@pytest.mark.parametrize(
    "wrong", ["javascript:alert(1)", "//evil.example", "ftp://a.example/", "/local/", "https://a.example/" + "x" * 500]
)
def test_an_address_that_no_browser_should_open_begins_nothing(cast: Cast, start: Any, wrong: str) -> None:
    with pytest.raises(ValueError, match="no address"):
        start(cast.anna, return_to=wrong)
    assert not AssignmentDraft.objects.exists()


def test_a_role_that_the_service_does_not_ask_for_begins_nothing(cast: Cast, start: Any) -> None:
    with pytest.raises(ValueError, match="does not ask for"):
        start(cast.anna, service=ServiceFactory())
    assert not AssignmentDraft.objects.exists()


def test_a_service_may_leave_the_way_back_out(
    cast: Cast, anna: Client, start: Any, service: OnlineService, acting_as: Acting, now: datetime
) -> None:
    draft = start(cast.anna, return_to="")
    row = sent(draft, service, acting_as(cast.anna), now)
    approve(row, acting_as(cast.jean), now=now)
    words = words_of(anna.get(url(row)))
    assert "Asked from Mijn Test" in words
    assert "Back to" not in words
    assert "You can go to Mijn Test" not in render(OutgoingEmail.objects.get(name="request_decided")).text


# --- Which organisation ---


@pytest.fixture
def open_question(cast: Cast, start: Any) -> AssignmentDraft:
    """Tom's request: he belongs to Dubois and to Peeters."""
    return start(cast.tom)


def choose(client: Client, draft: AssignmentDraft, key: str, **more: Any) -> Any:
    page = arrive(client, draft)
    sent = {"version": hidden(page, "version"), "action": "next", "organisation": key}
    return client.post(address(draft, "from-service"), {**sent, **more})


def test_of_several_organisations_one_is_asked_for_and_none_is_chosen(
    tom: Client, cast: Cast, open_question: AssignmentDraft
) -> None:
    page = arrive(tom, open_question)
    assert heading_of(page) == "For which organisation do you need this role?"
    words = words_of(page)
    assert "Example role Asked from Mijn Test" in words
    assert "Boulangerie Dubois SRL 0999.999.922" in words
    assert "Peeters & Fils SA" in words
    assert " checked" not in text_of(page)
    for step in ("roles", "reason", "review"):
        assert tom.get(address(open_question, step)).url == address(open_question, "from-service")
    answer = choose(tom, open_question, cast.peeters.key)
    assert (answer.status_code, answer.url) == (303, address(open_question, "reason"))
    open_question.refresh_from_db()
    assert open_question.organisation == cast.peeters


@pytest.mark.threat(1)
@pytest.mark.parametrize("what", ["nothing", "foreign", "stopped", "nonsense"])
def test_none_or_one_that_is_not_mine_is_an_error(
    tom: Client, cast: Cast, open_question: AssignmentDraft, what: str
) -> None:
    cast.peeters.status = "stopped"
    cast.peeters.save()
    key = {"nothing": "", "foreign": cast.eupen.key, "stopped": cast.peeters.key, "nonsense": "x"}[what]
    assert errors_of(choose(tom, open_question, key)) == ["Choose an organisation"]
    open_question.refresh_from_db()
    assert open_question.organisation is None
    assert "no roles can be assigned" in words_of(arrive(tom, open_question))


def test_in_ones_own_name_one_is_asked_too(cast: Cast, open_as: Any, open_question: AssignmentDraft) -> None:
    assert arrive(open_as(cast.tom, acting_for=SELF), open_question).status_code == 200


def test_many_organisations_can_be_searched(cast: Cast, start: Any, tom: Client) -> None:
    for number in range(10):
        EmploymentFactory(person=cast.tom, organisation=OrganisationFactory(name_fr=f"Garage {number}", name_nl=""))
    draft = start(cast.tom)
    page = choose(tom, draft, "", action="search", q="garage 3")
    assert "Garage 3" in words_of(page)
    assert "Garage 4" not in words_of(page)
    assert "No organisation matches “xyz”" in words_of(choose(tom, draft, "", action="search", q="xyz"))


def test_another_tab_that_was_faster_is_shown(tom: Client, cast: Cast, open_question: AssignmentDraft) -> None:
    answer = choose(tom, open_question, cast.dubois.key, version=7)
    assert answer.url == address(open_question, "from-service")
    open_question.refresh_from_db()
    assert open_question.organisation is None


def test_an_organisation_that_will_not_do_is_not_kept(
    tom: Client, cast: Cast, role: Role, open_question: AssignmentDraft
) -> None:
    AssignmentFactory(role=role, organisation=cast.dubois, assignee=cast.tom)
    page = choose(tom, open_question, cast.dubois.key)
    assert heading_of(page) == "You cannot ask for this role now"
    assert f'<a href="{address(open_question, "from-service")}">Back</a>' in text_of(page)
    assert choose(tom, open_question, cast.peeters.key).url == address(open_question, "reason")


# --- Why not ---


def test_whoever_belongs_nowhere_reads_why_and_finds_back(cast: Cast, open_as: Any, start: Any) -> None:
    page = arrive(open_as(cast.olivier), start(cast.olivier))
    assert page.status_code == 403
    assert "You are not linked to any organisation." in words_of(page)
    assert LINK in text_of(page)
    assert "This leads outside the portal, to mijn.test.example" in words_of(page)


def test_where_the_organisation_has_stopped_the_page_says_so_and_leads_back(
    cast: Cast, anna: Client, start: Any
) -> None:
    draft = start(cast.anna, cast.dubois)
    cast.dubois.status = "stopped"
    cast.dubois.save()
    page = arrive(anna, draft)
    assert page.status_code == 403
    assert "Boulangerie Dubois SRL has stopped" in words_of(page)
    assert LINK in text_of(page)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"is_requestable": False}, "This role cannot be asked for here. Ask your access manager"),
        ({"is_assignable": False}, "No longer available"),
        ({"is_assignable": False, "is_derived": True}, "Assigned automatically"),
    ],
)
def test_a_role_that_cannot_be_asked_for_says_why_and_leads_back(
    cast: Cast, anna: Client, start: Any, change: dict[str, bool], why: str
) -> None:
    Role.objects.update(**change)
    page = arrive(anna, start(cast.anna))
    assert heading_of(page) == "You cannot ask for this role now"
    assert f"Example role Asked from Mijn Test {why}" in words_of(page)
    assert LINK in text_of(page)


def test_a_role_that_is_held_says_so_and_leads_back(cast: Cast, anna: Client, role: Role, start: Any) -> None:
    row = AssignmentFactory(role=role, organisation=cast.dubois, assignee=cast.anna, reference="AR-2026-000001-1")
    words = words_of(arrive(anna, start(cast.anna)))
    assert "You already hold this role Active Can be used now See the assignment AR-2026-000001-1" in words
    assert "Go back to the service and sign in there again." in words
    RoleAssignment.objects.filter(pk=row.pk).update(valid_from=timezone.localdate() + timedelta(days=3))
    words = words_of(arrive(anna, start(cast.anna)))
    assert "You already hold this role Scheduled Starts on" in words
    assert "sign in there again" not in words


def test_a_role_that_waits_for_its_confirmation_says_whose(cast: Cast, anna: Client, role: Role, start: Any) -> None:
    last = timezone.localdate() + timedelta(days=3)
    about = {"role": role, "organisation": cast.dubois, "assigned_by": cast.anna, "confirm_before": last}
    AssignmentFactory(assignee=cast.anna, confirmer="manager", **about)
    assert "must confirm before" in words_of(arrive(anna, start(cast.anna)))


def test_a_role_that_is_asked_for_leads_to_the_request(
    cast: Cast, anna: Client, role: Role, start: Any, acting_as: Acting, now: datetime
) -> None:
    (row,) = ask(acting_as(cast.anna), cast.dubois, [role], now=now)
    page = arrive(anna, start(cast.anna))
    assert "You already asked for this role on" in words_of(page)
    assert f'<a href="{url(row)}">See your request {row.reference}</a>' in text_of(page)
    assert LINK in text_of(page)


def test_where_nobody_decides_the_page_says_what_to_do(cast: Cast, anna: Client, jean: Client, start: Any) -> None:
    rows = AccessManagerAppointment.objects.filter(organisation=cast.dubois)
    rows.exclude(person=cast.jean).update(ended_at=timezone.now())
    page = arrive(jean, start(cast.jean))
    assert "Nobody can decide on this role yet" in words_of(page)
    assert '<a href="/assignments/new/?role=EXAMPLE_EDIT">Assign a role</a>' in text_of(page)
    rows.update(ended_at=timezone.now())
    assert "You can send them this text:" in words_of(arrive(anna, start(cast.anna)))


# --- The pages after it ---


def test_the_whole_way_through_the_pages_and_back(
    cast: Cast, anna: Client, start: Any, jean: Client, service: OnlineService
) -> None:
    draft = start(cast.anna)
    step = arrive(anna, draft).url
    version = hidden(anna.get(step), "version")
    step = anna.post(step, {"version": version, "action": "next", "duration": "unlimited", "start": "today"}).url
    assert step == address(draft, "review")
    done = anna.post(step, {"version": hidden(anna.get(step), "version"), "action": "send"}).url
    row = RoleRequest.objects.get()
    assert (row.came_from, row.return_to) == (service, RETURN)
    assert LATER in words_of(anna.get(done)) and "One of them decides." in words_of(anna.get(done))
    assert arrive(anna, draft).url == done
    assert "Asked from Mijn Test" in words_of(jean.get(url(row)))
    assert RETURN not in text_of(jean.get(url(row)))
    answer = jean.post(url(row), {"decision": "approve", "duration": "unlimited", "start": "today"})
    assert answer.status_code == 303
    for page in (url(row), "/requests/?status=mine", done):
        assert f'<a href="{RETURN}" rel="external noreferrer">Back to Mijn Test' in text_of(anna.get(page)), page
        assert "This leads outside the portal, to mijn.test.example" in words_of(anna.get(page))
    assert "One of them decides." not in words_of(anna.get(done))  # decided
    assert RETURN not in text_of(jean.get(url(row)))
    assert RETURN not in text_of(jean.get("/requests/?status=decided"))
    (entry,) = AuditEntry.objects.filter(event="request:made")
    assert entry.data["service"] == service.code
    assert RETURN not in str(AuditEntry.objects.values_list("data", flat=True))


@pytest.fixture
def row(cast: Cast, start: Any, service: OnlineService, acting_as: Acting, now: datetime) -> RoleRequest:
    """Anna's request, begun by Mijn Test and sent."""
    return sent(start(cast.anna), service, acting_as(cast.anna), now)


def shown(client: Client, row: RoleRequest) -> tuple[bool, bool]:
    """Return whether the way back stands on the page and in the list, and whether both say that it comes later."""
    pages = [client.get(url(row)), client.get("/requests/?status=mine")]
    links = [RETURN in text_of(page) for page in pages]
    hints = [LATER in words_of(page) for page in pages]
    assert links[0] == links[1]
    assert hints[0] == hints[1]
    return links[0], hints[0]


def test_the_way_back_opens_only_once_the_role_works(
    cast: Cast, anna: Client, row: RoleRequest, acting_as: Acting, now: datetime
) -> None:
    assert shown(anna, row) == (False, True)
    tomorrow = timezone.localdate(now) + timedelta(days=1)
    given = approve(row, acting_as(cast.jean), now=now, valid_from=tomorrow)
    assert shown(anna, row) == (False, True)
    rows = RoleAssignment.objects.filter(pk=given.pk)
    rows.update(valid_from=timezone.localdate(now))
    assert shown(anna, row) == (True, False)
    rows.update(ended_at=now, ended_on=timezone.localdate(now), end_reason="manager")
    assert shown(anna, row) == (False, False)


def test_what_is_confirmed_first_opens_the_way_after_that(
    cast: Cast, anna: Client, row: RoleRequest, acting_as: Acting, now: datetime
) -> None:
    given = approve(row, acting_as(cast.jean), now=now)
    last = timezone.localdate(now) + timedelta(days=3)
    RoleAssignment.objects.filter(pk=given.pk).update(confirmer="manager", confirm_before=last, confirmed_at=None)
    assert shown(anna, row) == (False, True)


@pytest.mark.parametrize("end", ["refused", "withdrawn", "expired"])
def test_a_request_that_came_to_nothing_leads_nowhere(
    cast: Cast, anna: Client, row: RoleRequest, acting_as: Acting, now: datetime, end: str
) -> None:
    match end:
        case "refused":
            refuse_request(row, note="No", acting=acting_as(cast.jean), now=now)
        case "withdrawn":
            withdraw_request(row, acting=acting_as(cast.anna), now=now)
        case _expired:
            RoleRequest.objects.update(decide_before=timezone.localdate(now))
    assert shown(anna, row) == (False, False)


def test_a_role_of_another_service_that_was_added_leads_nowhere(
    cast: Cast, anna: Client, start: Any, service: OnlineService, role: Role, acting_as: Acting, now: datetime
) -> None:
    draft, other = start(cast.anna), RoleFactory()
    about = {"came_from": service, "return_to": RETURN, "draft": draft}
    rows = ask(acting_as(cast.anna), cast.dubois, [role, other], now=now, **about)
    assert [(row.came_from, row.return_to) for row in rows] == [(service, RETURN), (None, "")]


def test_a_request_that_no_service_began_leads_nowhere(
    cast: Cast, anna: Client, role: Role, acting_as: Acting, now: datetime
) -> None:
    fields = {"version": "1", "action": "next", "role": role.code, "return_to": RETURN, "came_from": "1"}
    answer = anna.post("/my-roles/request/", fields)
    draft = AssignmentDraft.objects.get()
    assert answer.url == address(draft, "reason")
    anna.post(answer.url, {**fields, "version": draft.version, **{"duration": "unlimited", "start": "today"}})
    draft.refresh_from_db()
    anna.post(address(draft, "review"), {**fields, "version": draft.version, "action": "send"})
    row = RoleRequest.objects.get()
    assert (draft.came_from, draft.return_to, row.came_from, row.return_to) == (None, "", None, "")
    assert "Asked from" not in words_of(anna.get(url(row)))
    open_draft = AssignmentDraft.objects.create(
        owner=cast.anna, variant="request", organisation=cast.dubois, created_at=now, updated_at=now, **ANSWERED
    )
    assert arrive(anna, open_draft).url == address(open_draft, "roles")


@pytest.mark.threat(1)
def test_nobody_else_has_the_draft(cast: Cast, open_as: Any, start: Any) -> None:
    draft = start(cast.anna)
    for person in (cast.jean, cast.carine, cast.olivier, cast.sofie):
        assert arrive(open_as(person), draft).status_code == 404


def test_an_old_draft_is_gone(cast: Cast, anna: Client, start: Any, now: datetime) -> None:
    draft = start(cast.anna, now=now - timedelta(days=2))
    assert arrive(anna, draft).status_code == 410


def test_somebody_who_left_meanwhile_reads_why_on_every_page_and_finds_back(
    cast: Cast, anna: Client, start: Any
) -> None:
    draft = start(cast.anna)
    Employment.objects.filter(person=cast.anna).update(valid_until=timezone.localdate() - timedelta(days=1))
    for step in ("from-service", "roles", "reason", "review"):
        page = anna.get(address(draft, step))
        assert page.status_code == 403
        assert LINK in text_of(page)


def test_the_host_is_shown_without_what_pretends_to_be_one(cast: Cast, open_as: Any, start: Any) -> None:
    draft = start(cast.olivier, return_to="https://csam.be@evil.example:8443/?a=1")
    page = arrive(open_as(cast.olivier), draft)
    assert "This leads outside the portal, to evil.example:8443" in words_of(page)


def test_an_address_is_shown_as_text_and_never_as_markup(cast: Cast, open_as: Any, start: Any) -> None:
    draft = start(cast.olivier, return_to='https://a.example/"><script>alert(1)</script>')
    assert "<script>alert" not in arrive(open_as(cast.olivier), draft).content.decode()


# --- The e-mail ---


@pytest.mark.parametrize("language", ["fr", "nl", "de", "en"])
def test_the_e_mail_names_the_service_and_leads_to_the_portal_alone(
    cast: Cast, row: RoleRequest, acting_as: Acting, now: datetime, language: str
) -> None:
    approve(row, acting_as(cast.jean), now=now)
    letter = OutgoingEmail.objects.get(name="request_decided")
    letter.language = language
    found = render(letter)
    assert "Mijn Test" in found.text
    assert "mijn.test.example" not in found.text + found.html
    assert set(re.findall(r'href="([^"]*)"', found.html)) == {"http://127.0.0.1:8000/"}
    if language == "en":
        assert "You can go to Mijn Test now. The way back is under “My requests”: http://127.0.0.1:8000/" in found.text


def test_a_role_that_begins_later_is_not_said_to_work(
    cast: Cast, row: RoleRequest, acting_as: Acting, now: datetime
) -> None:
    approve(row, acting_as(cast.jean), now=now, valid_from=timezone.localdate(now) + timedelta(days=2))
    letter = OutgoingEmail.objects.get(name="request_decided")
    letter.language = "en"
    assert "You can go to Mijn Test now" not in render(letter).text
