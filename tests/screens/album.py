"""The pictures of all screens in all states, in a folder a reviewer can leaf through: open var/screens/index.html."""

import html
import os
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.screens.table import State

FOLDER = Path(__file__).parents[2] / "var" / "screens"
HEAD = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Screens</title>'
    "<style>body{font:16px system-ui;margin:2rem;background:#ddd}figure{margin:0 0 3rem}"
    "img{max-width:48%;vertical-align:top;margin:0 1% 1rem 0;border:1px solid #999}</style><h1>Screens</h1>"
)


class Album:
    """Takes a picture of each look at a state, and keeps the page that shows them all up to date."""

    def __init__(self) -> None:
        FOLDER.mkdir(parents=True, exist_ok=True)

    def keep(self, state: State, look: Any, page: Page) -> None:
        """Take the picture: the whole page, without the ring around what happens to have the focus."""
        page.evaluate("document.activeElement && document.activeElement.blur()")
        page.screenshot(path=FOLDER / f"{state.id}.{look}.jpg", type="jpeg", quality=70, full_page=True)


def leaf(states: list[State]) -> Path:
    """Write the page that shows every picture there is, in the order of the table; return its path."""
    pictures: dict[str, list[str]] = {}
    for file in sorted(FOLDER.glob("*.jpg")):
        pictures.setdefault(file.name.split(".")[0], []).append(file.name)
    parts = [HEAD]
    for state in states:
        images = "".join(f'<img loading="lazy" src="{name}" alt="{name}">' for name in pictures.get(state.id, []))
        parts.append(f"<figure><h2>{html.escape(f'{state.route}: {state.name}')}</h2>{images}</figure>")
    path = FOLDER / "index.html"
    # Several processes may write it, each the whole of it: the last one is right.
    draft = FOLDER / f"index.{os.getpid()}.tmp"
    draft.write_text("\n".join(parts), encoding="utf-8")
    draft.replace(path)
    return path
