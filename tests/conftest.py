"""The standing cast: nine people and three organisations by which every rule is shown (DESIGN, section 6).

Jean is chief at Dubois, Tom co-chief there and manager of one domain at Peeters, Marie manager of one domain, Anna an
employee, Carine the neighbour, Ingrid and Klaus manage an organisation in which everything is confirmed, Sofie is the
admin. Olivier is the outsider: he belongs nowhere and must get in nowhere.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from csam.models import User
from rolemgmt.demo.cast import ADMIN, CAST, DemoPerson
from rolemgmt.demo.organisations import ORGANISATIONS
from roles.models import Role
from tenants.acting import ActingContext, acting_context
from tenants.middleware import LEVEL, SIGNED_IN_AT
from tenants.models import AccessManagerAppointment, Domain, Employment, Organisation, OrganisationNameKey, Person
from tests.catalogue_rows import insert_catalogue
from tests.plugins import migrated

HIGH, SUBSTANTIAL, LOW = 500, 400, 300
_EMPLOYMENTS = {"employee": "employee", "representative": "legal_representative"}


class Cast:
    """The people and organisations by name: `cast.jean`, `cast.dubois`."""

    jean: Person
    tom: Person
    marie: Person
    anna: Person
    carine: Person
    ingrid: Person
    klaus: Person
    olivier: Person
    sofie: Person
    dubois: Organisation
    peeters: Organisation
    eupen: Organisation

    @property
    def people(self) -> list[Person]:
        """Everybody."""
        return [getattr(self, entry.given_name.lower()) for entry in CAST]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_keepdb: bool, django_db_blocker: Any) -> None:
    """Keep the new database for the runs that follow, before a test touches it."""
    if connection.vendor == "sqlite" and not django_db_keepdb:
        with django_db_blocker.unblock():
            connection.ensure_connection()
            migrated.keep(connection.connection)


@pytest.fixture
def now() -> datetime:
    """The moment of the test."""
    return timezone.now()


@pytest.fixture
def catalogue(db: None) -> dict[str, Role]:
    """The full catalogue, roles by code: the rows of `load_catalogue`, written in bulk because most tests want them."""
    insert_catalogue()
    return {role.code: role for role in Role.objects.for_page()}


@pytest.fixture
def cast(db: None) -> Cast:
    """The standing cast, in the database, with logins. Written in bulk: two tests in five want it."""
    found = Cast()
    organisations = _organisations()
    for slug, organisation in organisations.items():
        setattr(found, slug, organisation)
    people = {entry: _person(entry) for entry in CAST}
    Person.objects.bulk_create(people.values())
    User.objects.bulk_create(_login(person, is_admin=entry == ADMIN) for entry, person in people.items())
    employments, appointments, domains = [], [], _domains()
    for entry, person in people.items():
        setattr(found, entry.given_name.lower(), person)
        for slug, functions in entry.functions:
            for function in functions:
                row = _place(person, organisations[slug], function, domains)
                (employments if isinstance(row, Employment) else appointments).append(row)
    Employment.objects.bulk_create(employments)
    AccessManagerAppointment.objects.bulk_create(appointments)
    return found


def _organisations() -> dict[str, Organisation]:
    """Store the three organisations with their search keys; return them by their short names."""
    stored = {
        place.slug: Organisation(
            enterprise_number=place.enterprise_number,
            status=place.status,
            legal_form=place.legal_form,
            municipality=place.address.municipality,
            **{f"name_{language}": name for language, name in place.names.items()},
        )
        for place in ORGANISATIONS[:3]
    }
    for organisation in stored.values():
        organisation.clean_names()
    Organisation.objects.bulk_create(stored.values())
    OrganisationNameKey.objects.bulk_create(key for organisation in stored.values() for key in organisation.name_keys())
    return stored


def _person(entry: DemoPerson) -> Person:
    person = Person(
        given_name=entry.given_name, family_name=entry.family_name, email=entry.email, language=entry.language
    )
    person.set_national_number(entry.digits)
    person.fill_keys()
    return person


def _login(person: Person, *, is_admin: bool) -> User:
    user = User(person=person, is_staff=is_admin, is_superuser=is_admin)
    user.set_unusable_password()
    return user


def _domains() -> dict[str, Domain]:
    """Return the domains that the cast manages, by their codes; those of the catalogue, if it is there."""
    codes = {function for entry in CAST for _slug, functions in entry.functions for function in functions}
    found = {row.code: row for row in Domain.objects.all()}
    missing = [code for code in sorted(codes) if code.isupper() and code not in found]
    return found | {
        row.code: row for row in Domain.objects.bulk_create(Domain(code=code, name_en=code.title()) for code in missing)
    }


def _place(
    person: Person, organisation: Organisation, function: str, domains: dict[str, Domain]
) -> Employment | AccessManagerAppointment:
    start = datetime(2023, 9, 1).date()
    if function in _EMPLOYMENTS:
        employment = Employment(person=person, organisation=organisation, kind=_EMPLOYMENTS[function], valid_from=start)
        employment.fill_keys()
        return employment
    domain = domains.get(function)
    return AccessManagerAppointment(
        person=person,
        organisation=organisation,
        kind="domain" if domain else function,
        domain=domain,
        valid_from=start,
    )


@pytest.fixture
def acting_as() -> Callable[..., ActingContext]:
    """Return a function that gives a person's acting context, as the middleware would."""

    def make(person: Person, organisation: Organisation | None = None, level: int = HIGH) -> ActingContext:
        return acting_context(
            person,
            day=timezone.localdate(),
            level=level,
            acting_for=organisation.key if organisation else "",
            signed_in_at=timezone.now(),
        )

    return make


@pytest.fixture
def sign_in() -> Callable[..., Client]:
    """Return a function that gives a browser (a test client) in which a person is signed in."""

    def make(person: Person, level: int = HIGH, client: Client | None = None, **extra: Any) -> Client:
        client = client or Client()
        client.force_login(User.objects.get(person=person))
        session = client.session
        session[LEVEL] = level
        session[SIGNED_IN_AT] = timezone.now().isoformat()
        for key, value in extra.items():
            session[key] = value
        session.save()
        return client

    return make


@pytest.fixture
def outsider(cast: Cast, sign_in: Callable[..., Client]) -> Client:
    """Olivier's browser: signed in with his eID, and without any right."""
    return sign_in(cast.olivier)
