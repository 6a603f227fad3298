"""A portal with its demo, served as in production, and the pages of it that a release measures."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page

from tests.plugins.postgres import free_port

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120
PIN = "1234"
ROLE = "FIN_MANDATE_EXECUTOR"


@dataclass(frozen=True)
class Visit:
    """A page to measure: its name, its address on the server, and the cookies that open it."""

    name: str
    path: str
    cookies: tuple[tuple[str, str], ...] = ()

    def cookie_header(self, language: str) -> str:
        """Return the cookies as a browser sends them, in a language."""
        return "; ".join(f"{name}={value}" for name, value in (*self.cookies, ("language", language)))


@contextmanager
def served() -> Iterator[str]:
    """Serve a demo of its own on a free port, DEBUG off, by gunicorn with collected files; yield its address."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="portal-release-") as folder:
        environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        environment |= {"PORTAL_ENV_FILE": f"{folder}/env", "DATABASE_URL": f"sqlite:///{folder}/portal.sqlite3"}
        command = [sys.executable, "manage.py", "demo", "--port", str(port), "--verbosity", "0"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        try:
            _wait(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(30)


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/login/")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.3)
        finally:
            connection.close()
    raise RuntimeError("the demo did not start; the lines above say why")


def pages(browser: Browser, base: str) -> list[Visit]:
    """Walk through the portal and return every page to measure."""
    found = [
        Visit(name, path)
        for name, path in (
            *(("start", "/"), ("login", "/login/"), ("help", "/help/"), ("accessibility", "/accessibility/")),
            *(("privacy", "/privacy/"), ("mailbox", "/mailbox/")),
        )
    ]
    for key in ("eid", "itsme", "app", "email"):
        context = _fresh(browser, base)
        _begin(context.new_page(), base, key)
        found.append(_here(f"key-{key}", context))
        context.close()
    context = _fresh(browser, base)
    page = context.new_page()
    _sign_in(page, base, "Jean Dubois")
    found += [_at(name, path, context) for name, path in CHIEFS_PAGES]
    found += _assignment(page, context, base)
    found += _wizard(page, context, base)
    context.close()
    context = _fresh(browser, base)
    _sign_in(context.new_page(), base, "Tom Janssens")
    found.append(_at("acting-for", "/acting-for/", context))
    context.close()
    return found


CHIEFS_PAGES = (
    *(("tasks", "/"), ("my-roles", "/my-roles/"), ("manage", "/assignments/"), ("history", "/history/")),
    *(("new-assignment", "/assignments/new/"), ("ask-for-a-role", "/my-roles/request/"), ("requests", "/requests/")),
    *(("access-managers", "/access-managers/"), ("invitations", "/invitations/"), ("profile", "/profile/")),
    *(("app-key", "/profile/app/"), ("sign-out", "/logout/")),
)


def _assignment(page: Page, context: BrowserContext, base: str) -> list[Visit]:
    """The page of an assignment, and the one on which its end is checked."""
    page.goto(f"{base}/assignments/")
    page.locator('main a[href^="/assignments/"][href$="/"]:not([href*="new"])').first.click()
    found = [_here("assignment", context)]
    page.goto(f"{page.url.split('?')[0].split('#')[0]}end/")
    return [*found, _here("assignment-end", context)]


def _wizard(page: Page, context: BrowserContext, base: str) -> list[Visit]:
    """Every step of giving a role. One draft is filled up to the check page, a second one is finished."""
    found = []
    for is_last in (False, True):
        page.goto(f"{base}/assignments/new/?role={ROLE}")
        page.locator('main form:has(input[value="search"]) button, main form button.button').first.click()
        page.wait_for_url("**/persons/**")
        draft = page.url.split("/persons/")[0].removeprefix(base)
        page.locator("#id_q").fill("peeters")
        page.locator('button[value="search"]').click()
        page.locator('input[name="person"]').nth(1 if is_last else 0).check()
        page.locator('button[value="add"]').click()
        page.locator('button[value="next"]').click()
        for _step in range(3):
            if "/properties/" in page.url:
                break
            page.locator('button[value="next"]').click()
            page.wait_for_load_state()
        page.locator('input[name="duration"][value="one_year"]').check()
        for box in page.locator('input[value="yes"], input[type="checkbox"]').all():
            box.check()
        page.locator('button[value="next"]').click()
        page.wait_for_url("**/review/**")
        if not is_last:
            steps = ("persons", "number", "organisation", "roles", "properties", "review")
            found += [_at(f"wizard-{step}", f"{draft}/{step}/", context) for step in steps]
    page.locator('button[value="finish"]').click()
    page.wait_for_url("**/done/**")
    return [*found, _here("wizard-done", context)]


def _fresh(browser: Browser, base: str) -> BrowserContext:
    context = browser.new_context(locale="en")
    context.add_cookies([{"name": "language", "value": "en", "url": base}])
    return context


def _begin(page: Page, base: str, key: str) -> None:
    page.goto(f"{base}/login/")
    page.locator(f'form[action="/login/{key}/"] button').click()
    page.wait_for_url("**/idp/**")


def _sign_in(page: Page, base: str, name: str) -> None:
    _begin(page, base, "eid")
    page.get_by_label(name, exact=True).check()
    page.locator("input[type=password]").fill(PIN)
    page.locator("main form button.button").click()
    page.wait_for_url(lambda address: "/idp/" not in address)


def _here(name: str, context: BrowserContext) -> Visit:
    page = context.pages[0]
    page.wait_for_load_state()
    return _at(name, "/" + page.url.split("#")[0].split("/", 3)[3], context)


def _at(name: str, path: str, context: BrowserContext) -> Visit:
    cookies = tuple((str(one["name"]), str(one["value"])) for one in context.cookies() if one["name"] != "language")
    return Visit(name, path, cookies)
