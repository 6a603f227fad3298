"""Back and Reload after a page with errors open it anew, and the browser asks nobody to send a form again."""

from collections.abc import Callable

from playwright.sync_api import Page, Request, expect

from tests.journeys.conftest import Visitor


def sent_by(page: Page) -> list[str]:
    """Return a list that grows by every request for a page: its method and its path."""
    asked: list[str] = []

    def note(request: Request) -> None:
        if request.is_navigation_request():
            asked.append(f"{request.method} {request.url.partition('//')[2].partition('/')[2].partition('?')[0]}")

    page.on("request", note)
    return asked


def at_the_roles(visit: Callable[..., Visitor]) -> Visitor:
    """Return Jean, who has chosen himself, at the step of the roles."""
    jean = visit()
    jean.sign_in("Jean Dubois")
    jean.settle()
    jean.open("/assignments/new/")
    jean.page.locator("main form:has(input[value=search]) button").click()
    jean.page.locator("#myself").check()
    jean.page.locator("button[value=next]").click()
    expect(jean.page.locator("h1")).to_have_text("Which roles do you want to assign?")
    return jean


def test_back_to_a_step_with_an_error_shows_what_is_stored_and_sends_nothing(visit: Callable[..., Visitor]) -> None:
    jean = at_the_roles(visit)
    page = jean.page
    page.locator("button[value=next]").click()
    expect(page.locator(".error-summary")).to_be_visible()
    step = page.url.partition("//")[2].partition("/")[2].partition("?")[0]
    page.locator("#role-CCB_SAFEONWEBATWORK_EDIT").check()
    page.locator("button[value=next]").click()
    expect(page.locator("h1")).to_have_text("Which properties for these roles?")

    asked = sent_by(page)
    page.go_back()
    expect(page.locator("h1")).to_have_text("Which roles do you want to assign?")
    expect(page.locator(".error-summary")).to_have_count(0)
    expect(page.locator(".basket")).to_contain_text("CCB SAFEONWEBATWORK EDIT")
    assert asked == [f"GET {step}"]


def test_reload_of_a_page_with_an_error_opens_it_anew(visit: Callable[..., Visitor]) -> None:
    jean = at_the_roles(visit)
    page = jean.page
    page.locator("button[value=next]").click()
    expect(page.locator(".error-summary")).to_be_visible()
    asked = sent_by(page)
    page.reload()
    expect(page.locator(".error-summary")).to_have_count(0)
    assert [line.partition(" ")[0] for line in asked] == ["GET"]
