"""What the tests read from the source of a page."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

ERRORS = Path(__file__).parent / "errors.txt"
# What is never shown again: secrets, and numbers that stay on the page only where their field is wrong.
NOT_KEPT = {"password", "pin", "code"}


def error_texts(language: str) -> dict[str, re.Pattern[str]]:
    """Return the messages in one language by their id; what is filled in matches anything."""
    column = ("fr", "nl", "de", "en").index(language) + 1
    found = {}
    for line in ERRORS.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            cells = [cell.strip() for cell in line.split(" | ")]
            pattern = re.escape(spaced(cells[column]))
            pattern = re.sub(r"\\\[(.*?)\\\]", r"(?:\1)?", re.sub(r"\\\{.*?\\\}", ".+?", pattern))
            found[cells[0]] = re.compile(pattern + r"\.?$")
    return found


def spaced(text: str) -> str:
    """Return a text with plain single spaces, so that no-break spaces compare equal."""
    return " ".join(text.replace(" ", " ").replace(" ", " ").split())


def words(fragment: str) -> str:
    """Return a piece of a page without its markup."""
    return spaced(html.unescape(re.sub(r"<[^>]+>", " ", fragment))).replace(" .", ".").replace(" ,", ",")


def title_of(page: str) -> str:
    """Return what stands in the title bar."""
    found = re.search(r"<title>(.*?)</title>", page, re.S)
    return words(found[1]) if found else ""


def heading_of(page: str) -> str:
    """Return the one H1."""
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page, re.S)
    return words(found[1]) if found else ""


def is_heading(page: str, target: str) -> bool:
    """Say whether a link within the page leads to a heading."""
    return re.search(rf'<h[1-6] id="{re.escape(target)}"', page) is not None


def summary_of(page: str) -> list[tuple[str, str]]:
    """Return the error summary: for each line where it leads, and its words."""
    box = re.search(r'<section class="error-summary".*?</section>', page, re.S)
    lines = re.findall(r"<li>(.*?)</li>", box[0], re.S) if box else []
    return [((re.search(r'href="#([^"]*)"', line) or ["", ""])[1], words(line)) for line in lines]


@dataclass
class Fields(HTMLParser):
    """What stands in the fields of a page: texts by name, and the ticked values of boxes and radios by name."""

    texts: dict[str, str] = field(default_factory=dict)
    ticks: dict[str, set[str]] = field(default_factory=dict)
    _area: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a field."""
        given = {name: value or "" for name, value in attrs}
        name, kind = given.get("name", ""), given.get("type", "text")
        if tag == "textarea":
            self._area = name
            self.texts[name] = ""
        elif tag == "input" and kind in ("checkbox", "radio"):
            self.ticks.setdefault(name, set()).update({given.get("value", "on")} if "checked" in given else set())
        elif tag == "input" and kind not in ("hidden", "password"):
            self.texts[name] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        """Add to the text of the field that is open."""
        if self._area:
            self.texts[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        """Close the field."""
        if tag == "textarea":
            self.texts[self._area] = self.texts[self._area].removeprefix("\n")
            self._area = ""


def not_kept(page: str, sent: dict[str, object]) -> Iterator[str]:
    """Yield what was sent and is gone from its field."""
    shown = Fields()
    shown.feed(page)
    for name, value in sent.items():
        values = {str(each) for each in value} if isinstance(value, list | tuple) else {str(value)}
        if name in shown.ticks and not values <= shown.ticks[name]:
            yield f"{name}: {sorted(values)} is no longer ticked"
        if name in shown.texts and name not in NOT_KEPT and {shown.texts[name]} != values:
            yield f"{name}: {sorted(values)} became {shown.texts[name]!r}"
