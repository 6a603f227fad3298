"""Every screen in every state and language, as source: titles, headings, errors, weight (SCREENS 1.3, 7.2, 14)."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest
from django.db import connection

from tests.screens.faults import faults
from tests.screens.reading import summary_of
from tests.screens.stage import Stage
from tests.screens.table import EVERYTHING, LANGUAGES, State, language_in_browser, piece_of

pytestmark = pytest.mark.django_db

PIECES = 6


def languages_for(number: int, state: State) -> list[str]:
    """Return the languages in which this state is read in this run.

    On SQLite in English, by which it is told from the others; where it has a message, in one more. On PostgreSQL in
    English again, and where it has a message in all those in which the browser does not read it (on SQLite).
    """
    if EVERYTHING:
        return list(LANGUAGES)
    has_message = bool(state.errors or state.says or state.notes)
    if connection.vendor == "sqlite":
        return ["en", LANGUAGES[number % 3]] if has_message else ["en"]
    in_browser = language_in_browser(number, state)
    return [language for language in LANGUAGES if language != in_browser] if has_message else ["en"]


@pytest.mark.parametrize("piece", range(PIECES))
def test_every_state_is_right(stage: Stage, piece: int) -> None:
    problems = []
    for number, state in piece_of(piece, PIECES):
        for language in languages_for(number, state):
            with state.opened(stage, language) as answer:
                found = [*faults(state, answer, language, stage.sent), *not_by_get(stage, answer, language)]
            problems += [f"{state.id} in {language}: {fault}" for fault in found]
    assert not problems, "\n".join(problems)


def not_by_get(stage: Stage, answer: Any, language: str) -> Iterator[str]:
    """Yield that Back and Reload find no page: the script lets them open the address of a page with errors by GET."""
    asked = answer.request
    if language != "en" or asked["REQUEST_METHOD"] != "POST" or not summary_of(answer.content.decode()):
        return
    again = stage.client.get(asked["PATH_INFO"], QUERY_STRING=asked["QUERY_STRING"])
    if again.status_code not in (HTTPStatus.OK, HTTPStatus.FOUND, HTTPStatus.SEE_OTHER):
        yield f"its address answers {again.status_code} to GET"
