"""One term for one thing, in four languages, and sentences that one can read (SCREENS 1.5 and 13)."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

HERE = Path(__file__).parent
LOCALE = HERE.parents[1] / "locale"
LANGUAGES = ("fr", "nl", "de")
# The goal is 20; a placeholder counts as one word.
MOST_WORDS = 25
# Words of another legal thing, of computers, or of offices that talk down to people.
AVOIDED = {
    "en": r"please|invalid|forbidden|oops|delegat|revoke|deny|denied|privilege|user management",
    "fr": r"veuillez|invalide|interdit|oups|délégu|délégation|privilège|révoqu",
    "nl": r"gelieve|ongeldig|verboden|oeps|delegat|delegeren|privilege",
    "de": r"\bbitte\b|ungültig|verboten|hoppla|delegier|delegation|privileg",
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
# What ends a sentence: a full stop within an abbreviation or a number does not.
SENTENCE = re.compile(r"(?<=[.!?…])[\s\u00a0]+(?=[A-ZÀ-Ü“«„\"%{])|\n+")


def catalogue(language: str) -> Catalog:
    """Return the texts of one language."""
    with (LOCALE / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file, locale=language)


def texts(value: object) -> list[str]:
    """Return the forms of a text, one or two, without the hyphens that only show where a word is broken."""
    forms = value if isinstance(value, list | tuple) else [value]
    return [str(form).replace("\u00ad", "") for form in forms]


def pairs(language: str) -> Iterator[tuple[str, str]]:
    """Yield every text in English with its translation, form by form."""
    for message in catalogue(language):
        if message.id:
            yield from zip(texts(message.id), texts(message.string), strict=True)


def lines(kind: str) -> list[list[str]]:
    """Return the lines of the glossary: terms, or the exceptions to them (`!`)."""
    rows = [line for line in (HERE / "glossary.txt").read_text(encoding="utf-8").splitlines() if line]
    rows = [line for line in rows if not line.startswith("#") and line.startswith("!") == (kind == "exceptions")]
    return [[cell.strip() for cell in line.removeprefix("!").split(" | ")] for line in rows]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_term_has_its_one_translation(language: str) -> None:
    column = ("fr", "nl", "de").index(language) + 1
    allowed = [(term, start) for term, start, _why in lines("exceptions")]
    wrong = []
    for row in lines("terms"):
        english, wanted = re.compile(rf"\b({row[0]})\b", re.I), re.compile(row[column], re.I)
        for source, text in pairs(language):
            is_allowed = any(term == row[0] and source.startswith(start) for term, start in allowed)
            if english.search(PLACEHOLDER.sub("", source)) and not wanted.search(text) and not is_allowed:
                wrong.append(f"{row[0]}: {source!r} is {text!r}")
    assert wrong == []


def test_every_exception_is_still_needed() -> None:
    sources = [source for source, _text in pairs("fr")]
    assert [row for row in lines("exceptions") if not any(source.startswith(row[1]) for source in sources)] == []


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_no_text_talks_like_an_office_or_a_computer(language: str) -> None:
    words = re.compile(AVOIDED[language], re.I)
    found = [source if language == "en" else text for source, text in pairs("fr" if language == "en" else language)]
    assert [text for text in found if words.search(text)] == []


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_no_sentence_is_too_long_to_follow(language: str) -> None:
    long = []
    for source, text in pairs("fr" if language == "en" else language):
        for sentence in SENTENCE.split(source if language == "en" else text):
            words = re.sub(r"<[^>]+>", " ", PLACEHOLDER.sub("X", sentence)).split()
            count = sum(1 for word in words if re.search(r"\w", word))
            if count > MOST_WORDS:
                long.append(f"{count}: {sentence}")
    assert long == []
