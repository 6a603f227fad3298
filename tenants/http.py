"""What pages of every floor above need of HTTP: an answer to a POST, and form values that are what they should be."""

from collections.abc import Callable, Collection

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators import http
from django.views.decorators.csrf import csrf_exempt


class SeeOther(HttpResponseRedirect):
    """303: the answer to a POST is a page to GET."""

    status_code = 303


View = Callable[..., HttpResponse]


def require_POST(view: View) -> View:  # noqa: N802 - the name people know
    """Django's, with a mark: the address is no page, so nobody is sent there after a sign-in (tenants.paths)."""
    marked = http.require_POST(view)
    marked.is_no_page = True  # type: ignore[attr-defined]
    return marked


def require_safe(view: View) -> View:
    """Django's, and told before the check of forms: a POST to a page to look at is 405, not one that came too late."""
    return csrf_exempt(http.require_safe(view))


def one_value(request: HttpRequest, name: str, default: str = "") -> str:
    """Return a form value that may come once. Twice is nobody's mistake: 400 (ASVS 15.3.7)."""
    values = many_values(request, name)
    if len(values) > 1:
        raise SuspiciousOperation(f"{name} was sent more than once")
    return values[0] if values else default


def many_values(request: HttpRequest, name: str) -> list[str]:
    """Return the form values of a name that may come several times, such as ticks.

    No keyboard writes the character NUL, and PostgreSQL stores none: 400.
    """
    values = request.POST.getlist(name)
    if any("\x00" in value for value in values):
        raise SuspiciousOperation(f"{name} holds a character that no text has")
    return values


def refuse_doubles(request: HttpRequest, *, besides: Collection[str] = ()) -> None:
    """Refuse a form in which a name comes twice, `besides` those that may (400, ASVS 15.3.7)."""
    for name in request.POST:
        if name not in besides:
            one_value(request, name)


def query_value(request: HttpRequest, name: str) -> str:
    """Return a short word of the address, such as a code or a key; nothing for what cannot be one."""
    value = request.GET.get(name, "")
    return value if len(value) <= 100 and value.isprintable() else ""


def whole_number(text: str, default: int, *, low: int = 1, high: int = 1_000_000) -> int:
    """Return the number that a text holds, or the default where it holds none between low and high."""
    if text.isascii() and text.isdigit() and len(text) < 10 and low <= int(text) <= high:
        return int(text)
    return default
