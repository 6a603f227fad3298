"""A question that is compiled once answers as the ORM does, each time, on every connection."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from fas.lookups import look_up
from fas.models import Client
from fas.prepared import Prepared
from roles.models import Role, RoleAssignment
from roles.service_view import entries
from tenants.models import Person
from tests.conftest import Cast
from tests.factories import AssignmentFactory
from tests.fas.api.asking import digits_of
from tests.parallel import at_once


def names(given: str, limit: int) -> Any:
    return Person.objects.filter(given_name=given, id__lt=limit).order_by("id").values_list("family_name", "created_at")


SAMPLES = {"given": "given", "limit": -7}


@pytest.mark.django_db
def test_it_answers_as_the_orm_does(cast: Cast) -> None:
    question = Prepared("of_tests", names, SAMPLES)
    for given in ("Anna", "Jean", "Nobody", "'; DROP TABLE x; --", "%s", "$1"):
        assert question.rows(given=given, limit=10**9) == list(names(given, 10**9))


@pytest.mark.django_db
def test_a_sample_that_does_not_stand_in_the_question_is_noticed() -> None:
    with pytest.raises(RuntimeError):
        Prepared("of_tests", names, {**SAMPLES, "limit": True}, {"other": lambda _values: "other"}).rows(
            given="x", limit=1
        )


@pytest.mark.django_db(transaction=True)
def test_every_thread_and_every_new_connection_learns_it(cast: Cast) -> None:
    question = Prepared("of_threads", names, SAMPLES)

    def ask(_number: int) -> int:
        return len(question.rows(given="Anna", limit=10**9))

    assert at_once(ask, times=12, threads=3) == [1] * 12
    assert ask(0) == 1
    connection.close()
    assert ask(0) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("days", [-40, -1, 0, 1, 9, 10, 11, 40])
def test_the_look_up_sees_what_the_sign_on_sees(
    cast: Cast, catalogue: dict[str, Role], client_row: Client, held: RoleAssignment, days: int
) -> None:
    """The same rule, whether it was compiled for this moment or long ago."""
    today = timezone.localdate()
    for number, code in enumerate(("FIN_FATCA", "FIN_UBO_ENTITY", "FIN_JMONNET")):
        catalogue[code].services.add(client_row.service)
        AssignmentFactory(
            role=catalogue[code],
            assignee=cast.anna,
            organisation=cast.dubois,
            assigned_by=cast.jean,
            properties={"A": [number, "x"], "B": None},
            valid_from=today + timedelta(days=number * 5),
            valid_until=today + timedelta(days=number * 5 + 10) if number < 2 else None,
        )
    now = timezone.now() + timedelta(days=days)
    seen = RoleAssignment.objects.delivered_to(client_row.service, cast.anna, cast.dubois, now=now)
    number = cast.dubois.enterprise_number
    assert look_up(client_row.service.pk, digits_of(cast.anna), number, now=now) == entries(seen)
