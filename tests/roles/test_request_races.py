"""Acts on one request at the same time, each on a connection of its own: exactly one effect, letter and trace.

RACE_ROUNDS says how often each race is run; a test run takes few, the full figure of TRUST is a thousand.
"""

import os
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import AuditEntry
from outbox.models import OutgoingEmail
from roles.errors import CannotAssign, DraftChanged, DraftFinished, NotAllowed, TooLate
from roles.models import ReferenceSeries, Role, RoleAssignment, RoleRequest
from roles.operations.requests import expire_requests, refuse_request, withdraw_request
from tenants.acting import ActingContext
from tenants.models import AccessManagerAppointment, Person
from tenants.operations import end_appointment
from tests.conftest import Cast
from tests.factories import AppointmentFactory, EmploymentFactory, PersonFactory
from tests.parallel import at_once
from tests.roles.pages import ANSWERED
from tests.roles.passes import Pass, an_order
from tests.roles.requests import address, approve, ask, request_draft

Acting = Callable[..., ActingContext]
Catalogue = dict[str, Role]
pytestmark = pytest.mark.django_db(transaction=True)

CYBER = "CCB_SAFEONWEBATWORK_EDIT"
ROUNDS = int(os.environ.get("RACE_ROUNDS", "8"))
EVENT = {"approved": "request:approved", "refused": "request:refused", "withdrawn": "request:withdrawn"}


def outcome(act: Callable[[], Any]) -> str:
    """Return "done", or the name of the refusal."""
    try:
        act()
    except CannotAssign as refusal:
        return str(refusal.objections[0].code)
    except NotAllowed as refusal:
        return str(refusal.reason)
    except (TooLate, DraftChanged, DraftFinished) as refusal:
        return type(refusal).__name__
    return "done"


def together(*acts: Callable[[], Any]) -> list[str]:
    """Do different things at once; return the outcome of each."""
    return at_once(lambda number: outcome(acts[number]), times=len(acts), threads=len(acts))


def an_employee(cast: Cast) -> Person:
    person: Person = PersonFactory()
    EmploymentFactory(person=person, organisation=cast.dubois)
    return person


def asked_by(person: Person, cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime) -> RoleRequest:
    return ask(acting_as(person), cast.dubois, [catalogue[CYBER]], now=now)[0]


def assert_one_decision(row: RoleRequest) -> str:
    """Assert that exactly one decision stands, with its effect, its letter and its trace; return which."""
    row.refresh_from_db()
    given = RoleAssignment.objects.filter(assignee=row.requester)
    assert given.count() == (1 if row.status == "approved" else 0)
    decided = AuditEntry.objects.about(row.key).exclude(event="request:made")
    assert [entry.event for entry in decided] == [EVENT[row.status]]
    letters = OutgoingEmail.objects.filter(to=row.requester.email)
    names = [] if row.status == "withdrawn" else ["request_decided"]
    assert list(letters.values_list("name", flat=True)) == names
    return row.status


@pytest.mark.threat(12)
def test_approved_twice_at_once_it_is_given_once(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    jean, tom = acting_as(cast.jean), acting_as(cast.tom, cast.dubois)
    for _ in range(ROUNDS):
        row = asked_by(an_employee(cast), cast, catalogue, acting_as, now)
        outcomes = together(
            lambda: approve(row, jean, now=now),  # noqa: B023
            lambda: approve(row, tom, now=now),  # noqa: B023
            lambda: approve(row, jean, now=now),  # noqa: B023
        )
        assert sorted(outcomes) == ["TooLate", "TooLate", "done"]
        assert assert_one_decision(row) == "approved"


@pytest.mark.threat(12)
def test_of_an_approval_a_refusal_and_a_withdrawal_at_once_one_stands(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    jean, tom = acting_as(cast.jean), acting_as(cast.tom, cast.dubois)
    for _ in range(ROUNDS):
        person = an_employee(cast)
        row, asker = asked_by(person, cast, catalogue, acting_as, now), acting_as(person)
        outcomes = together(
            lambda: approve(row, jean, now=now),  # noqa: B023
            lambda: refuse_request(row, note="No", acting=tom, now=now),  # noqa: B023
            lambda: withdraw_request(row, acting=asker, now=now),  # noqa: B023
        )
        assert sorted(outcomes) == ["TooLate", "TooLate", "done"]
        status = assert_one_decision(row)
        assert outcomes.index("done") == ["approved", "refused", "withdrawn"].index(status)


@pytest.mark.threat(5)
def test_nothing_is_decided_after_the_right_is_withdrawn(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    manager = PersonFactory()
    for _ in range(ROUNDS):
        right = AppointmentFactory(person=manager, organisation=cast.dubois, kind="co_chief")
        row = asked_by(an_employee(cast), cast, catalogue, acting_as, now)
        acting = acting_as(manager)
        pressed, withdrawn = together(
            lambda: approve(row, acting, now=now),  # noqa: B023
            lambda: end_appointment(right, acting=None, now=now),  # noqa: B023
        )
        assert withdrawn == "done" and pressed in {"done", "not_linked"}
        row.refresh_from_db()
        assert (row.status == "approved") is (pressed == "done")
        assert RoleAssignment.objects.filter(assignee=row.requester).exists() is (pressed == "done")
        if pressed == "done":
            ended = AuditEntry.objects.filter(event="access_manager:ended").latest("id")
            assert AuditEntry.objects.about(row.key).get(event="request:approved").id < ended.id
        AccessManagerAppointment.objects.filter(person=manager).update(ended_at=now)


@pytest.mark.threat(11)
def test_approving_and_giving_the_same_role_at_once_makes_one(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    jean, tom = acting_as(cast.jean), acting_as(cast.tom, cast.dubois)
    for _ in range(ROUNDS):
        person = an_employee(cast)
        row = asked_by(person, cast, catalogue, acting_as, now)
        one = Pass(an_order(cast.dubois, [person], [catalogue[CYBER]], now=now), acting=tom, now=now)
        later = now + timedelta(seconds=1)
        outcomes = together(lambda: approve(row, jean, now=later), lambda: one.press(now=later))  # noqa: B023
        assert sorted(outcomes) == ["done", "held_meanwhile"]
        assert RoleAssignment.objects.filter(assignee=person).count() == 1
        assert OutgoingEmail.objects.filter(to=person.email).count() == 1


def test_two_machines_close_a_late_request_once(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    rows = [asked_by(an_employee(cast), cast, catalogue, acting_as, now) for _ in range(ROUNDS)]
    later = now + timedelta(days=30)
    counts = at_once(lambda _number: expire_requests(now=later), times=4, threads=4)
    assert sum(counts) == ROUNDS
    assert set(RoleRequest.objects.values_list("status", flat=True)) == {"expired"}
    assert OutgoingEmail.objects.filter(name="request_expired").count() == ROUNDS
    for row in rows:
        assert AuditEntry.objects.about(row.key).filter(event="request:expired").count() == 1


@pytest.mark.threat(9)
def test_twenty_presses_of_send_are_one_request(
    cast: Cast, catalogue: Catalogue, sign_in: Callable[..., Client], now: datetime
) -> None:
    draft = request_draft(cast.anna, cast.dubois, [catalogue[CYBER]], now=now, **ANSWERED)
    cookies = sign_in(cast.anna).cookies

    def press(_number: int) -> tuple[int, str]:
        tab = Client(raise_request_exception=False)
        tab.cookies = cookies
        answer = tab.post(address(draft, "review"), {"action": "send", "version": "1"})
        return answer.status_code, answer.headers.get("Location", "")

    assert Counter(at_once(press, times=20, threads=10)) == {(303, address(draft, "done")): 20}
    assert RoleRequest.objects.count() == 1
    assert OutgoingEmail.objects.count() == 2
    assert ReferenceSeries.objects.get(prefix="DR", year=timezone.localdate(now).year).last == 1


def test_two_drafts_that_ask_for_the_same_role_at_once_make_one_request(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    for _ in range(ROUNDS):
        person = an_employee(cast)
        acting = acting_as(person)
        wish = lambda: ask(acting, cast.dubois, [catalogue[CYBER]], now=now)  # noqa: B023, E731
        assert sorted(together(wish, wish)) == ["already_asked", "done"]
        assert RoleRequest.objects.filter(requester=person).count() == 1
