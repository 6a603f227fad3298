"""Who may ask: a service by itself, with a token for it, and as often as its client may."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja.security.base import AuthBase

from fas.api.problems import INVALID_ACCESS_TOKEN, MISSING_SCOPE, NO_ACCESS_TOKEN, TOO_MANY, Problem
from fas.models import AccessToken, Client
from fas.operations.codes import hash_of
from fas.operations.use import Allowance, allowances
from fas.scopes import CHANGES, LOOKUP

REALM = 'Bearer realm="fas"'
_CLIENT = ("client_id", "service_id", "is_enabled", "scopes", "requests_per_minute")


class ServiceToken(AuthBase):
    """An access token that a client got for itself (client credentials), with the scope that an address asks.

    A token of a sign-on is about a person, and good for `userinfo` only, whatever its scopes.
    """

    openapi_type = "oauth2"
    openapi_description = "A token of the service itself, got with its client_id and secret (client credentials)."
    openapi_flows = {
        "clientCredentials": {
            "tokenUrl": "/fas/oauth2/access_token",
            "scopes": {
                LOOKUP: "which roles of the service a person holds for an organisation",
                CHANGES: "what has changed about roles of the service",
            },
        }
    }

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> Client:
        """Return the client; raises Problem. One query, and a few more for one request in a handful."""
        scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Problem(NO_ACCESS_TOKEN, headers={"WWW-Authenticate": REALM})
        now = timezone.now()
        row = find_token(token)
        client: Client | None = row.application if row is not None else None
        if row is None or client is None or now >= row.expires or not client.is_enabled:
            raise Problem(INVALID_ACCESS_TOKEN, headers={"WWW-Authenticate": f'{REALM}, error="invalid_token"'})
        limits = _count(request, client)
        if row.sign_on_id is not None or self.scope not in row.scope.split() or self.scope not in client.allowed_scopes:
            challenge = f'{REALM}, error="insufficient_scope", scope="{self.scope}"'
            raise Problem(MISSING_SCOPE, headers={"WWW-Authenticate": challenge, **limits})
        return client


def find_token(token: str) -> Any:
    """Return the row of a token, with no more of its client than asking needs, or None."""
    rows = AccessToken.objects.select_related("application").order_by()
    shown = ("expires", "scope", "sign_on_id", *(f"application__{name}" for name in _CLIENT))
    return rows.only(*shown).filter(token_checksum=hash_of(token)).first()


def _count(request: HttpRequest, client: Client) -> dict[str, str]:
    """Count the request; return the headers that say what is left, which every answer to it carries."""
    allowance = allowances.take(client, now=timezone.now())
    limits = limit_headers(allowance)
    request.limits = limits  # type: ignore[attr-defined]
    if not allowance.allowed:
        raise Problem(TOO_MANY, headers={**limits, "Retry-After": str(allowance.seconds)})
    return limits


def limit_headers(allowance: Allowance) -> dict[str, str]:
    """Return the headers of the IETF draft on limits (draft-ietf-httpapi-ratelimit-headers)."""
    return {
        "RateLimit-Policy": f'"minute";q={allowance.limit};w=60',
        "RateLimit": f'"minute";r={allowance.left};t={allowance.seconds}',
    }
