"""No time limit without warning: the notice two minutes before a session ends, in a real browser (WCAG 2.2.1)."""

import re
from collections.abc import Callable
from datetime import timedelta

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import Visitor

STAY = "Stay signed in"
SOON = "Your session ends in less than two minutes"
OVER = "Your session has ended"
STAYS = re.compile(r"^You stay signed in until \d+:\d\d\.$")


def at_work(visit: Callable[..., Visitor], path: str = "/help/", **options: object) -> Visitor:
    """Return Jean, signed in, on a page, in a browser whose clock the test moves."""
    visitor = visit(**options)
    visitor.context.clock.install()
    visitor.sign_in("Jean Dubois")
    visitor.settle()
    visitor.open(path)
    return visitor


def notice(page: Page) -> Locator:
    """The status at the top of every page, empty until there is something to say."""
    return page.get_by_role("status")


def test_the_notice_comes_two_minutes_before_and_the_button_puts_the_end_off(visit: Callable[..., Visitor]) -> None:
    visitor = at_work(visit)
    page = visitor.page
    expect(notice(page)).to_be_empty()
    page.clock.fast_forward("27:50")
    expect(notice(page)).to_be_empty()
    page.clock.fast_forward("00:20")
    expect(notice(page)).to_contain_text(SOON)
    expect(page.locator("#session-end")).to_be_visible()
    before = page.locator("#session-end").inner_text()
    page.locator("#session-end").evaluate("element => element.textContent = '-'")
    visitor.press(STAY)
    expect(notice(page)).to_have_text(STAYS)
    expect(page.locator("#session-end")).to_have_text(re.compile(r"^Your session ends at .* if you do nothing$"))
    assert before.startswith("Your session ends at ")
    page.clock.fast_forward("27:00")
    expect(notice(page)).to_be_empty()
    page.clock.fast_forward("01:20")
    expect(notice(page)).to_contain_text(SOON)


def test_it_takes_no_focus_and_gives_it_back(visit: Callable[..., Visitor]) -> None:
    visitor = at_work(visit, "/profile/email/")
    page = visitor.page
    field = page.locator("#id_email")
    field.fill("half@an.addr")
    page.clock.fast_forward("28:30")
    expect(notice(page)).to_contain_text(SOON)
    expect(field).to_be_focused()
    button = page.get_by_role("button", name=STAY)
    for _press in range(40):
        page.keyboard.press("Shift+Tab")
        if button.evaluate("element => element === document.activeElement"):
            break
    expect(button).to_be_focused()
    expect(button).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(notice(page)).to_have_text(STAYS)
    expect(field).to_be_focused()
    expect(field).to_have_value("half@an.addr")


def test_that_one_stays_is_said_for_ten_seconds_and_the_focus_stays_where_it_was(
    visit: Callable[..., Visitor],
) -> None:
    visitor = at_work(visit)
    page = visitor.page
    region = page.get_by_role("region", name="Your session")
    expect(region.get_by_role("status")).to_be_attached()
    page.clock.fast_forward("28:30")
    expect(region).to_contain_text(SOON)
    visitor.press(STAY)
    expect(region).to_have_text(STAYS)
    expect(page.locator("#main-content")).to_be_focused()
    page.clock.fast_forward("00:09")
    expect(notice(page)).to_have_text(STAYS)
    page.clock.fast_forward("00:02")
    expect(notice(page)).to_be_empty()
    expect(page.locator("#main-content")).to_be_focused()
    page.clock.fast_forward("28:30")
    expect(notice(page)).to_contain_text(SOON)


def test_it_is_in_view_and_accessible_and_fits_wherever_the_page_stands(visit: Callable[..., Visitor]) -> None:
    for width, scheme in ((320, "dark"), (1280, "light")):
        visitor = at_work(visit, width=width, scheme=scheme)
        page = visitor.page
        page.locator("footer").scroll_into_view_if_needed()
        page.clock.fast_forward("28:30")
        expect(page.get_by_role("button", name=STAY)).to_be_in_viewport()
        assert visitor.overflow == 0
        result = Axe().run(page).response
        assert [finding["id"] for finding in result["violations"]] == []


def test_a_laptop_that_slept_too_long_finds_that_the_session_has_ended(visit: Callable[..., Visitor]) -> None:
    visitor = at_work(visit, "/history/?page=1")
    page = visitor.page
    page.clock.fast_forward("08:00:00")
    expect(notice(page)).to_contain_text(OVER)
    expect(page.get_by_role("button", name=STAY)).to_have_count(0)
    Session.objects.all().delete()  # as the rules do with the next request
    visitor.press("Sign in")
    assert visitor.settle().url.endswith("/login/?next=%2Fhistory%2F%3Fpage%3D1")


def test_a_session_ended_elsewhere_cannot_be_kept(visit: Callable[..., Visitor]) -> None:
    visitor = at_work(visit)
    page = visitor.page
    page.clock.fast_forward("28:30")
    Session.objects.all().delete()
    visitor.press(STAY)
    expect(notice(page)).to_contain_text(OVER)
    expect(page.locator("#main-content")).to_be_focused()


def test_when_the_service_does_not_answer_it_says_so_and_one_can_try_again(visit: Callable[..., Visitor]) -> None:
    visitor = at_work(visit)
    page = visitor.page
    page.clock.fast_forward("28:30")
    page.route("**/session/stay/", lambda route: route.abort())
    visitor.press(STAY)
    expect(notice(page)).to_contain_text("The service did not answer. Try again.")
    page.unroute("**/session/stay/")
    visitor.press(STAY)
    expect(notice(page)).to_have_text(STAYS)
    assert [problem for problem in visitor.problems if "ERR_FAILED" not in problem] == []
    visitor.problems.clear()


def test_what_is_done_in_one_tab_counts_in_the_other(visit: Callable[..., Visitor]) -> None:
    visitor = at_work(visit)
    first, second = visitor.page, visitor.context.new_page()
    second.goto(visitor.base + "/privacy/")
    first.clock.fast_forward("28:30")
    expect(notice(first)).to_contain_text(SOON)
    expect(notice(second)).to_contain_text(SOON)
    second.get_by_role("button", name=STAY).click()
    expect(notice(second)).to_have_text(STAYS)
    expect(notice(first)).to_be_empty()
    first.clock.fast_forward("28:30")
    expect(notice(first)).to_contain_text(SOON)
    second.goto(visitor.base + "/accessibility/")
    expect(notice(first)).to_be_empty()


def test_in_the_last_half_hour_the_notice_says_that_the_session_cannot_last_longer(
    visit: Callable[..., Visitor],
) -> None:
    visitor = at_work(visit)
    store = SessionStore(Session.objects.latest("expire_date").session_key)
    begun = timezone.now() - settings.SESSION_ABSOLUTE + timedelta(minutes=20)
    store["signed_in_at"] = begun.isoformat()
    store.save()
    visitor.open("/help/")
    page = visitor.page
    expect(page.locator("#session-end")).to_contain_text("After that, you can sign in again")
    page.clock.fast_forward("18:30")
    expect(notice(page)).to_contain_text("cannot last longer")
    expect(page.get_by_role("button", name=STAY)).to_have_count(0)
    page.clock.fast_forward("02:00")
    expect(notice(page)).to_contain_text(OVER)


def test_without_the_script_the_footer_says_it_and_there_is_no_notice(visit: Callable[..., Visitor]) -> None:
    visitor = visit(javascript=False)
    visitor.sign_in("Jean Dubois")
    visitor.settle()
    visitor.open("/help/")
    assert "Your session ends at " in visitor.page.locator("footer").inner_text()
    assert STAY not in visitor.page.locator("body").inner_text()
