"""The table of all screens and their states: what every look at the portal goes through.

A state is a function that leads one person to it and returns the page. It is entered by `@state`:

    @state("roles:wizard_roles", "none found", shows="No role for “zzzz”")
    def none_found(stage: Stage) -> Answer:
        return stage.press(stage.draft(stage.anna), "roles", "search", q="zzzz")

`route` is the route whose page is shown at the end; `shows` are words of the English page by which the state is told
from the others; `errors` are the ids of the messages (tests/screens/errors.txt) that stand in the summary; `says` are
messages without an id that stand there too, in English; `notes` are ids of messages that stand on the page and are no
error of this form. A page that is `alone` is the same for everybody: in four languages at once, without header and
footer of the portal. A page of the `admin` is built by Django's templates: outline, budgets and small windows are left
out (SCREENS 14). One state of every `template` that is a page names it.
"""

import importlib
import os
import pkgutil
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.screens import states
from tests.screens.stage import HIGH, Stage, undone

Answer = Any
Build = Callable[[Stage], Answer]
LANGUAGES = ("fr", "nl", "de", "en")
# `make a11y` looks at every state in every language; `make test` lets the languages take turns.
EVERYTHING = bool(os.environ.get("A11Y"))


@dataclass(frozen=True)
class State:
    """One line of the table."""

    route: str
    name: str
    build: Build
    shows: tuple[str, ...]
    errors: tuple[str, ...]
    says: tuple[str, ...]
    who: str
    level: int
    status: int
    alone: bool
    notes: tuple[str, ...]
    admin: bool
    template: str

    @property
    def id(self) -> str:
        """The state in one word, for names of tests and pictures: `wizard_roles--none-found`."""
        words = re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")
        return f"{self.route.split(':')[-1] or 'no_route'}--{words}"

    def page(self, stage: Stage, language: str) -> Answer:
        """Return the page in a language. What it took to get there is taken back, the page is not."""
        with self.opened(stage, language) as answer:
            return answer

    @contextmanager
    def opened(self, stage: Stage, language: str) -> Iterator[Answer]:
        """Give the page, with the database as it is while a person looks at it."""
        with undone():
            stage.language = language
            stage.becomes(self.who, self.level)
            yield self.build(stage)


_TABLE: list[State] = []


def state(
    route: str,
    name: str,
    *,
    shows: str | tuple[str, ...] = (),
    errors: str | tuple[str, ...] = (),
    says: str | tuple[str, ...] = (),
    who: str = "jean",
    level: int = HIGH,
    status: int = 200,
    alone: bool = False,
    notes: str | tuple[str, ...] = (),
    admin: bool = False,
    template: str = "",
) -> Callable[[Build], Build]:
    """Enter a state into the table; the function below it leads there."""
    as_tuple = lambda value: (value,) if isinstance(value, str) else value  # noqa: E731
    assert shows or errors or says, f"{route} {name}: by what is this state told from the others?"

    def enter(build: Build) -> Build:
        told = (as_tuple(shows), as_tuple(errors), as_tuple(says))
        _TABLE.append(State(route, name, build, *told, who, level, status, alone, as_tuple(notes), admin, template))
        return build

    return enter


def table() -> list[State]:
    """Return all states, in the order in which the files give them."""
    for module in sorted(pkgutil.iter_modules(states.__path__), key=lambda module: module.name):
        importlib.import_module(f"{states.__name__}.{module.name}")
    ids = [entry.id for entry in _TABLE]
    assert len(ids) == len(set(ids)), sorted({name for name in ids if ids.count(name) > 1})
    return _TABLE


def language_in_browser(number: int, state: State) -> str:
    """Return the language in which a browser shows the state with this number in `make test`: every other in German.

    German is for small windows, and the administration is no page for them (SCREENS 14).
    """
    if number % 2 and not state.admin:
        return "de"
    return ("fr", "nl", "en")[number // 2 % 3]


def piece_of(piece: int, pieces: int) -> list[tuple[int, State]]:
    """Return one of so many slices of the table, each state with its number, so that several processes share the work.

    States that are alike stay together.
    """
    numbered = list(enumerate(table()))
    return numbered[len(numbered) * piece // pieces : len(numbered) * (piece + 1) // pieces]
