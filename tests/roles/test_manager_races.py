"""Acts on access managers at the same time, each on a connection of its own: one effect, and the loser hears."""

# ruff: noqa: B023 - each round waits for its threads before the next begins

import os
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from audit.models import AuditEntry
from outbox.models import OutgoingEmail
from tenants.acting import ActingContext
from tenants.mandates import NotEntitled
from tenants.models import AccessManagerAppointment, Person
from tenants.operations import appoint_access_manager, end_appointment, replace_chief, write_to_managers
from tenants.periods import local_day
from tests.conftest import Cast
from tests.factories import EmploymentFactory, PersonFactory
from tests.parallel import at_once
from tests.roles.pages import hidden

Acting = Callable[..., ActingContext]
pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = int(os.environ.get("RACE_ROUNDS", "8"))


def outcome(act: Callable[[], Any]) -> str:
    """Return what came of it: "done", "too late", or the name of the refusal."""
    try:
        return "too late" if act() is False else "done"
    except ValidationError as refusal:
        return str(refusal.code)
    except NotEntitled as refusal:
        return str(refusal.obstacle)


def together(*acts: Callable[[], Any]) -> list[str]:
    return at_once(lambda number: outcome(acts[number]), times=len(acts), threads=len(acts))


def open_chiefs(cast: Cast) -> list[Person]:
    rows = AccessManagerAppointment.objects.filter(organisation=cast.dubois, kind="chief", ended_at__isnull=True)
    return [row.person for row in rows]


def count(event: str) -> int:
    return AuditEntry.objects.filter(event=f"access_manager:{event}").count()


@pytest.mark.threat(12)
def test_of_two_representatives_who_replace_the_chief_one_does(cast: Cast, acting_as: Acting, now: datetime) -> None:
    today = local_day(now)
    EmploymentFactory(person=cast.anna, organisation=cast.dubois, kind="legal_representative")
    givers = [acting_as(cast.jean), acting_as(cast.anna)]
    for turn in range(1, ROUNDS + 1):
        nexts = [EmploymentFactory(organisation=cast.dubois).person for _ in givers]
        seen = AccessManagerAppointment.objects.get(organisation=cast.dubois, kind="chief", ended_at__isnull=True).key
        outcomes = together(
            *(
                lambda giver=giver, person=person: replace_chief(  # type: ignore[misc]
                    organisation=cast.dubois,
                    person=person,
                    valid_from=today,
                    seen=seen,
                    acting=giver,
                    now=now,
                )
                for giver, person in zip(givers, nexts, strict=True)
            )
        )
        assert sorted(outcomes) == ["changed", "done"]
        assert open_chiefs(cast) == [nexts[outcomes.index("done")]]
        assert (count("ended"), count("appointed")) == (turn, turn)
        assert OutgoingEmail.objects.filter(name="manager_appointed").count() == turn


@pytest.mark.threat(12)
def test_two_chiefs_who_end_each_other_leave_one(cast: Cast, acting_as: Acting, now: datetime) -> None:
    EmploymentFactory(person=cast.tom, organisation=cast.dubois, kind="legal_representative")
    today = local_day(now)
    jean, tom = acting_as(cast.jean), acting_as(cast.tom, cast.dubois)
    of_jean = AccessManagerAppointment.objects.get(person=cast.jean)
    of_tom = AccessManagerAppointment.objects.get(person=cast.tom, organisation=cast.dubois)
    # Jean ends Tom's function as co-chief, while Tom, a legal representative too, takes Jean's as chief.
    outcomes = together(
        lambda: end_appointment(of_tom, acting=jean, now=now),
        lambda: replace_chief(
            organisation=cast.dubois, person=cast.tom, valid_from=today, seen=of_jean.key, acting=tom, now=now
        ),
    )
    # Whichever comes first: becoming chief ends what Tom was as co-chief, and it ends once.
    assert outcomes[1] == "done"
    assert outcomes[0] in {"done", "too late"}
    assert open_chiefs(cast) == [cast.tom]
    assert (count("appointed"), count("ended")) == (1, 2)


@pytest.mark.threat(11)
def test_the_same_function_at_once_is_given_once(cast: Cast, acting_as: Acting, now: datetime) -> None:
    jean, today = acting_as(cast.jean), local_day(now)
    for _turn in range(ROUNDS):
        person = PersonFactory()
        outcomes = together(
            *[
                lambda: appoint_access_manager(
                    organisation=cast.dubois,
                    person=person,
                    kind="co_chief",
                    valid_from=today,
                    acting=jean,
                    now=now,
                )
            ]
            * 3
        )
        assert Counter(outcomes) == {"done": 1, "already": 2}
        assert AccessManagerAppointment.objects.filter(person=person).count() == 1
        assert OutgoingEmail.objects.filter(to=person.email).count() == 1
        assert AuditEntry.objects.filter(subject_key=person.key).count() == 1


@pytest.mark.threat(10)
def test_ending_at_once_is_one_end(cast: Cast, acting_as: Acting, now: datetime) -> None:
    row = AccessManagerAppointment.objects.get(person=cast.marie)
    jean, marie = acting_as(cast.jean), acting_as(cast.marie)
    acts = [lambda: end_appointment(row, acting=jean, now=now), lambda: end_appointment(row, acting=marie, now=now)]
    assert sorted(together(*acts * 2)) == ["done"] + ["too late"] * 3
    assert count("ended") == 1
    assert OutgoingEmail.objects.filter(to=cast.marie.email).count() == 1


@pytest.mark.threat(5)
def test_nobody_is_appointed_by_a_chief_who_has_gone(cast: Cast, acting_as: Acting, now: datetime) -> None:
    jean, today = acting_as(cast.jean), local_day(now)
    for turn in range(ROUNDS):
        person = PersonFactory()
        chief = AccessManagerAppointment.objects.filter(
            organisation=cast.dubois, kind="chief", ended_at__isnull=True
        ).get()
        appointed, ended = together(
            lambda: appoint_access_manager(
                organisation=cast.dubois,
                person=person,
                kind="co_chief",
                valid_from=today,
                acting=jean,
                now=now,
            ),
            lambda: end_appointment(chief, acting=jean, now=now),
        )
        assert ended == "done" and appointed in {"done", "not_chief"}
        assert AccessManagerAppointment.objects.filter(person=person).exists() is (appointed == "done")
        if appointed == "done":
            entries = AuditEntry.objects.filter(event__in=("access_manager:appointed", "access_manager:ended"))
            assert entries.order_by("-id")[0].event == "access_manager:ended"
        replace_chief(organisation=cast.dubois, person=cast.jean, valid_from=today, acting=jean, now=now)
        assert open_chiefs(cast) == [cast.jean], turn


@pytest.mark.threat(9)
def test_ten_presses_of_the_last_button_appoint_once(cast: Cast, sign_in: Callable[..., Client]) -> None:
    browser = sign_in(cast.jean)
    data = {"function": "co_chief", "who": "number", "number": cast.anna.national_number}
    assert browser.post("/access-managers/new/", data).status_code == 303
    page = browser.get("/access-managers/new/check/")
    form = {"once": hidden(page, "once"), "seen": hidden(page, "seen")}

    def press(_number: int) -> tuple[int, str]:
        tab = Client(raise_request_exception=False)
        tab.cookies = browser.cookies
        answer = tab.post("/access-managers/new/check/", form)
        return answer.status_code, answer.headers.get("Location", "")

    assert Counter(at_once(press, times=10, threads=10)) == {(303, "/access-managers/"): 10}
    assert AccessManagerAppointment.objects.filter(person=cast.anna).count() == 1
    assert (count("appointed"), OutgoingEmail.objects.count()) == (1, 1)


@pytest.mark.threat(9)
def test_one_message_sent_at_once_is_one_letter_to_each(cast: Cast, now: datetime) -> None:
    number = cast.dubois.enterprise_number

    def send(_turn: int) -> str:
        return str(write_to_managers(number, message="Hello", acting=cast.olivier, now=now).outcome)

    assert Counter(at_once(send, times=4, threads=4)) == {"sent": 1, "sent_before": 3}
    assert sorted(OutgoingEmail.objects.values_list("to", flat=True)) == sorted([cast.jean.email, cast.tom.email])
    assert count("contacted") == 1
