"""What endpoints share: they exist where there are keys, and take requests as the protocol has them."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.views.decorators.csrf import csrf_exempt

from fas.keys import is_provider

View = Callable[..., HttpResponse]


def for_provider(view: View) -> View:
    """Let an address exist only where the portal has keys to sign with (404)."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_provider():
            raise Http404
        return view(request, *args, **kwargs)

    return page


def for_services(*methods: str) -> Callable[[View], View]:
    """Mark an endpoint that services call themselves: no session, no token of a form, its own way to be sure.

    Another method is told as errors are, with those it takes. A body that cannot be read, a parameter that comes twice
    or holds the character NUL makes the whole request wrong (RFC 6749, 3.2).
    """

    def mark(view: View) -> View:
        @wraps(view)
        def endpoint(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method not in methods:
                return _not_allowed(methods)
            if not can_be_read(request):
                return error_answer("invalid_request", "The body cannot be read.")
            for name, values in [*request.POST.lists(), *request.GET.lists()]:
                if len(values) > 1 or any("\x00" in text for text in (name, *values)):
                    return error_answer("invalid_request", "A parameter came more than once, or cannot be read.")
            return view(request, *args, **kwargs)

        marked: Any = csrf_exempt(login_not_required(for_provider(endpoint)))
        marked.knows_methods = True  # also those that no page knows (rolemgmt.middleware)
        marked.is_no_page = "GET" not in methods  # no sign-in leads there
        return cast(View, marked)

    return mark


def _not_allowed(methods: tuple[str, ...]) -> HttpResponse:
    answer = error_answer("invalid_request", f"This address takes {', '.join(methods)}.", status=405)
    answer.headers["Allow"] = ", ".join(methods)
    return answer


def can_be_read(request: HttpRequest) -> bool:
    """Say whether the form in the body is one: whole, in UTF-8, and no larger than the portal takes."""
    try:
        _form = request.POST
    except (BadRequest, SuspiciousOperation, MultiPartParserError, ValueError):
        return False
    return True


def error_answer(error: str, description: str = "", *, status: int = 400, challenge: str = "") -> HttpResponse:
    """Return an error as services read it; `challenge` says how to be let in."""
    told = {"error": error, **({"error_description": description} if description else {})}
    answer = JsonResponse(told, status=status)
    if challenge:
        answer.headers["WWW-Authenticate"] = challenge
    return answer
