"""No text reaches a page in any way but through the catalogues.

Every translation is put in brackets; whatever then stands on a page outside of brackets must be data: a name, a
number, an address, a code of a role, or one of the words listed here. Pages that stand alone in four languages at once
are left out, and so is the administration, half of whose words are Django's.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.utils.translation.trans_real import DjangoTranslation

from tenants.models import Person
from tests.screens.stage import Stage
from tests.screens.table import EVERYTHING, State, table

pytestmark = pytest.mark.django_db

OPEN, CLOSE = "⟦", "⟧"
# Words that are the same everywhere, with why.
SAME = re.compile(
    r"""
    \b(Français|Nederlands|Deutsch|English)\b |  # each in its own language
    \w•••@[\w.-]+ |  # an address of which only a part is shown
    \bitsme\b | \bCSV\b |
    \bFederal\ test\ service\b  # a setting, OIDC_NAME
    """,
    re.X,
)
LETTERS = re.compile(r"[^\W\d_]{3}")
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
        """Note the attributes, and whether the text is data: marked so, or a letter in its reader's language."""
        given = {name: value or "" for name, value in attrs}
        self.found += [outside(given[name])[0] for name in SHOWN & set(given) if tag != "meta"]
        if tag not in ("input", "meta", "link", "br", "path", "rect", "hr"):
            is_data = given.get("translate") == "no" or given.get("class") == "letter-body"
            self.stack.append((tag, tag in SILENT or is_data))

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
    """Return every text that stands in a row of the database or was just typed, the longest first."""
    words: set[str] = set(strings(list(stage.sent.values())))
    for model in apps.get_models():
        for row in model._default_manager.values():
            words |= set(strings(list(row.values())))
    words |= {person.full_name for person in Person.objects.all()}
    words |= {line.strip() for word in words for line in word.splitlines()}
    return sorted((word for word in words if len(word) > 2), key=len, reverse=True)


def without(word: str, text: str) -> str:
    """Return the text without this word, where it stands as a word."""
    return re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", "", text) if word in text else text


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


def unexplained(texts: list[str], data: list[str]) -> list[str]:
    """Return the texts in which letters are left when all data are taken out of them."""
    for word in data:
        texts = [without(word, text) for text in texts]
    return [text for text in texts if LETTERS.search(text)]


def leaks(state: State, stage: Stage, data: list[str]) -> list[str]:
    """Return what is neither translated nor data; `data` are those of the demo before anything happened."""
    with state.opened(stage, "fr") as answer:
        reader = Texts()
        reader.feed(answer.content.decode())
        doubtful = [text for text in (SAME.sub("", text) for text in reader.found) if LETTERS.search(text)]
        # What the state itself has stored is read only where something is left: that takes longest.
        found = unexplained(doubtful, data_of(stage)) if unexplained(doubtful, data) else []
        return [f"{state.id}: {text!r}" for text in found]


@pytest.mark.usefixtures("in_brackets")
def test_every_word_on_every_page_is_translated_or_data(stage: Stage) -> None:
    found, data = [], data_of(stage)
    for number, state in enumerate(table()):
        # The two databases share the states out.
        is_mine = EVERYTHING or number % 2 == (connection.vendor == "sqlite")
        if is_mine and not state.alone and not state.admin:
            found += leaks(state, stage, data)
    assert found == [], "\n".join(found)
