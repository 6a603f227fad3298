"""S18: the code, the answer, what it makes, and every page on which an invitation is over."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import AuditEntry
from csam.models import User
from outbox.models import OutgoingEmail
from outbox.rendering import render
from roles.errors import AddressedToAnother, CannotAssign, OwnInvitation, QuotaReached, TooLate
from roles.invitations import bare, spaced
from roles.models import ConfirmationRule, Invitation, Role, RoleAssignment
from roles.operations.answer_invitation import accept_invitation, decline_invitation, find_by_code, record_mismatch
from roles.operations.invitations import cancel_invitation, resend_invitation
from roles.reasons import on_day
from roles.states import State
from roles.views.invitation_tasks import invitation_tasks
from tenants.acting import ActingContext
from tenants.models import AccessManagerAppointment, Organisation, Person
from tenants.periods import local_day
from tests.conftest import Cast
from tests.factories import PersonFactory
from tests.roles.invites import NORA, Sending, code_of, invite
from tests.roles.pages import errors_of, heading_of, words_of
from tests.roles.passes import give

Acting = Callable[..., ActingContext]
Open = Callable[..., Client]
Catalogue = dict[str, Role]
pytestmark = pytest.mark.django_db

ENERGY, FINANCE, CYBER = "FLUVIUS_ENERGY_PORTAL_ADMIN", "FIN_FATCA", "CCB_SAFEONWEBATWORK_EDIT"


@pytest.fixture
def nora(db: None) -> Person:
    """Somebody who signed in for the first time: no organisation, no e-mail address."""
    person: Person = PersonFactory(given_name="Nora", family_name="VANDENBROUCKE", email="", language="nl")
    user = User(person=person)
    user.set_unusable_password()
    user.save()
    return person


@pytest.fixture
def sent(cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime) -> Invitation:
    """Jean's invitation to Nora, for two roles."""
    roles = [catalogue[ENERGY], catalogue[CYBER]]
    (row,) = invite(acting_as(cast.jean), cast.dubois, [NORA], roles, now=now, message="Welkom")
    return row


def prove(browser: Client, row: Invitation) -> Any:
    """Type the code of the newest letter."""
    return browser.post("/invitation/", {"code": spaced(code_of(row))})


def answer(browser: Client, **data: str) -> Any:
    return browser.post("/invitation/answer/", data, follow=True)


def nothing_given() -> bool:
    return not RoleAssignment.objects.exists() and not OutgoingEmail.objects.exclude(name="invitation").exists()


# --- Accepting -------------------------------------------------------------------------------------------------------


def test_whoever_accepts_holds_the_roles_confirmed_and_may_be_written_to(
    sent: Invitation, cast: Cast, nora: Person, open_as: Open
) -> None:
    browser = open_as(nora, level=300)  # any key will do
    page = browser.post("/invitation/", {"code": f" {spaced(code_of(sent)).lower()} "}, follow=True)
    assert heading_of(page) == "Invitation from Jean Dubois"
    for words in ("Boulangerie Dubois SRL", "Welkom", "From the day of the answer, no end date", sent.reference):
        assert words in words_of(page)
    assert page.content.decode().count("checked") == 0
    page = answer(browser, answer="accept")
    assert heading_of(page) == "You accepted this invitation"
    assert words_of(page).count("Active") == 2

    rows = RoleAssignment.objects.order_by("id")
    assert {row.role.code for row in rows} == {ENERGY, CYBER}
    for row in rows:
        assert (row.assignee, row.assigned_by, row.origin) == (nora, cast.jean, "invitation")
        assert row.state(now=timezone.now()) == State.ACTIVE
    invitation = Invitation.objects.get()
    assert (invitation.status, invitation.answered_by) == ("accepted", nora)
    assert {invited.assignment for invited in invitation.invited_roles.all()} == set(rows)
    nora.refresh_from_db()
    assert nora.email == NORA[2]

    events = [entry.event for entry in AuditEntry.objects.order_by("id") if entry.event != "session:opened"]
    assert events == [
        "invitation:sent",
        "assignment:granted",
        "assignment:granted",
        "person:contact_changed",
        "invitation:accepted",
    ]
    accepted = AuditEntry.objects.get(event="invitation:accepted")
    assert (accepted.actor_key, accepted.subject_key) == (nora.key, sent.key)
    assert (accepted.data["mailbox"], accepted.data["became_address"]) == (NORA[2], True)

    letters = {letter.name: letter for letter in OutgoingEmail.objects.exclude(name="invitation")}
    assert set(letters) == {"role_given", "invitation_answered"}
    assert (letters["role_given"].to, letters["role_given"].language) == (NORA[2], "nl")
    told = render(letters["invitation_answered"])
    assert letters["invitation_answered"].to == cast.jean.email
    assert "Nora VANDENBROUCKE" in told.subject and all(row.role.name_in("fr") in told.text for row in rows)


def test_in_a_new_organisation_accepting_is_the_confirmation(
    cast: Cast, catalogue: Catalogue, nora: Person, acting_as: Acting, now: datetime
) -> None:
    (row,) = invite(acting_as(cast.ingrid), cast.eupen, [NORA], [catalogue[CYBER]], now=now)
    accept_invitation(row, seen_sent_at=now, acting=acting_as(nora, level=300), now=now)
    given = RoleAssignment.objects.get()
    assert (given.confirmer, given.confirmed_by, given.state(now=now)) == ("assignee", nora, State.ACTIVE)
    events = [entry.event for entry in AuditEntry.objects.about(given.key).order_by("id")]
    assert events == ["assignment:granted", "assignment:confirmed"]
    text = render(OutgoingEmail.objects.get(name="role_given")).text
    assert "niet actief" not in text and "not active" not in text


def test_where_another_manager_has_to_confirm_accepting_does_not_get_round_it(
    cast: Cast, catalogue: Catalogue, nora: Person, acting_as: Acting, now: datetime
) -> None:
    ConfirmationRule.objects.filter(organisation_status="normal", to_oneself=False).update(confirmer="manager")
    (row,) = invite(acting_as(cast.jean), cast.dubois, [NORA], [catalogue[CYBER]], now=now)
    accept_invitation(row, seen_sent_at=now, acting=acting_as(nora), now=now)
    assert RoleAssignment.objects.get().state(now=now) == State.TO_CONFIRM
    assert OutgoingEmail.objects.get(name="confirm_for_manager").to == cast.tom.email


def test_the_period_begins_on_the_day_of_the_answer_and_never_before(
    cast: Cast, catalogue: Catalogue, nora: Person, acting_as: Acting, now: datetime
) -> None:
    day, later = local_day(now), now + timedelta(days=6)
    period = {"valid_from": day + timedelta(days=3), "valid_until": day + timedelta(days=99)}
    (row,) = invite(acting_as(cast.jean), cast.dubois, [NORA], [catalogue[CYBER]], now=now, **period)
    accept_invitation(row, seen_sent_at=now, acting=acting_as(nora), now=later)
    given = RoleAssignment.objects.get()
    assert (given.valid_from, given.valid_until) == (local_day(later), period["valid_until"])


def test_what_is_held_already_is_left_as_it_is_and_said(
    cast: Cast, catalogue: Catalogue, nora: Person, sent: Invitation, open_as: Open, acting_as: Acting, now: datetime
) -> None:
    (held,) = give(acting_as(cast.tom, cast.dubois), cast.dubois, [nora], [catalogue[ENERGY]], now=now)
    browser = open_as(nora)
    prove(browser, sent)
    assert f"You hold {catalogue[ENERGY].name_in('en')} already." in words_of(browser.get("/invitation/answer/"))
    page = answer(browser, answer="accept")
    assert f"You held {catalogue[ENERGY].name_in('en')} already. It stays as it is." in words_of(page)
    assert RoleAssignment.objects.count() == 2
    assert AuditEntry.objects.get(event="invitation:accepted").data["held"] == [held.reference]
    assert AuditEntry.objects.get(event="invitation:accepted").data["assignments"] == [
        RoleAssignment.objects.latest("id").reference
    ]


def test_an_address_that_somebody_has_or_that_one_has_oneself_stays(
    cast: Cast, catalogue: Catalogue, nora: Person, acting_as: Acting, now: datetime
) -> None:
    to_anna = ("Nora", "Vandenbroucke", cast.anna.email.upper(), "nl")
    first, second = [
        invite(acting_as(cast.jean), cast.dubois, [somebody], [catalogue[code]], now=now)[0]
        for somebody, code in ((to_anna, ENERGY), (NORA, CYBER))
    ]
    accept_invitation(first, seen_sent_at=now, acting=acting_as(nora), now=now)
    nora.refresh_from_db()
    assert nora.email == ""
    assert not OutgoingEmail.objects.filter(name="role_given").exists()
    Person.objects.filter(pk=nora.pk).update(email="own@post.example", email_key="own@post.example")
    accept_invitation(second, seen_sent_at=now, acting=acting_as(nora), now=now)
    nora.refresh_from_db()
    assert nora.email == "own@post.example"
    assert OutgoingEmail.objects.get(name="role_given").to == "own@post.example"


# --- Refusing and errors ---------------------------------------------------------------------------------------------


def test_whoever_refuses_holds_nothing_and_the_inviter_reads_why(
    sent: Invitation, cast: Cast, nora: Person, open_as: Open
) -> None:
    browser = open_as(nora)
    prove(browser, sent)
    page = answer(browser, answer="refuse", note="Geen  tijd")
    assert heading_of(page) == "You refused this invitation"
    row = Invitation.objects.get()
    assert (row.status, row.answered_by, row.answer_note) == ("declined", nora, "Geen tijd")
    assert not RoleAssignment.objects.exists()
    letter = OutgoingEmail.objects.exclude(name="invitation").get()
    assert letter.to == cast.jean.email and "Geen tijd" in render(letter).text
    nora.refresh_from_db()
    assert nora.email == ""


def test_the_answer_is_asked_for_and_what_was_typed_stays(sent: Invitation, nora: Person, open_as: Open) -> None:
    browser = open_as(nora)
    prove(browser, sent)
    page = answer(browser, note="85.07.30-033.28")
    assert errors_of(page) == ["Choose “accept” or “refuse”", "Take the national register number out of the text"]
    assert "85.07.30-033.28" in page.content.decode()
    page = answer(browser, answer="refuse", note="x" * 301)
    assert errors_of(page) == ["“Reason for refusing” can have at most 300 characters"]
    assert Invitation.objects.get().status == "sent"
    assert browser.post("/invitation/answer/", {"answer": ["accept", "refuse"]}).status_code == 400


def test_without_a_code_there_is_nothing_to_answer(nora: Person, open_as: Open) -> None:
    browser = open_as(nora)
    for send in (browser.get, browser.post):
        answered = send("/invitation/answer/")
        assert (answered.status_code, answered.url) == (303, "/invitation/")
    assert errors_of(browser.post("/invitation/", {"code": " - "})) == ["Fill in “Invitation code”"]


def test_signed_out_people_sign_in_and_come_back(client: Client) -> None:
    assert client.get("/invitation/").url == "/login/?next=/invitation/"


# --- Codes -----------------------------------------------------------------------------------------------------------


def test_a_code_of_another_that_is_replaced_at_this_moment_is_still_answered(
    sent: Invitation, cast: Cast, open_as: Open, acting_as: Acting, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = spaced(code_of(sent))

    def record_and_resend(found: Invitation, **values: Any) -> None:
        record_mismatch(found, **values)
        later = now + timedelta(minutes=1)
        resend_invitation(found, seen_sent_at=sent.sent_at, acting=acting_as(cast.jean), now=later)

    monkeypatch.setattr("roles.operations.answer_invitation.record_mismatch", record_and_resend)
    page = open_as(cast.olivier).post("/invitation/", {"code": typed})
    assert (page.status_code, heading_of(page)) == (403, "This invitation is for somebody else")
    assert not Invitation.objects.with_code(bare(typed)).exists()


@pytest.mark.asvs(15)
def test_five_wrong_codes_an_hour_and_no_more(sent: Invitation, nora: Person, open_as: Open, now: datetime) -> None:
    browser, right = open_as(nora), spaced(code_of(sent))
    for _ in range(2):  # right ones do not use tries up
        assert browser.post("/invitation/", {"code": right}).status_code == 303
    for number in range(5):
        page = browser.post("/invitation/", {"code": f"AAAA-AAA{number + 2}"})
        assert errors_of(page) == ["We cannot find an invitation with this code. Check the code in the e-mail"]
    for code in ("AAAA-AAA9", right):
        page = browser.post("/invitation/", {"code": code})
        assert page.status_code == 429 and "Too many attempts. Try again" in words_of(page)
    failed = AuditEntry.objects.filter(event="invitation:code_failed")
    assert [entry.data for entry in failed.order_by("id")] == [{"tries_left": left} for left in (4, 3, 2, 1, 0)]
    assert all("AAAA" not in str(entry.__dict__) for entry in failed)


def test_tries_are_counted_per_person_and_for_an_hour(
    sent: Invitation, nora: Person, cast: Cast, acting_as: Acting, now: datetime
) -> None:
    for _ in range(5):
        assert find_by_code("22222222", acting=acting_as(nora), now=now) is None
    with pytest.raises(QuotaReached) as refusal:
        find_by_code(code_of(sent), acting=acting_as(nora), now=now)
    assert refusal.value.retry_at == now + timedelta(hours=1)
    assert find_by_code("22222222", acting=acting_as(cast.olivier), now=now) is None
    assert find_by_code(code_of(sent), acting=acting_as(nora), now=now + timedelta(hours=1)) == sent


@pytest.mark.threat(44)
def test_a_forwarded_code_opens_nothing_for_somebody_else_and_is_recorded(
    sent: Invitation, cast: Cast, open_as: Open, acting_as: Acting, now: datetime
) -> None:
    browser = open_as(cast.olivier)
    page = prove(browser, sent)
    assert page.status_code == 403
    assert heading_of(page) == "This invitation is for somebody else"
    words = words_of(page)
    assert (
        "This invitation is in the name of Nora Vandenbroucke. You are signed in as Olivier Lambert. "
        "Ask Jean Dubois for a new invitation." in words
    )
    assert "Dubois SRL" not in words and NORA[2] not in words
    assert browser.get("/invitation/answer/").status_code == 303  # nothing was proved
    entry = AuditEntry.objects.get(event="invitation:mismatch")
    assert (entry.actor_key, entry.subject_key) == (cast.olivier.key, sent.key)
    with pytest.raises(AddressedToAnother):
        accept_invitation(sent, seen_sent_at=now, acting=acting_as(cast.olivier), now=now)
    assert nothing_given()
    for _ in range(4):
        prove(browser, sent)
    assert prove(browser, sent).status_code == 429


def test_nobody_answers_their_own_invitation(
    cast: Cast, catalogue: Catalogue, open_as: Open, acting_as: Acting, now: datetime
) -> None:
    second_mailbox = ("Jean", "Dubois", "jean@other.example", "fr")
    (row,) = invite(acting_as(cast.jean), cast.dubois, [second_mailbox], [catalogue[CYBER]], now=now)
    browser = open_as(cast.jean)
    prove(browser, row)
    for send in (browser.get, browser.post):
        page = send("/invitation/answer/", {"answer": "accept"})
        assert page.status_code == 403
        assert "You sent this invitation yourself. Another person must answer it." in words_of(page)
    for act in (accept_invitation, decline_invitation):
        with pytest.raises(OwnInvitation):
            act(row, seen_sent_at=now, acting=acting_as(cast.jean), now=now)
    assert nothing_given() and Invitation.objects.get().status == "sent"


# --- Pages on which it is over ---------------------------------------------------------------------------------------


def over(browser: Client) -> tuple[str, str]:
    """Return heading and words, the same when looked at and when answered."""
    pages = [browser.get("/invitation/answer/"), browser.post("/invitation/answer/", {"answer": "accept"})]
    first, second = [(heading_of(page), words_of(page)) for page in pages]
    assert first == second
    return first


def test_a_used_one_says_so(sent: Invitation, nora: Person, open_as: Open, acting_as: Acting, now: datetime) -> None:
    sister = PersonFactory(given_name="Lotte", family_name="Vandenbroucke")
    browser = open_as(nora)
    prove(browser, sent)
    accept_invitation(sent, seen_sent_at=sent.sent_at, acting=acting_as(sister), now=now)
    heading, words = over(browser)
    assert heading == "This invitation was used"
    assert "the invitation of Jean Dubois" in words and "Lotte" not in words
    assert "Ask Jean Dubois for a new invitation." in words
    assert RoleAssignment.objects.filter(assignee=nora).count() == 0


def test_an_expired_one_says_before_when(sent: Invitation, nora: Person, open_as: Open, now: datetime) -> None:
    Invitation.objects.update(answer_before=local_day(now))
    browser = open_as(nora)
    prove(browser, sent)
    heading, words = over(browser)
    assert heading == "This invitation has expired"
    assert f"The invitation of Jean Dubois had to be answered before {on_day(local_day(now))}." in words
    assert nothing_given()


def test_a_cancelled_one_says_by_whom(
    sent: Invitation, nora: Person, cast: Cast, open_as: Open, acting_as: Acting, now: datetime
) -> None:
    browser = open_as(nora)
    prove(browser, sent)
    cancel_invitation(sent, acting=acting_as(cast.tom, cast.dubois), now=now)
    heading, words = over(browser)
    assert heading == "This invitation was cancelled"
    assert "Tom Janssens cancelled it. Ask Jean Dubois for a new invitation." in words
    assert nothing_given()


def test_one_that_was_sent_again_asks_for_the_newest_code(
    sent: Invitation, nora: Person, cast: Cast, open_as: Open, acting_as: Acting, now: datetime
) -> None:
    browser = open_as(nora)
    prove(browser, sent)
    resend_invitation(sent, seen_sent_at=sent.sent_at, acting=acting_as(cast.jean), now=now + timedelta(seconds=1))
    assert over(browser)[0] == "This code no longer works"
    assert nothing_given()
    prove(browser, sent)
    assert heading_of(answer(browser, answer="accept")) == "You accepted this invitation"


def end_right(cast: Cast) -> None:
    AccessManagerAppointment.objects.filter(person=cast.jean).update(ended_at=timezone.now())


def to_other_domain(cast: Cast) -> None:
    Role.objects.filter(code=ENERGY).update(is_assignable=False)


def switch_off(cast: Cast) -> None:
    Person.objects.filter(pk=cast.jean.pk).update(is_active=False)


@pytest.mark.threat(5)
@pytest.mark.parametrize("change", [end_right, to_other_domain, switch_off])
def test_an_inviter_who_lost_the_right_gives_nothing_any_more(
    sent: Invitation,
    nora: Person,
    cast: Cast,
    open_as: Open,
    acting_as: Acting,
    now: datetime,
    change: Callable[[Cast], None],
) -> None:
    browser = open_as(nora)
    prove(browser, sent)
    change(cast)
    heading, words = over(browser)
    assert heading == "This invitation no longer works"
    assert (
        "Jean Dubois can no longer assign this role. Ask an access manager of Boulangerie Dubois SRL for a new "
        "invitation." in words
    )
    with pytest.raises(CannotAssign):
        accept_invitation(sent, seen_sent_at=sent.sent_at, acting=acting_as(nora), now=now)
    assert nothing_given() and Invitation.objects.get().status == "sent"
    nora.refresh_from_db()
    assert nora.email == ""


def test_the_level_shown_at_sending_still_has_to_reach_the_role(
    sent: Invitation, nora: Person, cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    weak = Sending(acting_as(cast.jean, level=400), cast.dubois, [NORA], [catalogue[CYBER]], now=now)
    weak.press()
    Role.objects.filter(code=CYBER).update(minimum_level=500)
    with pytest.raises(CannotAssign):
        accept_invitation(weak.rows[0], seen_sent_at=now, acting=acting_as(nora), now=now)
    accept_invitation(sent, seen_sent_at=sent.sent_at, acting=acting_as(nora), now=now)  # sent with an eID


def test_a_stopped_organisation_gives_nothing_any_more(
    sent: Invitation, nora: Person, cast: Cast, open_as: Open
) -> None:
    browser = open_as(nora)
    prove(browser, sent)
    Organisation.objects.filter(pk=cast.dubois.pk).update(status="stopped")
    assert "Boulangerie Dubois SRL has stopped, according to the Crossroads Bank" in over(browser)[1]
    assert nothing_given()


def test_accepting_a_second_time_shows_what_came_of_the_first(sent: Invitation, nora: Person, open_as: Open) -> None:
    first, second = open_as(nora), open_as(nora)
    for browser in (first, second):
        prove(browser, sent)
    answer(first, answer="accept")
    for browser in (first, second):
        page = answer(browser, answer="refuse")
        assert heading_of(page) == "You accepted this invitation"
        assert "your first answer stands, the second did not count" in words_of(page)
        # The same answer, pressed twice, is no second answer.
        assert "your first answer stands" not in words_of(answer(browser, answer="accept"))
    assert RoleAssignment.objects.count() == 2
    assert OutgoingEmail.objects.filter(name="invitation_answered").count() == 1


def test_too_late_is_an_error_of_the_operation_too(
    sent: Invitation, nora: Person, acting_as: Acting, now: datetime
) -> None:
    decline_invitation(sent, seen_sent_at=sent.sent_at, acting=acting_as(nora), now=now)
    for act in (accept_invitation, decline_invitation):
        with pytest.raises(TooLate):
            act(sent, seen_sent_at=sent.sent_at, acting=acting_as(nora), now=now)
    assert AuditEntry.objects.filter(event__in=["invitation:accepted", "invitation:declined"]).count() == 1


# --- The task --------------------------------------------------------------------------------------------------------


def test_an_open_invitation_to_ones_own_address_is_a_task(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    to_anna = ("Anna", "Peeters", cast.anna.email.upper(), "nl")
    (row,) = invite(acting_as(cast.jean), cast.dubois, [to_anna], [catalogue[CYBER]], now=now)
    (task,) = invitation_tasks(acting_as(cast.anna), now=now)
    assert (task.title, task.url, task.tag) == ("Answer the invitation of Jean Dubois", "/invitation/", "New")
    assert "Boulangerie Dubois SRL" in task.hint
    assert invitation_tasks(acting_as(cast.carine), now=now) == []
    assert invitation_tasks(acting_as(PersonFactory(email="")), now=now) == []
    assert invitation_tasks(acting_as(cast.anna), now=now + timedelta(days=30)) == []
    cancel_invitation(row, acting=acting_as(cast.jean), now=now)
    assert invitation_tasks(acting_as(cast.anna), now=now) == []


def test_the_code_page_names_what_waits_for_ones_own_address(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, open_as: Open, now: datetime
) -> None:
    to_anna = ("Anna", "Peeters", cast.anna.email, "nl")
    invite(acting_as(cast.jean), cast.dubois, [to_anna], [catalogue[CYBER]], now=now)
    words = "Jean Dubois invites you for Boulangerie Dubois SRL."
    assert words in words_of(open_as(cast.anna).get("/invitation/"))
    assert words not in words_of(open_as(cast.olivier).get("/invitation/"))
