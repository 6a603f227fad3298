"""A served portal with its demo, and visitors who use it as people do: by what they see and press."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Locator, Page

from outbox.delivery import deliver_due
from rolemgmt.demo.seed import seed_demo


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here runs in a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


class Visitor:
    """Somebody at a browser of their own. Counts the pages seen and the actions taken (SCREENS 3)."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.context = context
        self.base = base
        self.page: Page = context.new_page()
        self.actions = 0
        self.problems: list[str] = []
        self.page.on("console", lambda message: self.problems.append(message.text))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))

    def open(self, path: str = "/") -> None:
        """Type an address."""
        self.page.goto(self.base + path)

    def press(self, name: str, **options: Any) -> None:
        """Press a button or follow a link by its words."""
        self.actions += 1
        control = self.page.get_by_role("button", name=name, **options).or_(
            self.page.get_by_role("link", name=name, **options)
        )
        control.first.click()

    def tick(self, name: str) -> None:
        """Tick a box or choose a radio button by its label."""
        self.actions += 1
        self.page.get_by_label(name, exact=True).check()

    def type(self, label: str, text: str) -> None:
        """Fill in a field by its label."""
        self.actions += 1
        self.page.get_by_label(label, exact=True).fill(text)

    def sign_in(self, name: str, *, path: str = "/login/") -> None:
        """Sign in with the eID card of a demo person, PIN 1234; answer nothing else."""
        self.open(path)
        self.page.locator('form[action="/login/eid/"] button').click()
        self.page.get_by_label(name, exact=True).check()
        self.page.locator("input[type=password]").fill("1234")
        self.page.locator("main form button.button").click()

    def settle(self) -> Page:
        """Wait until the page that a press asked for is there. A press itself does not wait for it."""
        self.page.wait_for_timeout(60)
        self.page.wait_for_load_state("load")
        return self.page

    @property
    def heading(self) -> str:
        """The page's one H1."""
        return self.settle().locator("h1").inner_text().replace("\n", " ")

    @property
    def text(self) -> str:
        """All the words of the page, with single spaces."""
        return re.sub(r"\s+", " ", self.settle().locator("main").inner_text())

    @property
    def overflow(self) -> int:
        """How many pixels the page is wider than its window."""
        return int(
            self.settle().evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        )

    def tab_to(self, target: Locator, *, most: int = 80) -> int:
        """Press Tab until `target` has the focus; return how often. For people without a mouse."""
        for presses in range(1, most + 1):
            self.page.keyboard.press("Tab")
            if target.evaluate("element => element === document.activeElement"):
                return presses
        raise AssertionError(f"{target} was not reached with {most} presses of Tab")


@pytest.fixture
def portal(transactional_db: None, live_server: Any, settings: Any) -> str:
    """The address of a portal with its demo."""
    settings.PORTAL_BASE_URL = live_server.url
    seed_demo(now=timezone.now())
    # The demonstration's own invitation leaves before anybody comes, as with its worker.
    deliver_due(worker="journey", now=timezone.now(), limit=100)
    return str(live_server.url)


@pytest.fixture
def visit(browser: Browser, portal: str) -> Iterator[Callable[..., Visitor]]:
    """Return a function that opens a browser of its own: language, JavaScript or not, width, scheme."""
    contexts: list[BrowserContext] = []
    visitors: list[Visitor] = []

    def make(
        language: str = "en", *, javascript: bool = True, width: int = 1280, height: int = 900, scheme: Any = "light"
    ) -> Visitor:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            java_script_enabled=javascript,
            color_scheme=scheme,
            locale=language,
        )
        # The language somebody chose at the top of a page; it goes before the one kept on the person.
        context.add_cookies([{"name": "language", "value": language, "url": portal}])
        contexts.append(context)
        visitors.append(Visitor(context, portal))
        return visitors[-1]

    yield make
    for context in contexts:
        context.close()
    found = [problem for visitor in visitors for problem in visitor.problems if "status of 4" not in problem]
    assert not found, f"the browser complained: {found}"


@pytest.fixture
def post() -> Callable[..., int]:
    """Return a function that sends the letters that are due, as the worker does; `minutes` from now."""

    def send(minutes: int = 0) -> int:
        return deliver_due(worker="journey", now=timezone.now() + timedelta(minutes=minutes), limit=100)

    return send
