"""The tools that hold the rest: the check of the translations, the refusal of skips, the throw-away server."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import write_po

from tests.plugins import postgres
from tests.tools import messages, run_tests
from tests.tools.messages import Used

BASE_DIR = Path(__file__).resolve().parents[2]


def test_texts_are_found_in_python():
    source = (
        '_("one"); gettext_lazy("two" " halves"); ngettext("%(n)s cat", "%(n)s cats", n); pgettext("verb", "end")\n'
        "for _ in x: pass\n"
    )
    assert set(messages.in_python(source, "x.py")) == {
        Used("one"),
        Used("two halves"),
        Used("%(n)s cat", "%(n)s cats"),
        Used("end", context="verb"),
    }


def test_a_text_that_is_glued_together_is_refused():
    with pytest.raises(ValueError, match="x.py:1"):
        list(messages.in_python('_(f"hello {name}")', "x.py"))


def test_texts_are_found_in_templates():
    source = (
        "{% load i18n %}{% translate 'one’s own' %}{% translate \"end\" context 'verb' %}"
        "{% blocktranslate trimmed count n=n %}\n  {{ n }} cat\n{% plural %}\n  {{ n }} cats\n{% endblocktranslate %}"
        "{% blocktranslate with name=p %}Hello {{ name }}{% endblocktranslate %}{{ x|default:_('none') }}"
    )
    assert set(messages.in_template(source, "x.html")) == {
        Used("one’s own"),
        Used("end", context="verb"),
        Used("%(n)s cat", "%(n)s cats"),
        Used("Hello %(name)s"),
        Used("none"),
    }


@pytest.fixture
def locale(tmp_path):
    """Return a function that writes a French catalogue, and its compiled form (of another one, if given)."""

    def write(entries: dict, compiled: dict | None = None, fuzzy: bool = False) -> Path:
        folder = tmp_path / "fr" / "LC_MESSAGES"
        folder.mkdir(parents=True, exist_ok=True)
        for name, texts in (("django.po", entries), ("django.mo", entries if compiled is None else compiled)):
            catalogue = Catalog(locale="fr")
            for identity, text in texts.items():
                catalogue.add(identity, text, flags=["fuzzy"] if fuzzy else [])
            with (folder / name).open("wb") as file:
                (write_mo if name.endswith("mo") else write_po)(file, catalogue)
        return tmp_path

    return write


def test_a_complete_catalogue_has_no_problem(locale):
    entries = {"one": "un", ("%(n)s cat", "%(n)s cats"): ("un chat", "%(n)s chats")}
    assert messages.problems_of("fr", {Used("one")}, locale=locale(entries)) == []


@pytest.mark.parametrize(
    ("entries", "problem"),
    [
        ({}, "not in the catalogue: 'one'"),
        ({"one": ""}, "empty"),
        ({"one": "un %(x)s"}, "other placeholders"),
        ({"one": "l'un"}, "straight apostrophe"),
        ({"one": "un :"}, "no-break space"),
    ],
)
def test_a_bad_translation_is_named(locale, entries, problem):
    assert problem in "\n".join(messages.problems_of("fr", {Used("one")}, locale=locale(entries)))


def test_a_fuzzy_entry_is_named(locale):
    assert "fr: fuzzy: 'one'" in messages.problems_of("fr", set(), locale=locale({"one": "un"}, fuzzy=True))


def test_a_compiled_catalogue_that_differs_is_named(locale):
    found = messages.problems_of("fr", set(), locale=locale({"one": "un"}, compiled={"one": "une"}))
    assert found == ["fr: django.mo does not hold what django.po holds: run `make messages`"]


def test_the_portal_is_complete_in_every_language():
    assert messages.main() == 0


SKIPPING = """
import pytest
def test_passes(): assert True
@pytest.mark.skip(reason="a part is missing")
def test_is_left_out(): raise AssertionError
"""


@pytest.mark.parametrize(("ci", "code"), [("true", 1), ("", 0)])
def test_a_skip_fails_the_run_in_ci_only(tmp_path, ci, code):
    file = tmp_path / "test_sample.py"
    file.write_text(SKIPPING, "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", f"--rootdir={BASE_DIR}"]
        + ["-c", str(BASE_DIR / "pyproject.toml"), str(file)],
        cwd=BASE_DIR,
        env={**{name: value for name, value in os.environ.items() if "XDIST" not in name}, "CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert "a part is missing" in done.stdout


def test_what_is_missing_is_left_out_with_the_line_that_installs_it():
    parts, left_out = run_tests.plan(["chromium", "postgresql"])
    assert [part.name for part in parts] == ["SQLite"]
    assert "apt-get install -y --no-install-recommends postgresql" in left_out[0]
    assert "apt-get install -y --no-install-recommends chromium" in left_out[1]
    parts, left_out = run_tests.plan([])
    assert [part.database for part in parts] == ["sqlite", "postgres", "sqlite"]
    assert left_out == []


@pytest.mark.parametrize(("ci", "code"), [("true", 1), ("", 0)])
def test_a_missing_part_fails_the_run_in_ci_only(monkeypatch, capsys, ci, code):
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(run_tests, "missing_packages", lambda: ["postgresql", "chromium"])
    monkeypatch.setattr(run_tests, "install", lambda packages: None)
    monkeypatch.setattr(run_tests, "run", lambda part, extra: 0)
    assert run_tests.main([]) == code
    assert "SKIPPED  PostgreSQL" in capsys.readouterr().out


def test_the_newest_server_is_chosen(monkeypatch, tmp_path):
    for version in ("9.6", "15", "17"):
        (tmp_path / version / "bin").mkdir(parents=True)
        (tmp_path / version / "bin" / "initdb").touch()
    (tmp_path / "18" / "bin").mkdir(parents=True)
    monkeypatch.setattr(postgres, "VERSIONED", tmp_path)
    assert postgres.find_binaries() == tmp_path / "17" / "bin"
