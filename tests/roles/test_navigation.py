"""Which entry of the navigation is marked on the pages that the first page leads to (SCREENS 1.2)."""

import re
from typing import Any

import pytest
from django.test import Client

TASKS = ("/access-managers/", "/access-managers/new/", "/history/", "/invitations/", "/invitations/new/")


def marks_on(client: Client, address: str) -> dict[str, str]:
    """Return what the navigation says of each of its entries: address -> aria-current."""
    client.cookies["language"] = "en"
    page = client.get(address, follow=True).content.decode()
    nav = page[page.index('<nav class="service-nav"') :]
    return dict(re.findall(r'<a href="([^"]+)"(?: aria-current="(\w+)")?>', nav[: nav.index("</nav>")]))


@pytest.mark.parametrize("address", [*TASKS, "/requests/"])
def test_below_my_open_tasks_these_are_marked_as_the_parent(
    cast: Any, catalogue: Any, sign_in: Any, address: str
) -> None:
    assert marks_on(sign_in(cast.jean), address) == {"/": "true", "/my-roles/": "", "/assignments/": ""}


@pytest.mark.parametrize("address", TASKS)
def test_a_refusal_stands_where_the_page_would(cast: Any, catalogue: Any, sign_in: Any, address: str) -> None:
    assert marks_on(sign_in(cast.anna), address)["/"] == "true"


@pytest.mark.parametrize("address", ["/", "/my-roles/", "/assignments/"])
def test_the_page_of_an_entry_is_marked_as_the_page_and_no_other(
    cast: Any, catalogue: Any, sign_in: Any, address: str
) -> None:
    marks = marks_on(sign_in(cast.jean), address)
    assert {url: mark for url, mark in marks.items() if mark} == {address: "page"}
