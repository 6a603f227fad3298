"""Rows for tests that need more than the standing cast."""

from datetime import timedelta

import factory
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from csam.models import User
from rolemgmt.demo.numbers import enterprise_number, national_number
from roles.models import OnlineService, Role, RoleAssignment, RoleProperty, RoleRequest
from tenants.models import AccessManagerAppointment, Domain, Employment, Organisation, Person

# Far from the indexes of the demonstration.
_FIRST = 5_000


class PersonFactory(factory.django.DjangoModelFactory):
    """A person of no importance."""

    class Meta:
        model = Person
        exclude = ["digits"]

    digits = factory.Sequence(lambda n: national_number(_FIRST + n))
    given_name = factory.Sequence(lambda n: f"Pascale{'abcdefghij'[n % 10]}")
    family_name = factory.Sequence(lambda n: f"Willems{n}")
    email = factory.Sequence(lambda n: f"person{n}@post.example")
    language = "fr"

    @classmethod
    def _create(cls, model_class, *args, **kwargs):  # type: ignore[no-untyped-def]
        person = model_class(*args, **kwargs)
        person.set_national_number(cls._digits())
        person.save()
        return person

    _next = _FIRST

    @classmethod
    def _digits(cls) -> str:
        PersonFactory._next += 1
        return national_number(PersonFactory._next)


class UserFactory(factory.django.DjangoModelFactory):
    """A login."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    person = factory.SubFactory(PersonFactory)
    password = factory.LazyFunction(lambda: make_password(None))


class OrganisationFactory(factory.django.DjangoModelFactory):
    """An organisation of no importance."""

    class Meta:
        model = Organisation

    enterprise_number = factory.Sequence(lambda n: enterprise_number(800_000 + n))
    name_fr = factory.Sequence(lambda n: f"Atelier {n} SRL")
    name_nl = factory.Sequence(lambda n: f"Werkhuis {n} BV")
    municipality = "Mons"


class EmploymentFactory(factory.django.DjangoModelFactory):
    """Somebody works somewhere."""

    class Meta:
        model = Employment

    person = factory.SubFactory(PersonFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    valid_from = factory.LazyFunction(lambda: timezone.localdate().replace(year=2020, day=1))


class AppointmentFactory(factory.django.DjangoModelFactory):
    """Somebody is access manager somewhere."""

    class Meta:
        model = AccessManagerAppointment

    person = factory.SubFactory(PersonFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    kind = "chief"
    valid_from = factory.LazyFunction(lambda: timezone.localdate().replace(year=2020, day=1))


class AssignmentFactory(factory.django.DjangoModelFactory):
    """A role that somebody holds, given today by the holder unless said otherwise."""

    class Meta:
        model = RoleAssignment

    reference = factory.Sequence(lambda n: f"AR-2020-{n:06d}-1")
    assignee = factory.SubFactory(PersonFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    assigned_by = factory.SelfAttribute("assignee")
    assigned_at = factory.LazyFunction(timezone.now)
    valid_from = factory.LazyFunction(timezone.localdate)


class RequestFactory(factory.django.DjangoModelFactory):
    """A role that somebody asked for today, and that nobody has decided on."""

    class Meta:
        model = RoleRequest

    reference = factory.Sequence(lambda n: f"DR-2020-{n:06d}-1")
    requester = factory.SubFactory(PersonFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    requested_at = factory.LazyFunction(timezone.now)
    valid_from = factory.LazyFunction(timezone.localdate)
    decide_before = factory.LazyFunction(lambda: timezone.localdate() + timedelta(days=30))


class DomainFactory(factory.django.DjangoModelFactory):
    """A group of online services; the same code gives the same row."""

    class Meta:
        model = Domain
        django_get_or_create = ["code"]

    code = "FINANCE"
    name_en = factory.LazyAttribute(lambda domain: domain.code.title())


class ServiceFactory(factory.django.DjangoModelFactory):
    """An online service."""

    class Meta:
        model = OnlineService

    code = factory.Sequence(lambda n: f"service-{n}")
    name_en = factory.Sequence(lambda n: f"Service {n}")
    owner_en = "FPS Example"
    domain = factory.SubFactory(DomainFactory)


class RoleFactory(factory.django.DjangoModelFactory):
    """A role that can be assigned, of one service; quicker than the whole catalogue."""

    class Meta:
        model = Role

    code = factory.Sequence(lambda n: f"EXAMPLE_{n}")
    name_en = factory.Sequence(lambda n: f"Example role {n}")
    description_en = "What this example lets one do"
    domain = factory.SubFactory(DomainFactory)

    @classmethod
    def _create(cls, model_class, *args, **kwargs):  # type: ignore[no-untyped-def]
        role = super()._create(model_class, *args, **kwargs)
        role.services.add(ServiceFactory(domain=role.domain))
        role.refresh_search_key()
        return role


class PropertyFactory(factory.django.DjangoModelFactory):
    """A question that a role asks."""

    class Meta:
        model = RoleProperty

    role = factory.SubFactory(RoleFactory)
    code = factory.Sequence(lambda n: f"QUESTION_{n}")
    kind = "yes_no"
    label_en = factory.Sequence(lambda n: f"Question {n}")
    label_fr = label_nl = label_de = factory.SelfAttribute("label_en")
