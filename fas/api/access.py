"""Who may ask: a service by itself, with a token for it, and as often as its client may."""

from dataclasses import dataclass
from datetime import datetime

from django.db import DEFAULT_DB_ALIAS
from django.http import HttpRequest
from django.utils import timezone
from ninja.security.base import AuthBase

from fas.api.problems import INVALID_ACCESS_TOKEN, MISSING_SCOPE, NO_ACCESS_TOKEN, TOO_MANY, Problem
from fas.models import AccessToken, Client
from fas.operations.codes import hash_of
from fas.operations.use import Allowance, allowances
from fas.operations.wrong_secrets import count_wrong_token
from fas.prepared import Prepared
from fas.scopes import CHANGES, LOOKUP
from fas.sources import source_of
from vault.throttle import seconds_until

REALM = 'Bearer realm="fas"'
_CLIENT_COLUMNS = ("id", "client_id", "service_id", "is_enabled", "scopes", "requests_per_minute")
_TOKEN_COLUMNS = ("expires", "scope", "sign_on_id", *(f"application__{name}" for name in _CLIENT_COLUMNS))


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
        shown = find_token(token)
        if shown is None:
            _count_wrong(request, now=now)
        if shown is None or now >= shown.expires or not shown.client.is_enabled:
            raise Problem(INVALID_ACCESS_TOKEN, headers={"WWW-Authenticate": f'{REALM}, error="invalid_token"'})
        client = shown.client
        limits = _count(request, client)
        if shown.is_of_a_person or self.scope not in shown.scopes & client.allowed_scopes:
            challenge = f'{REALM}, error="insufficient_scope", scope="{self.scope}"'
            raise Problem(MISSING_SCOPE, headers={"WWW-Authenticate": challenge, **limits})
        return client


_TOKEN = Prepared(
    "fas_token",
    lambda checksum: AccessToken.objects.filter(token_checksum=checksum).order_by().values_list(*_TOKEN_COLUMNS),
    {"checksum": "checksum"},
)


@dataclass(frozen=True)
class Shown:
    """A token that was shown, and the client it was given to; of the client no more than asking needs."""

    expires: datetime
    scopes: frozenset[str]
    is_of_a_person: bool
    client: Client


def find_token(token: str) -> Shown | None:
    """Return what a token says, or None. One query."""
    for expires, scope, sign_on, *values in _TOKEN.rows(checksum=hash_of(token)):
        client = Client.from_db(DEFAULT_DB_ALIAS, _CLIENT_COLUMNS, values)
        return Shown(expires, frozenset(scope.split()), sign_on is not None, client)
    return None


def _count(request: HttpRequest, client: Client) -> dict[str, str]:
    """Count the request; return the headers that say what is left, which every answer to it carries."""
    allowance = allowances.take(client, now=timezone.now())
    limits = limit_headers(allowance)
    request.limits = limits  # type: ignore[attr-defined]
    if not allowance.allowed:
        raise Problem(TOO_MANY, headers={**limits, "Retry-After": str(allowance.seconds)})
    return limits


def _count_wrong(request: HttpRequest, *, now: datetime) -> None:
    """Count a token that nobody has by where it comes from. Raises Problem beyond the limit."""
    if retry_at := count_wrong_token(source_of(request), now=now):
        raise Problem(TOO_MANY, headers={"Retry-After": str(seconds_until(retry_at, now=now))})


def limit_headers(allowance: Allowance) -> dict[str, str]:
    """Return the headers of the IETF draft on limits (draft-ietf-httpapi-ratelimit-headers)."""
    return {
        "RateLimit-Policy": f'"minute";q={allowance.limit};w=60',
        "RateLimit": f'"minute";r={allowance.left};t={allowance.seconds}',
    }
