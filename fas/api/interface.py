"""The addresses of the look-up interface, version 1."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils import timezone
from ninja import NinjaAPI, Query
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema

from fas.api import problems
from fas.api.access import ServiceToken
from fas.api.document import DESCRIPTION, complete, errors
from fas.api.problems import Issue, Problem
from fas.api.reading import LARGEST, StrictParser, issue_of
from fas.api.shapes import Changes, ChangesQuery, RoleLookup, Roles
from fas.cursors import BadCursor
from fas.feed import CursorTooOld, read_changes
from fas.lookups import look_up
from fas.models import Client
from fas.scopes import CHANGES, LOOKUP
from fas.views.gate import for_provider
from roles.service_view import document
from tenants.identifiers import IdentifierError, parse_enterprise_number, parse_national_number
from tenants.periods import local_day

ROOT = "fas/api/v1/"


class LookupAPI(NinjaAPI):
    """Ninja, with a document that is complete, and without its own pages."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """Return the document, the same on every machine."""
        options["path_prefix"] = ROOT
        return complete(super().get_openapi_schema(**options), {"lookUpRoles": LOOKUP, "listChanges": CHANGES})


api = LookupAPI(
    title="Role look-ups",
    version="1.0.0",
    description=DESCRIPTION,
    urls_namespace="fas_api",
    openapi_url=None,
    parser=StrictParser(),
    servers=[{"url": "/", "description": "This portal"}],
)


@api.post(
    "role-lookups",
    auth=ServiceToken(LOOKUP),
    response=Roles,
    operation_id="lookUpRoles",
    url_name="role_lookups",
    tags=["For services"],
    summary="Which roles somebody holds now for an organisation",
    openapi_extra={
        "responses": errors(problems.NOT_JSON),
        "requestBody": {
            "content": {
                "application/json": {"example": {"ssin": "02100700195", "enterpriseNumber": "0999999922"}},
            }
        },
    },
)
def role_lookups(request: HttpRequest, asked: RoleLookup) -> HttpResponse:
    """A person or organisation that the portal does not know has no roles: the answer is the same.

    `curl --header "Authorization: Bearer $TOKEN" --json '{"ssin": "02100700195", "enterpriseNumber": "0999999922"}'
    https://portal.example/fas/api/v1/role-lookups`
    """
    now = timezone.now()
    client: Client = request.auth  # type: ignore[attr-defined]
    ssin = _checked("ssin", lambda: _digits(asked.ssin, now))
    number = _checked("enterpriseNumber", lambda: parse_enterprise_number(asked.enterpriseNumber))
    return _json(document(look_up(client.service_id, ssin, number, now=now)))


@api.get(
    "changes",
    auth=ServiceToken(CHANGES),
    response=Changes,
    operation_id="listChanges",
    url_name="changes",
    tags=["For services"],
    summary="What has changed since a cursor",
    openapi_extra={"responses": errors(problems.CURSOR_TOO_OLD)},
)
def changes(request: HttpRequest, asked: Query[ChangesQuery]) -> HttpResponse:
    """Begin without a cursor: the first answer is empty, and its `next` marks this moment.

    Every change comes at least once, about a minute after it was made or, where a day brings it, on that day; changes
    of one assignment may come as one. Look a person up before you let them do something that matters.
    """
    now = timezone.now()
    client: Client = request.auth  # type: ignore[attr-defined]
    if set(request.GET) - set(ChangesQuery.model_fields):
        raise Problem(
            problems.BAD_REQUEST, Issue("", "There is a parameter that is not known", "unknownInput", "query")
        )
    try:
        page = read_changes(client, asked.after, limit=asked.limit, now=now)
    except BadCursor:
        issue = Issue("after", "after is no cursor of this client", "invalidInput", "query")
        raise Problem(problems.BAD_REQUEST, issue) from None
    except CursorTooOld:
        raise Problem(problems.CURSOR_TOO_OLD) from None
    return _json({"changes": page.entries, "next": page.cursor, "hasMore": page.has_more})


def _digits(ssin: str, now: Any) -> str:
    specimens = settings.SPECIMEN_NATIONAL_NUMBERS
    return parse_national_number(ssin, today=local_day(now), specimens=specimens).digits


def _checked(name: str, read: Callable[[], str]) -> str:
    try:
        return read()
    except IdentifierError as error:
        issue = Issue(name, f"{name}: {error}", "invalidInput")
        raise Problem(problems.BAD_REQUEST, issue) from None


def _json(told: dict[str, Any]) -> HttpResponse:
    # Written here: the tests hold it against the document, reading it again with pydantic would take long.
    return HttpResponse(json.dumps(told, ensure_ascii=False), content_type="application/json; charset=utf-8")


# --- Errors ---------------------------------------------------------------------------------------------------------


@api.exception_handler(Problem)
def _problem(request: HttpRequest, error: Problem) -> HttpResponse:
    return error.answer()


@api.exception_handler(HttpError)
def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Give the problem that Ninja has wrapped: it raises its own for whatever a body's reader raises."""
    cause = error.__cause__
    return cause.answer() if isinstance(cause, Problem) else problems.answer(problems.kind_of(error.status_code))


@api.exception_handler(ValidationError)
def _input(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return problems.answer(problems.BAD_REQUEST, *map(issue_of, error.errors))


@api.exception_handler(Exception)
def _fault(request: HttpRequest, error: Exception) -> HttpResponse:
    """Leave faults to Django, which logs them, with DEBUG too."""
    raise error


# --- Addresses ------------------------------------------------------------------------------------------------------


def _has_read_pieces(request: HttpRequest) -> bool:
    """Read a body that comes in pieces, which Django leaves alone; say whether it is small enough.

    Only from a server that knows where the pieces end.
    """
    coming = request.META.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked"
    if coming and request.META.get("wsgi.input_terminated"):
        request._body = request.META["wsgi.input"].read(LARGEST + 1)
        return len(request._body) <= LARGEST
    return True


def _for_services(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let a view stand without a session, refuse large bodies unread, and answer HEAD as GET."""

    @wraps(view)
    def endpoint(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST or not _has_read_pieces(request):
            return problems.answer(problems.TOO_LARGE)
        asked = request.method
        if asked == "HEAD":
            request.method = "GET"  # Ninja knows no HEAD; the server keeps the body to itself
        answer = view(request, *args, **kwargs)
        request.method = asked
        for name, value in getattr(request, "limits", {}).items():
            answer.headers[name] = value
        answer.headers["Content-Language"] = "en"
        return answer

    marked: Any = login_not_required(for_provider(endpoint))
    marked.is_no_page = True  # no sign-in leads here
    marked.knows_methods = True  # Ninja says which one an address takes
    return cast(Callable[..., HttpResponse], marked)


def urls() -> Any:
    """Return what `path` includes."""
    patterns, app_name, namespace = api.urls
    # The last one is Ninja's root, where nothing is.
    found = [pattern for pattern in patterns if isinstance(pattern, URLPattern) and pattern.name != "api-root"]
    for pattern in found:
        pattern.callback = _for_services(cast(Callable[..., HttpResponse], pattern.callback))
    return found, app_name, namespace
