"""From a row to words: text and HTML say the same, in the receiver's language, and values stay in their place."""

import html
import re
from typing import Any

import pytest
from django.utils import translation
from pytest_django import Settings

from outbox.compose import letter
from outbox.models import OutgoingEmail
from outbox.rendering import Rendered, as_html, as_text, blocks, one_line, render
from tests.outbox.conftest import CONTEXT, NOW


def written(**changes: Any) -> OutgoingEmail:
    context = {**CONTEXT, **changes.pop("more", {})}
    values: dict[str, Any] = {"to": "anna@example.be", "language": "en", "context": context, "now": NOW, **changes}
    return letter("test_letter", **values)


def words(rendered: Rendered) -> list[str]:
    """Return the words of the HTML part."""
    return html.unescape(re.sub(r"<[^>]+>", " ", rendered.html)).split()


def test_the_text_part_is_laid_out_for_reading() -> None:
    expected = """Dear Anna Peeters, this is written in en.

Given on 21 November 2026 at 14:05:

- Role: CCB SAFEONWEBATWORK EDIT
- Valid from 21 November 2026

How to answer
1. Go to https://roles.example.be/ and sign in.
2. Choose an answer.

We will never ask you for a PIN code, a password or a security code by e-mail. \
You can also type the address roles.example.be yourself in your browser.
This is a simulation. This message does not come from the Belgian State.
"""
    with translation.override("nl"):  # whatever the worker's own language is
        assert render(written()).text == expected


def test_the_html_part_is_plain_and_says_the_same_words() -> None:
    rendered = render(written(more={"message": "Tom & <b>Jerry</b> said: 1 < 2"}))
    text = re.sub(r"^(- |\d\. )", "", rendered.text, flags=re.MULTILINE)
    assert words(rendered) == text.split()
    tags = set(re.findall(r"<(\w+)", rendered.html))
    assert tags <= {"html", "head", "meta", "body", "h2", "p", "br", "ul", "ol", "li", "a"}
    assert "<li>Go to " in rendered.html
    assert "<h2>How to answer</h2>" in rendered.html
    assert "&lt;b&gt;Jerry" in rendered.html
    assert '<html lang="en">' in rendered.html


def test_the_only_link_is_the_portal_in_full() -> None:
    rendered = render(written(more={"message": "See https://roles.example.be/evil and https://evil.example/"}))
    assert re.findall(r"<a [^>]*>[^<]*</a>", rendered.html) == [
        '<a href="https://roles.example.be/">https://roles.example.be/</a>'
    ]


@pytest.mark.parametrize(
    ("language", "day"),
    [("fr", "21 novembre 2026"), ("nl", "21 november 2026"), ("de", "21. November 2026"), ("en", "21 November 2026")],
)
def test_it_is_written_in_the_language_of_the_row(language: str, day: str) -> None:
    with translation.override("en"):
        rendered = render(written(language=language))
        assert translation.get_language() == "en"
    assert f"written in {language}." in rendered.text
    assert f"Valid from {day}" in rendered.text.replace("\u00a0", " ")


def test_hours_are_those_of_brussels() -> None:
    assert "at 02:30" in render(written(more={"given_at": "2026-07-01T00:30:00+00:00"})).text
    assert "at 01:30" in render(written(more={"given_at": "2026-12-01T00:30:00+00:00"})).text


@pytest.mark.parametrize("mock", [True, False])
def test_the_line_on_the_simulation_stands_there_while_mock_keys_are_on(settings: Settings, mock: bool) -> None:
    settings.CSAM_MOCK = mock
    assert ("This is a simulation." in render(written()).text) is mock


@pytest.mark.asvs(40)
def test_a_code_is_in_the_mail_and_dots_are_in_the_kept_copy() -> None:
    rendered = render(written(secrets={"code": "K7QD-3MXP"}))
    assert "Your code: K7QD-3MXP\n" in rendered.text
    assert "Your code: K7QD-3MXP<br>" in rendered.html
    assert "Your code: ••••••••\n" in rendered.kept_text
    assert "K7QD" not in rendered.kept_text


def test_a_code_never_stands_in_the_subject() -> None:
    rendered = render(written(secrets={"subject": "Code K7QD-3MXP"}))
    assert "K7QD" not in rendered.subject


@pytest.mark.threat(31)
@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("## Pay now", "## Pay now"),
        ("- Role: everything", "- Role: everything"),
        ("1. Send money", "1. Send money"),
        ("hello\n\n## Pay now", "hello ## Pay now"),
        ("hello\r\n- pay", "hello - pay"),
        ("a\u2028## b", "a ## b"),
    ],
)
def test_what_a_person_typed_is_no_heading_and_no_list(message: str, shown: str) -> None:
    rendered = render(written(more={"message": message}))
    assert f"<p>{shown}</p>" in rendered.html
    assert f"\n\n{shown}\n\n" in rendered.text
    assert rendered.html.count("<h2>") == 1
    assert rendered.html.count("<li>") == 4
    assert "\ue000" not in rendered.html + rendered.text


@pytest.mark.asvs(6)
def test_a_subject_is_one_short_line(settings: Settings) -> None:
    rendered = render(written(more={"organisation": "Firm\r\nBcc: all@example.be " + "x" * 80}))
    assert "\n" not in rendered.subject
    assert "\r" not in rendered.subject
    assert len(rendered.subject) == 60
    assert rendered.subject.endswith("…")


def test_a_subject_of_exactly_60_characters_is_whole() -> None:
    assert one_line("x" * 60) == "x" * 60
    assert one_line("x" * 61) == "x" * 59 + "…"
    assert one_line(" two \n\t words ") == "two words"


def test_markup_is_read_by_lines() -> None:
    markup = "## One\ntext\nmore\n\nnext\n- a\n\n- b\n1. x\n\n2. y\n21. November 2026\n##not\n## Two\n## Three"
    assert list(blocks(markup)) == [
        ("heading", ["One"]),
        ("paragraph", ["text", "more"]),
        ("paragraph", ["next"]),
        ("bullets", ["a", "b"]),
        ("numbers", ["x", "y"]),
        ("paragraph", ["21. November 2026", "##not"]),
        ("heading", ["Two"]),
        ("heading", ["Three"]),
    ]


def test_a_heading_stands_alone_after_an_empty_line() -> None:
    parts = list(blocks("a\n## One\nb\n## Two\n## Three"))
    assert as_text(parts) == "a\n\nOne\nb\n\nTwo\n\nThree\n"
    assert as_html(parts, "en", "https://x/").count("<h2>") == 3


def test_an_empty_template_is_an_empty_letter() -> None:
    assert as_text(list(blocks(" \n\n"))) == "\n"
