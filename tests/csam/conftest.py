"""Two people with a card: a chief access manager, and somebody the portal has never met."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher

from csam.oidc import metadata
from csam.oidc.config import Provider
from rolemgmt.demo.numbers import national_number
from tenants.models import Person, RegisteredPerson
from tests.csam.flows import card_of, organisation_called, stranger
from tests.csam.oidc_provider import CLIENT_ID, CLIENT_SECRET, PretendProvider
from tests.factories import AppointmentFactory, EmploymentFactory, PersonFactory


@pytest.fixture(autouse=True)
def _codes_are_hashed_quickly(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash codes with the algorithm of production at its lowest price: the full one takes 100 MB each time.

    Races keep the full price, which is what makes their threads overlap (marker `full_price`).
    """
    if request.node.get_closest_marker("full_price") is None:
        for name, lowest in {"time_cost": 1, "memory_cost": 8, "parallelism": 1}.items():
            monkeypatch.setattr(Argon2PasswordHasher, name, lowest)


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


@pytest.fixture(scope="session")
def running_provider() -> Iterator[PretendProvider]:
    """One provider for the whole run: making its keys takes a while."""
    provider = PretendProvider()
    yield provider
    provider.stop()


@pytest.fixture
def provider(running_provider: PretendProvider, settings: Any) -> Iterator[PretendProvider]:
    """The provider, honest, set in the settings, with the mock off and nothing remembered of it."""
    running_provider.reset()
    metadata.forget()
    settings.OIDC = Provider(running_provider.issuer, CLIENT_ID, CLIENT_SECRET, name="Federal test service")
    settings.CSAM_MOCK = False
    settings.DEMO_INSTANCE = False
    yield running_provider
    running_provider.release.set()
    metadata.forget()
