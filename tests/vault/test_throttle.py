"""Counted tries are strict, also under parallel calls."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from tests.parallel import at_once
from vault import throttle
from vault.models import Throttle
from vault.throttle import Verdict

NOW = datetime(2026, 11, 21, 13, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)


def take(subject: str = "anna", *, now: datetime = NOW, limit: int = 3, scope: str = "pin") -> Verdict:
    return throttle.take(scope, subject, limit=limit, per=HOUR, now=now)


def test_the_limit_is_allowed_and_the_next_try_is_not(db: None) -> None:
    assert [take() for _ in range(3)] == [Verdict(True, left, None) for left in (2, 1, 0)]
    assert take() == Verdict(False, 0, NOW + HOUR)


def test_the_window_begins_with_the_first_try_and_does_not_move(db: None) -> None:
    take()
    for minutes in (10, 50):
        take(now=NOW + timedelta(minutes=minutes))
    late = NOW + timedelta(minutes=59)
    assert take(now=late) == Verdict(False, 0, NOW + HOUR)
    assert take(now=NOW + HOUR) == Verdict(True, 2, None)


def test_refused_tries_do_not_lengthen_the_wait(db: None) -> None:
    for _ in range(50):
        take()
    assert take(now=NOW + HOUR).allowed


def test_people_and_scopes_are_counted_apart(db: None) -> None:
    for _ in range(4):
        take()
    assert take("bob").remaining == 2
    assert take(scope="mail_code").remaining == 2


def test_a_limit_of_nothing_allows_nothing(db: None) -> None:
    assert not take(limit=0).allowed
    assert not take(limit=0, now=NOW + HOUR).allowed


def test_peek_does_not_count(db: None) -> None:
    ask = {"limit": 3, "per": HOUR, "now": NOW}
    assert throttle.peek("pin", "anna", **ask) == Verdict(True, 3, None)  # type: ignore[arg-type]
    take()
    assert throttle.peek("pin", "anna", **ask).remaining == 2  # type: ignore[arg-type]
    take()
    take()
    assert throttle.peek("pin", "anna", **ask) == Verdict(False, 0, NOW + HOUR)  # type: ignore[arg-type]
    assert throttle.peek("pin", "anna", limit=3, per=HOUR, now=NOW + HOUR).allowed


def test_clear_forgets_one_subject_only(db: None) -> None:
    for subject in ("anna", "bob"):
        for _ in range(3):
            take(subject)
    throttle.clear("pin", "anna")
    assert take("anna").remaining == 2
    assert not take("bob").allowed


def test_ended_windows_are_forgotten_and_running_ones_stay(db: None) -> None:
    take("anna")
    take("bob", now=NOW + timedelta(minutes=30))
    assert throttle.forget_ended(now=NOW + HOUR) == 1
    assert take("bob", now=NOW + HOUR).remaining == 1


def test_who_was_counted_is_stored_as_a_hash(db: None) -> None:
    take("85073003328")
    stored = Throttle.objects.get()
    assert len(stored.subject) == 64
    assert "85073003328" not in stored.subject


def test_a_try_outlives_the_error_after_it(transactional_db: None) -> None:
    with pytest.raises(ZeroDivisionError):
        take()
        with transaction.atomic():
            raise ZeroDivisionError
    assert take().remaining == 1


def test_a_try_inside_a_transaction_is_refused_because_it_could_be_lost(transactional_db: None) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        take()


@pytest.mark.parametrize("already", [0, 1])
def test_of_100_parallel_tries_exactly_the_limit_is_allowed(transactional_db: None, already: int) -> None:
    for _ in range(already):
        take()
    connection.close()
    verdicts = at_once(lambda number: take(), times=100, threads=20)
    assert sum(verdict.allowed for verdict in verdicts) == 3 - already
    assert sorted(v.remaining for v in verdicts if v.allowed) == list(range(3 - already))


def test_of_100_parallel_tries_in_a_new_window_exactly_the_limit_is_allowed(transactional_db: None) -> None:
    for _ in range(3):
        take()
    connection.close()
    verdicts = at_once(lambda number: take(now=NOW + HOUR), times=100, threads=20)
    assert sum(verdict.allowed for verdict in verdicts) == 3
