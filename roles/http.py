"""Small helpers of the pages of this app."""

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponseRedirect


class SeeOther(HttpResponseRedirect):
    """303: the answer to a POST is a page to GET."""

    status_code = 303


def one_value(request: HttpRequest, name: str, default: str = "") -> str:
    """Return a form value that may come once. Twice is nobody's mistake: 400 (ASVS 15.3.7)."""
    values = request.POST.getlist(name)
    if len(values) > 1:
        raise SuspiciousOperation(f"{name} was sent more than once")
    return values[0] if values else default


def whole_number(text: str, default: int, *, low: int = 1, high: int = 1_000_000) -> int:
    """Return the number that a text holds, or the default where it holds none between low and high."""
    if text.isascii() and text.isdigit() and len(text) < 10 and low <= int(text) <= high:
        return int(text)
    return default
