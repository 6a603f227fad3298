"""Every screen in every state and language, as source: titles, headings, errors, weight (SCREENS 1.3, 7.2, 14)."""

import pytest
from django.db import connection

from tests.screens.faults import faults
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
            answer = state.page(stage, language)
            found = faults(state, answer, language, stage.sent)
            problems += [f"{state.id} in {language}: {fault}" for fault in found]
    assert not problems, "\n".join(problems)
