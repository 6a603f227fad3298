"""Both guides to their last page: in the portal from the first click, and on to the service that lets people in."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rolemgmt.demo.clients import introduce_services
from tests.demo_services.conftest import serve
from tests.journeys.conftest import Visitor
from tests.plugins.postgres import free_port


@pytest.fixture
def services(portal: str, settings: Any, tmp_path: Path) -> Iterator[str]:
    """The address of the two demo services, as clients of the portal."""
    settings.FAS_ISSUER = f"{portal}/fas/oauth2"
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, "OIDC_ISS_ENDPOINT": settings.FAS_ISSUER}
    port = free_port()
    file = tmp_path / "demo-services.json"
    introduce_services(file, address=f"http://127.0.0.1:{port}")
    with serve(file, port) as address:
        yield address


def with_card(visitor: Visitor, name: str) -> None:
    """Show a card on the portal's login page, wherever one came from."""
    visitor.page.locator('form[action="/login/eid/"] button').click()
    visitor.page.get_by_label(name, exact=True).check()
    visitor.page.locator("input[type=password]").fill("1234")
    visitor.page.locator("main form button.button").click()


def test_jean_gets_in(visit: Callable[..., Visitor], services: str) -> None:
    jean = visit("fr")
    jean.page.goto(f"{services}/fluvius/")
    jean.page.locator("main button.main").click()
    with_card(jean, "Jean Dubois")
    print(jean.page.url, jean.heading, jean.text)
    jean.page.locator("main button").first.click()
    print(jean.page.url, jean.heading, jean.text)
    assert jean.heading == "Boulangerie Dubois SRL"
