"""Another method than an address takes is told with those it takes: to services as JSON, to people as a page."""

from typing import Any

import pytest
from django.test import Client as Browser

from tests.conftest import Cast
from tests.fas.api.asking import FEED, LOOKUPS
from tests.fas.relying_party import BASE

pytestmark = pytest.mark.django_db

SERVICES = {
    f"{BASE}/access_token": "POST",
    f"{BASE}/introspect": "POST",
    f"{BASE}/revoke": "POST",
    f"{BASE}/userinfo": "GET, HEAD, POST",
    f"{BASE}/connect/jwk_uri": "GET, HEAD",
    f"{BASE}/.well-known/openid-configuration": "GET, HEAD",
}
PAGES = ("/fas/api/docs/", "/fas/request-role/", "/fas/sign-in/none/cancel/", "/fas/sign-in/none/0-0/")


@pytest.mark.parametrize("address", SERVICES)
def test_a_service_reads_which_methods_an_address_takes(address: str) -> None:
    taken = SERVICES[address]
    for method in {"GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "HEAD"} - set(taken.split(", ")):
        answer = Browser(enforce_csrf_checks=True).generic(method, address)
        assert (answer.status_code, answer.headers["Allow"]) == (405, taken), method
        assert answer.headers["Content-Type"] == "application/json"
        if method != "HEAD":
            assert answer.json() == {"error": "invalid_request", "error_description": f"This address takes {taken}."}


@pytest.mark.parametrize(("address", "taken"), [(LOOKUPS, "POST"), (FEED, "GET")])
def test_the_look_up_interface_says_it_as_a_problem(address: str, taken: str) -> None:
    for method in {"GET", "POST", "PUT", "DELETE"} - {taken}:
        answer = Browser(enforce_csrf_checks=True).generic(method, address)
        assert (answer.status_code, answer.headers["Allow"]) == (405, taken), method
        assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("address", [*PAGES, "/profile/services/"])
def test_a_post_to_a_page_to_look_at_is_405_with_a_page(address: str, cast: Cast, sign_in: Any) -> None:
    cookies = sign_in(cast.anna).cookies
    browser = Browser(enforce_csrf_checks=True)
    browser.cookies.load({name: morsel.value for name, morsel in cookies.items()})
    browser.cookies["language"] = "en"
    answer = browser.post(address)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")
    assert '<a href="/">My open tasks</a>' in answer.content.decode()
