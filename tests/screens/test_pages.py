"""Every screen in every state and language, as source: titles, headings, errors, weight (SCREENS 1.3, 7.2, 14)."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from tests.budget.measure import outline, over_budget
from tests.screens.reading import error_texts, heading_of, is_heading, not_kept, spaced, summary_of, title_of, words
from tests.screens.stage import Stage
from tests.screens.table import EVERYTHING, LANGUAGES, State, piece_of

pytestmark = pytest.mark.django_db

ERROR = {"fr": "Erreur : ", "nl": "Fout: ", "de": "Fehler: ", "en": "Error: "}
PIECES = 6


def faults(state: State, answer: Any, language: str, sent: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the page, in words."""
    page = answer.content.decode()
    if state.template and state.template not in {template.name for template in answer.templates}:
        yield f"is not made of {state.template}"
    if answer.status_code != state.status:
        yield f"status {answer.status_code}"
        return
    # An address that is none has no route.
    if state.route and answer.resolver_match.view_name != state.route:
        yield f"shows {answer.resolver_match.view_name}"
    if f'<html lang="{"fr" if state.alone else language}"' not in page:
        yield "in another language"
    if not state.admin and heading_of(page) not in title_of(page):
        yield f"heading {heading_of(page)!r}, title {title_of(page)!r}"
    if state.errors or state.says:
        yield from wrong_errors(state, page, language)
        # Where another tab was faster, what it left is shown.
        yield from not_kept(page, {} if "E27" in state.errors else sent)
    elif summary_of(page):
        yield f"an error summary: {summary_of(page)}"
    text = words(page)
    for code in state.notes:
        if not re.search(error_texts(language)[code].pattern.removesuffix(r"\.?$"), text):
            yield f"does not note {code}"
    if language == "en":
        yield from (f"does not say {phrase!r}" for phrase in state.shows if spaced(phrase) not in text)
    if state.admin:
        return
    # The pretend identity provider has a face of its own, without the portal's footer.
    yield from outline(page, footer=not state.alone and 'class="idp-header"' not in page)
    yield from over_budget(page)


def wrong_errors(state: State, page: str, language: str) -> Iterator[str]:
    """Yield what is wrong with the messages: in the summary, at their fields, in the title."""
    texts, lines = error_texts(language), summary_of(page)
    if any(texts[code].match(heading_of(page)) for code in state.errors):
        return  # a page of its own says it
    if not title_of(page).startswith(spaced(ERROR[language])):
        yield f"title without {ERROR[language]!r}: {title_of(page)!r}"
    for code in state.errors:
        if not any(texts[code].match(line) for _target, line in lines):
            yield f"{code} is not in the summary {lines}"
    for text in state.says if language == "en" else ():
        if not any(spaced(text) in line for _target, line in lines):
            yield f"{text!r} is not in the summary {lines}"
    for target, line in lines:
        if not state.says and not any(texts[code].match(line) for code in state.errors):
            yield f"{line!r} stands in the summary, too"
        # A line about the whole page leads nowhere, one about a part of it to its heading; one about a field stands
        # at the field too.
        if target and not is_heading(page, target) and words(page).count(line) < 2:
            yield f"{line!r} stands in the summary, not at #{target}"


def languages_for(number: int, state: State) -> list[str]:
    """Return the languages in which this state is read in this run.

    On SQLite in English, by which it is told from the others, on PostgreSQL in one of the other three. Where it has a
    message, the two databases together read it in all four.
    """
    if EVERYTHING:
        return list(LANGUAGES)
    others = [LANGUAGES[(number + step) % 3] for step in range(3)]
    has_message = bool(state.errors or state.says or state.notes)
    if connection.vendor == "sqlite":
        return ["en", others[0]] if has_message else ["en"]
    return others[1:] if has_message else others[1:2]


@pytest.mark.parametrize("piece", range(PIECES))
def test_every_state_is_right(stage: Stage, piece: int) -> None:
    problems = []
    for number, state in piece_of(piece, PIECES):
        for language in languages_for(number, state):
            answer = state.page(stage, language)
            found = faults(state, answer, language, stage.sent)
            problems += [f"{state.id} in {language}: {fault}" for fault in found]
    assert not problems, "\n".join(problems)
