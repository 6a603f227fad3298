"""Errors under the interface's addresses that it does not give itself: unknown addresses, methods, faults, outages."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from fas.api.problems import BAD_REQUEST, CONTENT_TYPE, Issue, answer, kind_of

ADDRESSES, PAGES = "/fas/api/", "/fas/api/docs/"
_KEPT = ("Allow", "Retry-After", "X-Request-ID")


class ProblemsMiddleware:
    """Answer services with problems where people would get pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(ADDRESSES) or request.path_info.startswith(PAGES):
            return self.get_response(request)
        if "language" in request.GET:  # elsewhere it chooses the language of pages
            return answer(BAD_REQUEST, Issue("language", "There is no such parameter", "unknownInput", "query"))
        response = self.get_response(request)
        if response.status_code < HTTPStatus.BAD_REQUEST or response.headers.get("Content-Type") == CONTENT_TYPE:
            return response
        headers = {name: response.headers[name] for name in _KEPT if name in response.headers}
        return answer(kind_of(response.status_code), headers=headers)
