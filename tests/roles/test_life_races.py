"""Acts of a role's life at the same time, each on a connection of its own: one effect, and the loser is told.

RACE_ROUNDS says how often each race is run; a test run takes few.
"""

import os
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db.models import QuerySet
from pytest_django import Settings

from audit.models import AuditEntry
from outbox.delivery import deliver_due
from outbox.models import OutgoingEmail
from roles.errors import DomainError
from roles.models import Role, RoleAssignment
from roles.operations.confirm import confirm_assignment, refuse_assignment
from roles.operations.ending import end_assignments
from roles.operations.prolong import extend_assignments
from roles.operations.reminders import BY_HAND, remind_confirmer, send_end_notices, send_reminders
from roles.operations.stopped import end_roles_of_stopped
from roles.operations.undo import undo_assignments
from roles.states import State
from tenants.acting import ActingContext
from tenants.models import Organisation
from tenants.operations import end_appointment
from tenants.periods import local_day
from tests.conftest import Cast
from tests.factories import AppointmentFactory, PersonFactory, RoleFactory
from tests.parallel import at_once
from tests.roles.passes import Pass, an_order, give

Acting = Callable[..., ActingContext]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.threat(10)]

ROUNDS = int(os.environ.get("RACE_ROUNDS", "4"))
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.fixture
def now() -> datetime:
    """Noon: no race here crosses midnight, and the jobs of the day may run."""
    return datetime.now().astimezone().replace(hour=12, minute=0, second=0, microsecond=0)


@pytest.fixture
def role(db: None) -> Role:
    """A role of no importance."""
    made: Role = RoleFactory()
    return made


def outcome(act: Callable[[], Any]) -> str:
    """Return "done", or the name of the refusal. Anything else, such as a constraint that held, is an error."""
    try:
        act()
    except DomainError as refusal:
        return type(refusal).__name__
    return "done"


def together(*acts: Callable[[], Any]) -> list[str]:
    """Do different things at once; return the outcome of each."""
    return at_once(lambda number: outcome(acts[number]), times=len(acts), threads=len(acts))


def events_of(row: RoleAssignment) -> list[str]:
    """Return what was recorded about a row, oldest first, without its grant."""
    entries = AuditEntry.objects.about(row.key).exclude(event="assignment:granted").order_by("id")
    return [event.partition(":")[2] for event in entries.values_list("event", flat=True)]


def letters_to(email: str) -> QuerySet[OutgoingEmail, str]:
    """Return the kinds of letters to somebody that are not withdrawn, oldest first."""
    kept = OutgoingEmail.objects.filter(to=email).exclude(status="withdrawn")
    return kept.order_by("id").values_list("name", flat=True)


# --- Answers ----------------------------------------------------------------------------------------------------------


def test_of_two_managers_who_answer_differently_one_is_heard(
    cast: Cast, role: Role, acting_as: Acting, now: datetime
) -> None:
    ingrid, klaus = acting_as(cast.ingrid), acting_as(cast.klaus)
    AppointmentFactory(person=cast.marie, organisation=cast.eupen, kind="co_chief")
    marie = acting_as(cast.marie)
    for _ in range(ROUNDS):
        OutgoingEmail.objects.all().delete()
        (row,) = give(ingrid, cast.eupen, [cast.ingrid], [role], now=now)
        outcomes = together(
            lambda: confirm_assignment(row, acting=klaus, now=now),  # noqa: B023
            lambda: refuse_assignment(row, acting=marie, now=now),  # noqa: B023
        )
        assert sorted(outcomes) == ["AlreadyAnswered", "done"]
        confirmed = outcomes[0] == "done"
        assert events_of(row) == ["confirmed" if confirmed else "refused"]
        expected = ["role_given", "assignment_receipt", "role_given" if confirmed else "role_refused"]
        assert list(letters_to(cast.ingrid.email)) == expected
        if confirmed:
            end_assignments([row], acting=ingrid, now=now)


# --- Ending and extending ---------------------------------------------------------------------------------------------


def test_a_role_is_ended_or_extended_not_both(cast: Cast, role: Role, acting_as: Acting, now: datetime) -> None:
    jean, tom, last = acting_as(cast.jean), acting_as(cast.tom), local_day(now) + 10 * DAY
    for _ in range(ROUNDS):
        holder = PersonFactory()
        (row,) = give(jean, cast.dubois, [holder], [role], now=now, valid_until=last)
        outcomes = together(
            lambda: end_assignments([row], acting=jean, now=now),  # noqa: B023
            lambda: extend_assignments([row], valid_until=last + 10 * DAY, acting=tom, now=now),  # noqa: B023
        )
        assert sorted(outcomes) == ["TooLate", "done"]
        ended = outcomes[0] == "done"
        row.refresh_from_db()
        assert (row.end_reason, row.extensions.count()) == (("manager", 0) if ended else ("extended", 1))
        assert events_of(row) == ["ended" if ended else "extended"]
        # What ended before its news had left is not announced any more.
        assert list(letters_to(holder.email)) == (["role_ended"] if ended else ["role_given", "role_extended"])


def test_of_two_extensions_one_holds(cast: Cast, role: Role, acting_as: Acting, now: datetime) -> None:
    jean, tom, last = acting_as(cast.jean), acting_as(cast.tom), local_day(now) + 10 * DAY
    for _ in range(ROUNDS):
        holder = PersonFactory()
        (row,) = give(jean, cast.dubois, [holder], [role], now=now, valid_until=last)
        outcomes = together(
            lambda: extend_assignments([row], valid_until=last + 10 * DAY, acting=jean, now=now),  # noqa: B023
            lambda: extend_assignments([row], valid_until=None, acting=tom, now=now),  # noqa: B023
        )
        assert sorted(outcomes) == ["TooLate", "done"]
        assert row.extensions.get().valid_until == (last + 10 * DAY if outcomes[0] == "done" else None)
        assert events_of(row) == ["extended"]
        assert list(letters_to(holder.email)) == ["role_given", "role_extended"]


def test_of_two_extensions_that_wait_for_the_holder_one_waits(
    cast: Cast, role: Role, acting_as: Acting, now: datetime
) -> None:
    ingrid, klaus, last = acting_as(cast.ingrid), acting_as(cast.klaus), local_day(now) + 10 * DAY
    for _ in range(ROUNDS):
        holder = PersonFactory()
        (row,) = give(ingrid, cast.eupen, [holder], [role], now=now, valid_until=last)
        confirm_assignment(row, acting=acting_as(holder), now=now)
        outcomes = together(
            lambda: extend_assignments([row], valid_until=None, acting=ingrid, now=now),  # noqa: B023
            lambda: extend_assignments([row], valid_until=None, acting=klaus, now=now),  # noqa: B023
        )
        assert sorted(outcomes) == ["CannotAssign", "done"]
        assert (row.extensions.count(), events_of(row)) == (1, ["confirmed", "extended"])
        assert list(letters_to(holder.email)) == ["role_to_confirm"]


def test_a_role_ends_once_whoever_ends_it(cast: Cast, role: Role, acting_as: Acting, now: datetime) -> None:
    jean, tom = acting_as(cast.jean), acting_as(cast.tom)
    for _ in range(ROUNDS):
        holder = PersonFactory()
        (row,) = give(jean, cast.dubois, [holder], [role], now=now)
        own = acting_as(holder)
        outcomes = together(*(lambda by=by: end_assignments([row], acting=by, now=now) for by in (jean, tom, own)))  # type: ignore[misc]  # noqa: B023
        assert sorted(outcomes) == ["TooLate", "TooLate", "done"]
        row.refresh_from_db()
        assert row.end_reason == ("holder" if outcomes[2] == "done" else "manager")
        assert events_of(row) == ["ended"]
        assert list(letters_to(holder.email)) == ["role_ended"]


def test_a_bulk_end_and_a_single_one_end_each_role_once(
    cast: Cast, role: Role, acting_as: Acting, now: datetime
) -> None:
    jean, tom = acting_as(cast.jean), acting_as(cast.tom)
    for _ in range(ROUNDS):
        holders = [PersonFactory(), PersonFactory()]
        rows = give(jean, cast.dubois, holders, [role], now=now)
        bulk, single = together(
            lambda: end_assignments(rows, acting=jean, now=now),  # noqa: B023
            lambda: end_assignments(rows[1:], acting=tom, now=now),  # noqa: B023
        )
        assert {bulk, single} == {"done", "TooLate"}
        assert [events_of(row) for row in rows] == [["ended"] if bulk == "done" else [], ["ended"]]


def test_an_end_now_wins_over_a_planned_one(cast: Cast, role: Role, acting_as: Acting, now: datetime) -> None:
    jean, tom, last = acting_as(cast.jean), acting_as(cast.tom), local_day(now) + 10 * DAY
    for _ in range(ROUNDS):
        holder = PersonFactory()
        (row,) = give(jean, cast.dubois, [holder], [role], now=now)
        ended, planned = together(
            lambda: end_assignments([row], acting=jean, now=now),  # noqa: B023
            lambda: end_assignments([row], last_day=last, acting=tom, now=now),  # noqa: B023
        )
        assert (ended, planned in {"done", "TooLate"}) == ("done", True)
        row.refresh_from_db()
        assert (row.ended_at, row.ended_by) == (now, cast.jean)
        assert events_of(row) == (["end_planned", "ended"] if planned == "done" else ["ended"])
        assert Counter(letters_to(holder.email)) == {"role_ended": len(events_of(row))}


def test_freed_days_are_given_or_taken_back_not_both(cast: Cast, role: Role, acting_as: Acting, now: datetime) -> None:
    jean, tom, today = acting_as(cast.jean), acting_as(cast.tom), local_day(now)
    for _ in range(ROUNDS):
        holder = PersonFactory()
        (row,) = give(jean, cast.dubois, [holder], [role], now=now)
        end_assignments([row], last_day=today + 10 * DAY, acting=jean, now=now)
        order = an_order(cast.dubois, [holder], [role], now=now, valid_from=today + 11 * DAY)
        one = Pass(order, acting=tom, now=now)
        outcomes = together(
            one.press,
            lambda: end_assignments([row], last_day=today + 20 * DAY, acting=jean, now=now),  # noqa: B023
        )
        assert sorted(outcomes) == ["CannotAssign", "done"]
        assert len(one.rows) == (1 if outcomes[0] == "done" else 0)


def test_days_after_the_last_are_given_or_added_not_both(
    cast: Cast, role: Role, acting_as: Acting, now: datetime
) -> None:
    jean, tom, last = acting_as(cast.jean), acting_as(cast.tom), local_day(now) + 10 * DAY
    for _ in range(ROUNDS):
        holder = PersonFactory()
        (row,) = give(jean, cast.dubois, [holder], [role], now=now, valid_until=last)
        order = an_order(cast.dubois, [holder], [role], now=now, valid_from=last + DAY)
        one = Pass(order, acting=tom, now=now)
        outcomes = together(
            one.press,
            lambda: extend_assignments([row], valid_until=last + DAY, acting=jean, now=now),  # noqa: B023
        )
        assert sorted(outcomes) == ["CannotAssign", "done"]
        row.refresh_from_db()
        assert (len(one.rows), row.ended_at) == ((1, None) if outcomes[0] == "done" else (0, now))


def test_of_two_managers_who_give_periods_that_meet_one_gives(
    cast: Cast, role: Role, acting_as: Acting, now: datetime
) -> None:
    jean, tom, today = acting_as(cast.jean), acting_as(cast.tom), local_day(now)
    for _ in range(ROUNDS):
        holder = PersonFactory()
        first = an_order(cast.dubois, [holder], [role], now=now, valid_until=today + 10 * DAY)
        second = an_order(cast.dubois, [holder], [role], now=now, valid_from=today + 10 * DAY)
        passes = Pass(first, acting=jean, now=now), Pass(second, acting=tom, now=now)
        assert sorted(together(*(one.press for one in passes))) == ["CannotAssign", "done"]
        assert len(passes[0].rows) + len(passes[1].rows) == 1
        assert list(letters_to(holder.email)) == ["role_given"]


# --- Taking back ------------------------------------------------------------------------------------------------------


def test_a_grant_is_taken_back_once(cast: Cast, role: Role, acting_as: Acting, now: datetime) -> None:
    jean = acting_as(cast.jean)
    for _ in range(ROUNDS):
        holders = [PersonFactory(), PersonFactory()]
        rows = give(jean, cast.dubois, holders, [role], now=now)
        draft = rows[0].draft
        outcomes = together(*[lambda: undo_assignments(draft, acting=jean, now=now)] * 3)  # noqa: B023
        assert sorted(outcomes) == ["TooLate", "TooLate", "done"]
        assert [events_of(row) for row in rows] == [["undone"], ["undone"]]
        assert not any(letters_to(holder.email) for holder in holders)


def test_what_is_taken_back_while_its_holder_confirms_does_not_work(
    cast: Cast, role: Role, acting_as: Acting, now: datetime
) -> None:
    ingrid = acting_as(cast.ingrid)
    for _ in range(ROUNDS):
        holder = PersonFactory()
        (row,) = give(ingrid, cast.eupen, [holder], [role], now=now)
        own = acting_as(holder)
        undone, confirmed = together(
            lambda: undo_assignments(row.draft, acting=ingrid, now=now),  # noqa: B023
            lambda: confirm_assignment(row, acting=own, now=now),  # noqa: B023
        )
        assert (undone, confirmed in {"done", "AlreadyAnswered"}) == ("done", True)
        row.refresh_from_db()
        assert row.state(now=now) == State.CANCELLED
        # Who has confirmed knows of the role, and is told that it has gone; nobody else hears of it.
        knew = confirmed == "done"
        assert events_of(row) == (["confirmed", "undone"] if knew else ["undone"])
        assert list(letters_to(holder.email)) == (["role_ended"] if knew else [])


def test_what_is_taken_back_while_it_is_ended_is_over_once(
    cast: Cast, role: Role, acting_as: Acting, now: datetime
) -> None:
    jean, tom = acting_as(cast.jean), acting_as(cast.tom)
    for _ in range(ROUNDS):
        (row,) = give(jean, cast.dubois, [PersonFactory()], [role], now=now)
        outcomes = together(
            lambda: undo_assignments(row.draft, acting=jean, now=now),  # noqa: B023
            lambda: end_assignments([row], acting=tom, now=now),  # noqa: B023
        )
        assert sorted(outcomes) == ["TooLate", "done"]
        assert events_of(row) == ["undone" if outcomes[0] == "done" else "ended"]


def test_a_letter_that_leaves_while_its_grant_is_taken_back_is_followed_by_another(
    cast: Cast, role: Role, acting_as: Acting, now: datetime, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    jean = acting_as(cast.jean)
    last_moment = now + 15 * MINUTE
    for number in range(ROUNDS):
        mail.outbox = []
        holders = [PersonFactory() for _ in range(4)]
        rows = give(jean, cast.dubois, holders, [role], now=now)
        # The clock of the worker is a second ahead.
        undone, _delivered = together(
            lambda: undo_assignments(rows[0].draft, acting=jean, now=last_moment - MINUTE / 60),  # noqa: B023
            lambda: deliver_due(worker=f"w{number}", now=last_moment, limit=3),  # noqa: B023
        )
        assert undone == "done"
        while deliver_due(worker="later", now=last_moment + MINUTE):
            pass
        read = Counter(letter.to[0] for letter in mail.outbox)
        for holder, row in zip(holders, rows, strict=True):
            assert list(letters_to(holder.email)) in ([], ["role_given", "role_ended"])
            assert read[holder.email] in {0, 2}
            assert events_of(row) == ["undone"]


# --- Rights that go ---------------------------------------------------------------------------------------------------


@pytest.mark.threat(5)
@pytest.mark.parametrize("what", ["end", "plan", "extend", "undo", "remind", "confirm"])
def test_nothing_is_done_after_the_right_was_withdrawn(
    cast: Cast, role: Role, acting_as: Acting, now: datetime, what: str
) -> None:
    ingrid, last = acting_as(cast.ingrid), local_day(now) + 20 * DAY
    manager, other = PersonFactory(), PersonFactory()
    AppointmentFactory(person=other, organisation=cast.dubois, kind="co_chief")
    place = cast.eupen if what in {"remind", "confirm"} else cast.dubois
    for number in range(ROUNDS + 1):
        right = AppointmentFactory(person=manager, organisation=place, kind="co_chief")
        own, holder = acting_as(manager), PersonFactory()
        giver = own if what == "undo" else ingrid if place == cast.eupen else acting_as(other)
        if what == "confirm":
            AppointmentFactory(person=holder, organisation=place, kind="co_chief")
            giver = acting_as(holder)
        (row,) = give(giver, place, [holder], [role], now=now, valid_until=last)
        later = now + 20 * MINUTE if what == "remind" else now
        act: Callable[[], Any] = {
            "end": lambda: end_assignments([row], acting=own, now=now),  # noqa: B023
            "plan": lambda: end_assignments([row], last_day=last - DAY, acting=own, now=now),  # noqa: B023
            "extend": lambda: extend_assignments([row], valid_until=None, acting=own, now=now),  # noqa: B023
            "undo": lambda: undo_assignments(row.draft, acting=own, now=now),  # noqa: B023
            "remind": lambda: remind_confirmer(row, acting=own, now=later),  # noqa: B023
            "confirm": lambda: confirm_assignment(row, acting=own, now=now),  # noqa: B023
        }[what]
        before = list(OutgoingEmail.objects.order_by("id").values_list("id", "status"))
        if number == 0:  # one after the other
            end_appointment(right, acting=None, now=now)
            acted = outcome(act)
            assert acted == "NotAllowed"
        else:
            acted, withdrawn = together(act, lambda: end_appointment(right, acting=None, now=now))  # noqa: B023
            assert (acted in {"done", "NotAllowed"}, withdrawn) == (True, "done")
        withdrawal = AuditEntry.objects.filter(event="access_manager:ended").latest("id")
        done = AuditEntry.objects.about(row.key).exclude(event="assignment:granted")
        assert done.exists() is (acted == "done")
        assert all(entry.id < withdrawal.id for entry in done)
        if acted != "done":
            after = OutgoingEmail.objects.filter(name__in=OURS).order_by("id").values_list("id", "status")
            assert set(after) <= set(before)


# What acts on roles write; the letters about the withdrawal itself are no concern here.
OURS = ["role_given", "role_to_confirm", "role_ended", "role_extended", "confirm_for_manager", "assignment_receipt"]


def test_nothing_is_extended_once_the_organisation_has_stopped(
    cast: Cast, role: Role, acting_as: Acting, now: datetime
) -> None:
    jean, last = acting_as(cast.jean), local_day(now) + 10 * DAY
    (row,) = give(jean, cast.dubois, [PersonFactory()], [role], now=now, valid_until=last)
    Organisation.objects.filter(pk=cast.dubois.pk).update(status="stopped")
    outcomes = together(
        lambda: extend_assignments([row], valid_until=None, acting=jean, now=now),
        lambda: end_roles_of_stopped(now=now),
    )
    assert outcomes[0] in {"NotAllowed", "TooLate"}
    assert (row.extensions.count(), events_of(row)) == (0, ["stopped"])


# --- Jobs on several machines -----------------------------------------------------------------------------------------


def test_roles_of_a_stopped_organisation_end_once_on_three_machines(
    cast: Cast, role: Role, acting_as: Acting, now: datetime
) -> None:
    jean, second = acting_as(cast.jean), RoleFactory()
    for _ in range(ROUNDS):
        holders = [PersonFactory() for _ in range(3)]
        rows = give(jean, cast.dubois, holders, [role, second], now=now)
        Organisation.objects.filter(pk=cast.dubois.pk).update(status="stopped")
        ended = at_once(lambda _machine: end_roles_of_stopped(now=now), times=3, threads=3)
        Organisation.objects.filter(pk=cast.dubois.pk).update(status="normal")
        assert sum(ended) == len(rows)
        assert [events_of(row) for row in rows] == [["stopped"]] * 6
        for holder in holders:
            assert list(letters_to(holder.email)) == ["role_ended"]  # nothing had left yet


@pytest.mark.parametrize(("job", "letter"), [("remind", "role_to_confirm"), ("announce", "role_ends_soon")])
def test_letters_of_the_day_are_written_once_on_three_machines(
    cast: Cast, role: Role, acting_as: Acting, now: datetime, job: str, letter: str
) -> None:
    jean, ingrid, day = acting_as(cast.jean), acting_as(cast.ingrid), now + 3 * DAY
    holders = [PersonFactory() for _ in range(6)]
    by, place = (ingrid, cast.eupen) if job == "remind" else (jean, cast.dubois)
    give(by, place, holders, [role], now=now, valid_until=local_day(day) + 7 * DAY)
    OutgoingEmail.objects.all().delete()
    run = send_reminders if job == "remind" else send_end_notices
    at_once(lambda _machine: run(now=day), times=3, threads=3)
    assert [list(letters_to(holder.email)) for holder in holders] == [[letter]] * 6


def test_nobody_is_reminded_by_hand_more_often_than_allowed(
    cast: Cast, role: Role, acting_as: Acting, now: datetime
) -> None:
    ingrid, klaus = acting_as(cast.ingrid), acting_as(cast.klaus)
    (row,) = give(ingrid, cast.eupen, [cast.anna], [role], now=now)
    OutgoingEmail.objects.all().delete()
    later = now + 20 * MINUTE
    outcomes = at_once(
        lambda number: outcome(lambda: remind_confirmer(row, acting=(ingrid, klaus)[number % 2], now=later)),
        times=8,
        threads=8,
    )
    assert Counter(outcomes) == {"done": BY_HAND, "QuotaReached": 8 - BY_HAND}
    assert list(letters_to(cast.anna.email)) == ["role_to_confirm"]  # in the same minutes: one letter
    assert events_of(row) == ["reminded"] * BY_HAND
