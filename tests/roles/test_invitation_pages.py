"""S16: the list of an organisation's invitations, one of them, sending it again, cancelling it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from outbox.delivery import deliver_due
from outbox.models import OutgoingEmail
from roles.models import Invitation, Role
from roles.operations.answer_invitation import accept_invitation, decline_invitation
from roles.reasons import on_day
from tenants.acting import ActingContext
from tenants.models import AccessManagerAppointment, Domain, Organisation
from tests.conftest import Cast
from tests.factories import PersonFactory
from tests.roles.invites import NORA, PAUL, an_invitation, code_of, invite
from tests.roles.pages import errors_of, heading_of, text_of, words_of

Acting = Callable[..., ActingContext]
Open = Callable[..., Client]
Catalogue = dict[str, Role]
pytestmark = pytest.mark.django_db

ENERGY, FINANCE, CYBER = "FLUVIUS_ENERGY_PORTAL_ADMIN", "FIN_FATCA", "CCB_SAFEONWEBATWORK_EDIT"


@pytest.fixture
def sent(cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime) -> Invitation:
    """Jean's invitation to Nora, of the domain Energy."""
    (row,) = invite(acting_as(cast.jean), cast.dubois, [NORA], [catalogue[ENERGY]], now=now)
    return row


def page_of(row: Invitation, rest: str = "") -> str:
    return f"/invitations/{row.key}/{rest}"


def again(browser: Client, row: Invitation) -> Any:
    return browser.post(page_of(row, "send-again/"), {"sent_at": row.sent_at.isoformat()}, follow=True)


# --- The list --------------------------------------------------------------------------------------------------------


def test_without_invitations_the_page_says_so_and_offers_one(jean: Client) -> None:
    page = jean.get("/invitations/")
    assert heading_of(page) == "Invitations"
    assert "No invitation." in words_of(page) and "<table" not in text_of(page)
    assert 'action="/invitations/new/"' in text_of(page)


def test_the_list_shows_whom_what_when_and_how_it_stands(
    sent: Invitation, jean: Client, cast: Cast, catalogue: Catalogue
) -> None:
    words = words_of(jean.get("/invitations/"))
    for piece in (
        "Nora Vandenbroucke",
        NORA[2],
        catalogue[ENERGY].name_in("en"),
        "Sent",
        "The answer must come before",
    ):
        assert piece in words


def test_a_domain_manager_sees_what_is_wholly_of_the_own_domains(
    sent: Invitation, cast: Cast, catalogue: Catalogue, open_as: Open, acting_as: Acting, now: datetime
) -> None:
    jean = acting_as(cast.jean)
    (mixed,) = invite(jean, cast.dubois, [PAUL], [catalogue[FINANCE], catalogue[ENERGY]], now=now)
    finance = ("Mia", "Aerts", "mia@post.example", "nl")
    (own,) = invite(jean, cast.dubois, [finance], [catalogue[FINANCE]], now=now)
    marie = open_as(cast.marie)
    words = words_of(marie.get("/invitations/"))
    assert "Mia Aerts" in words and "Nora" not in words and "Paul" not in words
    assert "You see the invitations for roles of your domain" in words
    assert [marie.get(page_of(row)).status_code for row in (own, mixed, sent)] == [200, 404, 404]
    AccessManagerAppointment.objects.create(
        person=cast.marie,
        organisation=cast.dubois,
        kind="domain",
        domain=Domain.objects.get(code="ENERGY"),
        valid_from=now.date(),
    )
    words = words_of(marie.get("/invitations/"))
    assert all(name in words for name in ("Mia Aerts", "Nora", "Paul"))


def test_the_neighbour_the_employee_and_the_outsider_see_nothing_of_it(
    sent: Invitation, cast: Cast, open_as: Open, outsider: Client
) -> None:
    assert "Nora" not in words_of(open_as(cast.carine).get("/invitations/"))
    for browser in (open_as(cast.anna), outsider):
        assert browser.get("/invitations/").status_code == 403
    for browser in (open_as(cast.anna), open_as(cast.carine), outsider):
        for rest in ("", "send-again/", "cancel/"):
            answers = [browser.get(page_of(sent, rest))]
            if rest:
                answers.append(browser.post(page_of(sent, rest), {"sent_at": sent.sent_at.isoformat()}))
            assert {answer.status_code for answer in answers} == {404}
    sent.refresh_from_db()
    assert sent.status == "sent" and OutgoingEmail.objects.count() == 1


def test_a_weak_key_is_told_which_one_it_needs(sent: Invitation, cast: Cast, open_as: Open) -> None:
    weak = open_as(cast.jean, level=300)
    for path in ("/invitations/", page_of(sent), page_of(sent, "cancel/")):
        page = weak.get(path)
        assert page.status_code == 403 and "Sign in with one of these keys" in words_of(page)


def test_a_stopped_organisation_invites_nobody_and_what_it_sent_can_be_cancelled(
    sent: Invitation, cast: Cast, jean: Client, open_as: Open
) -> None:
    Organisation.objects.filter(pk=cast.dubois.pk).update(status="stopped")
    assert jean.get("/invitations/").status_code == 403
    assert jean.post(page_of(sent, "send-again/")).status_code == 403
    for path in (page_of(sent), page_of(sent, "cancel/")):
        assert open_as(cast.jean, level=300).get(path).status_code == 403
        assert open_as(cast.carine).get(path).status_code == 404
    words = words_of(jean.get(page_of(sent)))
    assert "Cancel the invitation" in words and "Send again" not in words
    assert jean.get(page_of(sent, "cancel/")).status_code == 200
    assert jean.post(page_of(sent, "cancel/")).status_code == 303
    sent.refresh_from_db()
    assert (sent.status, sent.cancelled_by) == ("cancelled", cast.jean)


def test_the_list_turns_its_pages_by_key_and_asks_as_much_for_many_as_for_few(
    jean: Client, cast: Cast, catalogue: Catalogue, now: datetime
) -> None:
    def add(count: int) -> None:
        for _ in range(count):
            number = Invitation.objects.count()
            an_invitation(
                cast.jean,
                now=now,
                organisation=cast.dubois,
                roles=[catalogue[ENERGY], catalogue[CYBER]],
                family_name=f"Nr{number:02d}x",
            )

    add(2)
    with CaptureQueriesContext(connection) as few:
        jean.get("/invitations/")
    add(28)
    with CaptureQueriesContext(connection) as many:
        page = jean.get("/invitations/")
    assert len(many) == len(few)
    words = words_of(page)
    assert "Nr29x" in words and "Nr05x" in words and "Nr04x" not in words
    start = Invitation.objects.get(family_name="Nr05x").key
    assert f'href="?after={start}"' in text_of(page)
    words = words_of(jean.get(f"/invitations/?after={start}"))
    assert "Nr04x" in words and "Nr00x" in words and "Nr05x" not in words
    assert "Nr29x" in words_of(jean.get("/invitations/?after=unknown"))


# --- One invitation --------------------------------------------------------------------------------------------------


def test_one_invitation_shows_its_facts_and_what_happened(sent: Invitation, jean: Client) -> None:
    page = jean.get(page_of(sent))
    assert heading_of(page) == f"Invitation {sent.reference}"
    words = words_of(page)
    for piece in ("Nora Vandenbroucke", NORA[2], "Nederlands", "Jean Dubois", "Invitation sent", "Send again"):
        assert piece in words
    assert code_of(sent) not in text_of(page).replace("-", "")


def test_what_became_of_it_is_said(
    sent: Invitation, jean: Client, cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    nora = PersonFactory(given_name="Nora", family_name="Vandenbroucke")
    accept_invitation(sent, seen_sent_at=now, acting=acting_as(nora), now=now)
    words = words_of(jean.get(page_of(sent)))
    for piece in ("Accepted", "Nora Vandenbroucke accepted on", "Result", "Invitation accepted"):
        assert piece in words
    assert "Send again" not in words and "Cancel the invitation" not in words
    (refused,) = invite(acting_as(cast.jean), cast.dubois, [NORA], [catalogue[CYBER]], now=now)
    decline_invitation(refused, seen_sent_at=now, note="Te veel", acting=acting_as(nora), now=now)
    words = words_of(jean.get(page_of(refused)))
    assert "Nora Vandenbroucke refused on" in words and "Reason for refusing: Te veel" in words


def test_a_forwarded_code_is_told_without_the_name_of_who_tried_it(
    sent: Invitation, jean: Client, cast: Cast, open_as: Open
) -> None:
    open_as(cast.olivier).post("/invitation/", {"code": code_of(sent)})
    words = words_of(jean.get(page_of(sent)))
    assert "Somebody with another last name typed the code" in words and "Olivier" not in words
    page = jean.post("/invitation/", {"code": code_of(sent)})
    assert "in the name of Nora Vandenbroucke" in words_of(page) and "Ask Jean Dubois" not in words_of(page)


def test_one_that_nobody_answered_can_be_sent_again_but_not_cancelled(
    sent: Invitation, jean: Client, now: datetime
) -> None:
    Invitation.objects.update(answer_before=now.date())
    words = words_of(jean.get(page_of(sent)))
    assert "Expired" in words and f"Nobody answered before {on_day(now.date())}" in words
    assert "Send again" in words and "Cancel the invitation" not in words
    page = jean.post(page_of(sent, "cancel/"), follow=True)
    assert "This invitation no longer waits for an answer" in words_of(page)


# --- Send again ------------------------------------------------------------------------------------------------------


def test_send_again_sends_a_new_code_once(sent: Invitation, jean: Client) -> None:
    old = code_of(sent)
    page = again(jean, sent)
    assert f"A new e-mail with a new code goes to {NORA[2]}" in words_of(page)
    assert code_of(sent) != old
    # The same page a second time, as a double click sends it.
    page = again(jean, sent)
    assert "This invitation has changed meanwhile. Nothing was sent" in words_of(page)
    assert OutgoingEmail.objects.filter(status="queued").count() == 1


@pytest.mark.parametrize("moment", ["", "yesterday", "9999-12-31T23:59:59-23:00", "2026-01-01"])
def test_a_form_without_the_right_moment_sends_nothing(sent: Invitation, jean: Client, moment: str) -> None:
    page = jean.post(page_of(sent, "send-again/"), {"sent_at": moment}, follow=True)
    assert "Nothing was sent" in words_of(page)
    assert OutgoingEmail.objects.count() == 1


def test_looking_at_the_address_of_a_button_leads_back(sent: Invitation, jean: Client) -> None:
    assert jean.get(page_of(sent, "send-again/")).url == page_of(sent)
    assert OutgoingEmail.objects.count() == 1


@pytest.mark.asvs(15)
def test_sending_again_counts_for_the_day(sent: Invitation, jean: Client, settings: Any) -> None:
    settings.INVITATION_QUOTA_PER_ADDRESS = 1
    page = again(jean, sent)
    assert page.status_code == 429 and "Too many attempts. Try again" in words_of(page)
    assert OutgoingEmail.objects.count() == 1


def test_a_role_that_is_gone_is_said(sent: Invitation, jean: Client) -> None:
    Role.objects.filter(code=ENERGY).update(is_assignable=False)
    assert "is no longer available" in errors_of(again(jean, sent))[0]


def test_an_invitation_to_oneself_has_no_button(
    cast: Cast, catalogue: Catalogue, tom: Client, acting_as: Acting, now: datetime
) -> None:
    to_tom = ("Tom", "Janssens", cast.tom.email, "nl")
    (row,) = invite(acting_as(cast.jean), cast.dubois, [to_tom], [catalogue[CYBER]], now=now)
    assert "Send again" not in words_of(tom.get(page_of(row)))
    assert "This is your own address. You cannot invite yourself" in words_of(again(tom, row))


# --- Cancel ----------------------------------------------------------------------------------------------------------


def test_cancelling_asks_once_and_tells_the_person(sent: Invitation, jean: Client, now: datetime) -> None:
    deliver_due(worker="test", now=now + timedelta(seconds=1))
    page = jean.get(page_of(sent, "cancel/"))
    assert heading_of(page) == "Cancel this invitation?" and "Nora Vandenbroucke" in words_of(page)
    sent.refresh_from_db()
    assert sent.status == "sent"
    page = jean.post(page_of(sent, "cancel/"), follow=True)
    assert "The invitation is cancelled. Its code no longer works" in words_of(page)
    assert "Jean Dubois cancelled it on" in words_of(page)
    assert OutgoingEmail.objects.filter(name="invitation_cancelled", to=NORA[2]).count() == 1
    page = jean.post(page_of(sent, "cancel/"), follow=True)
    assert "This invitation no longer waits for an answer" in words_of(page)
    assert jean.get(page_of(sent, "cancel/")).url == page_of(sent)
    assert OutgoingEmail.objects.filter(name="invitation_cancelled").count() == 1


# --- The ways here ---------------------------------------------------------------------------------------------------


def test_the_home_page_leads_managers_to_invitations_and_everybody_to_the_code(
    jean: Client, cast: Cast, open_as: Open, client: Client
) -> None:
    anna = open_as(cast.anna)
    assert "Manage invitations" in words_of(jean.get("/"))
    assert "Manage invitations" not in words_of(anna.get("/"))
    for browser in (jean, anna):
        assert "Answer an invitation with a code" in words_of(browser.get("/"))
    assert 'href="/invitation/"' in text_of(client.get("/"))
