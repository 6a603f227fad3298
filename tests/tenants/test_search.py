"""Finding people by name, first name, e-mail address or organisation, on stored keys."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tenants.models import Organisation, Person
from tenants.search import MOST, is_too_short, persons_in_order, search_persons
from tests.factories import EmploymentFactory, OrganisationFactory, PersonFactory

PEOPLE = [
    ("Noël", "Lefèbvre", "noel@post.example"),
    ("Anne-Marie", "Vandenbroucke", "am.v@post.example"),
    ("Jan", "Van den Broeck", "jan.vdb@post.example"),
    ("Sofie", "De Smet", "sofie77@post.example"),
    ("Łukasz", "Dvořák", "lukasz_d@post.example"),
    ("Jürgen", "Groß", "j.gross@post.example"),
    ("Elise", "d’Hondt", ""),
    ("Jean", "Jean", "other.name@post.example"),
    ("Maria Magdalena", "de la Tour d’Auvergne", "mm@post.example"),
    ("Søren", "Œuvrard", "soren@post.example"),
]


@pytest.fixture
def people(db: None) -> dict[str, Person]:
    """Ten people whose names are typed in many ways."""
    return {given: PersonFactory(given_name=given, family_name=family, email=email) for given, family, email in PEOPLE}


def names(words: str, **scope: Any) -> list[str]:
    """Return the first names of those found, best first."""
    return [person.given_name for person in persons_in_order(search_persons(words, **scope).ids)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("noel", "Noël"),
        ("NOËL", "Noël"),
        ("noe\u0308l", "Noël"),
        ("lefebvre", "Noël"),
        ("lefebvre noel", "Noël"),
        ("anne marie", "Anne-Marie"),
        ("anne-marie", "Anne-Marie"),
        ("Anne–Marie", "Anne-Marie"),
        ("anne-marie vandenb", "Anne-Marie"),
        ("vandenbroucke anne marie", "Anne-Marie"),
        ("broeck", "Jan"),
        ("van den broeck", "Jan"),
        ("jan broeck", "Jan"),
        ("broeck jan", "Jan"),
        ("jan van den broeck", "Jan"),
        ("van den broeck jan", "Jan"),
        ("smet", "Sofie"),
        ("de smet", "Sofie"),
        ("sofie smet", "Sofie"),
        ("so sm", "Sofie"),
        ("dvorak", "Łukasz"),
        ("lukasz", "Łukasz"),
        ("gross", "Jürgen"),
        ("groß", "Jürgen"),
        ("jurgen gr", "Jürgen"),
        ("hondt", "Elise"),
        ("d'hondt", "Elise"),
        ("d’hondt elise", "Elise"),
        ("tour d'auvergne", "Maria Magdalena"),
        ("maria magdalena de la tour", "Maria Magdalena"),
        ("magdalena", ""),
        ("oeuvrard", "Søren"),
        ("soren", "Søren"),
        ("am.v@", "Anne-Marie"),
        ("AM.V@POST.EXAMPLE", "Anne-Marie"),
        ("jan.vdb", "Jan"),
        ("sofie77", "Sofie"),
        ("lukasz_d", "Łukasz"),
        ("other.name@post.example", "Jean"),
        ("nobody@post.example", ""),
        ("xyz", ""),
        ("100%", ""),
        ("%oel", ""),
        ("n_el", ""),
        ("'; DROP TABLE", ""),
        ("___", ""),
        ("...", ""),
        ("@@@", ""),
        ("日本語", ""),
    ],
)
def test_people_are_found_as_they_are_typed(people: dict[str, Person], words: str, expected: str) -> None:
    assert names(words) == ([expected] if expected else [])


@pytest.mark.parametrize("words", ["", "  ", "a", "ab", "a b", "é", "--", "'''", "%_%", "日本"])
def test_fewer_than_three_letters_are_too_short_and_find_nobody(people: dict[str, Person], words: str) -> None:
    assert is_too_short(words)
    assert names(words) == []


@pytest.mark.parametrize("words", ["abc", "a b c", "d'a b", "x@y"])
def test_three_letters_are_enough(words: str) -> None:
    assert not is_too_short(words)


def test_surnames_come_before_first_names_and_nobody_twice(db: None) -> None:
    PersonFactory(given_name="Martin", family_name="Adam")
    PersonFactory(given_name="Zoé", family_name="Martin")
    PersonFactory(given_name="Martin", family_name="Martin")
    found = persons_in_order(search_persons("martin").ids)
    assert [person.full_name for person in found] == ["Martin Martin", "Zoé Martin", "Martin Adam"]


def test_inactive_people_are_not_found(people: dict[str, Person]) -> None:
    Person.objects.update(is_active=False)
    for words in ("noel", "lefebvre", "noel lefebvre", "noel@post.example", "jan.vdb"):
        assert names(words) == []


@pytest.fixture
def bakery(people: dict[str, Person]) -> Organisation:
    """Noël and Sofie work for a bakery; Jan did until yesterday, Elise will from tomorrow."""
    organisation = OrganisationFactory(name_fr="Boulangerie du Canal SRL", name_nl="Bakkerij van het Kanaal BV")
    today = timezone.localdate()
    for given in ("Noël", "Sofie"):
        EmploymentFactory(person=people[given], organisation=organisation)
    EmploymentFactory(person=people["Jan"], organisation=organisation, valid_until=today - timedelta(days=1))
    EmploymentFactory(person=people["Elise"], organisation=organisation, valid_from=today + timedelta(days=1))
    EmploymentFactory(person=people["Jürgen"])
    return organisation


@pytest.mark.parametrize(
    "words", ["boulangerie", "Boulangerie du Canal", "canal", "kanaal", "bakkerij", "BOULANGERIE DU CAN"]
)
def test_the_people_of_an_organisation_are_found_by_its_name(bakery: Organisation, words: str) -> None:
    assert names(words, day=timezone.localdate()) == ["Sofie", "Noël"]


@pytest.mark.parametrize("words", ["sofie canal", "canal sofie", "de smet boulangerie", "boulangerie du canal sofie"])
def test_a_name_and_an_organisation_together_find_one(bakery: Organisation, words: str) -> None:
    assert names(words, day=timezone.localdate()) == ["Sofie"]


def test_without_a_day_former_and_future_workers_count(bakery: Organisation) -> None:
    assert set(names("boulangerie")) == {"Sofie", "Noël", "Jan", "Elise"}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("noel", ["Noël"]),
        ("lefebvre", ["Noël"]),
        ("noel lefebvre", ["Noël"]),
        ("smet", ["Sofie"]),
        ("smet sofie", ["Sofie"]),
        ("noel@post", ["Noël"]),
        ("boulangerie", ["Sofie", "Noël"]),
        ("jurgen", []),
        ("gross", []),
        ("broeck", []),
        ("jan", []),
        ("jan.vdb@post.example", []),
        ("hondt", []),
        ("anne marie", []),
        ("atelier", []),
    ],
)
def test_within_organisations_only_those_who_work_there_now_are_found(
    bakery: Organisation, words: str, expected: list[str]
) -> None:
    assert names(words, within=(bakery,), day=timezone.localdate()) == expected


def test_within_no_organisation_nobody_is_found(bakery: Organisation) -> None:
    assert names("noel", within=(), day=timezone.localdate()) == []


def test_whoever_has_two_functions_is_found_once(bakery: Organisation, people: dict[str, Person]) -> None:
    EmploymentFactory(person=people["Noël"], organisation=bakery, kind="legal_representative")
    assert names("boulangerie").count("Noël") == 1
    assert names("noel", within=(bakery,)) == ["Noël"]


def test_a_name_that_changes_is_found_under_the_new_one(bakery: Organisation, people: dict[str, Person]) -> None:
    person = people["Noël"]
    person.family_name = "Wouters"
    person.save()
    assert names("lefebvre") == []
    assert names("wouters", within=(bakery,)) == ["Noël"]


def test_a_hundred_are_all_and_one_more_is_too_many(db: None) -> None:
    PersonFactory.create_batch(MOST, family_name="Zwaenepoel")
    assert (len(search_persons("zwaenepoel").ids), search_persons("zwaenepoel").has_more) == (MOST, False)
    PersonFactory(family_name="Zwaenepoel")
    assert (len(search_persons("zwaenepoel").ids), search_persons("zwaenepoel").has_more) == (MOST, True)


def test_many_words_cost_no_more_than_six(people: dict[str, Person]) -> None:
    costs = []
    for count in (6, 50):
        with CaptureQueriesContext(connection) as queries:
            search_persons(" ".join("a" for _letter in range(count)))
        costs.append(len(queries))
    assert costs[0] == costs[1] < 40


@pytest.mark.parametrize(
    ("words", "index"),
    [
        ("peeters", "person_by_last_name"),
        ("peeters", "person_by_first_name"),
        ("smet", "person_by_name_tail"),
        ("jan peeters", "person_by_bucket"),
        ("jan.peeters@post", "person_email_belongs_to_one"),
        ("jan.peeters", "person_email_belongs_to_one"),
        ("boulangerie", "namekey"),
    ],
)
def test_every_way_reads_one_index(people: dict[str, Person], words: str, index: str) -> None:
    # Which of two indexes is better can only be seen where many have the same surname.
    PersonFactory.create_batch(60, family_name="Peeters")
    with CaptureQueriesContext(connection) as queries:
        search_persons(words)
    with connection.cursor() as cursor:
        plans = []
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE tenants_person")
            cursor.execute("SET LOCAL enable_seqscan = off")
        for query in queries:
            explain = "EXPLAIN " if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN "
            cursor.execute(explain + query["sql"].replace("%", "%%"))
            plans.append(" ".join(str(column) for row in cursor.fetchall() for column in row))
    assert any(index in plan for plan in plans), plans
    assert not any("Seq Scan on tenants_person" in plan or plan.endswith("SCAN tenants_person") for plan in plans), (
        plans
    )


def test_persons_in_order_keeps_the_order_and_skips_the_unknown(people: dict[str, Person]) -> None:
    first, second = people["Jan"], people["Noël"]
    with CaptureQueriesContext(connection) as queries:
        assert persons_in_order([second.pk, 0, first.pk]) == [second, first]
    assert len(queries) == 1
