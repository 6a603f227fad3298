"""Two people with a card: a chief access manager, and somebody the portal has never met."""

import pytest

from rolemgmt.demo.numbers import national_number
from tenants.models import Person, RegisteredPerson
from tests.csam.flows import card_of, organisation_called, stranger
from tests.factories import AppointmentFactory, EmploymentFactory, PersonFactory


@pytest.fixture
def chief(db: None) -> Person:
    """The chief access manager of one organisation."""
    person = PersonFactory(given_name="Léa", family_name="Marchal", email="lea@atelier.example", language="en")
    organisation = organisation_called("Atelier Marchal SRL")
    EmploymentFactory(person=person, organisation=organisation, kind="legal_representative")
    AppointmentFactory(person=person, organisation=organisation)
    return person


@pytest.fixture
def card(chief: Person) -> RegisteredPerson:
    """The chief's card."""
    return card_of(chief)


@pytest.fixture
def newcomer(db: None) -> RegisteredPerson:
    """Somebody of the register whom the portal does not know."""
    return stranger(national_number(4_900))
