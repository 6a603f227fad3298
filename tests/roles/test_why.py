"""Why is it not active? The ordered checks, case by case, without a database."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from roles.models import RoleAssignment
from roles.states import State, state_of
from roles.why import Facts, Verdict, checks_of, first_obstacle

NOW = datetime(2026, 11, 21, 13, 5, tzinfo=UTC)
TODAY = date(2026, 11, 21)
ORDER = ["organisation", "giver", "start", "confirmation", "not_ended", "not_over"]


def person(name: str) -> Any:
    return SimpleNamespace(full_name=name, pk=hash(name))


JEAN, ANNA, KLAUS = person("Jean Dubois"), person("Anna Peeters"), person("Klaus Lennertz")


def row(**facts: Any) -> Any:
    """Return the facts of an assignment that works, with changes."""
    values: dict[str, Any] = {
        "organisation": SimpleNamespace(name="Boulangerie Dubois SRL", is_stopped=False),
        "assigned_by": JEAN,
        "assignee": ANNA,
        "assigned_at": NOW - timedelta(days=3),
        "valid_from": TODAY - timedelta(days=3),
        "valid_until": None,
        "confirmer": "nobody",
        "confirm_before": None,
        "confirmed_at": None,
        "confirmed_by": None,
        "refused_at": None,
        "refused_by": None,
        "ended_at": None,
        "ended_on": None,
        "ended_by": None,
        "end_reason": "",
    }
    made = SimpleNamespace(**{**values, **facts})
    made.last_day = RoleAssignment.last_day.fget(made)  # type: ignore[attr-defined]
    made.state = lambda *, now: state_of(made, now=now)
    return made


def look(*, confirmers: tuple[Any, ...] = (), titles: tuple[str, ...] = ("chief access manager",), **facts: Any) -> Any:
    with translation.override("en"):
        return checks_of(row(**facts), Facts(NOW, titles, confirmers))


WAITS = {"confirmer": "assignee", "confirm_before": TODAY + timedelta(days=11)}
ENDED = {"ended_at": NOW - timedelta(hours=1), "ended_on": TODAY, "ended_by": JEAN}


def test_a_role_that_works_meets_every_condition_in_order() -> None:
    checks = look()
    assert [check.code for check in checks] == ORDER
    assert all(check.is_met for check in checks)
    assert first_obstacle(checks) is None


CASES: list[tuple[str, dict[str, Any], str, Verdict, str, bool]] = [
    (
        "the organisation has stopped",
        {"organisation": SimpleNamespace(name="Dubois", is_stopped=True)},
        "organisation",
        Verdict.NOT_MET,
        "Dubois has stopped, according to the Crossroads Bank for Enterprises.",
        True,
    ),
    (
        "nobody knows the giver's function",
        {"titles": ()},
        "giver",
        Verdict.NOT_MET,
        "The portal does not know by which function Jean Dubois assigned it.",
        True,
    ),
    (
        "it begins tomorrow",
        {"valid_from": TODAY + timedelta(days=1)},
        "start",
        Verdict.WAITS,
        "It starts on 22 November 2026.",
        True,
    ),
    (
        "the holder has to confirm",
        WAITS,
        "confirmation",
        Verdict.WAITS,
        "Anna Peeters has to confirm it before 2 December 2026. It has waited since 18 November 2026.",
        True,
    ),
    (
        "another manager has to confirm",
        {**WAITS, "confirmer": "manager", "confirmers": (KLAUS, JEAN)},
        "confirmation",
        Verdict.WAITS,
        "Klaus Lennertz or Jean Dubois has to confirm it before 2 December 2026. It has waited since 18 November 2026.",
        True,
    ),
    (
        "nobody confirmed in time",
        {**WAITS, "confirm_before": TODAY},
        "confirmation",
        Verdict.NOT_MET,
        "Nobody confirmed it before 21 November 2026.",
        True,
    ),
    (
        "it was refused",
        {**WAITS, "refused_at": NOW, "refused_by": ANNA},
        "confirmation",
        Verdict.NOT_MET,
        "Anna Peeters refused it on 21 November 2026.",
        True,
    ),
    ("ended", {**ENDED, "end_reason": "manager"}, "not_ended", Verdict.NOT_MET, "Jean Dubois ended it on", True),
    ("given up", {**ENDED, "end_reason": "holder"}, "not_ended", Verdict.NOT_MET, "Jean Dubois gave it up on", True),
    (
        "taken back",
        {**ENDED, "end_reason": "undone"},
        "not_ended",
        Verdict.NOT_MET,
        "Jean Dubois undid it on",
        True,
    ),
    ("extended", {**ENDED, "end_reason": "extended"}, "not_ended", Verdict.NOT_MET, "It was replaced by an", True),
    (
        "stopped",
        {**ENDED, "ended_by": None, "end_reason": "organisation_stopped"},
        "not_ended",
        Verdict.NOT_MET,
        "It ended on 21 November 2026, because the organisation has stopped.",
        False,
    ),
    (
        "over",
        {"valid_until": TODAY - timedelta(days=1)},
        "not_over",
        Verdict.NOT_MET,
        "Its last day was 20 November 2026.",
        True,
    ),
]


@pytest.mark.parametrize(("name", "facts", "code", "verdict", "words", "has_advice"), CASES, ids=[c[0] for c in CASES])
def test_each_obstacle_is_named_with_what_to_do(
    name: str, facts: dict[str, Any], code: str, verdict: Verdict, words: str, has_advice: bool
) -> None:
    checks = look(**facts)
    assert [check.code for check in checks] == ORDER
    obstacle = first_obstacle(checks)
    assert obstacle is not None
    assert (obstacle.code, obstacle.verdict) == (code, verdict)
    assert obstacle.sentence.startswith(words)
    assert bool(obstacle.advice) is has_advice


def test_a_planned_end_is_said_and_is_no_obstacle() -> None:
    ends = datetime(2026, 12, 31, 23, 0, tzinfo=UTC)
    checks = look(ended_at=ends, ended_on=date(2027, 1, 1), ended_by=JEAN, end_reason="manager")
    assert first_obstacle(checks) is None
    assert checks[4].sentence == "Jean Dubois has planned its end: 31 December 2026 is its last day."


def test_the_first_obstacle_is_the_answer() -> None:
    checks = look(**WAITS, valid_from=TODAY + timedelta(days=5), valid_until=TODAY + timedelta(days=6))
    assert [check.code for check in checks if not check.is_met] == ["start", "confirmation"]
    obstacle = first_obstacle(checks)
    assert obstacle is not None
    assert obstacle.code == "confirmation"
    start = next(check for check in checks if check.code == "start")
    assert start.advice == ""  # it does not work by itself


@pytest.mark.parametrize("reason", ["undone", "manager", "holder"])
@pytest.mark.parametrize("was", [WAITS, {"valid_from": TODAY + timedelta(days=9)}], ids=["to confirm", "scheduled"])
def test_of_what_is_over_nobody_is_asked_for_anything(was: dict[str, Any], reason: str) -> None:
    checks = look(**was, **ENDED, end_reason=reason)
    obstacle = first_obstacle(checks)
    assert obstacle is not None
    assert obstacle.code == "not_ended"
    assert not [check for check in checks if check.verdict == Verdict.WAITS]
    assert [check.code for check in checks if check.advice] == ["not_ended"]


days = st.integers(-20, 20).map(lambda number: TODAY + timedelta(days=number))
moments = st.integers(-20 * 24, 20 * 24).map(lambda hours: NOW + timedelta(hours=hours))


@given(
    starts=days,
    lasts=st.none() | st.integers(0, 20),
    confirmer=st.sampled_from(["nobody", "assignee", "manager"]),
    deadline=days,
    answer=st.sampled_from(["", "confirmed", "refused"]),
    ended=st.none() | moments,
    reason=st.sampled_from(["manager", "holder", "extended", "undone", "organisation_stopped"]),
)
def test_it_works_exactly_when_its_own_conditions_are_met(
    starts: date, lasts: int | None, confirmer: str, deadline: date, answer: str, ended: datetime | None, reason: str
) -> None:
    facts: dict[str, Any] = {"valid_from": starts, "confirmer": confirmer}
    facts["valid_until"] = None if lasts is None else starts + timedelta(days=lasts)
    if confirmer != "nobody":
        facts["confirm_before"] = deadline
        if answer:
            facts |= {f"{answer}_at": NOW, f"{answer}_by": KLAUS}
    if ended is not None:
        facts |= {"ended_at": ended, "ended_on": ended.date(), "ended_by": JEAN, "end_reason": reason}
    made = row(**facts)
    with translation.override("en"):
        checks = checks_of(made, Facts(NOW, ("chief",), (KLAUS,)))
    works = made.state(now=NOW) == State.ACTIVE
    assert (first_obstacle(checks) is None) is works
