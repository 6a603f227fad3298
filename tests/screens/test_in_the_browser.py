"""Every screen in every state in a real browser: axe, reflow in German at 320 px, targets, and a picture (SCREENS 14).

`make test` reads each state once, the languages and schemes shared out among them, every other one in German on a
narrow screen, and does not look at pages of the same shape with other words. `make a11y` (the variable A11Y) looks at
each in every language, light and dark, in German also on a narrow screen and in forced colours. The pictures land in
var/screens, with a page to leaf through.

Whatever the width of the picture, the page is then made as narrow as the narrowest phone: nothing may run off the side.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import attrgetter
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, Page

from tests.screens.album import Album, leaf
from tests.screens.faults import faults
from tests.screens.serving import show
from tests.screens.stage import Stage
from tests.screens.table import EVERYTHING, LANGUAGES, State, language_in_browser, piece_of, table

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# No rule of these needs the stylesheets fetched once more.
AXE_OPTIONS = {
    "runOnly": RULES,
    "resultTypes": ["violations", "incomplete"],
    "selectors": False,
    "preload": False,
}
# Only what it found comes back: the whole report takes as long as the search.
AXE = """options => axe.run(document, options).then(found => ["violations", "incomplete"].flatMap(kind =>
    found[kind].map(({id, nodes}) => [kind, id, nodes.slice(0, 3).map(node => node.html.slice(0, 150))])))"""
# What axe cannot decide, each with the reason. Empty: nothing is left undecided.
UNDECIDED: dict[str, str] = {}
# What axe finds in Django's own templates of the administration, each with the reason. What is ours has no excuse.
DJANGOS = {
    "color-contrast": "“Add” and “Change” of the sidebar have a drawing behind them, which axe cannot look through",
    "empty-table-header": "the columns for ticks and for what was there before have no words",
    "label": "the search inside a chooser of several, which Select2 draws, is named by its role in the page only",
    "label-title-only": "the search of a list is labelled by a drawing, whose alternative text is its name",
    "target-size": "the search inside a chooser, which Select2 draws as wide as its text",
    "th-has-data-cells": "each group of the sidebar is a table whose rows begin with a heading cell and may end there",
}
# WCAG 1.4.12: how wide the letters may be set.
TEXT_SPACING = (
    "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"
    "p { margin-block-end: 2em !important }"
)
# Where the focus is on a page with an error summary; nothing on other pages.
FOCUS = 'document.querySelector(".error-summary") && document.activeElement.className'
# How much wider than the window the page is under each of these styles.
OVERFLOW = """styles => {
    const page = document.documentElement, sheet = new CSSStyleSheet();
    document.adoptedStyleSheets = [sheet];
    const wider = styles.map(css => { sheet.replaceSync(css); return page.scrollWidth - page.clientWidth; });
    document.adoptedStyleSheets = [];
    return wider;
}"""
# Links in a line of text are exempt (WCAG 2.5.8), those that stand alone are not: alone is what has no words beside it
# up to the next line break or block, in its cell or paragraph. A label that covers its whole row counts as the row.
SMALL = """() => {
    const isInline = node => node.nodeType !== 1 || getComputedStyle(node).display === "inline";
    const says = node => !node.matches?.("a, button, .visually-hidden") && /\\p{L}/u.test(node.textContent);
    const hasWordsBeside = element => ["previousSibling", "nextSibling"].some(way => {
        let node = element[way];
        while (node && isInline(node) && node.nodeName !== "BR" && !says(node)) node = node[way];
        return node && isInline(node) && node.nodeName !== "BR";
    });
    const isInLine = element => isInline(element) && !element.closest("nav, footer, header")
        && (hasWordsBeside(element) || isInLine(element.parentElement));
    return [...document.querySelectorAll("a, button, input:not([type=hidden]), textarea")].flatMap(element => {
        const box = element.getBoundingClientRect();
        if (element.matches(".skip-link") || !box.width || getComputedStyle(element).visibility === "hidden") return [];
        if (isInLine(element)) return [];
        const isSmall = box.width < 24 || box.height < 24;
        return isSmall ? [`${element.outerHTML.slice(0, 90)} ${box.width}x${box.height}`] : [];
    });
}"""

# What the mouse does not reach: the link that stands for a whole card lies over what else is in it.
COVERED = """() => [...document.querySelectorAll(".task :is(a, button)")].flatMap(element => {
    element.scrollIntoView({block: "center"});
    const box = element.getClientRects()[0];
    const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return element.contains(hit) ? [] : [element.outerHTML.slice(0, 90)];
})"""


NARROW = 320


@dataclass(frozen=True)
class Look:
    """One way to look at a state."""

    language: str
    scheme: str
    width: int = 1280
    forced: bool = False

    def __str__(self) -> str:
        return f"{self.language}-{'forced' if self.forced else self.scheme}-{self.width}"


ALL_LOOKS = [
    *(Look(language, scheme) for language in LANGUAGES for scheme in ("light", "dark")),
    *(Look("de", scheme, NARROW) for scheme in ("light", "dark")),
    Look("de", "light", 640, forced=True),
]
# Pages are made once for all looks in their language.
ALL_LOOKS.sort(key=attrgetter("language"))
# How many pieces the table is cut into, so that the cores share the work.
PIECES = 16


def looks_at(number: int, state: State) -> list[Look]:
    """Return how the state with this number in the table is looked at: all ways, or one that takes its turn.

    The administration is no page for small windows (SCREENS 14).
    """
    if EVERYTHING:
        return [look for look in ALL_LOOKS if not state.admin or look.width == 1280]
    scheme = ("light", "dark")[number // 2 % 2]
    language = language_in_browser(number, state)
    return [Look(language, scheme, NARROW if language == "de" else 1280)]


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[Callable[[Look], Page]]:
    """Return a function that gives a browser window for a look; windows are kept."""
    contexts: dict[Look, BrowserContext] = {}

    def make(look: Look) -> Page:
        if look not in contexts:
            contexts[look] = browser.new_context(
                viewport={"width": look.width, "height": 900},
                color_scheme=look.scheme,
                forced_colors="active" if look.forced else "none",
                locale=look.language,
            )
            # Once for each window: sent along with each question, it would take longer than the answer.
            contexts[look].add_init_script(AXE_SCRIPT)
            contexts[look].new_page()
        return contexts[look].pages[0]

    yield make
    for context in contexts.values():
        context.close()


@pytest.fixture(scope="module")
def album() -> Iterator[Album]:
    """Where the pictures go; at the end the page that shows them."""
    yield Album()
    leaf(table())


def too_wide(page: Page, look: Look) -> Iterator[str]:
    """Yield what runs off the side of a window, and what is too small for a finger.

    In German, whose words are the longest, at three widths and however wide the letters; else on the narrowest phone.
    """
    is_german = look.language == "de"
    for width in (900, 640, NARROW) if is_german else (NARROW,):
        page.set_viewport_size({"width": width, "height": 900})
        yield from (f"{complaint} at {width} px" for complaint in _off_the_side(page, with_wide_letters=is_german))
    yield from (f"small target {target}" for target in page.evaluate(SMALL))


def _off_the_side(page: Page, *, with_wide_letters: bool) -> Iterator[str]:
    styles = {"": "", " with wide letters": TEXT_SPACING} if with_wide_letters else {"": ""}
    for name, wider in zip(styles, page.evaluate(OVERFLOW, list(styles.values())), strict=True):
        if wider > 0:
            yield f"{wider} px wider than the window{name}"


def complaints(page: Page, state: State, look: Look) -> Iterator[str]:
    """Yield what axe says against the open page."""
    excused = {*UNDECIDED, *DJANGOS} if state.admin else {*UNDECIDED}
    # The colours are then the reader's own, and axe sees ours beneath them.
    excused |= {"color-contrast"} if look.forced else set()
    for kind, rule, places in page.evaluate(AXE, AXE_OPTIONS):
        if rule not in excused or (kind == "violations" and not state.admin):
            yield f"{kind} {rule} {places}"


def findings(page: Page, answer: Any, state: State, look: Look, album: Album) -> Iterator[str]:
    """Show a page in a window, yield what is wrong with it, and keep its picture."""
    show(page, answer, anew=state.admin or bool(state.errors or state.says))
    yield from complaints(page, state, look)
    yield from (f"covered {target}" for target in page.evaluate(COVERED))
    if page.evaluate(FOCUS) not in ("error-summary", None):
        yield f"the focus is on {page.evaluate(FOCUS)!r}, not on the error summary"
    album.keep(state, look, page)
    if not state.admin:
        yield from too_wide(page, look)
        page.set_viewport_size({"width": look.width, "height": 900})


@pytest.mark.parametrize("piece", range(PIECES))
def test_every_state_is_accessible_and_fits(
    stage: Stage, window: Callable[[Look], Page], album: Album, piece: int
) -> None:
    problems: list[str] = []
    seen: set[frozenset[tuple[str, str]]] = set()
    for number, state in piece_of(piece, PIECES):
        for language, looks in groupby(looks_at(number, state), attrgetter("language")):
            answer = state.page(stage, language)
            problems += [f"{state.id} {language}: {fault}" for fault in faults(state, answer, language, stage.sent)]
            shape = shape_of(answer.content.decode())
            if shape in seen and not EVERYTHING:
                continue
            seen.add(shape)
            for look in looks:
                found = findings(window(look), answer, state, look, album)
                problems += [f"{state.id} {look}: {complaint}" for complaint in found]
    assert not problems, "\n".join(problems)


ELEMENT = re.compile(r"<([a-z][a-z0-9]*)((?:\s[^>]*)?)>")
TRAIT = re.compile(r'\s((?:class|type|role)="[^"]*"|aria-[a-z]+|lang|tabindex|autofocus|checked)')


def shape_of(page: str) -> frozenset[tuple[str, str]]:
    """Return what a page is made of, without its words: which kind of element follows on which."""
    made = [f"{tag} {' '.join(sorted(TRAIT.findall(traits)))}" for tag, traits in ELEMENT.findall(page)]
    return frozenset(pairwise(made))
