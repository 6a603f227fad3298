"""What a foreign program needs of the portal: to be registered in the administration, and people who come."""

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from tests.release.portal import PIN

SERVICE = "mijn-fluvius"
INSIDE, OUTSIDE, ENDS = "Tom Janssens", "Anna Peeters", "Jean Dubois"
ORGANISATION = "Boulangerie Dubois"
_STEPS = 12


@dataclass(frozen=True)
class Registered:
    """A client as its developer gets to know it: name, secret, and the ready settings by program."""

    client_id: str
    secret: str
    ready: dict[str, str]

    def settings(self, program: str) -> str:
        """Return the ready settings of a program with the secret in its place."""
        return self.ready[program].replace("<client_secret>", self.secret)


@contextmanager
def signed_in(browser: Browser, base: str, name: str) -> Iterator[Page]:
    """Open a browser of its own in which a person is signed in at the portal."""
    with fresh(browser, base) as page:
        page.goto(f"{base}/login/")
        walk(page, name, lambda address: "/login/" not in address and "/idp/" not in address)
        yield page


@contextmanager
def fresh(browser: Browser, base: str) -> Iterator[Page]:
    """Open a browser of its own, in which nobody is signed in anywhere."""
    context: BrowserContext = browser.new_context(locale="en")
    context.add_cookies([{"name": "language", "value": "en", "url": base}])
    try:
        yield context.new_page()
    finally:
        context.close()


def walk(page: Page, name: str, arrived: Any) -> None:
    """Answer the portal's pages as a person does, until `arrived` says so of the address."""
    for _step in range(_STEPS):
        page.wait_for_load_state()
        if arrived(page.url):
            return
        if page.locator('form[action^="/login/eid/"] button').count():
            page.locator('form[action^="/login/eid/"] button').first.click()
        elif page.locator("input[type=password]").count():
            page.get_by_label(name, exact=True).check()
            page.locator("input[type=password]").fill(PIN)
            page.locator("main form button.button").click()
        elif page.locator('input[name="organisation"]').count():
            page.locator("label", has_text=ORGANISATION).first.click()
            page.locator("main form button.button").first.click()
        elif page.locator('button[value="agree"]').count():
            page.locator('button[value="agree"]').click()
        else:
            page.wait_for_timeout(300)
    raise RuntimeError(f"{name} got stuck at {page.url.partition('?')[0]}")


def register(sofie: Page, base: str, client_id: str, **fields: Any) -> Registered:
    """Register a client in the administration, as Sofie; return it with its secret and its ready settings."""
    http = sofie.context.request
    query = "app_label=fas&model_name=client&field_name=service&term=fluvius"
    found = http.get(f"{base}/admin/autocomplete/?{query}").json()["results"]
    form = {
        "name": client_id,
        "client_id": client_id,
        "service": found[0]["id"],
        "is_enabled": "on",
        "request_jwks": "{}",
        "roles_as": "list",
        "minimum_level": "400",
        "requests_per_minute": "600",
        "requires_pkce": "on",
        **fields,
    }
    where = f"{base}/admin/fas/client/add/"
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', http.get(where).text())
    assert token
    scopes = "openid profile roles".split()
    pairs = [*form.items(), *(("scopes", scope) for scope in scopes), ("csrfmiddlewaretoken", token[1])]
    body = "&".join(f"{_quoted(name)}={_quoted(str(value))}" for name, value in pairs)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Referer": where}
    answer = http.post(where, data=body, headers=headers).text()
    secret = re.search(r'<code id="client-secret">([^<]+)</code>', answer)
    assert secret, re.findall(r'class="errorlist[^>]*>.*?</ul>', answer, re.DOTALL)
    pk = re.search(r"/admin/fas/client/(\d+)/settings/", answer)
    assert pk
    page = http.get(f"{base}/admin/fas/client/{pk[1]}/settings/").text()
    texts = re.findall(r'<h2 id="ready-\d+">([^<]+)</h2>.*?<code>(.*?)</code></pre>', page, re.DOTALL)
    return Registered(client_id, secret[1], {name: html.unescape(text) for name, text in texts})


def _quoted(text: str) -> str:
    from urllib.parse import quote

    return quote(text, safe="")


def end_role(jean: Page, base: str, holder: str, role: str) -> None:
    """End the role that `holder` has for Jean's organisation, on the portal's own pages, at once."""
    jean.goto(f"{base}/assignments/")
    row = jean.locator("tr", has_text=holder).filter(has_text=role)
    row.locator('a[href^="/assignments/"]').first.click()
    jean.wait_for_load_state()
    jean.goto(jean.url.partition("?")[0].partition("#")[0] + "end/")
    now = jean.locator('input[name="when"][value="now"]')
    if now.count():
        now.check()
    jean.locator("main form button.button-ending, main form button.button").first.click()
    jean.wait_for_load_state()
