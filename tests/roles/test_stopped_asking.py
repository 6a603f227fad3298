"""What was asked for and offered in an organisation that has stopped: closed once, with a letter that says why."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from audit.models import AuditEntry
from outbox.delivery import deliver_due
from outbox.models import OutgoingEmail
from outbox.rendering import SUBJECT_LENGTH, render
from roles.models import Invitation, Role, RoleRequest
from roles.operations.invitations import expire_invitations
from roles.operations.requests import expire_requests
from roles.operations.stopped_asking import close_of_stopped
from tenants.acting import ActingContext
from tenants.models import Organisation
from tests.conftest import Cast
from tests.factories import PersonFactory, UserFactory
from tests.parallel import at_once
from tests.roles.invites import NORA, code_of, invite
from tests.roles.pages import heading_of, words_of
from tests.roles.requests import ask, url

Acting = Callable[..., ActingContext]
Catalogue = dict[str, Role]
pytestmark = pytest.mark.django_db

CYBER, ENERGY = "CCB_SAFEONWEBATWORK_EDIT", "FLUVIUS_ENERGY_PORTAL_ADMIN"
LANGUAGES = ("fr", "nl", "de", "en")


@pytest.fixture
def asked(cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime) -> RoleRequest:
    """What Anna asked for at Dubois."""
    return ask(acting_as(cast.anna), cast.dubois, [catalogue[CYBER]], now=now)[0]


@pytest.fixture
def invited(cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime) -> Invitation:
    """Nora, whom Jean invited for Dubois."""
    return invite(acting_as(cast.jean), cast.dubois, [NORA], [catalogue[ENERGY]], now=now)[0]


def stop(organisation: Organisation) -> None:
    Organisation.objects.filter(pk=organisation.pk).update(status="stopped")


def told(name: str, language: str = "en") -> Any:
    row = OutgoingEmail.objects.get(name=name)
    row.language = language
    return render(row)


def test_what_waits_in_a_stopped_organisation_is_closed_once(
    cast: Cast, asked: RoleRequest, invited: Invitation, now: datetime
) -> None:
    assert close_of_stopped(now=now) == 0
    stop(cast.dubois)
    assert (close_of_stopped(now=now), close_of_stopped(now=now)) == (2, 0)
    asked.refresh_from_db()
    invited.refresh_from_db()
    assert (asked.status, asked.decided_at, invited.status, invited.closed_at) == ("expired", now, "expired", now)
    for row, event in ((asked, "request:expired"), (invited, "invitation:expired")):
        (entry,) = AuditEntry.objects.about(row.key).filter(event=event)
        assert (entry.actor_key, entry.organisation_key) == ("", cast.dubois.key)
        assert (entry.data["reason"], "role" in entry.data) == ("organisation_stopped", True)
    later = now + timedelta(days=31)
    assert (expire_requests(now=later), expire_invitations(now=later)) == (0, 0)


def test_the_neighbour_loses_nothing(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, invited: Invitation, now: datetime
) -> None:
    invite(acting_as(cast.carine), cast.peeters, [NORA], [catalogue[ENERGY]], now=now)
    stop(cast.dubois)
    assert close_of_stopped(now=now) == 1
    assert [row.organisation for row in Invitation.objects.filter(status="sent")] == [cast.peeters]


def test_what_is_late_anyhow_expires_in_the_usual_way(
    cast: Cast, asked: RoleRequest, invited: Invitation, now: datetime
) -> None:
    stop(cast.dubois)
    late = now + timedelta(days=30)
    assert (close_of_stopped(now=late), expire_requests(now=late), expire_invitations(now=late)) == (0, 1, 1)
    asked.refresh_from_db()
    invited.refresh_from_db()
    assert not asked.ended_with_organisation and not invited.ended_with_organisation


def test_asker_and_inviter_read_why_and_whoever_was_invited_reads_nothing(
    cast: Cast, asked: RoleRequest, invited: Invitation, now: datetime
) -> None:
    deliver_due(worker="test", now=now)
    before = set(OutgoingEmail.objects.values_list("pk", flat=True))
    stop(cast.dubois)
    close_of_stopped(now=now)
    new = OutgoingEmail.objects.exclude(pk__in=before)
    assert set(new.values_list("name", "to")) == {
        ("request_expired", cast.anna.email),
        ("invitation_expired", cast.jean.email),
    }
    stopped = "The organisation has stopped, according to the Crossroads Bank for Enterprises."
    text = told("request_expired").text
    assert f"{stopped} That is why your request of " in text
    assert "Nobody decided" not in text and "can decide" not in text
    text = told("invitation_expired").text
    assert f"{stopped} That is why your invitation for Nora Vandenbroucke has expired." in text
    assert "Nobody answered" not in text and "Send again" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_letters_are_whole_in_every_language(
    cast: Cast, asked: RoleRequest, invited: Invitation, now: datetime, language: str
) -> None:
    stop(cast.dubois)
    close_of_stopped(now=now)
    for name in ("request_expired", "invitation_expired"):
        found = told(name, language)
        assert len(found.subject) <= SUBJECT_LENGTH
        assert "%(" not in found.text and "None" not in found.text


def test_a_code_that_has_not_left_yet_does_not_leave(cast: Cast, invited: Invitation, now: datetime) -> None:
    stop(cast.dubois)
    close_of_stopped(now=now)
    assert OutgoingEmail.objects.get(name="invitation").status == "withdrawn"


def test_the_pages_say_that_the_organisation_has_stopped(
    cast: Cast, asked: RoleRequest, invited: Invitation, open_as: Any, now: datetime
) -> None:
    code = code_of(invited)
    nora = UserFactory(person=PersonFactory(given_name="Nora", family_name="Vandenbroucke")).person
    stop(cast.dubois)
    close_of_stopped(now=now)
    because = ", because the organisation has stopped."
    assert because in words_of(open_as(cast.anna).get(url(asked)))
    assert because in words_of(open_as(cast.jean).get(f"/invitations/{invited.key}/"))
    page = open_as(nora).post("/invitation/", {"code": code}, follow=True)
    assert heading_of(page) == "This invitation no longer works"
    assert "Boulangerie Dubois SRL has stopped" in words_of(page)


@pytest.mark.django_db(transaction=True)
def test_three_machines_close_and_write_once(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, asked: RoleRequest, now: datetime
) -> None:
    people = [(f"Nora{letter}", "Vandenbroucke", f"{letter}@post.example", "nl") for letter in "abcde"]
    rows = invite(acting_as(cast.jean), cast.dubois, people, [catalogue[CYBER]], now=now)
    stop(cast.dubois)
    assert sum(at_once(lambda _machine: close_of_stopped(now=now), times=3, threads=3)) == 6
    assert OutgoingEmail.objects.filter(name__endswith="_expired").count() == 6
    for row in (asked, *rows):
        assert AuditEntry.objects.about(row.key).filter(event__endswith=":expired").count() == 1
