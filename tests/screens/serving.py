"""Shows a page that the test client was given in a real browser: same source, same headers, our own static files."""

import mimetypes
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import find
from playwright.sync_api import Page, Route

HOST = "http://portal.test"


def serve(page: Page, answer: Any) -> None:
    """Let the window find this page, and nothing else but the static files it asks for."""

    def respond(route: Route) -> None:
        path = route.request.url.removeprefix(HOST)
        if path == route.request.url:
            route.fulfill(status=204)  # a page that leads elsewhere by itself stays where it is
        elif path.startswith("/static/"):
            # Ours, and those of Django's administration.
            file = Path(find(path.removeprefix("/static/").partition("?")[0]) or "")
            route.fulfill(body=file.read_bytes(), content_type=mimetypes.guess_type(file.name)[0] or "text/plain")
        else:
            route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=answer.content)

    page.unroute_all()
    page.route("**/*", respond)


def show(page: Page, answer: Any, *, anew: bool = False) -> None:
    """Open a page in a window; `anew` where its own scripts or its focus matter.

    Else it is written into the document that is open, which takes a third of the time: the browser keeps what it has
    read of axe. But then the headers do not count, and nothing takes the focus by itself a second time.
    """
    if anew or page.url != f"{HOST}/":
        serve(page, answer)
        page.goto(f"{HOST}/")
    else:
        page.set_content(answer.content.decode())
