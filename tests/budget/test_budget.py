"""Light as a feather: how much the portal may send, and whom a page may ask (SCREENS 14, rows 10 to 12 and 14).

The bytes of every screen in every state are held by the table of screens; here are the files, and the main pages.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from tests.budget.measure import STATIC, compressed, outline, over_budget, static_gzip
from tests.conftest import Cast

ROOT = STATIC.parent
STYLE, SCRIPT = "/static/css/portal.css", "/static/js/portal.js"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
LIMIT_STYLE, LIMIT_SCRIPT, LIMIT_ICON = 10_000, 3_000, 1_000
OPEN_PAGES = ("/", "/login/", "/help/", "/accessibility/", "/privacy/", "/mailbox/", "/no/such/page/")
CHIEFS_PAGES = (
    *("/", "/my-roles/", "/assignments/", "/assignments/new/", "/access-managers/", "/history/", "/invitations/"),
    *("/requests/", "/profile/", "/profile/app/", "/my-roles/request/", "/logout/", "/help/"),
)


def test_the_files_are_small() -> None:
    assert static_gzip(STYLE) <= LIMIT_STYLE
    assert static_gzip(SCRIPT) <= LIMIT_SCRIPT
    assert compressed((STATIC / "favicon.svg").read_bytes()) <= LIMIT_ICON


def test_there_is_one_stylesheet_one_script_one_icon_and_the_styles_of_what_others_draw() -> None:
    files = {str(path.relative_to(STATIC)) for path in STATIC.rglob("*") if path.is_file()}
    assert files == {"css/portal.css", "css/administration.css", "css/api-docs.css", "js/portal.js", "favicon.svg"}


@pytest.mark.parametrize("path", [*STATIC.rglob("*.css"), *STATIC.rglob("*.svg"), *STATIC.rglob("*.js")], ids=str)
def test_no_file_asks_anybody_for_anything(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace('"http://www.w3.org/2000/svg"', "")
    assert not re.findall(r"url\(|@import|@font-face|import\s*\(|https?:|//[a-z]+\.", text)


def test_the_script_writes_no_markup_and_runs_no_text() -> None:
    text = (STATIC / "js" / "portal.js").read_text(encoding="utf-8")
    assert not re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|Function\(|\.style\b", text)
    assert not re.findall(r"localStorage|sessionStorage|indexedDB|document\.cookie", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_asks_another_host(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.findall(r'(?:src|srcset|data|poster|action)\s*=\s*"(?:https?:)?//', text)
    assert not re.findall(r"""<link[^>]*href\s*=\s*["'](?:https?:)?//""", text)


@pytest.mark.parametrize("path", OPEN_PAGES)
def test_a_page_for_everybody_is_light_and_well_built(client: Client, catalogue: object, path: str) -> None:
    html = client.get(path).content.decode()
    assert over_budget(html) + outline(html) == []


@pytest.mark.parametrize("path", CHIEFS_PAGES)
def test_a_page_of_a_chief_is_light_and_well_built(
    cast: Cast, catalogue: object, sign_in: Callable[..., Client], path: str
) -> None:
    answer = sign_in(cast.jean).get(path, follow=True)
    assert answer.status_code == 200
    html = answer.content.decode()
    assert over_budget(html) + outline(html) == []


@pytest.mark.urls("tests.rolemgmt.sample_urls")
@pytest.mark.parametrize(("path", "status"), [("/sample/broken/", 500), ("/sample/database-away/", 503)])
def test_a_page_that_stands_alone_is_light_and_well_built(path: str, status: int) -> None:
    answer = Client(raise_request_exception=False).get(path)
    assert answer.status_code == status
    html = answer.content.decode()
    assert over_budget(html) + outline(html, footer=False) == []
