"""What the OpenAPI document says beside the shapes: errors, headers, examples. Kept in docs/openapi.json."""

from typing import Any

from ninja.openapi.schema import REF_TEMPLATE, OpenAPISchema
from pydantic.json_schema import models_json_schema

from fas.api import problems
from fas.api.problems import CONTENT_TYPE, Kind
from fas.api.shapes import ProblemDetails

DESCRIPTION = """For online services that rely on the portal, and ask without any person being there.

* **Role look-ups**: which roles of your own service somebody holds for an organisation, computed at that
  moment.
* **Changes**: where something has changed since you last asked.

A service sees the roles of its own service only. The format `rolemgmt/1` is the portal's own: that of the federal claim
`roles` is not public.

First get a token; it lasts five minutes:

```
curl --user "$CLIENT_ID:$CLIENT_SECRET" --data grant_type=client_credentials --data scope=roles:lookup \\
  https://portal.example/fas/oauth2/access_token
```

Every error is `application/problem+json` (RFC 9457). Compare its `type`, which never changes, rather than its words.
"""

_HEADERS: dict[str, dict[str, Any]] = {
    "RateLimit": {
        "description": "What is left of this minute, and the seconds until it ends",
        "example": '"minute";r=599;t=42',
    },
    "RateLimit-Policy": {"description": "Requests a minute", "example": '"minute";q=600;w=60'},
    "Retry-After": {"description": "Seconds", "example": "42"},
    "WWW-Authenticate": {"description": "How to be let in (RFC 6750)", "example": 'Bearer realm="fas"'},
    "Allow": {"description": "What the address takes", "example": "GET"},
    "X-Request-ID": {
        "description": "Name it when you ask us about an answer",
        "example": "9f0c3a1e5d7b4c2f8a6e0b1d3c5f7a90",
    },
}
_LIMITS = ("RateLimit", "RateLimit-Policy")
_HEADERS_OF = {
    200: _LIMITS,
    400: _LIMITS,
    401: ("WWW-Authenticate",),
    403: ("WWW-Authenticate", *_LIMITS),
    405: ("Allow",),
    410: _LIMITS,
    415: _LIMITS,
    429: ("Retry-After", *_LIMITS),
    503: ("Retry-After",),
}
# What every address may answer; each adds its own.
ALWAYS = (
    *(problems.BAD_REQUEST, problems.NO_ACCESS_TOKEN, problems.INVALID_ACCESS_TOKEN, problems.MISSING_SCOPE),
    *(problems.NOT_ALLOWED, problems.TOO_LARGE, problems.TOO_MANY, problems.OUR_FAULT, problems.AWAY),
)


def errors(*more: Kind) -> dict[int, Any]:
    """Return what `openapi_extra` of an operation says of its errors."""
    kinds = sorted((*ALWAYS, *more), key=lambda kind: kind.status)
    found: dict[int, Any] = {200: {"headers": _headers(200)}}
    for status in dict.fromkeys(kind.status for kind in kinds):
        same = [kind for kind in kinds if kind.status == status]
        found[status] = {
            "description": " ".join(kind.detail for kind in same),
            "headers": _headers(status),
            "content": {
                CONTENT_TYPE: {
                    "schema": {"$ref": "#/components/schemas/ProblemDetails"},
                    "examples": {kind.name: {"value": _example(kind)} for kind in same},
                }
            },
        }
    return found


def _headers(status: int) -> dict[str, Any]:
    names = ("X-Request-ID", *_HEADERS_OF.get(status, ()))
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _example(kind: Kind) -> dict[str, Any]:
    return {"type": kind.type, "title": kind.title, "status": kind.status, "detail": kind.detail}


def complete(document: OpenAPISchema, scopes: dict[str, str]) -> OpenAPISchema:
    """Add what Ninja does not say: the scope of each operation, and the shape of problems."""
    _pairs, shapes = models_json_schema([(ProblemDetails, "serialization")], ref_template=REF_TEMPLATE)
    document["components"]["schemas"].update(shapes["$defs"])
    document["components"]["headers"] = {
        name: {"schema": {"type": "string"}, **said} for name, said in _HEADERS.items()
    }
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["security"] = [{"ServiceToken": [scopes[operation["operationId"]]]}]
    return document
