"""Acts at the same time, each on a connection of its own: exactly one effect, whoever comes first.

RACE_ROUNDS says how often each race is run; a test run takes few, the full figure of TRUST is a thousand.
"""

import os
import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import AuditEntry
from outbox.models import OutgoingEmail
from roles.errors import AlreadyAnswered, CannotAssign, DraftChanged, DraftFinished, QuotaReached
from roles.models import AssignmentDraft, ReferenceSeries, Role, RoleAssignment
from roles.operations import drafts
from roles.operations.confirm import confirm_assignment, refuse_assignment
from roles.operations.lookups import look_up_number
from tenants.acting import ActingContext
from tenants.models import AccessManagerAppointment, Organisation, Person
from tenants.operations import end_appointment, lock_organisation
from tests.conftest import Cast
from tests.factories import AppointmentFactory, PersonFactory
from tests.parallel import at_once
from tests.roles.pages import address, hidden
from tests.roles.passes import Pass, an_order, give

Acting = Callable[..., ActingContext]
Catalogue = dict[str, Role]
pytestmark = pytest.mark.django_db(transaction=True)

CYBER, FINANCE = "CCB_SAFEONWEBATWORK_EDIT", "FIN_FATCA"
ROUNDS = int(os.environ.get("RACE_ROUNDS", "8"))
LATER = timedelta(seconds=1)


def outcome(act: Callable[[], Any]) -> str:
    """Return "done", or the name of the refusal."""
    try:
        act()
    except CannotAssign as refusal:
        return str(refusal.objections[0].code)
    except (AlreadyAnswered, DraftChanged, DraftFinished, QuotaReached) as refusal:
        return type(refusal).__name__
    return "done"


def together(*acts: Callable[[], Any]) -> list[str]:
    """Do different things at once; return the outcome of each."""
    return at_once(lambda number: outcome(acts[number]), times=len(acts), threads=len(acts))


@pytest.mark.threat(9)
@pytest.mark.asvs(13)
def test_fifty_presses_of_the_last_button_are_one_act(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, sign_in: Callable[..., Client], now: datetime
) -> None:
    order = an_order(cast.dubois, [cast.anna, cast.marie], [catalogue[CYBER], catalogue[FINANCE]], now=now)
    draft = Pass(order, acting=acting_as(cast.jean), now=now).draft
    AssignmentDraft.objects.filter(pk=draft.pk).update(start="today")
    browser = sign_in(cast.jean)
    page = browser.get(address(draft, "review"))
    form = {"action": "finish", "version": hidden(page, "version"), "shown": hidden(page, "shown")}
    cookies = browser.cookies

    def press(_number: int) -> tuple[int, str]:
        tab = Client(raise_request_exception=False)
        tab.cookies = cookies
        answer = tab.post(address(draft, "review"), form)
        return answer.status_code, answer.headers.get("Location", "")

    answers = Counter(at_once(press, times=50, threads=25))
    assert answers == {(303, address(draft, "done")): 50}
    assert RoleAssignment.objects.count() == 4
    assert Counter(OutgoingEmail.objects.values_list("name", flat=True)) == {"role_given": 2, "assignment_receipt": 1}
    assert AuditEntry.objects.filter(event="assignment:granted").count() == 4
    assert ReferenceSeries.objects.get().last == 1
    assert browser.get(address(draft, "done")).status_code == 200


@pytest.mark.threat(11)
def test_two_managers_who_give_the_same_role_make_one(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    jean, tom = acting_as(cast.jean), acting_as(cast.tom)
    for _ in range(ROUNDS):
        holder = PersonFactory()
        order = an_order(cast.dubois, [holder], [catalogue[CYBER]], now=now)
        first, second = Pass(order, acting=jean, now=now), Pass(order, acting=tom, now=now)
        outcomes = together(lambda: first.press(now=now + LATER), lambda: second.press(now=now + LATER))  # noqa: B023
        assert sorted(outcomes) == ["done", "held_meanwhile"]
        assert RoleAssignment.objects.filter(assignee=holder).count() == 1
        assert OutgoingEmail.objects.filter(to=holder.email).count() == 1


@pytest.mark.threat(5)
@pytest.mark.threat(6)
@pytest.mark.asvs(72)
@pytest.mark.parametrize("what", ["right", "organisation"])
def test_nothing_is_given_after_the_withdrawal(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime, what: str
) -> None:
    manager = PersonFactory()
    stopped_after: list[bool] = []

    def stop() -> None:
        from django.db import transaction

        with transaction.atomic():
            lock_organisation(cast.dubois.pk)
            stopped_after.append(RoleAssignment.objects.filter(assignee=holder).exists())
            Organisation.objects.filter(pk=cast.dubois.pk).update(status="stopped")

    seen = Counter()
    for _ in range(ROUNDS):
        Organisation.objects.filter(pk=cast.dubois.pk).update(status="normal")
        cast.dubois.refresh_from_db()
        right = AppointmentFactory(person=manager, organisation=cast.dubois, kind="co_chief")
        holder = PersonFactory()
        order = an_order(cast.dubois, [holder], [catalogue[CYBER]], now=now)
        one = Pass(order, acting=acting_as(manager), now=now)
        withdraw = (lambda: end_appointment(right, acting=None, now=now)) if what == "right" else stop  # noqa: B023
        pressed, withdrawn = together(one.press, withdraw)
        assert withdrawn == "done"
        assert pressed in {"done", "not_linked", "organisation_stopped"}
        given = RoleAssignment.objects.filter(assignee=holder)
        assert given.exists() is (pressed == "done")
        if what == "right":
            ends = AuditEntry.objects.filter(event="access_manager:ended").order_by("-id")[0]
            assert all(entry.id < ends.id for row in given for entry in AuditEntry.objects.about(row.key))
        else:
            assert stopped_after[-1] is (pressed == "done")
        AccessManagerAppointment.objects.filter(person=manager).update(ended_at=now)
        seen[pressed] += 1
    assert sum(seen.values()) == ROUNDS


@pytest.mark.threat(10)
def test_of_a_confirmation_and_a_refusal_one_stands(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    ingrid = acting_as(cast.ingrid)
    for _ in range(ROUNDS):
        holder = PersonFactory()
        (row,) = give(ingrid, cast.eupen, [holder], [catalogue[CYBER]], now=now)
        acting = acting_as(holder)
        outcomes = together(
            lambda: confirm_assignment(row, acting=acting, now=now),  # noqa: B023
            lambda: refuse_assignment(row, acting=acting, now=now),  # noqa: B023
            lambda: confirm_assignment(row, acting=acting, now=now),  # noqa: B023
            lambda: refuse_assignment(row, acting=acting, now=now),  # noqa: B023
        )
        assert sorted(outcomes) == ["AlreadyAnswered"] * 3 + ["done"]
        row.refresh_from_db()
        assert (row.confirmed_at is None) is not (row.refused_at is None)
        decided = AuditEntry.objects.about(row.key).exclude(event="assignment:granted")
        assert [entry.event for entry in decided] == [
            "assignment:confirmed" if row.confirmed_at else "assignment:refused"
        ]
        refusals = OutgoingEmail.objects.filter(name="role_refused", context__roles__0__reference=row.reference)
        assert refusals.count() == (1 if row.refused_at else 0)


@pytest.mark.threat(13)
def test_of_two_tabs_one_changes_the_draft(cast: Cast, acting_as: Acting, now: datetime) -> None:
    jean = acting_as(cast.jean)
    for _ in range(ROUNDS):
        draft = drafts.start_draft(acting=jean, variant="search", now=now)

        def choose(person: Person, key: Any = draft.pk) -> None:
            tab = AssignmentDraft.objects.get(pk=key)
            with drafts.changing(tab, seen_version=1, now=now) as open_draft:
                drafts.add_persons(open_draft, [person.key], acting=jean, now=now)

        outcomes = together(*(lambda person=person: choose(person) for person in (cast.anna, cast.marie, cast.tom)))  # type: ignore[misc]
        assert sorted(outcomes) == ["DraftChanged", "DraftChanged", "done"]
        draft.refresh_from_db()
        assert (draft.version, draft.persons.count()) == (2, 1)


@pytest.mark.threat(9)
def test_deleting_and_finishing_at_once_does_one_of_both(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    jean = acting_as(cast.jean)
    for _ in range(ROUNDS):
        holder = PersonFactory()
        one = Pass(an_order(cast.dubois, [holder], [catalogue[CYBER]], now=now), acting=jean, now=now)
        pressed, _deleted = together(
            one.press,
            lambda: drafts.delete_draft(one.draft, acting=jean, now=now),  # noqa: B023
        )
        one.draft.refresh_from_db()
        assert pressed in {"done", "DraftChanged"}
        assert (one.draft.submitted_at is not None) is (pressed == "done")
        assert (one.draft.deleted_at is None) is (pressed == "done")
        assert RoleAssignment.objects.filter(assignee=holder).count() == (1 if pressed == "done" else 0)


@pytest.mark.threat(15)
def test_parallel_look_ups_stay_within_the_hour(cast: Cast, acting_as: Acting, now: datetime) -> None:
    jean = acting_as(cast.jean)
    digits = cast.anna.national_number
    outcomes = at_once(
        lambda _number: outcome(lambda: look_up_number(digits, acting=jean, now=now)), times=48, threads=16
    )
    assert Counter(outcomes) == {"done": 20, "QuotaReached": 28}
    assert AuditEntry.objects.filter(event="number:looked_up").count() == 20
    assert AuditEntry.objects.filter(event="lookup:denied").count() == 28


@pytest.mark.threat(40)
def test_sixteen_writers_do_not_lock_each_other_out(
    cast: Cast, catalogue: Catalogue, acting_as: Acting, now: datetime
) -> None:
    contexts = [acting_as(cast.jean), acting_as(cast.carine), acting_as(cast.ingrid)]
    holders = [PersonFactory() for _ in range(48)]

    def write(number: int) -> str:
        acting = contexts[number % 3]
        rows = give(acting, acting.managed[0], [holders[number]], [catalogue[CYBER], catalogue[FINANCE]], now=now)
        return str(rows[0].reference).rsplit("-", 1)[0]

    references = at_once(write, times=48, threads=16)
    year = timezone.localdate(now).year
    # Counted up without a gap, each used once.
    assert sorted(references) == [f"AR-{year}-{number:06d}" for number in range(1, 49)]
    assert RoleAssignment.objects.count() == 96
    assert AuditEntry.objects.filter(event="assignment:granted").count() == 96
    assert OutgoingEmail.objects.count() == 96
    assert all(re.fullmatch(rf"AR-{year}-\d{{6}}-[12]", row.reference) for row in RoleAssignment.objects.all())
