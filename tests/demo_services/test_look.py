"""Every page of the demo services in a real browser: WCAG 2.2 AA by axe, at every width, in every scheme."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.demo_services.provider import ServiceProvider, entry

pytestmark = pytest.mark.browser

ROLES = {"fluvius": "FLUVIUS_ENERGY_PORTAL_ADMIN", "safeonweb": "CCB_SAFEONWEBATWORK_EDIT"}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(params=[("light", "none", 1280), ("dark", "none", 320), ("dark", "active", 400)], ids=str)
def page(request: Any, browser: Browser, services: str) -> Iterator[Page]:
    """A page in one scheme and width, that complains when its policy is broken."""
    scheme, forced, width = request.param
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        forced_colors=forced,
        locale="en",
        base_url=services,
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    yield page
    context.close()
    assert not [text for text in complaints if "status of" not in text]


def look(page: Page) -> None:
    """Fail on anything that axe finds, on sideways scrolling, and on targets that are too small."""
    forced = page.evaluate("matchMedia('(forced-colors: active)').matches")
    # With forced colours the browser's own are shown, which axe does not see.
    options = {"runOnly": RULES, **({"rules": {"color-contrast": {"enabled": False}}} if forced else {})}
    found = Axe().run(page, options=options).response
    assert [(item["id"], [node["html"] for node in item["nodes"]]) for item in found["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    assert page.locator("h1").count() == 1


@pytest.mark.parametrize("site", ROLES)
def test_every_page_is_accessible(page: Page, provider: ServiceProvider, site: str) -> None:
    provider.person["roles"] = [entry(ROLES[site], properties={"TYPES": ["A"]}, validUntil="2027-01-31")]
    page.goto("/")
    look(page)
    page.goto(f"/{site}/")
    look(page)
    page.get_by_role("button", name="Sign in with the federal service").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Boulangerie Dubois SRL"
    look(page)
    page.get_by_role("button", name="Check again").click()
    assert "Nothing has changed." in page.locator("main").inner_text()
    look(page)
    provider.person["roles"] = []
    page.get_by_role("button", name="Check again").click()
    assert page.get_by_role("heading", level=1).inner_text() == "You have no access yet"
    look(page)
    for path in (f"/{site}/callback/?state=x&code=y", f"/{site}/signed-out/", "/nowhere/"):
        page.goto(path)
        look(page)


def test_everything_works_from_the_keyboard(page: Page, provider: ServiceProvider) -> None:
    page.goto("/fluvius/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#content"
    for _press in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName === 'BUTTON'"):
            break
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Boulangerie Dubois SRL").wait_for()
