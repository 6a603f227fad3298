"""The pictures that the README shows, taken anew: `make pictures`."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.screens.serving import HOST, serve
from tests.screens.stage import Stage
from tests.screens.table import table

pytestmark = [pytest.mark.browser, pytest.mark.pictures, pytest.mark.django_db]

FOLDER = Path(__file__).parent / "pictures"
# Name of the file, state of the table, and where on the page the picture begins.
WIDE = {
    "start": ("home--start", ""),
    "finder": ("role_finder--found-signed-in", ""),
    "login": ("login--first-visit", ""),
    "itsme-waiting": ("itsme_waiting--asked", ""),
    "tasks": ("home--chief-with-much-to-do", ""),
    "roles": ("wizard_roles--first-visit", ""),
    "review": ("wizard_review--several-people-and-roles", ""),
    "done": ("wizard_done--just-finished", ""),
    "assignment-works": ("assignment--active", ""),
    "manage-filtered": ("assignments--a-few", "#results"),
    "managers": ("managers--of-the-chief", ""),
    "service-receives": ("agree--with-the-number", ""),
}
PHONE = {
    "my-roles-phone": ("my_roles--every-current-status", "main"),
    "itsme-phone": ("phone--asked", ""),
    "errors-phone": ("wizard_properties--no-duration-chosen", "main"),
}

DARK = {"my-roles-phone"}
# Pages whose end matters too, in pixels.
TALL = {"review": 1250, "done": 1150, "assignment-works": 1250}


@pytest.mark.parametrize("name", [*WIDE, *PHONE])
def test_take(browser: Browser, stage: Stage, name: str) -> None:
    state_id, top = {**WIDE, **PHONE}[name]
    state = next(state for state in table() if state.id == state_id)
    context = browser.new_context(
        viewport={"width": 390 if name in PHONE else 1100, "height": TALL.get(name, 900)},
        color_scheme="dark" if name in DARK else "light",
        locale="fr",
    )
    page = context.new_page()
    serve(page, state.page(stage, "fr"))
    page.goto(f"{HOST}/")
    # Without the focus ring, which is where the visitor happens to be.
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    if top:
        page.locator(top).first.evaluate("element => element.scrollIntoView()")
    page.screenshot(path=FOLDER / f"{name}.png")
    context.close()
