"""What is wrong with the source of a page in one state: title, headings, messages, weight (SCREENS 1.3, 7.2, 14)."""

import re
from collections.abc import Iterator
from typing import Any

from tests.budget.measure import outline, over_budget
from tests.screens.reading import error_texts, heading_of, is_heading, not_kept, spaced, summary_of, title_of, words
from tests.screens.table import State

ERROR = {"fr": "Erreur : ", "nl": "Fout: ", "de": "Fehler: ", "en": "Error: "}


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
