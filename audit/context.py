"""Which request an entry belongs to. Background work has no request and leaves it empty."""

import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponseBase

request_id: ContextVar[str] = ContextVar("request_id", default="")

HEADER = "X-Request-ID"


class RequestIdMiddleware:
    """Give every request an id of our own (never the sender's), and tell it in the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request with its id in a header."""
        fresh = uuid.uuid4().hex
        token = request_id.set(fresh)
        try:
            response = self.get_response(request)
        finally:
            request_id.reset(token)
        response.headers[HEADER] = fresh
        return response
