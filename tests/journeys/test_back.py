"""Back and Reload after a page with errors open it anew, and the browser asks nobody to send a form again."""

from collections.abc import Callable

from playwright.sync_api import Page, Request, expect

from tests.journeys.conftest import Visitor

STEP = "Which properties for these roles?"


def methods_of(page: Page) -> list[str]:
    """Return a list that grows by the method of every request for a page."""
    asked: list[str] = []

    def note(request: Request) -> None:
        if request.is_navigation_request():
            asked.append(request.method)

    page.on("request", note)
    return asked


def at_an_error(visit: Callable[..., Visitor]) -> Visitor:
    """Return Jean, who goes on from the step of the properties without an answer."""
    jean = visit()
    jean.sign_in("Jean Dubois")
    jean.settle()
    jean.open("/assignments/new/?role=CCB_SAFEONWEBATWORK_EDIT")
    jean.page.locator("main form:has(input[value=search]) button").click()
    jean.page.locator("#myself").check()
    for _step in ("persons", "roles", "properties"):
        jean.page.locator("button[value=next]").click()
    expect(jean.page.locator(".error-summary")).to_be_visible()
    expect(jean.page.locator("h1")).to_have_text(STEP)
    return jean


def test_back_to_a_step_with_an_error_shows_what_is_stored_and_sends_nothing(visit: Callable[..., Visitor]) -> None:
    jean = at_an_error(visit)
    page = jean.page
    page.locator('input[name="duration"][value="unlimited"]').check()
    page.locator("button[value=next]").click()
    expect(page.locator("h1")).to_have_text("Check before you finish the assignment")

    asked = methods_of(page)
    page.go_back()
    expect(page.locator("h1")).to_have_text(STEP)
    expect(page.locator(".error-summary")).to_have_count(0)
    expect(page.locator('input[name="duration"][value="unlimited"]')).to_be_checked()
    assert asked == ["GET"]


def test_reload_of_a_page_with_an_error_opens_it_anew(visit: Callable[..., Visitor]) -> None:
    jean = at_an_error(visit)
    asked = methods_of(jean.page)
    jean.page.reload()
    expect(jean.page.locator("h1")).to_have_text(STEP)
    expect(jean.page.locator(".error-summary")).to_have_count(0)
    assert asked == ["GET"]
