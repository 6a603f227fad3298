"""An invented country: as many persons, organisations and assignments as wanted, for trying and for measuring.

The same sizes and day give the same rows on every machine, but for the sealing of the national numbers, which is
never the same twice. What a table needs of another one is kept in arrays, a few bytes a row, so that the whole country
fits in the memory of a small machine.
"""

from array import array
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from itertools import repeat
from random import Random
from typing import Any

from django.db import connection, transaction

from rolemgmt.demo import name_stock as stock
from rolemgmt.demo.bulk import as_day, as_moment, finish, next_id, write_columns, write_rows
from rolemgmt.demo.numbers import FIRST_GENERATED, NATIONAL_NUMBERS, enterprise_number, national_number
from roles.constraints import NAME as NO_OVERLAP
from roles.models import Role, RoleAssignment
from roles.operations.catalogue import load_catalogue
from tenants.folding import fold, without_particles, word_starts
from tenants.models import AccessManagerAppointment, Employment, Organisation, OrganisationNameKey, Person
from tenants.models.person import NATIONAL_NUMBER, number_index
from tenants.periods import local_day
from vault.sealing import seal

_SEED = 20_260_101
_CHUNK = 20_000
_EMPLOYED = 42  # of a hundred persons
_LARGEST_STAFF = 25_000
_OLDEST = 2_000  # days
MOST_PERSONS = NATIONAL_NUMBERS - FIRST_GENERATED


@dataclass(frozen=True)
class Sizes:
    """How many there are to be. Raises ValueError for what cannot be."""

    persons: int
    organisations: int
    assignments: int

    def __post_init__(self) -> None:
        if not 0 < self.persons <= MOST_PERSONS:
            raise ValueError(f"there can be 1 to {MOST_PERSONS} persons")
        if not 0 < self.organisations <= self.persons:
            raise ValueError("there can be 1 organisation to as many as persons")
        if self.assignments < 0:
            raise ValueError("there cannot be fewer assignments than none")

    @property
    def employees(self) -> int:
        """How many of the persons have work."""
        return max(1, self.persons * _EMPLOYED // 100)


def is_generated() -> bool:
    """Say whether a population was generated into this database before: it cannot be twice."""
    return Person.objects.with_number(national_number(FIRST_GENERATED)).exists()


def generate_population(sizes: Sizes, *, now: datetime) -> None:
    """Write the population in one transaction, beside whatever there is. Periods lie around the day of `now`.

    Raises ValueError when the roles of the catalogue are too few for so many assignments.
    """
    with transaction.atomic():
        load_catalogue(now=now)
        _Population(sizes, now).write()


class _Population:
    """The columns that several tables share."""

    def __init__(self, sizes: Sizes, now: datetime) -> None:
        self.sizes = sizes
        today = local_day(now)
        # The day, and this moment, so many days from today. There are few of them, and each serves many rows.
        self.day = cache(lambda offset: as_day(today + timedelta(days=offset)))
        self.moment = cache(lambda offset: as_moment(now + timedelta(days=offset)))
        self.random = Random(_SEED)  # noqa: S311 - invented people, not secrets
        self.first_person = next_id(Person)
        self.first_organisation = next_id(Organisation)
        # Which first name, surname and employer: places in the lists, by person and by employee.
        self.given = self._choices(stock.FIRST_NAME_WEIGHTS, sizes.persons)
        self.family = self._choices(stock.SURNAME_WEIGHTS, sizes.persons)
        self.employer = array("I", (self._employer(place) for place in range(sizes.employees)))
        self.given_keys = [fold(name) for name, _language in stock.FIRST_NAMES]
        self.family_keys = [fold(name) for name in stock.SURNAMES]

    def _choices(self, weights: list[float], count: int) -> "array[int]":
        places = array("I")
        for start in range(0, count, _CHUNK):
            k = min(_CHUNK, count - start)
            places.extend(self.random.choices(range(len(weights)), cum_weights=weights, k=k))
        return places

    def _employer(self, place: int) -> int:
        """Return the organisation of an employee: a tenth work for the first one, the others for a few or many."""
        if self.sizes.organisations == 1 or (place % 10 == 0 and place // 10 < _LARGEST_STAFF):
            return 0
        return 1 + int((self.sizes.organisations - 1) * self.random.random() ** 2)

    def write(self) -> None:
        """Write all tables."""
        self.write_organisations()
        for start in range(0, self.sizes.persons, _CHUNK):
            self.write_persons(range(start, min(start + _CHUNK, self.sizes.persons)))
        self.write_employments()
        self.write_chiefs()
        with _without_overlap_constraint():
            self.write_assignments()
        finish([Organisation, OrganisationNameKey, Person, Employment, AccessManagerAppointment, RoleAssignment])

    # --- Who works where ----------------------------------------------------------------------------------------------

    def person_of(self, employee: int) -> int:
        """Return the place of the person who is this employee: everybody works once at most."""
        return employee * self.sizes.persons // self.sizes.employees

    def chief_of(self, organisation: int) -> int:
        """Return the place of the person who is chief access manager and legal representative."""
        return organisation * self.sizes.persons // self.sizes.organisations

    # --- Tables -------------------------------------------------------------------------------------------------------

    def write_organisations(self) -> None:
        names = [self._organisation_name(place) for place in range(self.sizes.organisations)]
        ids = range(self.first_organisation, self.first_organisation + len(names))
        write_columns(
            Organisation,
            {
                "id": ids,
                "key": (_key("organisation", place) for place in range(len(names))),
                "enterprise_number": (enterprise_number(place) for place in range(len(names))),
                "legal_form": (stock.FORM_CODES[place % len(stock.FORM_CODES)] for place in range(len(names))),
                "juridical_situation": repeat("000"),
                "status": ("new" if place % 20 == 19 else "normal" for place in range(len(names))),
                "started_on": (self.day(-_OLDEST - place % 9_000) for place in range(len(names))),
                "name_fr": (fr for fr, _nl in names),
                "name_nl": (nl for _fr, nl in names),
                "postal_code": (stock.PLACES[place % len(stock.PLACES)][0] for place in range(len(names))),
                "municipality": (stock.PLACES[place % len(stock.PLACES)][1] for place in range(len(names))),
                **{name: repeat("") for name in ("name_de", "name_en", "street", "house_number", "box")},
            },
        )
        keys = [
            (pk, key[:100])
            for pk, pair in zip(ids, names, strict=True)
            for key in sorted({start for name in pair for start in word_starts(fold(name))})
        ]
        write_columns(
            OrganisationNameKey, {"organisation_id": (pk for pk, _key in keys), "name_key": (key for _pk, key in keys)}
        )

    def _organisation_name(self, place: int) -> tuple[str, str]:
        """Return the French and the Dutch name, of which one may be empty."""
        if place == 0:
            return "Groupe hospitalier du Marais ASBL", "Ziekenhuisgroep van het Moeras VZW"
        owner = stock.SURNAMES[self.family[self.chief_of(place)]]
        language = "fr" if place % 2 else "nl"
        trade = stock.TRADES[language][place // 2 % len(stock.TRADES[language])]
        name = f"{trade} {owner} {stock.FORMS[language][place % len(stock.FORM_CODES)]}"
        return (name, "") if language == "fr" else ("", name)

    def write_persons(self, places: range) -> None:
        given = [stock.FIRST_NAMES[self.given[place]] for place in places]
        family = [stock.SURNAMES[self.family[place]] for place in places]
        first = [self.given_keys[self.given[place]] for place in places]
        last = [self.family_keys[self.family[place]] for place in places]
        tails = [without_particles(key) for key in last]
        emails = [
            "" if place % 10 == 9 else f"{a}.{b}{place}@post.example".replace(" ", "")
            for place, a, b in zip(places, first, last, strict=True)
        ]
        digits = [national_number(FIRST_GENERATED + place) for place in places]
        write_columns(
            Person,
            {
                "id": (self.first_person + place for place in places),
                "key": (_key("person", place) for place in places),
                "national_number": (seal(number, purpose=NATIONAL_NUMBER) for number in digits),
                "national_number_index": (number_index(number) for number in digits),
                "given_name": (name for name, _language in given),
                "family_name": family,
                "email": emails,
                "language": (language for _name, language in given),
                "wants_digest": repeat(True),
                "is_active": repeat(True),
                "created_at": repeat(self.moment(0)),
                "last_key": last,
                "first_key": first,
                "last_tail_key": ("" if tail == key else tail for tail, key in zip(tails, last, strict=True)),
                "email_key": emails,
                "first_bucket": (key[:3] for key in first),
            },
        )

    def write_employments(self) -> None:
        """Write the employees, then the legal representatives."""
        jobs = [(range(self.sizes.employees), self.person_of, self.employer, "employee")]
        organisations = range(self.sizes.organisations)
        jobs += [(organisations, self.chief_of, organisations, "legal_representative")]  # type: ignore[list-item]
        for places, person_of, employers, kind in jobs:
            persons = array("I", map(person_of, places))
            write_columns(
                Employment,
                {
                    "person_id": (self.first_person + person for person in persons),
                    "organisation_id": (self.first_organisation + employer for employer in employers),
                    "kind": repeat(kind),
                    "valid_from": (self.day(-_OLDEST - place % 3_000) for place in places),
                    "valid_until": repeat(None),
                    "last_key": (self.family_keys[self.family[person]] for person in persons),
                    "first_key": (self.given_keys[self.given[person]] for person in persons),
                },
            )

    def write_chiefs(self) -> None:
        places = range(self.sizes.organisations)
        write_columns(
            AccessManagerAppointment,
            {
                "key": (_key("chief", place) for place in places),
                "organisation_id": range(self.first_organisation, self.first_organisation + len(places)),
                "person_id": (self.first_person + self.chief_of(place) for place in places),
                "kind": repeat("chief"),
                "valid_from": repeat(self.day(-_OLDEST)),
                "appointed_at": repeat(self.moment(0)),
                **{name: repeat(None) for name in ("domain_id", "valid_until", "appointed_by_id")},
                **{name: repeat(None) for name in ("ended_at", "ended_by_id")},
            },
        )

    def write_assignments(self) -> None:
        """Share the assignments out among the employees; nobody gets the same role twice."""
        roles = list(Role.objects.filter(is_assignable=True).order_by("code").values_list("pk", flat=True))
        wanted, employees = self.sizes.assignments, self.sizes.employees
        if wanted > employees * len(roles):
            raise ValueError(f"{employees} employees can hold at most {employees * len(roles)} assignments")
        write_rows(
            RoleAssignment,
            (
                self._assignment(number, employee, roles[(employee * 7 + number // employees) % len(roles)])
                for number, employee in ((number, number % employees) for number in range(wanted))
            ),
        )

    def _assignment(self, number: int, employee: int, role_id: int) -> dict[str, Any]:
        employer = self.employer[employee]
        chief = self.first_person + self.chief_of(employer)
        # Days ago, scattered: the step shares no factor with the length of the span.
        given = -1 - number * 7_919 % _OLDEST
        ended = given // 2 if number % 40 == 7 else None
        waits = ended is None and number % 50 == 11
        if waits:
            given = -1 - number % 10
        return {
            "key": _key("assignment", number),
            "reference": f"GP-2020-{number // 1_000:06d}-{number % 1_000 + 1}",
            "role_id": role_id,
            "organisation_id": self.first_organisation + employer,
            "assignee_id": self.first_person + self.person_of(employee),
            "properties": "{}",
            "assigned_by_id": chief,
            "assigned_at": self.moment(given),
            "confirmer": "assignee" if waits else "nobody",
            "confirm_before": self.day(given + 14) if waits else None,
            "valid_from": self.day(given),
            "valid_until": self.day(given + 365 * (1 + number % 5)) if number % 3 == 0 else None,
            "ended_at": None if ended is None else self.moment(ended),
            "ended_on": None if ended is None else self.day(ended),
            "ended_by_id": None if ended is None else chief,
            "end_reason": "" if ended is None else "manager",
            "end_note": "",
            "refusal_note": "",
            "origin": "direct",
        }


def _key(kind: str, place: int) -> str:
    """Return the public key of a generated row: the same on every machine, unlike those of real rows."""
    return urlsafe_b64encode(sha256(f"{kind} {place}".encode()).digest()[:16]).decode().rstrip("=")


@contextmanager
def _without_overlap_constraint() -> Iterator[None]:
    """Take the exclusion constraint away and build it afterwards, which is much faster (SPEED, section 5)."""
    constraint = next(found for found in RoleAssignment._meta.constraints if found.name == NO_OVERLAP)
    if connection.vendor != "postgresql":
        yield
        return
    connection.check_constraints()  # no table can be altered while foreign keys wait to be checked
    with connection.schema_editor() as editor:
        editor.remove_constraint(RoleAssignment, constraint)
    yield
    connection.check_constraints()
    with connection.schema_editor() as editor:
        editor.add_constraint(RoleAssignment, constraint)
