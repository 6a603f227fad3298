"""An invented country: its rows are as the models would have written them, and the same every time."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from pytest_django import Settings

from rolemgmt.demo.numbers import FIRST_GENERATED, national_number
from rolemgmt.demo.population import Sizes, generate_population
from roles.models import Role, RoleAssignment
from roles.states import State
from tenants.identifiers import parse_national_number
from tenants.models import AccessManagerAppointment, Employment, Organisation, OrganisationNameKey, Person
from tenants.periods import local_day
from tenants.search import search_persons
from tests.factories import OrganisationFactory, PersonFactory

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SIZES = Sizes(persons=600, organisations=60, assignments=1_000)
MODELS = (Person, Organisation, OrganisationNameKey, Employment, AccessManagerAppointment, RoleAssignment)
# Sealing is never the same twice; ids depend on what was there before.
UNSTABLE = {"id", "national_number"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def population(db: Any) -> None:
    generate_population(SIZES, now=NOW)


def rows() -> list[list[dict[str, Any]]]:
    """Return every row of every table, without what is not the same twice."""
    columns = {
        model: [
            field.attname
            for field in model._meta.concrete_fields
            if field.name not in UNSTABLE and not field.is_relation
        ]
        for model in MODELS
    }
    return [list(model.objects.order_by("id").values(*columns[model])) for model in MODELS]


def test_there_are_as_many_rows_as_asked(population: None) -> None:
    assert Person.objects.count() == 600
    assert Organisation.objects.count() == 60
    assert RoleAssignment.objects.count() == 1_000
    assert AccessManagerAppointment.objects.live(local_day(NOW)).count() == 60
    assert Employment.objects.filter(kind="employee").count() == 252
    assert Employment.objects.filter(kind="legal_representative").count() == 60


def test_the_search_keys_are_those_that_saving_computes(population: None) -> None:
    for person in Person.objects.all():
        keys = [getattr(person, name) for name in Person.KEY_FIELDS]
        person.fill_keys()
        assert keys == [getattr(person, name) for name in Person.KEY_FIELDS]
    for job in Employment.objects.select_related("person"):
        assert (job.last_key, job.first_key) == (job.person.last_key, job.person.first_key)
    for organisation in Organisation.objects.all():
        stored = sorted(organisation.name_keys_stored.values_list("name_key", flat=True))
        assert stored == [key.name_key for key in organisation.name_keys()]


def test_every_person_can_be_found_by_number_and_by_name(population: None) -> None:
    digits = national_number(FIRST_GENERATED + 17)
    person = Person.objects.with_number(digits).get()

    assert person.national_number == digits
    assert parse_national_number(digits, today=local_day(NOW)).kind == "nrn"
    assert person.pk in search_persons(person.full_name).ids


def test_names_are_as_unequal_as_in_the_country(population: None) -> None:
    peeters = Person.objects.filter(last_key="peeters").count()
    surnames = Person.objects.values("last_key").distinct().count()

    assert 1 <= peeters <= 12
    assert surnames > 300


def test_one_organisation_is_large(population: None) -> None:
    sizes = sorted(
        (row.employments.filter(kind="employee").count() for row in Organisation.objects.all()), reverse=True
    )
    assert sizes[0] >= 252 // 10
    assert sizes[0] > 5 * sizes[len(sizes) // 2]


def test_assignments_are_in_every_usual_state(population: None) -> None:
    later = NOW + timedelta(minutes=1)
    states = {row.state(now=later) for row in RoleAssignment.objects.all()}
    assert states >= {State.ACTIVE, State.EXPIRED, State.ENDED, State.TO_CONFIRM}
    for row in RoleAssignment.objects.select_related("assignee", "organisation")[:50]:
        assert row.assignee.employments.filter(organisation=row.organisation).exists()
        assert parse_reference(row.reference)


def parse_reference(reference: str) -> bool:
    prefix, year, number, part = reference.split("-")
    return (prefix, year) == ("GP", "2020") and len(number) == 6 and int(part) > 0


def test_the_same_sizes_give_the_same_rows(db: Any) -> None:
    found = []
    for _run in range(2):
        with transaction.atomic():
            generate_population(SIZES, now=NOW)
            found.append(rows())
            transaction.set_rollback(True)
    assert found[0] == found[1]
    assert Person.objects.count() == 0


def test_rows_can_be_added_afterwards(population: None) -> None:
    person, organisation = PersonFactory(), OrganisationFactory()

    assert person.pk > 600
    assert organisation.pk > 60


def test_the_database_still_refuses_an_overlap_afterwards(population: None) -> None:
    row = RoleAssignment.objects.filter(valid_until=None, ended_at=None).first()
    row.pk, row.key, row.reference = None, "another", "GP-2020-999999-1"
    with pytest.raises(IntegrityError, match="assignment_no_overlap"), transaction.atomic():
        row.save(force_insert=True)
    connection.check_constraints()


@pytest.mark.parametrize(
    ("sizes", "reason"),
    [
        ((0, 1, 1), "persons"),
        ((11_000_000, 1, 1), "persons"),
        ((10, 11, 1), "organisation"),
        ((10, 0, 1), "organisation"),
        ((10, 1, -1), "fewer"),
    ],
)
def test_sizes_that_cannot_be_are_refused(sizes: tuple[int, int, int], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Sizes(*sizes)


def test_more_assignments_than_there_are_roles_are_refused_and_nothing_is_written(db: Any) -> None:
    with pytest.raises(CommandError, match="can hold at most .* Nothing was changed"):
        command(10, 2, 100_000)
    assert not Person.objects.exists()
    assert not Role.objects.exists()


def command(persons: int, organisations: int, assignments: int) -> str:
    out = StringIO()
    sizes = {"persons": persons, "organisations": organisations, "assignments": assignments}
    call_command("generate_population", **sizes, stdout=out)
    return out.getvalue()


def test_the_command_generates_once(db: Any) -> None:
    assert "Generated 20 persons, 3 organisations and 30 assignments" in command(20, 3, 30)
    with pytest.raises(CommandError, match="already"):
        command(20, 3, 30)
    assert Person.objects.count() == 20


def test_outside_a_demonstration_the_command_refuses(db: Any, settings: Settings) -> None:
    settings.DEMO_INSTANCE = False
    with pytest.raises(CommandError, match="DEMO_INSTANCE"):
        command(20, 3, 30)
    assert not Person.objects.exists()
