"""The table of screens is complete: no route, page or message is left out of it."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.screens.reading import error_texts
from tests.screens.stage import Stage
from tests.screens.table import State, table
from tests.test_matrix import table as matrix

TEMPLATES = Path(__file__).parents[2] / "templates"
pytestmark = pytest.mark.django_db

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


def test_every_page_is_shown_by_a_state(stage: Stage) -> None:
    extended = pages()
    missing = set(extended) - set(extended.values())
    for state in one_of_each_route_first():
        if not missing:
            break
        missing -= {template.name for template in state.page(stage, "en").templates}
    assert sorted(missing) == []


def one_of_each_route_first() -> list[State]:
    """Return the states so that all pages are soon seen: the first of every route, then the second, and so on."""
    seen: Counter[str] = Counter()
    places = []
    for state in table():
        places.append(seen[state.route])
        seen[state.route] += 1
    return [state for _place, state in sorted(zip(places, table(), strict=True), key=lambda pair: pair[0])]


def test_every_error_message_is_shown_by_a_state() -> None:
    shown = {code for state in table() for code in (*state.errors, *state.notes)}
    assert sorted(set(error_texts("en")) - shown - STATIC_ERRORS) == []
