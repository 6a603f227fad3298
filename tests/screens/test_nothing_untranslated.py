"""No text reaches a page in any way but through the catalogues.

Every translation is put in brackets; whatever then stands on a page outside of brackets must be data: a name, a
number, an address, a code of a role, or one of the words listed here.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db.models import Model
from django.utils.translation.trans_real import DjangoTranslation

from roles.models import OnlineService, Role, RoleProperty
from tenants.models import Domain, Organisation, Person
from tests.screens.stage import Stage
from tests.screens.table import State, table

pytestmark = pytest.mark.django_db

OPEN, CLOSE = "⟦", "⟧"
# Words that are the same everywhere, with why.
SAME = re.compile(
    r"""
    ^(Français|Nederlands|Deutsch|English)$ |   # each in its own language
    ^itsme$ | ^[0-9.,:/ •–·()-]*$ | ^[‹›<>]$
    """,
    re.X,
)
SHOWN = {"title", "aria-label", "data-label", "alt", "placeholder", "content"}
SILENT = {"script", "style"}


class Texts(HTMLParser):
    """Collects what people see or hear outside of brackets: texts, and the attributes that are read out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.depth = 0
        self.stack: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the attributes, and whether the element's text is data (`translate="no"`)."""
        given = {name: value or "" for name, value in attrs}
        self.found += [outside(given[name])[0] for name in SHOWN & set(given) if tag != "meta"]
        if tag not in ("input", "meta", "link", "br", "path", "rect", "hr"):
            self.stack.append((tag, tag in SILENT or given.get("translate") == "no"))

    def handle_endtag(self, tag: str) -> None:
        """Leave the element."""
        while self.stack:
            if self.stack.pop()[0] == tag:
                break

    def handle_data(self, data: str) -> None:
        """Note a text. A translation may hold elements, so the brackets go on from one text to the next."""
        text, self.depth = outside(data, self.depth)
        if not any(silent for _tag, silent in self.stack):
            self.found.append(" ".join(text.split()))


def outside(text: str, depth: int = 0) -> tuple[str, int]:
    """Return what stands outside of all brackets, and how many are open at the end."""
    kept = []
    for letter in text:
        depth += (letter == OPEN) - (letter == CLOSE)
        if depth == 0 and letter != CLOSE:
            kept.append(letter)
    return "".join(kept), depth


def data_of(stage: Stage) -> list[str]:
    """Return the words that come from rows of the database, the longest first."""
    words: set[str] = set()
    models: tuple[type[Model], ...] = (Person, Organisation, Role, OnlineService, Domain, RoleProperty)
    for model in models:
        for row in model._default_manager.values():
            words |= {value for value in row.values() if isinstance(value, str) and len(value) > 2}
            for value in row.values():
                if isinstance(value, dict | list):
                    words |= set(strings(value))
    words |= {person.full_name for person in Person.objects.all()}
    return sorted(words, key=len, reverse=True)


def strings(value: Any) -> Iterator[str]:
    """Yield every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)


@pytest.fixture
def in_brackets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put everything that is translated in brackets."""
    for name in ("gettext", "ngettext"):
        real = getattr(DjangoTranslation, name)

        def bracketed(self: Any, *arguments: Any, real: Any = real) -> str:
            return f"{OPEN}{real(self, *arguments)}{CLOSE}"

        monkeypatch.setattr(DjangoTranslation, name, bracketed)


def leaks(state: State, stage: Stage, data: re.Pattern[str]) -> Iterator[str]:
    """Yield what is neither translated nor data."""
    reader = Texts()
    reader.feed(state.page(stage, "fr").content.decode())
    for text in reader.found:
        if not SAME.match(text.strip()) and re.search(r"[^\W\d_]{3}", data.sub("", text)):
            yield f"{state.id}: {text!r}"


@pytest.mark.usefixtures("in_brackets")
def test_every_word_on_every_page_is_translated_or_data(stage: Stage) -> None:
    data = re.compile("|".join(re.escape(word) for word in data_of(stage)))
    found = [leak for state in table() for leak in leaks(state, stage, data)]
    assert found == [], "\n".join(found)
