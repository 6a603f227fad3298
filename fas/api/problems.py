"""What went wrong, as RFC 9457 says it and with the types of the Belgif guide where it has them. Always in English.

No problem repeats what was sent: it may be a national register number.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse

CONTENT_TYPE = "application/problem+json"
_BELGIF, _OURS = "urn:problem-type:belgif:", "urn:problem-type:rolemgmt:"
_GUIDE = "https://www.belgif.be/specification/rest/api-guide/problems/"


@dataclass(frozen=True)
class Kind:
    """A sort of problem: its name never changes, programs compare it."""

    status: int
    name: str
    detail: str
    is_belgif: bool = True

    @property
    def type(self) -> str:
        """The name as a URN."""
        return f"{_BELGIF if self.is_belgif else _OURS}{self.name}"

    @property
    def title(self) -> str:
        """What the status is called."""
        return HTTPStatus(self.status).phrase


BAD_REQUEST = Kind(400, "badRequest", "The request is not as this document describes it.")
NO_ACCESS_TOKEN = Kind(401, "noAccessToken", "There is no access token in the header Authorization.")
INVALID_ACCESS_TOKEN = Kind(
    401, "invalidAccessToken", "The access token is unknown, has run out, or is of a client that is switched off."
)
MISSING_SCOPE = Kind(403, "missingScope", "The access token is not one of a service by itself with the scope for this.")
NOT_FOUND = Kind(404, "resourceNotFound", "There is nothing at this address.")
NOT_ALLOWED = Kind(405, "methodNotAllowed", "This address takes another method.", is_belgif=False)
CURSOR_TOO_OLD = Kind(
    410, "cursorTooOld", "What follows this cursor is no longer known. Begin anew, without a cursor.", is_belgif=False
)
TOO_LARGE = Kind(413, "payloadTooLarge", "The body has more than 4096 bytes.")
NOT_JSON = Kind(415, "unsupportedMediaType", "The body has to be application/json.", is_belgif=False)
TOO_MANY = Kind(
    429,
    "tooManyRequests",
    "The limit of this client, or of wrong tokens from one place, is reached. Retry-After says when it ends.",
)
OUR_FAULT = Kind(500, "internalServerError", "Something went wrong on our side.")
AWAY = Kind(
    503, "serviceUnavailable", "The portal cannot be reached now. The header Retry-After says when to come back."
)

KINDS = (
    *(BAD_REQUEST, NO_ACCESS_TOKEN, INVALID_ACCESS_TOKEN, MISSING_SCOPE, NOT_FOUND, NOT_ALLOWED, CURSOR_TOO_OLD),
    *(TOO_LARGE, NOT_JSON, TOO_MANY, OUR_FAULT, AWAY),
)
_BY_STATUS = {kind.status: kind for kind in KINDS}


@dataclass(frozen=True)
class Issue:
    """One thing in the input that is wrong, and where; never what was sent there."""

    name: str  # of the field, empty for the whole
    detail: str
    kind: str = "schemaViolation"
    where: str = "body"

    def as_json(self) -> dict[str, str]:
        """Return it by the names of the guide."""
        about = {"type": f"{_BELGIF}input-validation:{self.kind}", "detail": self.detail, "in": self.where}
        return about | ({"name": self.name} if self.name else {})


class Problem(Exception):
    """Raised to answer with a problem."""

    def __init__(self, kind: Kind, *issues: Issue, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(kind.name)
        self.kind, self.issues, self.headers = kind, issues, headers or {}

    def answer(self) -> HttpResponse:
        """Return the answer."""
        return answer(self.kind, *self.issues, headers=self.headers)


def answer(kind: Kind, *issues: Issue, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """Return a problem as an answer."""
    told: dict[str, Any] = {"type": kind.type, "title": kind.title, "status": kind.status, "detail": kind.detail}
    if kind.is_belgif:
        told["href"] = f"{_GUIDE}{kind.name}.html"
    if issues:
        told["issues"] = [issue.as_json() for issue in issues]
    found = HttpResponse(json.dumps(told), status=kind.status, content_type=CONTENT_TYPE, headers=dict(headers or {}))
    found.headers["Cache-Control"] = "no-store"
    found.headers["Content-Language"] = "en"
    return found


def kind_of(status: int) -> Kind:
    """Return what an error status means that something else than the interface gave: a middleware, or a fault."""
    nearest = BAD_REQUEST if status < HTTPStatus.INTERNAL_SERVER_ERROR else OUR_FAULT
    return _BY_STATUS.get(status, nearest)
