"""What endpoints share where a client shows its secret: in one way, never in the address, and not wrong for ever."""

import base64
from datetime import datetime
from functools import wraps
from typing import Any
from urllib.parse import unquote_plus

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from fas.operations import wrong_secrets
from fas.sources import source_of
from fas.views.gate import View, error_answer
from vault.throttle import seconds_until

CHALLENGE = 'Basic realm="fas"'


def counts_wrong_secrets(view: View) -> View:
    """Count calls with a wrong secret by client and source, before the view compares anything; 429 beyond the limit.

    A view says 401 where the secret was wrong, and only there. One that fails otherwise leaves its call counted.
    """

    @wraps(view)
    def endpoint(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.GET:
            return error_answer("invalid_request", "Parameters stand in the body.")
        if "Authorization" in request.headers and "client_secret" in request.POST:
            return error_answer("invalid_request", "The secret came in two ways.")  # RFC 6749, 2.3
        attempt = wrong_secrets.begin(_client_id(request), source_of(request), now=timezone.now())
        if attempt.retry_at is not None:
            return _too_many(attempt.retry_at)
        answer = view(request, *args, **kwargs)
        if answer.status_code == 401:
            wrong_secrets.was_wrong(attempt, now=timezone.now())
        else:
            wrong_secrets.was_right(attempt)
        return answer

    return endpoint


def _too_many(retry_at: datetime) -> HttpResponse:
    answer = error_answer("temporarily_unavailable", "Too many wrong secrets came from your address.", status=429)
    answer.headers["Retry-After"] = str(seconds_until(retry_at, now=timezone.now()))
    return answer


def _client_id(request: HttpRequest) -> str:
    """Return the name under which a client shows its secret, read as the check of the secret reads it."""
    if "Authorization" not in request.headers:
        return request.POST.get("client_id", "")
    kind, _space, shown = request.headers["Authorization"].partition(" ")
    if kind != "Basic":
        return ""
    try:
        return unquote_plus(base64.b64decode(shown).decode().split(":", 1)[0])
    except ValueError:  # not base64, or not UTF-8
        return ""
