"""Looking people up: for managers only, counted whatever happens, recorded without the number."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from audit.models import AuditEntry
from rolemgmt.demo.numbers import national_number
from roles.errors import NotAllowed, QuotaReached
from roles.operations.lookups import count_search, look_up_number, search
from roles.rules import Reason
from tenants.acting import ActingContext
from tenants.models import Person
from tests.conftest import LOW, Cast
from tests.factories import EmploymentFactory

Acting = Callable[..., ActingContext]
HOUR = timedelta(hours=1)
UNKNOWN = national_number(9_900)

# The count is committed on its own: these tests commit, as requests do.
pytestmark = pytest.mark.django_db(transaction=True)


def trail(event: str) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(event=event).order_by("id"))


# --- By name ---


def test_a_search_is_recorded_with_its_words_and_what_it_found(cast: Cast, acting_as: Acting, now: datetime) -> None:
    found = count_search("peeters", acting=acting_as(cast.jean), now=now)
    assert len(found.ids) == 3  # two of that name, and one who works at Peeters & Fils
    (entry,) = trail("persons:searched")
    assert entry.data == {"words": "peeters", "found": 3, "more": False}
    assert (entry.actor_key, entry.organisation_key, entry.occurred_at) == (cast.jean.key, cast.dubois.key, now)


@pytest.mark.asvs(15)
def test_the_sixty_first_search_of_an_hour_is_refused(cast: Cast, acting_as: Acting, now: datetime) -> None:
    jean, tom = acting_as(cast.jean), acting_as(cast.tom)
    for number in range(60):
        count_search("peeters", acting=jean, now=now + timedelta(seconds=number))
    with pytest.raises(QuotaReached) as refusal:
        count_search("peeters", acting=jean, now=now + timedelta(minutes=59))
    assert refusal.value.retry_at == now + HOUR
    assert len(trail("persons:searched")) == 60
    (denied,) = trail("lookup:denied")
    assert (denied.actor_key, denied.data) == (cast.jean.key, {"scope": "person_search"})
    # Another manager has sixty of his own, and the hour passes.
    count_search("peeters", acting=tom, now=now)
    count_search("peeters", acting=jean, now=now + HOUR)


def test_a_search_counts_even_when_it_fails_afterwards(
    cast: Cast, acting_as: Acting, now: datetime, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PERSON_SEARCH_QUOTA = 2
    jean = acting_as(cast.jean)

    def fail(*_args: Any, **_values: Any) -> None:
        raise RuntimeError("the light went out")

    with monkeypatch.context() as patch:
        patch.setattr("roles.operations.lookups.search_persons", fail)
        for _ in range(2):
            with pytest.raises(RuntimeError):
                count_search("peeters", acting=jean, now=now)
    with pytest.raises(QuotaReached):
        count_search("peeters", acting=jean, now=now)


def test_a_search_inside_a_transaction_is_a_programming_error(cast: Cast, acting_as: Acting, now: datetime) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        count_search("peeters", acting=acting_as(cast.jean), now=now)


@pytest.mark.threat(17)
@pytest.mark.parametrize(
    "spelling", ["{0}", "{1}.{2}.{3}-{4}.{5}", "{1} {2} {3} {4} {5}", "Anna {0}", "{1}/{2}/{3}-{4}/{5} Anna"]
)
def test_words_that_hold_a_number_are_refused_and_written_nowhere(
    cast: Cast, acting_as: Acting, now: datetime, spelling: str
) -> None:
    digits = cast.anna.national_number
    words = spelling.format(digits, digits[:2], digits[2:4], digits[4:6], digits[6:9], digits[9:])
    with pytest.raises(ValueError, match="number"):
        count_search(words, acting=acting_as(cast.jean), now=now)
    assert not AuditEntry.objects.exists()


def test_showing_again_is_neither_counted_nor_recorded(
    cast: Cast, acting_as: Acting, now: datetime, settings: Any
) -> None:
    settings.PERSON_SEARCH_QUOTA = 1
    jean = acting_as(cast.jean)
    found = count_search("peeters", acting=jean, now=now)
    assert [search("peeters", acting=jean, now=now) for _ in range(3)] == [found] * 3
    assert len(trail("persons:searched")) == 1


def test_a_deployment_can_search_colleagues_only(cast: Cast, acting_as: Acting, now: datetime, settings: Any) -> None:
    settings.PERSON_SEARCH_SCOPE = "colleagues"
    found = count_search("peeters", acting=acting_as(cast.jean), now=now)
    assert found.ids == [cast.anna.pk]
    # Where he only works, and manages nothing, Tom is no manager either.
    EmploymentFactory(person=cast.jean, organisation=cast.eupen)
    assert search("schmitz", acting=acting_as(cast.jean), now=now).ids == []


# --- By number ---


def test_a_number_finds_its_person_and_the_trail_names_only_the_person(
    cast: Cast, acting_as: Acting, now: datetime
) -> None:
    found = look_up_number(cast.anna.national_number, acting=acting_as(cast.jean), now=now)
    assert found == cast.anna
    (entry,) = trail("number:looked_up")
    assert (entry.subject_key, entry.data, entry.occurred_at) == (cast.anna.key, {"found": True}, now)


def test_an_unknown_number_and_somebody_switched_off_look_alike(cast: Cast, acting_as: Acting, now: datetime) -> None:
    Person.objects.filter(pk=cast.anna.pk).update(is_active=False)
    jean = acting_as(cast.jean)
    assert look_up_number(cast.anna.national_number, acting=jean, now=now) is None
    assert look_up_number(UNKNOWN, acting=jean, now=now) is None
    first, second = trail("number:looked_up")
    assert first.data == second.data == {"found": False}
    assert first.subject_key == second.subject_key == ""


@pytest.mark.threat(15)
def test_after_five_misses_even_a_right_number_has_to_wait(cast: Cast, acting_as: Acting, now: datetime) -> None:
    jean = acting_as(cast.jean)
    for _ in range(5):
        assert look_up_number(UNKNOWN, acting=jean, now=now) is None
    with pytest.raises(QuotaReached) as refusal:
        look_up_number(cast.anna.national_number, acting=jean, now=now + timedelta(minutes=30))
    assert refusal.value.retry_at == now + HOUR
    assert [entry.data for entry in trail("lookup:denied")] == [{"scope": "number_miss"}]
    assert len(trail("number:looked_up")) == 5
    assert look_up_number(cast.anna.national_number, acting=jean, now=now + HOUR) == cast.anna
    assert look_up_number(cast.anna.national_number, acting=acting_as(cast.tom), now=now) == cast.anna


@pytest.mark.threat(15)
def test_hits_are_limited_too(cast: Cast, acting_as: Acting, now: datetime) -> None:
    jean = acting_as(cast.jean)
    for _ in range(20):
        assert look_up_number(cast.anna.national_number, acting=jean, now=now) == cast.anna
    with pytest.raises(QuotaReached):
        look_up_number(cast.anna.national_number, acting=jean, now=now)
    assert [entry.data for entry in trail("lookup:denied")] == [{"scope": "number_lookup"}]


def test_a_thousand_guesses_are_five(cast: Cast, acting_as: Acting, now: datetime) -> None:
    jean, tried = acting_as(cast.jean), 0
    for number in range(1_000):
        try:
            look_up_number(national_number(9_000 + number), acting=jean, now=now)
            tried += 1
        except QuotaReached:
            if number > 40:
                break
    assert tried == 5


@pytest.mark.threat(17)
def test_no_number_is_in_the_trail(cast: Cast, acting_as: Acting, now: datetime) -> None:
    jean = acting_as(cast.jean)
    look_up_number(cast.anna.national_number, acting=jean, now=now)
    look_up_number(UNKNOWN, acting=jean, now=now)
    rows = json.dumps([list(map(str, row)) for row in AuditEntry.objects.values_list()])
    assert cast.anna.national_number not in rows
    assert UNKNOWN not in rows


# --- For managers only ---


@pytest.mark.threat(3)
def test_nobody_but_a_manager_looks_anybody_up(cast: Cast, acting_as: Acting, now: datetime) -> None:
    refused = {
        "anna": Reason.NOT_MANAGER,
        "olivier": Reason.NOT_LINKED,
        "sofie": Reason.NOT_LINKED,
    }
    contexts = [(acting_as(getattr(cast, name)), reason) for name, reason in refused.items()]
    contexts.append((acting_as(cast.jean, level=LOW), Reason.LEVEL_TOO_LOW))
    for acting, reason in contexts:
        with pytest.raises(NotAllowed) as refusal:
            count_search("peeters", acting=acting, now=now)
        assert refusal.value.reason == reason
        with pytest.raises(NotAllowed):
            look_up_number(cast.anna.national_number, acting=acting, now=now)
    assert not AuditEntry.objects.exists()
