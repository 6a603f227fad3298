"""Every screen in every state and language, as source: titles, headings, errors, weight (SCREENS 1.3, 7.2, 14)."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.budget.measure import outline, weight
from tests.screens.reading import error_texts, heading_of, is_heading, not_kept, spaced, summary_of, title_of, words
from tests.screens.stage import Stage
from tests.screens.table import LANGUAGES, State, table

pytestmark = pytest.mark.django_db

ERROR = {"fr": "Erreur : ", "nl": "Fout: ", "de": "Fehler: ", "en": "Error: "}
LIMITS = {"raw": 80_000, "gzip": 10_000, "nodes": 1_500, "requests_cold": 4, "requests_warm": 2}
# The most bytes of a page with all its files, and of a page whose files the browser has kept.
COLD, WARM = 30_000, 12_000


def faults(state: State, answer: Any, language: str, sent: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the page, in words."""
    page = answer.content.decode()
    if answer.status_code != state.status:
        yield f"status {answer.status_code}"
        return
    # An address that is none has no route.
    if state.route and answer.resolver_match.view_name != state.route:
        yield f"shows {answer.resolver_match.view_name}"
    if f'<html lang="{language}"' not in page:
        yield "in another language"
    if heading_of(page) not in title_of(page):
        yield f"heading {heading_of(page)!r}, title {title_of(page)!r}"
    if state.errors or state.says:
        yield from wrong_errors(state, page, language)
        # Where another tab was faster, what it left is shown.
        yield from not_kept(page, {} if "E27" in state.errors else sent)
    elif summary_of(page):
        yield f"an error summary: {summary_of(page)}"
    if language == "en":
        text = words(page)
        yield from (f"does not say {phrase!r}" for phrase in state.shows if spaced(phrase) not in text)
    yield from outline(page)
    yield from too_heavy(page)


def wrong_errors(state: State, page: str, language: str) -> Iterator[str]:
    """Yield what is wrong with the messages: in the summary, at their fields, in the title."""
    texts, lines = error_texts(language), summary_of(page)
    wanted = [(code, texts[code]) for code in state.errors]
    # What has no id is known in English; in the other languages any line will do, as long as it stands at its field.
    wanted += [(text, re.compile(re.escape(spaced(text)) if language == "en" else ".")) for text in state.says]
    if not title_of(page).startswith(spaced(ERROR[language])):
        yield f"title without {ERROR[language]!r}: {title_of(page)!r}"
    for code, pattern in wanted:
        hits = [(target, line) for target, line in lines if pattern.match(line)]
        if not hits:
            yield f"{code} is not in the summary {[line for _target, line in lines]}"
        for target, line in hits:
            # A line about the whole page leads nowhere, one about a part of it to its heading; one about a field stands
            # at the field too.
            if target and not is_heading(page, target) and words(page).count(line) < 2:
                yield f"{code} stands in the summary, not at #{target}"


def too_heavy(page: str) -> Iterator[str]:
    """Yield what a page has too much of."""
    found = weight(page)
    yield from (
        f"{name} {getattr(found, name)} > {most}" for name, most in LIMITS.items() if getattr(found, name) > most
    )
    if found.gzip_cold > COLD or found.gzip > WARM:
        yield f"{found.gzip_cold} bytes cold, {found.gzip} warm"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_is_right_in(stage: Stage, language: str) -> None:
    problems = []
    for state in table():
        answer = state.page(stage, language)
        problems += [f"{state.id}: {fault}" for fault in faults(state, answer, language, stage.sent)]
    assert problems == []
