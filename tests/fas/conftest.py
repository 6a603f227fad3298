"""What most tests of the provider begin with: a service of the catalogue, its client, and somebody signed in."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser

from fas.models import Client
from roles.models import Role, RoleAssignment
from tests.conftest import Cast
from tests.factories import AssignmentFactory
from tests.fas.relying_party import RelyingParty
from tests.fas.rows import a_client

SignIn = Callable[..., Browser]
ENERGY = "FLUVIUS_ENERGY_PORTAL_ADMIN"


@pytest.fixture
def energy(catalogue: dict[str, Role]) -> Role:
    """The role for the energy portal."""
    return catalogue[ENERGY]


@pytest.fixture
def client_row(energy: Role) -> Client:
    """The energy portal as a client."""
    return a_client(energy.services.get(), client_id="energy", name="Energy portal")


@pytest.fixture
def party(client_row: Client, cast: Cast, sign_in: SignIn) -> RelyingParty:
    """The energy portal, and Anna's browser, signed in at the portal with her eID."""
    return RelyingParty(client_row, sign_in(cast.anna, sign_in_key="eid"))


@pytest.fixture
def held(energy: Role, cast: Cast) -> RoleAssignment:
    """Anna's role for Dubois."""
    given: Any = AssignmentFactory(
        role=energy, assignee=cast.anna, organisation=cast.dubois, assigned_by=cast.jean, properties={}
    )
    return given
