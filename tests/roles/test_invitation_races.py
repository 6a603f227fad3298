"""Invitations at the same moment, each thread with a connection of its own: one effect, one letter, one entry."""

import os
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from audit.models import AuditEntry
from outbox.models import OutgoingEmail
from roles.errors import DomainError
from roles.models import Invitation, Role, RoleAssignment
from roles.operations.answer_invitation import accept_invitation, decline_invitation, find_by_code
from roles.operations.invitations import cancel_invitation, expire_invitations, resend_invitation
from tenants.acting import ActingContext
from tenants.models import Person
from tenants.operations import end_appointment
from tests.conftest import Cast
from tests.factories import AppointmentFactory, PersonFactory
from tests.parallel import at_once
from tests.roles.invites import Sending, Somebody, invite

Acting = Callable[..., ActingContext]
Catalogue = dict[str, Role]
pytestmark = pytest.mark.django_db(transaction=True)

CYBER = "CCB_SAFEONWEBATWORK_EDIT"
ROUNDS = max(3, int(os.environ.get("RACE_ROUNDS", "8")) // 2)


def outcome(act: Callable[[], Any]) -> str:
    """Return "done", or the name of the refusal."""
    try:
        act()
    except DomainError as refusal:
        return type(refusal).__name__
    return "done"


def together(*acts: Callable[[], Any]) -> list[str]:
    """Do different things at once; return the outcome of each."""
    return at_once(lambda number: outcome(acts[number]), times=len(acts), threads=len(acts))


def somebody() -> tuple[Person, Somebody]:
    """Return a new person, and how a manager would write them down."""
    person = PersonFactory(email="")
    return person, (person.given_name, person.family_name, f"{person.key.lower()}@post.example", "fr")


def closing_events(row: Invitation) -> list[str]:
    events = [entry.event for entry in AuditEntry.objects.about(row.key).order_by("id")]
    return [event for event in events if event not in ("invitation:sent", "invitation:resent")]


@pytest.mark.threat(12)
def test_accepted_and_refused_in_many_browsers_counts_once(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    for _ in range(ROUNDS):
        person, written = somebody()
        (row,) = invite(acting_as(cast.jean), cast.dubois, [written], [catalogue[CYBER]], now=now)
        acting = acting_as(person)

        def accept(row: Invitation = row, acting: ActingContext = acting) -> Any:
            return accept_invitation(row, seen_sent_at=now, acting=acting, now=now)

        def refuse(row: Invitation = row, acting: ActingContext = acting) -> Any:
            return decline_invitation(row, seen_sent_at=now, acting=acting, now=now)

        outcomes = together(accept, refuse, accept, refuse)
        assert sorted(outcomes) == ["TooLate"] * 3 + ["done"]
        row.refresh_from_db()
        accepted = row.status == "accepted"
        assert closing_events(row) == ["invitation:accepted" if accepted else "invitation:declined"]
        assert RoleAssignment.objects.filter(assignee=person).count() == int(accepted)
        assert OutgoingEmail.objects.filter(name="invitation_answered", context__reference=row.reference).count() == 1
        assert OutgoingEmail.objects.filter(name="role_given", to=row.email).count() == int(accepted)


@pytest.mark.threat(12)
def test_cancelled_sent_again_and_accepted_at_once_has_one_effect(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    jean, later = acting_as(cast.jean), now + timedelta(minutes=1)
    for _ in range(ROUNDS):
        person, written = somebody()
        (row,) = invite(jean, cast.dubois, [written], [catalogue[CYBER]], now=now)
        acting = acting_as(person)
        accepted, cancelled, resent = together(
            lambda: accept_invitation(row, seen_sent_at=now, acting=acting, now=later),  # noqa: B023
            lambda: cancel_invitation(row, acting=jean, now=later),  # noqa: B023
            lambda: resend_invitation(row, seen_sent_at=now, acting=jean, now=later),  # noqa: B023
        )
        row.refresh_from_db()
        outcomes = {"accepted": accepted, "cancelled": cancelled}
        assert {"done", "TooLate"} >= {accepted, cancelled, resent}
        # Whoever comes first wins; after sending again, only cancelling still can.
        assert [status for status, result in outcomes.items() if result == "done"] == [row.status]
        assert closing_events(row) == [f"invitation:{row.status}"]
        assert (accepted, resent) != ("done", "done")
        assert RoleAssignment.objects.filter(assignee=person).count() == int(accepted == "done")


@pytest.mark.threat(5)
def test_nothing_is_given_after_the_inviter_lost_the_right(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    manager = PersonFactory()
    for _ in range(ROUNDS):
        right = AppointmentFactory(person=manager, organisation=cast.dubois, kind="co_chief")
        person, written = somebody()
        (row,) = invite(acting_as(manager), cast.dubois, [written], [catalogue[CYBER]], now=now)
        acting = acting_as(person)
        accepted, ended = together(
            lambda: accept_invitation(row, seen_sent_at=now, acting=acting, now=now),  # noqa: B023
            lambda: end_appointment(right, acting=None, now=now),  # noqa: B023
        )
        row.refresh_from_db()
        assert ended == "done" and accepted in ("done", "CannotAssign")
        assert row.status == ("accepted" if accepted == "done" else "sent")
        given = RoleAssignment.objects.filter(assignee=person)
        assert given.count() == int(accepted == "done")
        end = AuditEntry.objects.filter(event="access_manager:ended").latest("id")
        assert all(entry.id < end.id for one in given for entry in AuditEntry.objects.about(one.key))


def test_a_double_click_sends_one_invitation(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    for _ in range(ROUNDS):
        _person, written = somebody()
        sending = Sending(acting_as(cast.jean), cast.dubois, [written], [catalogue[CYBER]], now=now)
        assert sorted(together(sending.press, sending.press, sending.press)) == ["DraftFinished"] * 2 + ["done"]
        assert Invitation.objects.filter(email=written[2]).count() == 1
        assert OutgoingEmail.objects.filter(to=written[2]).count() == 1


def test_two_managers_who_send_it_again_send_one_letter(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    jean, tom = acting_as(cast.jean), acting_as(cast.tom, cast.dubois)
    for _ in range(ROUNDS):
        _person, written = somebody()
        (row,) = invite(jean, cast.dubois, [written], [catalogue[CYBER]], now=now)
        outcomes = together(
            *(
                lambda acting=acting, row=row: resend_invitation(  # type: ignore[misc]
                    row, seen_sent_at=now, acting=acting, now=now + timedelta(seconds=1)
                )
                for acting in (jean, tom)
            )
        )
        assert sorted(outcomes) == ["TooLate", "done"]
        assert OutgoingEmail.objects.filter(to=written[2], status="queued").count() == 1
        assert AuditEntry.objects.about(row.key).filter(event="invitation:resent").count() == 1


def test_two_workers_close_each_late_invitation_once(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    rows = []
    for _ in range(5):
        rows += invite(acting_as(cast.jean), cast.dubois, [somebody()[1]], [catalogue[CYBER]], now=now)
    later = now + timedelta(days=31)
    closed = at_once(lambda _number: expire_invitations(now=later), times=4, threads=4)
    assert sum(closed) == 5
    assert OutgoingEmail.objects.filter(name="invitation_expired").count() == 5
    for row in rows:
        assert closing_events(row) == ["invitation:expired"]


def test_one_who_answers_at_the_moment_of_expiry_is_answered_or_told(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    for _ in range(ROUNDS):
        person, written = somebody()
        (row,) = invite(acting_as(cast.jean), cast.dubois, [written], [catalogue[CYBER]], now=now)
        acting, last, midnight = acting_as(person), now + timedelta(days=29), now + timedelta(days=30)
        accepted, _expired = together(
            lambda: accept_invitation(row, seen_sent_at=now, acting=acting, now=last),  # noqa: B023
            lambda: expire_invitations(now=midnight),  # noqa: B023
        )
        row.refresh_from_db()
        assert row.status == ("accepted" if accepted == "done" else "expired")
        assert closing_events(row) == [f"invitation:{row.status}"]


@pytest.mark.asvs(15)
def test_parallel_guesses_stay_within_five_an_hour(cast: Cast, acting_as: Acting, now: datetime) -> None:
    olivier = acting_as(cast.olivier)
    outcomes = at_once(
        lambda number: outcome(lambda: find_by_code(f"2222222{2 + number % 8}", acting=olivier, now=now)),
        times=24,
        threads=8,
    )
    assert Counter(outcomes) == {"done": 5, "QuotaReached": 19}
    assert AuditEntry.objects.filter(event="invitation:code_failed").count() == 5
