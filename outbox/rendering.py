"""From a row to a mail: subject, text, and very plain HTML with the same words.

The markup of `emails/<name>.txt`: a line `## Heading`, lines `- item`, lines `1. item`, and paragraphs between
empty lines. A single line break within a paragraph stays. A line `---` ends a list, so that another can follow.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from django.template import Context, Template
from django.template.loader import get_template
from django.utils import translation
from django.utils.html import escape

from outbox.context import GUARD, for_template, standing
from outbox.models import OutgoingEmail

SUBJECT_LENGTH = 60
# A letter that is easy on the eyes, in the reader's own colours, and with nothing to fetch.
LOOK = "font:16px/1.5 system-ui,'Segoe UI',Arial,sans-serif;max-width:38em;margin:24px auto;padding:0 16px"
DOTS = "••••••••"
"""What the kept copy shows in place of a code, whatever its length."""

Kind = Literal["heading", "bullets", "numbers", "paragraph"]
Block = tuple[Kind, list[str]]

_BULLET = "- "
_END_OF_LIST = "---"
_NUMBER = re.compile(r"(\d+)\. (.*)")


@dataclass(frozen=True)
class Rendered:
    """A letter in words. `kept_text` is the text with dots in place of the codes."""

    subject: str
    text: str
    html: str
    kept_text: str


def render(row: OutgoingEmail) -> Rendered:
    """Render a letter in the row's own language.

    Raises TemplateDoesNotExist if it has no templates, and whatever its templates raise.
    """
    codes: dict[str, str] = json.loads(row.secrets) if row.secrets else {}
    known = {**for_template(row.context), **standing()}
    hidden = {**known, **dict.fromkeys(codes, DOTS)}
    with translation.override(row.language):
        # Dots in the subject too: it is shown by telephones that lie on tables.
        subject = one_line(_fill(f"emails/{row.name}.subject.txt", hidden))
        kept = list(blocks(_fill(f"emails/{row.name}.txt", hidden)))
        full = list(blocks(_fill(f"emails/{row.name}.txt", {**known, **codes}))) if codes else kept
    return Rendered(subject, as_text(full), as_html(full, row.language, known["portal_url"]), as_text(kept))


def _fill(template: str, values: dict[str, object]) -> str:
    """Render a template of a text: nothing is escaped, which the HTML part does for itself."""
    compiled: Template = get_template(template).template  # type: ignore[attr-defined]
    return str(compiled.render(Context(values, autoescape=False)))


def one_line(subject: str) -> str:
    """Return a subject as one line of at most 60 characters: no line break reaches the headers."""
    line = " ".join(subject.replace(GUARD, "").split())
    return line if len(line) <= SUBJECT_LENGTH else line[: SUBJECT_LENGTH - 1].rstrip() + "…"


def blocks(markup: str) -> Iterator[Block]:
    """Yield the blocks of a text in the markup. Items of one list may stand apart: loops leave empty lines."""
    kind: Kind | None = None
    lines: list[str] = []
    gap = False
    for line in map(str.strip, markup.splitlines()):
        if not line:
            gap = True
            continue
        if line == _END_OF_LIST:
            if kind:
                yield kind, lines
            kind, lines = None, []
            continue
        new, text = _kind(line, next_number=len(lines) + 1 if kind == "numbers" else 1)
        goes_on = new == kind and (new in ("bullets", "numbers") or (new == "paragraph" and not gap))
        if kind and not goes_on:
            yield kind, lines
            lines = []
        kind, gap = new, False
        lines.append(text.replace(GUARD, ""))
    if kind:
        yield kind, lines


def _kind(line: str, *, next_number: int) -> tuple[Kind, str]:
    """Return what a line is and what it says. Items count up, so "21. November" begins no list."""
    if line.startswith("## "):
        return "heading", line.removeprefix("## ").strip()
    if line.startswith(_BULLET):
        return "bullets", line.removeprefix(_BULLET).strip()
    number = _NUMBER.fullmatch(line)
    if number and int(number[1]) in (1, next_number):
        return "numbers", number[2].strip()
    return "paragraph", line


def as_text(parts: list[Block]) -> str:
    """Return the text part: a heading is a line of its own after an empty line."""
    written = ""
    before: Kind | None = None
    for kind, lines in parts:
        match kind:
            case "bullets":
                lines = [f"- {line}" for line in lines]
            case "numbers":
                lines = [f"{number}. {line}" for number, line in enumerate(lines, 1)]
        gap = "" if before is None else "\n" if before == "heading" != kind else "\n\n"
        written += gap + "\n".join(lines)
        before = kind
    return written + "\n"


def as_html(parts: list[Block], language: str, portal_url: str) -> str:
    """Return the HTML part: headings, lists and paragraphs, nothing else; the portal's address is a link."""
    address = escape(portal_url)
    bare_address = re.compile(rf"(?<!\S){re.escape(address)}(?=[.,;:!?]*(?:\s|$))")

    def words(line: str) -> str:
        return bare_address.sub(f'<a href="{address}">{address}</a>', escape(line))

    body = []
    for kind, lines in parts:
        match kind:
            case "heading":
                body.append(f"<h2>{words(lines[0])}</h2>")
            case "bullets" | "numbers":
                tag = "ul" if kind == "bullets" else "ol"
                items = "\n".join(f"<li>{words(line)}</li>" for line in lines)
                body.append(f"<{tag}>\n{items}\n</{tag}>")
            case "paragraph":
                body.append("<p>" + "<br>\n".join(words(line) for line in lines) + "</p>")
    head = f'<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8"></head><body style="{LOOK}">'
    return "\n".join([head, *body, "</body></html>", ""])
