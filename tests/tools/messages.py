"""Check the translations, without network and without GNU gettext: `make check` calls it, and a test.

Every text the code and the templates use must be in each catalogue, translated, not fuzzy, with the same
placeholders; each compiled catalogue must hold what its source holds; and the marks of the trade must be right.
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

BASE_DIR = Path(__file__).resolve().parents[2]
LANGUAGES = ("fr", "nl", "de")
PACKAGES = ("rolemgmt", "fas", "roles", "csam", "tenants", "audit", "outbox", "vault")

# How many arguments of each function are texts, and whether the first of them is a context.
FUNCTIONS = {
    "_": (1, False),
    "gettext": (1, False),
    "gettext_lazy": (1, False),
    "gettext_noop": (1, False),
    "ngettext": (2, False),
    "ngettext_lazy": (2, False),
    "pgettext": (2, True),
    "pgettext_lazy": (2, True),
    "npgettext": (3, True),
    "npgettext_lazy": (3, True),
}

TEMPLATE_CALL = re.compile(r"(?<![\w.])(_|gettext|ngettext|pgettext|npgettext)\(")
LITERAL = re.compile(r"""\s*u?('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")\s*,?""", re.DOTALL)
NAMED = re.compile(r"%\((\w+)\)|\{(\w*)\}")


@dataclass(frozen=True, order=True)
class Used:
    """One text as it is used in the code."""

    text: str
    plural: str = ""
    context: str = ""

    @property
    def identity(self) -> str | tuple[str, str]:
        """The text under which a catalogue keeps it."""
        return (self.text, self.plural) if self.plural else self.text


def in_python(source: str, where: str) -> Iterator[Used]:
    """Yield the texts of a Python file; a text that is not written out cannot be translated and raises ValueError."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name not in FUNCTIONS or (isinstance(node.func, ast.Attribute) and name == "_"):
            continue
        count, has_context = FUNCTIONS[name]
        texts = [
            argument.value
            for argument in node.args[:count]
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
        ]
        if len(texts) != count:
            raise ValueError(f"{where}:{node.lineno}: {name}() wants its text written out")
        yield _used(texts, has_context)


def in_template(source: str, where: str) -> Iterator[Used]:
    """Yield the texts of a template."""
    code = templatize(source, origin=where)
    for call in TEMPLATE_CALL.finditer(code):
        count, has_context = FUNCTIONS[call[1]]
        texts, position = [], call.end()
        while len(texts) < count and (literal := LITERAL.match(code, position)):
            texts.append(str(ast.literal_eval(literal[1])))
            position = literal.end()
        if len(texts) == count:
            yield _used(texts, has_context)


def _used(texts: list[str], has_context: bool) -> Used:
    context = texts.pop(0) if has_context else ""
    return Used(texts[0], texts[1] if len(texts) > 1 else "", context)


def used_texts(base: Path = BASE_DIR) -> set[Used]:
    """Return every text of the portal."""
    found: set[Used] = set()
    for package in PACKAGES:
        for file in (base / package).rglob("*.py"):
            if "migrations" not in file.parts:
                found.update(in_python(file.read_text("utf-8"), str(file.relative_to(base))))
    for folder in (
        base / "templates",
        *(found for package in PACKAGES for found in (base / package).rglob("templates")),
    ):
        for file in folder.rglob("*"):
            if file.suffix in {".html", ".txt", ".svg"}:
                found.update(in_template(file.read_text("utf-8"), str(file.relative_to(base))))
    return {used for used in found if used.text}


def problems_of(language: str, used: set[Used], *, locale: Path) -> list[str]:
    """Return what is wrong with one language's catalogue, one line each."""
    folder = locale / language / "LC_MESSAGES"
    source, compiled = folder / "django.po", folder / "django.mo"
    if not source.exists() or not compiled.exists():
        return [f"{language}: django.po or django.mo is missing"]
    with source.open("rb") as file:
        catalogue = read_po(file, locale=language)
    with compiled.open("rb") as file:
        shipped = read_mo(file)
    found = []
    for text in sorted(used):
        message = catalogue.get(text.identity, context=text.context or None)
        if message is None:
            found.append(f"{language}: not in the catalogue: {text.text!r}")
    for message in catalogue:
        if message.id:
            found += [f"{language}: {problem}: {_first(message.id)!r}" for problem in _problems(message, language)]
    found += _differences(catalogue, shipped, language)
    return found


def _context(message: Message) -> str:
    # A compiled catalogue is read with its contexts as bytes.
    context = message.context or ""
    return context.decode() if isinstance(context, bytes) else context


def _first(value: object) -> str:
    return str(value[0]) if isinstance(value, list | tuple) else str(value)


def _texts(value: object) -> list[str]:
    return [str(text) for text in value] if isinstance(value, list | tuple) else [str(value)]


def _problems(message: Message, language: str) -> Iterator[str]:
    texts = _texts(message.string)
    if message.fuzzy:
        yield "fuzzy"
    if not all(text.strip() for text in texts):
        yield "empty"
        return
    wanted = set(NAMED.findall(_texts(message.id)[-1]))
    for position, text in enumerate(texts):
        names = set(NAMED.findall(text))
        # A singular may leave the number out ("one person"), a plural may not.
        is_singular = len(texts) > 1 and position == 0
        if not (names <= wanted if is_singular else names == wanted):
            yield f"other placeholders in {text!r}"
        if re.search(r"\w'\w", text):
            yield f"a straight apostrophe in {text!r}"
        if language == "fr" and re.search(r" [:;?!»]|« ", text):
            yield f"an ordinary space where French wants a no-break space in {text!r}"


def _differences(catalogue: Catalog, shipped: Catalog, language: str) -> list[str]:
    wanted = {
        (_context(message), _first(message.id)): _texts(message.string)
        for message in catalogue
        if message.id and not message.fuzzy and any(_texts(message.string))
    }
    held = {(_context(message), _first(message.id)): _texts(message.string) for message in shipped if message.id}
    if wanted == held:
        return []
    return [f"{language}: django.mo does not hold what django.po holds: run `make messages`"]


def main(base: Path = BASE_DIR) -> int:
    """Print every problem; return 1 when there is one."""
    try:
        used = used_texts(base)
    except ValueError as error:
        print(error)
        return 1
    found = [line for language in LANGUAGES for line in problems_of(language, used, locale=base / "locale")]
    print("\n".join(found) if found else f"{len(used)} texts, complete in {', '.join(LANGUAGES)}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
