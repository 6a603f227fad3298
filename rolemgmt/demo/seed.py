"""Puts the demonstration into the database: whatever of it is missing, and nothing else.

What somebody changed or ended since stays so; a second run finds everything and changes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from django.db import transaction

from csam.models import User
from rolemgmt.demo.app_keys import missing_app_keys
from rolemgmt.demo.cast import ADMIN, CAST, DemoPerson
from rolemgmt.demo.clients import missing_clients
from rolemgmt.demo.history import missing_assignments
from rolemgmt.demo.invitation import missing_invitation
from rolemgmt.demo.organisations import ORGANISATIONS, DemoOrganisation
from rolemgmt.demo.people import known_people, register_only
from roles.operations.catalogue import load_catalogue
from tenants.models import (
    AccessManagerAppointment,
    Domain,
    Employment,
    EstablishmentUnit,
    Organisation,
    Person,
    RegisteredPerson,
)
from tenants.models.person import number_index
from tenants.periods import local_day

_EMPLOYMENTS = {
    "employee": Employment.Kind.EMPLOYEE,
    "former": Employment.Kind.EMPLOYEE,
    "representative": Employment.Kind.LEGAL_REPRESENTATIVE,
}
# Those who left, and the chief who was followed by another.
_LEFT_ON = date(2025, 6, 30)
_FIRST_CHIEF_FROM = date(2019, 1, 7)
_FIRST_CHIEF_ENDED_AT = datetime(2023, 8, 31, 15, 0, tzinfo=UTC)
# The co-chief whose function ends soon: the first run of the worker announces it.
_ENDING_IN = timedelta(days=30)
_SCENERY_POSITION = 1_000


@dataclass
class SeedReport:
    """How many rows of each kind were added."""

    added: dict[str, int] = field(default_factory=dict)

    @property
    def did_nothing(self) -> bool:
        """Whether all of it was there already."""
        return not any(self.added.values())


def seed_demo(*, now: datetime) -> SeedReport:
    """Add what is missing of the demonstration. Days count from `now`."""
    report = SeedReport()
    people = known_people({entry.slug: entry.mail_domain for entry in ORGANISATIONS})
    with transaction.atomic():
        catalogue = load_catalogue(now=now)
        report.added["catalogue entries"] = len(catalogue.created) + len(catalogue.changed)
        organisations = _organisations(report)
        persons = _persons(people, report)
        _register([*people, *register_only()], report)
        _logins(people, persons, report)
        report.added["codes via app"] = missing_app_keys(persons, now=now)
        _employments(people, persons, organisations, report)
        _appointments(people, persons, organisations, report, now=now)
        report.added["role assignments"] = missing_assignments(people, persons, organisations, now=now)
    chief = persons[CAST[0].digits]
    report.added["demo services"] = missing_clients()
    report.added["invitations"] = missing_invitation(organisations["dubois"], chief, now=now)
    return report


def _organisations(report: SeedReport) -> dict[str, Organisation]:
    numbers = [entry.enterprise_number for entry in ORGANISATIONS]
    known = {row.enterprise_number: row for row in Organisation.objects.filter(enterprise_number__in=numbers)}
    missing = [entry for entry in ORGANISATIONS if entry.enterprise_number not in known]
    for entry in missing:
        known[entry.enterprise_number] = row = _organisation(entry)
        row.save()
    report.added["organisations"] = len(missing)
    units = {unit.number: (unit, known[entry.enterprise_number]) for entry in ORGANISATIONS for unit in entry.units}
    stored = set(EstablishmentUnit.objects.filter(number__in=units).values_list("number", flat=True))
    added = EstablishmentUnit.objects.bulk_create(
        EstablishmentUnit(number=number, organisation=owner, name=unit.name, **vars(unit.address))
        for number, (unit, owner) in units.items()
        if number not in stored
    )
    report.added["establishment units"] = len(added)
    return {entry.slug: known[entry.enterprise_number] for entry in ORGANISATIONS}


def _organisation(entry: DemoOrganisation) -> Organisation:
    return Organisation(
        enterprise_number=entry.enterprise_number,
        legal_form=entry.legal_form,
        juridical_situation=entry.juridical_situation,
        status=entry.status,
        started_on=entry.started_on,
        **{f"name_{language}": name for language, name in entry.names.items()},
        **vars(entry.address),
    )


def _persons(people: list[DemoPerson], report: SeedReport) -> dict[str, Person]:
    """Return everybody by national number."""
    indexes = {number_index(entry.digits): entry for entry in people}
    known = {row.national_number_index: row for row in Person.objects.filter(national_number_index__in=indexes)}
    missing = []
    for index, entry in indexes.items():
        if index not in known:
            known[index] = person = Person(
                given_name=entry.given_name,
                family_name=entry.family_name,
                email=entry.email,
                language=entry.language,
            )
            person.set_national_number(entry.digits)
            person.fill_keys()
            missing.append(person)
    Person.objects.bulk_create(missing)
    report.added["persons"] = len(missing)
    return {entry.digits: known[index] for index, entry in indexes.items()}


def _register(people: list[DemoPerson], report: SeedReport) -> None:
    """Give everybody a demo card: the cast first, then those who have never signed in."""
    indexes = {number_index(entry.digits): entry for entry in people}
    known = set(
        RegisteredPerson.objects.filter(national_number_index__in=indexes).values_list(
            "national_number_index", flat=True
        )
    )
    newcomers = {entry.digits for entry in register_only()}
    missing = []
    for place, (index, entry) in enumerate(indexes.items(), start=1):
        if index in known:
            continue
        card = RegisteredPerson(
            given_name=entry.given_name,
            family_name=entry.family_name,
            email=entry.email,
            language=entry.language,
            position=place if entry in CAST or entry.digits in newcomers else _SCENERY_POSITION,
        )
        card.set_national_number(entry.digits)
        card.fill_keys()
        missing.append(card)
    RegisteredPerson.objects.bulk_create(missing)
    report.added["entries of the National Register"] = len(missing)


def _logins(people: list[DemoPerson], persons: dict[str, Person], report: SeedReport) -> None:
    """Everybody the portal knows has signed in before; one of them is its admin."""
    known = set(User.objects.filter(person__in=persons.values()).values_list("person_id", flat=True))
    missing = []
    for entry in people:
        person = persons[entry.digits]
        if person.pk not in known:
            user = User(person=person, is_staff=entry == ADMIN, is_superuser=entry == ADMIN)
            user.set_unusable_password()
            missing.append(user)
    User.objects.bulk_create(missing)
    report.added["logins"] = len(missing)


def _places(
    people: Iterable[DemoPerson], persons: dict[str, Person], organisations: dict[str, Organisation]
) -> Iterable[tuple[Person, Organisation, DemoOrganisation, str]]:
    """Yield each function of each person."""
    entries = {entry.slug: entry for entry in ORGANISATIONS}
    for person in people:
        for slug, functions in person.functions:
            for function in functions:
                yield persons[person.digits], organisations[slug], entries[slug], function


def _employments(
    people: list[DemoPerson], persons: dict[str, Person], organisations: dict[str, Organisation], report: SeedReport
) -> None:
    known = set(
        Employment.objects.filter(organisation__in=organisations.values()).values_list(
            "person_id", "organisation_id", "kind"
        )
    )
    missing = []
    for person, organisation, entry, function in _places(people, persons, organisations):
        kind = _EMPLOYMENTS.get(function)
        if kind is None or (person.pk, organisation.pk, kind.value) in known:
            continue
        job = Employment(
            person=person,
            organisation=organisation,
            kind=kind,
            valid_from=entry.joined,
            valid_until=_LEFT_ON if function == "former" else None,
        )
        job.fill_keys()
        missing.append(job)
    Employment.objects.bulk_create(missing)
    report.added["employments"] = len(missing)


def _appointments(
    people: list[DemoPerson],
    persons: dict[str, Person],
    organisations: dict[str, Organisation],
    report: SeedReport,
    *,
    now: datetime,
) -> None:
    kinds = AccessManagerAppointment.Kind
    known = set(
        AccessManagerAppointment.objects.filter(organisation__in=organisations.values()).values_list(
            "person_id", "organisation_id", "kind", "domain_id"
        )
    )
    domains = {row.code: row for row in Domain.objects.all()}
    chiefs = {
        slug: persons[person.digits]
        for person in people
        for slug, functions in person.functions
        if "chief" in functions
    }
    missing = []
    for person, organisation, entry, function in _places(people, persons, organisations):
        if function in _EMPLOYMENTS:
            continue
        domain = domains.get(function)
        kind = kinds.DOMAIN if domain else kinds(function.removeprefix("former_").removeprefix("ending_"))
        if (person.pk, organisation.pk, kind.value, domain and domain.pk) in known:
            continue
        former = function.startswith("former_")
        chief = chiefs.get(entry.slug)
        missing.append(
            AccessManagerAppointment(
                organisation=organisation,
                person=person,
                kind=kind,
                domain=domain,
                valid_from=_FIRST_CHIEF_FROM if former else entry.joined,
                valid_until=local_day(now) + _ENDING_IN if function.startswith("ending_") else None,
                appointed_by=None if kind == kinds.CHIEF else chief,
                ended_at=_FIRST_CHIEF_ENDED_AT if former else None,
                ended_by=chief if former else None,
            )
        )
    AccessManagerAppointment.objects.bulk_create(missing)
    report.added["access managers"] = len(missing)
