"""The table of screens is complete: no route, page or message is left out of it."""

import re
from pathlib import Path

from tests.screens.reading import error_texts
from tests.screens.table import table
from tests.test_matrix import table as matrix

TEMPLATES = Path(__file__).parents[2] / "templates"

EXTENDS = re.compile(r'{% extends "([^"]+)"')
# The page for a fault of ours and the page for an outage need no database and stand alone; so do their words.
STATIC_ERRORS = {"E41"}
# It answers the script of the notice, without a page; and what services read.
NO_PAGE = {"csam:stay", "fas:discovery", "fas:jwk_uri", "fas:api_docs", "fas:api_document"}


def pages() -> dict[str, str]:
    """Return every template that is a page, and what it extends. The administration has tests of its own."""
    found = {}
    for file in TEMPLATES.rglob("*.html"):
        name = str(file.relative_to(TEMPLATES))
        base = EXTENDS.search(file.read_text(encoding="utf-8"))
        if base and not name.startswith("admin/"):
            found[name] = base[1]
    return found


def test_every_route_with_a_page_is_in_the_table() -> None:
    routes = {route for (route, _thing, _method), statuses in matrix().items() if 200 in statuses.values()}
    assert sorted(routes - NO_PAGE - {state.route for state in table()}) == []


def test_every_page_is_shown_by_a_state() -> None:
    extended = pages()
    assert sorted(set(extended) - set(extended.values()) - {state.template for state in table()}) == []


def test_every_error_message_is_shown_by_a_state() -> None:
    shown = {code for state in table() for code in (*state.errors, *state.notes)}
    assert sorted(set(error_texts("en")) - shown - STATIC_ERRORS) == []
