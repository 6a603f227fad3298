"""The state of an assignment: the table of DOMAIN 4.1 case by case, and one rule in Python and in SQL."""

import contextlib
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roles.models import Role, RoleAssignment
from roles.states import COLOURS, CURRENT, State, ends_soon_words, state_of
from tenants.models import Organisation, Person
from tenants.periods import local_day
from tests.factories import OrganisationFactory, PersonFactory

BRUSSELS = ZoneInfo("Europe/Brussels")
TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 14, 5, tzinfo=BRUSSELS)


def days(number: int) -> date:
    return TODAY + timedelta(days=number)


def at(number: int) -> datetime:
    return NOW + timedelta(days=number)


def facts(**changes: Any) -> RoleAssignment:
    """Return an unsaved row: given ten days ago, from then on, without end, nobody has to confirm."""
    return RoleAssignment(**{"valid_from": days(-10), "assigned_at": at(-10), **changes})


def waiting(**changes: Any) -> dict[str, Any]:
    return {"confirmer": "assignee", "confirm_before": days(4), **changes}


def ended(day: int, reason: str = "manager", **changes: Any) -> dict[str, Any]:
    return {"ended_at": at(day), "ended_on": days(day), "end_reason": reason, **changes}


CASES: list[tuple[str, dict[str, Any], State]] = [
    ("unlimited and begun", {}, State.ACTIVE),
    ("begins today", {"valid_from": TODAY}, State.ACTIVE),
    ("today is the last day", {"valid_until": TODAY}, State.ACTIVE),
    ("for today only", {"valid_from": TODAY, "valid_until": TODAY}, State.ACTIVE),
    ("yesterday was the last day", {"valid_until": days(-1)}, State.EXPIRED),
    ("begins tomorrow", {"valid_from": days(1)}, State.SCHEDULED),
    ("waits for the holder", waiting(), State.TO_CONFIRM),
    ("waits for a manager", waiting(confirmer="manager"), State.TO_CONFIRM),
    ("waits, on the last day to confirm", waiting(confirm_before=days(1)), State.TO_CONFIRM),
    ("nobody confirmed before today", waiting(confirm_before=TODAY), State.EXPIRED),
    ("waits, though it begins later", waiting(valid_from=days(2)), State.TO_CONFIRM),
    ("waits, though its last day has passed", waiting(valid_until=days(-1)), State.TO_CONFIRM),
    ("confirmed", waiting(confirmed_at=at(-1)), State.ACTIVE),
    ("confirmed, deadline long past", waiting(confirm_before=days(-4), confirmed_at=at(-5)), State.ACTIVE),
    ("confirmed, begins later", waiting(confirmed_at=at(-1), valid_from=days(2)), State.SCHEDULED),
    ("confirmed, last day past", waiting(confirmed_at=at(-8), valid_until=days(-1)), State.EXPIRED),
    ("refused", waiting(refused_at=at(-1)), State.REFUSED),
    ("refused, deadline past", waiting(refused_at=at(-5), confirm_before=TODAY), State.REFUSED),
    ("refused, last day past", waiting(refused_at=at(-5), valid_until=days(-1)), State.REFUSED),
    ("ended yesterday", ended(-1), State.ENDED),
    ("ended just now", ended(0), State.ENDED),
    ("ended on its first day", ended(-10), State.ENDED),
    ("ended by its holder", ended(-1, "holder"), State.ENDED),
    ("replaced by an extension", ended(-1, "extended"), State.ENDED),
    ("the organisation stopped", ended(-1, "organisation_stopped"), State.ENDED),
    ("ended, and its last day has passed too", ended(-2, valid_until=days(-1)), State.ENDED),
    ("an end that is still to come", ended(1), State.ACTIVE),
    ("withdrawn before its first day", ended(0, valid_from=days(5)), State.CANCELLED),
    ("withdrawn while it waited", waiting(**ended(0)), State.CANCELLED),
    (
        "confirmed, then withdrawn before its first day",
        waiting(confirmed_at=at(-1), **ended(0, valid_from=days(5))),
        State.CANCELLED,
    ),
    ("confirmed, then ended", waiting(confirmed_at=at(-2), **ended(-1)), State.ENDED),
    ("closed because nobody confirmed", waiting(confirm_before=days(-1), **ended(0, "lapsed")), State.EXPIRED),
    (
        "closed because nobody confirmed, before its first day",
        waiting(confirm_before=days(-1), **ended(0, "lapsed", valid_from=days(9))),
        State.EXPIRED,
    ),
]


@pytest.mark.parametrize(("facts_of_row", "state"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_the_state_follows_from_the_facts(facts_of_row: dict[str, Any], state: State) -> None:
    assert state_of(facts(**facts_of_row), now=NOW) == state


def test_every_state_occurs_and_there_are_seven() -> None:
    assert {state for _name, _facts, state in CASES} == set(State)
    assert len(State) == 7
    assert set(COLOURS) == set(State)


@pytest.mark.parametrize(("facts_of_row", "state"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_the_database_says_the_same(
    facts_of_row: dict[str, Any], state: State, store: Callable[..., RoleAssignment]
) -> None:
    row = store(facts(**facts_of_row))
    everything = RoleAssignment.objects.with_state(now=NOW)
    assert everything.get().computed_state == state  # type: ignore[attr-defined]
    assert RoleAssignment.objects.in_state(state, now=NOW).get() == row
    assert RoleAssignment.objects.current(now=NOW).exists() is (state in CURRENT)
    assert RoleAssignment.objects.past(now=NOW).exists() is (state not in CURRENT)


@pytest.fixture
def store(catalogue: dict[str, Role]) -> Callable[..., RoleAssignment]:
    """Return a function that fills in what a row needs besides its facts, and stores it."""
    role, organisation = catalogue["FIN_FATCA"], OrganisationFactory()

    def put(row: RoleAssignment) -> RoleAssignment:
        _complete(row, role, organisation, PersonFactory(), number=RoleAssignment.objects.count())
        row.save()
        return row

    return put


def _complete(row: RoleAssignment, role: Role, organisation: Organisation, holder: Person, *, number: int) -> None:
    row.role, row.organisation, row.assignee, row.assigned_by = role, organisation, holder, holder
    row.reference = f"AR-2026-{number:06d}-9"
    if row.confirmed_at:
        row.confirmed_by = holder
    if row.refused_at:
        row.refused_by = holder


# --- The same rule twice -----------------------------------------------------------------------------------------

# Around the days on which clocks change, leap days, and the turn of the year.
BORDERS = [
    date(2026, 3, 29),
    date(2026, 10, 25),
    date(2028, 2, 29),
    date(2026, 2, 28),
    date(2026, 12, 31),
    date(2027, 1, 1),
]
OFFSETS = st.integers(-3, 3)


@st.composite
def moments(draw: st.DrawFn, around: date) -> datetime:
    """A moment on one of the days around a border, often within a second of midnight in Brussels."""
    day = around + timedelta(days=draw(OFFSETS))
    midnight = datetime.combine(day, time(), tzinfo=BRUSSELS)
    second = draw(st.sampled_from([0, 1, 3600, 7199, 7200, 10_800, 43_200, 86_000]))
    return (
        midnight.astimezone(ZoneInfo("UTC")) + timedelta(seconds=second - draw(st.sampled_from([0, 0, 1])))
    ).replace(microsecond=draw(st.sampled_from([0, 0, 1, 999_999])))


@st.composite
def rows_around(draw: st.DrawFn, border: date) -> RoleAssignment:
    """A row that no constraint refuses."""
    start = border + timedelta(days=draw(OFFSETS))
    row = facts(valid_from=start)
    length = draw(st.none() | st.integers(0, 4))
    row.valid_until = None if length is None else start + timedelta(days=length)
    row.confirmer = draw(st.sampled_from(["nobody", "assignee", "manager"]))
    answer = "none"
    if row.confirmer != "nobody":
        row.confirm_before = border + timedelta(days=draw(OFFSETS))
        answer = draw(st.sampled_from(["none", "confirmed", "refused"]))
        if answer == "confirmed":
            row.confirmed_at = draw(moments(border))
        elif answer == "refused":
            row.refused_at = draw(moments(border))
    ends = ["", "manager", "holder", "extended", "organisation_stopped"]
    if row.confirmer != "nobody" and answer == "none":
        ends.append("lapsed")
    row.end_reason = draw(st.sampled_from(ends)) if answer != "refused" else ""
    if row.end_reason:
        row.ended_at = draw(moments(border))
        row.ended_on = local_day(row.ended_at)
    if row.end_reason == "lapsed" and row.confirm_before > row.ended_on:
        row.confirm_before = row.ended_on
    return row


@st.composite
def situations(draw: st.DrawFn) -> tuple[list[RoleAssignment], list[datetime]]:
    border = draw(st.sampled_from(BORDERS))
    rows = draw(st.lists(rows_around(border), min_size=1, max_size=20))
    return rows, draw(st.lists(moments(border), min_size=1, max_size=6))


@pytest.fixture
def holders(db: None) -> list[Person]:
    return [PersonFactory() for _ in range(20)]


@pytest.mark.threat(33)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(situation=situations())
def test_python_and_sql_agree_on_every_row_and_day(
    catalogue: dict[str, Role], holders: list[Person], situation: tuple[list[RoleAssignment], list[datetime]]
) -> None:
    rows, when = situation
    with contextlib.suppress(_Undo), transaction.atomic():
        organisation = OrganisationFactory()
        for number, row in enumerate(rows):
            _complete(row, catalogue["FIN_FATCA"], organisation, holders[number], number=number)
        stored = RoleAssignment.objects.bulk_create(rows)
        for now in when:
            expected = {row.pk: state_of(row, now=now) for row in stored}
            found = RoleAssignment.objects.with_state(now=now).values_list("pk", "computed_state")
            assert dict(found) == expected
            current = set(RoleAssignment.objects.current(now=now).values_list("pk", flat=True))
            assert current == {pk for pk, state in expected.items() if state in CURRENT}
        raise _Undo


class _Undo(Exception):
    """Takes the rows of one example back."""


# --- Days ------------------------------------------------------------------------------------------------------------


@pytest.mark.threat(33)
@pytest.mark.parametrize(
    ("last_day", "seconds_after_it"),
    [(date(2026, 3, 28), 1), (date(2026, 3, 29), 1), (date(2026, 10, 25), 1), (date(2028, 2, 29), 1)],
)
def test_the_last_day_counts_to_its_last_second(last_day: date, seconds_after_it: int) -> None:
    row = facts(valid_from=last_day - timedelta(days=5), valid_until=last_day)
    midnight = timezone.make_aware(datetime.combine(last_day + timedelta(days=1), time()), BRUSSELS)
    assert state_of(row, now=midnight - timedelta(seconds=1)) == State.ACTIVE
    assert state_of(row, now=midnight) == State.EXPIRED
    # Told in another zone it is the same moment.
    assert state_of(row, now=midnight.astimezone(ZoneInfo("Pacific/Auckland"))) == State.EXPIRED


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (None, ""),
        (-1, ""),
        (0, "Ends today"),
        (1, "Ends in 1 day"),
        (20, "Ends in 20 days"),
        (30, "Ends in 30 days"),
        (31, ""),
    ],
)
def test_a_role_that_ends_soon_says_so(left: int | None, words: str) -> None:
    with translation.override("en"):
        assert ends_soon_words(None if left is None else days(left), today=TODAY) == words
