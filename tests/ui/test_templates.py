"""What no template of the portal may hold (SCREENS 1.3 and 14; CSP)."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "templates"
PAGES = sorted(path for path in ROOT.rglob("*.html") if not {"emails", "admin"} & set(path.parts))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


FORBIDDEN = {
    "an inline style": r"\sstyle\s*=|<style",
    "an inline script": r"<script(?![^>]*\ssrc=)",
    "an event handler": r"\son[a-z]+\s*=",
    "a select": r"<select|<option",
    "details": r"<details",
    "a placeholder": r"\splaceholder\s*=",
    "a disabled control": r"<(?:button|input|textarea)[^>]*\sdisabled",
    "a required attribute": r"<(?:input|textarea)[^>]*\srequired\b",
    "a date input": r'type="date"',
    "a picture of another host": r"<img|<iframe|<object|<embed",
    "text that is not escaped": r"\|\s*safe\b|autoescape off",
    "a positive tab order": r'tabindex="[1-9]',
    "a shortcut key": r"\saccesskey\s*=",
    "a link that opens a window": r'target="_blank"',
    "a hidden name without its language": r'"visually-hidden">[^<]*(?:role|organisation|asked_for|service)\.name\b',
}


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_no_template_holds_what_the_design_forbids(path):
    text = path.read_text(encoding="utf-8")
    found = [what for what, pattern in FORBIDDEN.items() if re.search(pattern, text)]
    assert found == []


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_every_form_that_posts_carries_its_token(path):
    text = path.read_text(encoding="utf-8")
    for form in re.findall(r'<form[^>]*method="post".*?</form>', text, flags=re.DOTALL):
        assert "{% csrf_token %}" in form


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_forms_let_the_server_speak_first(path):
    for form in re.findall(r"<form[^>]*>", path.read_text(encoding="utf-8")):
        assert 'method="post"' in form or "novalidate" in form


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_quotes_in_words_are_curly_and_apostrophes_too(path):
    text = path.read_text(encoding="utf-8")
    words = re.findall(r'{% translate "([^"]*)"|{% translate \'([^\']*)\'', text)
    words += [
        (block, "") for block in re.findall(r"{% blocktranslate.*?%}(.*?){% endblocktranslate %}", text, re.DOTALL)
    ]
    for one, other in words:
        plain = re.sub(r"<[^>]*>|{%.*?%}", "", one + other)
        assert "'" not in plain
        assert '"' not in plain


def test_pages_that_write_a_heading_into_their_content_empty_the_one_of_the_frame():
    twice = []
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        if re.search(r'{% extends "(?:base|roles/wizard/base)\.html" %}', text):
            heading = re.search(r"{% block heading %}(.*?){% endblock", text, flags=re.DOTALL)
            rest = text.replace(heading[0], "") if heading else text
            if "<h1" in rest and (heading is None or "<h1" in heading[1]):
                twice.append(name(path))
    assert twice == []
