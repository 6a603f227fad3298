"""What a letter's template gets to see. In the row it is JSON; days and moments are told by their names.

A key that ends in `_on` holds an ISO day, one that ends in `_at` an ISO moment, in nested values too.
"""

import re
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

RESERVED = frozenset({"portal_url", "portal_host", "simulation"})

GUARD = "\ue000"
"""A private-use character before a value that looks like markup; the letter is printed without it."""

_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ue000]+")
_MARKUP = re.compile(r"\s*(?:##|-\s|---|\d+\.\s)")


def to_json(value: Any, key: str = "") -> Any:
    """Return a context as JSON, days and moments as ISO text.

    Raises ValueError for values that are not JSON, and for text under `_on` or `_at` that is no day or moment.
    """
    match value:
        case datetime() if key.endswith("_at") and value.tzinfo is not None:
            return value.isoformat()
        case date() if key.endswith("_on") and not isinstance(value, datetime):
            return value.isoformat()
        case dict() if all(isinstance(name, str) for name in value):
            return {name: to_json(inner, name) for name, inner in value.items()}
        case list() | tuple():
            return [to_json(inner, key) for inner in value]
        case str():
            _revived(value, key)
            return str(value)
        case None | bool() | int() | float():
            return value
    raise ValueError(f"{key or 'The context'} holds no JSON value: {type(value).__name__}")


def for_template(value: Any, key: str = "") -> Any:
    """Return a stored context with days and moments again, and with texts that stay in their place.

    A text is one line, and cannot begin a heading or a list of the letter (TRUST, threat 31).
    """
    match value:
        case dict():
            return {name: for_template(inner, name) for name, inner in value.items()}
        case list():
            return [for_template(inner, key) for inner in value]
        case str():
            revived = _revived(value, key)
            return _in_place(value) if revived is None else revived
    return value


def _in_place(text: str) -> str:
    line = _BREAKS.sub(" ", text).strip()
    return GUARD + line if _MARKUP.match(line) else line


def _revived(text: str, key: str) -> date | datetime | None:
    if key.endswith("_on"):
        return date.fromisoformat(text)
    if key.endswith("_at"):
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError(f"{key} has no time zone")
        return moment
    return None


def standing() -> dict[str, Any]:
    """Return what every letter may say: the portal's address, its host, and whether it is a simulation."""
    return {
        "portal_url": f"{settings.PORTAL_BASE_URL}/",
        "portal_host": urlsplit(settings.PORTAL_BASE_URL).netloc,
        "simulation": settings.CSAM_MOCK,
    }
