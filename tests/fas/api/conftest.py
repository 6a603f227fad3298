"""Two services that ask by themselves: the energy portal, and its neighbour."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fas.models import Client
from fas.operations import use
from roles.models import Role, RoleAssignment
from tests.conftest import Cast
from tests.factories import AssignmentFactory
from tests.fas.api.asking import Asker
from tests.fas.rows import a_client

BY_ITSELF = "roles:lookup roles:changes"


@pytest.fixture(autouse=True)
def _fresh_limits(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let each test begin with nothing in this process's memory."""
    monkeypatch.setattr("fas.api.access.allowances", use.Allowances())
    return


@pytest.fixture
def client_row(energy: Role) -> Client:
    """The energy portal as a client that asks by itself."""
    return a_client(energy.services.get(), client_id="energy", name="Energy portal", scopes=BY_ITSELF)


@pytest.fixture
def asker(client_row: Client) -> Asker:
    """The energy portal, with a token for everything it may."""
    return Asker.of(client_row)


@pytest.fixture
def neighbour(catalogue: dict[str, Role]) -> Asker:
    """Another service, with a token of its own."""
    other = catalogue["CCB_SAFEONWEBATWORK_EDIT"].services.first()
    return Asker.of(a_client(other, client_id="other", name="Another service", scopes=BY_ITSELF))


@pytest.fixture
def give(energy: Role, cast: Cast) -> Callable[..., RoleAssignment]:
    """Return a function that gives Anna the energy role."""

    def make(**values: Any) -> RoleAssignment:
        common = {"role": energy, "assignee": cast.anna, "organisation": cast.dubois, "assigned_by": cast.jean}
        given: RoleAssignment = AssignmentFactory(**{**common, "properties": {}, **values})
        return given

    return make
