"""What a page weighs and how it is built, read from its HTML with the standard library alone.

`weight` counts bytes, elements and requests (SCREENS 14, rows 10 and 11) and `over_budget` says which are too many;
`outline` names the faults that a page must not have (rows 14 and 19). All are pure: the same text gives the same
answer, no server and no browser is asked.
"""

import gzip
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

STATIC = Path(__file__).parents[2] / "static"
STATIC_URL = "/static/"
# The middleware compresses on this level, and adds so many bytes at most that nobody can guess by length (BREACH).
GZIP_LEVEL, GZIP_PADDING = 6, 100
# Bytes of the HTML compressed and plain, its elements, and a first visit with all files, compressed.
LIMIT_GZIP, LIMIT_RAW, LIMIT_NODES, LIMIT_COLD = 10_000, 80_000, 1_500, 30_000
LIMIT_COLD_REQUESTS, LIMIT_WARM_REQUESTS = 4, 2

VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
MEDIA = frozenset("img picture video audio iframe object embed canvas".split())
HEADINGS = {f"h{level}": level for level in range(1, 7)}
LANDMARKS = ("header", "main", "footer")
# A header or footer inside one of these speaks of that part, not of the page.
SECTIONING = frozenset("main article section aside nav".split())
FETCHED_LINKS = frozenset("stylesheet icon preload modulepreload manifest prefetch".split())
NO_FIELDS = frozenset("hidden submit button reset image".split())
REFERENCES = ("aria-describedby", "aria-labelledby", "aria-controls", "aria-errormessage", "aria-details", "headers")


@dataclass(frozen=True)
class PageWeight:
    """What it takes to show a page. `raw` and `gzip` are bytes of the HTML alone, `nodes` counts its elements.

    `requests_cold` is the page with every file it asks for, `requests_warm` what is left when the files under
    /static/ lie in the browser, where their names let them stay for good. `files` are the addresses asked for.
    """

    raw: int
    gzip: int
    nodes: int
    requests_cold: int
    requests_warm: int
    files: tuple[str, ...] = ()

    @property
    def gzip_cold(self) -> int:
        """Bytes of the page and of its files, all compressed. An address that is no static file of ours fails."""
        return self.gzip + sum(static_gzip(file) for file in self.files)


def static_gzip(address: str) -> int:
    """Return the compressed bytes of a static file, by its address without a hash in the name."""
    return compressed((STATIC / urlsplit(address).path.removeprefix(STATIC_URL)).read_bytes(), 9)


def compressed(content: bytes, level: int = GZIP_LEVEL) -> int:
    """Return how many bytes are left after gzip."""
    return len(gzip.compress(content, level))


def weight(html: str) -> PageWeight:
    """Return what the page weighs; `gzip` with the largest padding that the middleware may add."""
    page = _read(html)
    content = html.encode()
    files = tuple(dict.fromkeys(page.files))
    return PageWeight(
        raw=len(content),
        gzip=compressed(content) + GZIP_PADDING,
        nodes=sum(page.tags.values()),
        requests_cold=1 + len(files),
        requests_warm=1 + sum(not file.startswith(STATIC_URL) for file in files),
        files=files,
    )


def over_budget(html: str) -> list[str]:
    """Return what is too much on this page, in words; none for a light one."""
    page = weight(html)
    measured = (
        ("bytes compressed", page.gzip, LIMIT_GZIP),
        ("bytes", page.raw, LIMIT_RAW),
        ("elements", page.nodes, LIMIT_NODES),
        ("bytes on a first visit", page.gzip_cold, LIMIT_COLD),
        ("requests on a first visit", page.requests_cold, LIMIT_COLD_REQUESTS),
        ("requests from then on", page.requests_warm, LIMIT_WARM_REQUESTS),
    )
    return [f"{value} {what}, {limit} allowed" for what, value, limit in measured if value > limit]


def outline(html: str, *, footer: bool = True) -> list[str]:
    """Return the faults of a page in words, none for a good one. Pages that stand alone have no `footer`."""
    page = _read(html)
    return [
        *page.faults,
        *_frame_faults(page, footer=footer),
        *_heading_faults(page),
        *_id_faults(page),
        *_name_faults(page),
    ]


@dataclass
class _Element:
    """An element with what is in it, as far as the faults ask."""

    tag: str
    attributes: dict[str, str]
    text: str = ""
    in_label: bool = False
    has_token: bool = False

    def __str__(self) -> str:
        names = ("id", "name", "href", "action", "class")
        told = next((f' {name}="{self.attributes[name]}"' for name in names if self.attributes.get(name)), "")
        return f"<{self.tag}{told}>"

    @property
    def is_field(self) -> bool:
        kind = self.attributes.get("type", "text").lower()
        return self.tag in {"textarea", "select"} or (self.tag == "input" and kind not in NO_FIELDS)


@dataclass
class _Page(HTMLParser):
    """Reads a page once and keeps what the questions need."""

    tags: Counter[str] = field(default_factory=Counter)
    landmarks: Counter[str] = field(default_factory=Counter)
    elements: list[_Element] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    open: list[_Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element, what it asks for and what it may not have."""
        element = _Element(tag, {name: value or "" for name, value in attrs})
        element.in_label = any(parent.tag == "label" for parent in self.open)
        self.tags[tag] += 1
        self.elements.append(element)
        inside = any(parent.tag in SECTIONING for parent in self.open)
        if tag == "main" or (tag in LANDMARKS and not inside):
            self.landmarks[tag] += 1
        if element.attributes.get("name") == "csrfmiddlewaretoken" and element.attributes.get("value"):
            for parent in self.open:
                parent.has_token = True
        if spoken := element.attributes.get("alt", ""):
            self.handle_data(spoken)
        self._fetch(element)
        self._refuse(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        """Close the element; what was opened in it and not closed is a fault."""
        if not any(element.tag == tag for element in self.open):
            self.faults.append(f"</{tag}> closes nothing")
            return
        while (element := self.open.pop()).tag != tag:
            self.faults.append(f"{element} is not closed before </{tag}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element that closes itself, as in drawings."""
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        """Give the words to every element around them."""
        for element in self.open:
            element.text += data

    def _fetch(self, element: _Element) -> None:
        attributes = element.attributes
        addresses = [attributes["src"]] if attributes.get("src") else []
        if element.tag == "link" and FETCHED_LINKS & set(attributes.get("rel", "").lower().split()):
            addresses.append(attributes.get("href", ""))
        for address in addresses:
            if urlsplit(address).netloc:
                self.faults.append(f"{element} asks another host: {urlsplit(address).netloc}")
            if not address.startswith("data:"):
                self.files.append(address)

    def _refuse(self, element: _Element) -> None:
        attributes = element.attributes
        if element.tag == "style" or (element.tag == "script" and not attributes.get("src")):
            self.faults.append(f"{element} stands in the page itself")
        for name, value in attributes.items():
            if name == "style" or name.startswith("on") or value.strip().lower().startswith("javascript:"):
                self.faults.append(f"{element} carries a style or a script: {name}")
        if "target" in attributes:
            self.faults.append(f"{element} opens elsewhere: target")
        if element.tag in MEDIA:
            self.faults.append(f"{element} is a picture or a medium")


@lru_cache(maxsize=1)
def _read(html: str) -> _Page:
    # A page is weighed and read for its faults, one after the other.
    page = _Page()
    page.feed(html)
    page.close()
    for element in page.open:
        page.faults.append(f"{element} is never closed")
    return page


def _frame_faults(page: _Page, *, footer: bool) -> list[str]:
    faults = []
    roots = [element for element in page.elements if element.tag == "html"]
    if not any(root.attributes.get("lang") for root in roots):
        faults.append("<html> has no lang")
    titles = [element.text.strip() for element in page.elements if element.tag == "title"]
    if not titles or not titles[0]:
        faults.append("no title")
    for name in LANDMARKS:
        wanted = 0 if name == "footer" and not footer else 1
        if page.landmarks[name] != wanted:
            faults.append(f"{page.landmarks[name]} times <{name}>, not {wanted}")
    for form in page.elements:
        if form.tag == "form" and form.attributes.get("method", "get").lower() == "post" and not form.has_token:
            faults.append(f"{form} is sent without a token")
        # Without an action it goes to the address with its fragment, which then takes the focus from the error summary.
        if form.tag == "form" and form.attributes.get("method") == "post" and not form.attributes.get("action"):
            faults.append(f"{form} has no action")
    return faults


def _heading_faults(page: _Page) -> list[str]:
    headings = [element for element in page.elements if element.tag in HEADINGS]
    faults = [f"{heading} is empty" for heading in headings if not heading.text.strip()]
    if page.tags["h1"] != 1:
        faults.append(f"{page.tags['h1']} times <h1>, not 1")
    before = 1  # the error summary stands before the h1, as an h2
    for heading in headings:
        level = HEADINGS[heading.tag]
        if level > before + 1:
            faults.append(f"{heading} {heading.text.strip()!r} skips a level after h{before}")
        before = level
    return faults


def _id_faults(page: _Page) -> list[str]:
    ids = Counter(element.attributes["id"] for element in page.elements if "id" in element.attributes)
    faults = [f'id="{name}" stands {times} times' for name, times in ids.items() if times > 1]
    fields = {element.attributes.get("id") for element in page.elements if element.is_field}
    for element in page.elements:
        attributes = element.attributes
        for name in REFERENCES:
            faults += [
                f'{element} {name}="{key}" leads nowhere' for key in attributes.get(name, "").split() if key not in ids
            ]
        if "for" in attributes and attributes["for"] not in fields:
            faults.append(f'{element} for="{attributes["for"]}" is of no field')
        address = attributes.get("href", "")
        if address.startswith("#") and address[1:] not in ids:
            faults.append(f'{element} href="{address}" leads nowhere')
    return faults


def _name_faults(page: _Page) -> list[str]:
    """Fields, links and buttons without a name. That what aria-labelledby names exists is asked elsewhere."""
    labels = [element for element in page.elements if element.tag == "label" and element.text.strip()]
    labelled = {label.attributes["for"] for label in labels if "for" in label.attributes}
    faults = []
    for element in page.elements:
        attributes = element.attributes
        if attributes.get("aria-label", "").strip() or attributes.get("aria-labelledby", "").strip():
            continue
        if element.is_field and not element.in_label and attributes.get("id") not in labelled:
            faults.append(f"{element} has no label")
        if element.tag == "button" and not element.text.strip():
            faults.append(f"{element} is empty")
        if element.tag == "a" and "href" in attributes and not element.text.strip():
            faults.append(f"{element} is empty")
    return faults
