"""A service sends a person here to ask for the role they lack: a request that the service has signed (a JWT).

The secret of a client is kept hashed, so nothing can be checked with it: the client registers public keys for this.
"""

import json
import re
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, TypeGuard

from django.conf import settings
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from fas.models import Client
from roles.models import Role
from tenants.keys import new_key
from vault.throttle import take

LARGEST = 8_000  # characters
LONGEST_LIFE = timedelta(minutes=5)
LEEWAY = timedelta(seconds=60)  # by which clocks may differ
LIVES = timedelta(minutes=30)  # in the portal's session
MOST = 5  # tabs

_KEPT = "role_requests"
_NEVER_IN_HEADER = {"crit", "b64", "zip", "enc", "jwk", "jku", "x5c", "x5u"}
_ENTERPRISE = re.compile(r"[0-9]{10}")
_SMALLEST_RSA = 2048  # bits


class NotARequest(Exception):
    """What came is no request of a client, or not one for now. Nobody is sent anywhere for it."""


@dataclass(frozen=True)
class RoleAsked:
    """What a service asked for, once it was found to be in order.

    `enterprise_number` is empty where the service does not know for whom. `arrived` is in seconds since 1970. `draft`
    is the portal's own request, once the person went on.
    """

    key: str
    jti: str
    client_id: str
    role: str
    enterprise_number: str
    return_to: str
    arrived: int
    draft: str = ""


class _Registry(jws.JWSRegistry):
    max_header_length = 2_000
    max_payload_length = LARGEST


_REGISTRY = _Registry(algorithms=["RS256", "ES256"], strict_check_header=False)


def read_role_request(token: str, *, now: datetime) -> RoleAsked:
    """Return what a signed request asks, once all of it is in order. Raises NotARequest."""
    signed = _extracted(token)
    claims = _claims_of(signed)
    client = Client.objects.select_related("service").filter(client_id=_text(claims, "iss"), is_enabled=True).first()
    if client is None:
        raise NotARequest("client")
    _check_signature(signed, client)
    _check_times(claims, now=now)
    if claims.get("aud") not in (settings.FAS_ISSUER, [settings.FAS_ISSUER]):
        raise NotARequest("aud")
    return _asked(claims, client, now=now)


def use_role_request(asked: RoleAsked, session: Any, *, now: datetime) -> RoleAsked:
    """Keep what was asked in the session, and return it. Raises NotARequest when it was used before: it counts once.

    In the browser in which it counted it leads to the same place again, as Back and reload do.
    """
    for row in _rows(session, now=now):
        if (row.client_id, row.jti) == (asked.client_id, asked.jti):
            return row
    per = LONGEST_LIFE + 3 * LEEWAY  # longer than it could count
    if not take("role_request", f"{asked.client_id} {asked.jti}", limit=1, per=per, now=now).allowed:
        raise NotARequest("jti")
    keep(session, asked, now=now)
    return asked


def _asked(claims: dict[str, Any], client: Client, *, now: datetime) -> RoleAsked:
    role, return_to = _text(claims, "role"), _text(claims, "return_to")
    if not Role.objects.filter(code=role, services=client.service).exists():
        raise NotARequest("role")
    if not client.request_return_uri_allowed(return_to):
        raise NotARequest("return_to")
    number = claims.get("enterpriseNumber", "")
    if not isinstance(number, str) or (number and not _ENTERPRISE.fullmatch(number)):
        raise NotARequest("enterpriseNumber")
    return RoleAsked(new_key(), _text(claims, "jti"), client.client_id, role, number, return_to, int(now.timestamp()))


def _extracted(token: str) -> Any:
    if not token.isascii() or len(token) > LARGEST:
        raise NotARequest("format")
    try:
        return jws.extract_compact(token.encode("ascii"), None, _REGISTRY)
    except (JoseError, ValueError, TypeError, RecursionError):
        raise NotARequest("format") from None


def _claims_of(signed: Any) -> dict[str, Any]:
    """Return the claims of a token whose signature is not checked yet: they say whose it has to be."""
    try:
        claims = json.loads(signed.payload)
    except (ValueError, RecursionError):
        raise NotARequest("claims") from None
    if not isinstance(claims, dict):
        raise NotARequest("claims")
    return claims


def _check_signature(signed: Any, client: Client) -> None:
    header = signed.headers()
    if _NEVER_IN_HEADER & header.keys():
        raise NotARequest("header")
    key = _key_of(client, header.get("kid"), header.get("alg"))
    try:
        holds = jws.validate_compact(signed, key, registry=_REGISTRY)
    except (JoseError, ValueError, TypeError):
        holds = False
    if not holds:
        raise NotARequest("signature")


def _key_of(client: Client, kid: object, algorithm: object) -> RSAKey | ECKey:
    """Return the client's public key of a name, for the one algorithm that belongs to its kind."""
    listed = client.request_jwks.get("keys", []) if isinstance(client.request_jwks, dict) else []
    for data in listed:
        if not isinstance(data, dict) or not isinstance(kid, str) or data.get("kid") != kid:
            continue
        try:
            if (data.get("kty"), algorithm) == ("RSA", "RS256"):
                rsa = RSAKey.import_key({"kty": "RSA", "n": data["n"], "e": data["e"]})
                if rsa.raw_value.key_size >= _SMALLEST_RSA:
                    return rsa
            if (data.get("kty"), data.get("crv"), algorithm) == ("EC", "P-256", "ES256"):
                return ECKey.import_key({"kty": "EC", "crv": "P-256", "x": data["x"], "y": data["y"]})
        except (JoseError, ValueError, TypeError, KeyError):
            continue
    raise NotARequest("key")


def _check_times(claims: dict[str, Any], *, now: datetime) -> None:
    moment, leeway = now.timestamp(), LEEWAY.total_seconds()
    ends, written, begins = claims.get("exp"), claims.get("iat", moment), claims.get("nbf", moment)
    if not (_is_moment(ends) and _is_moment(written) and _is_moment(begins)):
        raise NotARequest("times")
    if not moment - leeway < ends <= moment + leeway + LONGEST_LIFE.total_seconds():
        raise NotARequest("exp")
    if written > moment + leeway or begins > moment + leeway:
        raise NotARequest("iat")


def _is_moment(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 2**36


def _text(claims: dict[str, Any], name: str) -> str:
    text = claims.get(name)
    if not isinstance(text, str) or not 0 < len(text) <= 500 or not text.isprintable():
        raise NotARequest(name)
    return text


# --- Kept in the session, until the person went on -------------------------------------------------------------------


def keep(session: Any, asked: RoleAsked, *, now: datetime) -> None:
    """Keep what was asked; the oldest of too many goes."""
    others = [row for row in _rows(session, now=now) if row.key != asked.key]
    session[_KEPT] = [asdict(row) for row in [*others, asked][-MOST:]]


def find(session: Any, key: str, *, now: datetime) -> RoleAsked | None:
    """Return what was asked in this browser under this key; None where it came too long ago."""
    return next((row for row in _rows(session, now=now) if row.key == key), None)


def _rows(session: Any, *, now: datetime) -> list[RoleAsked]:
    rows = [RoleAsked(**row) for row in session.get(_KEPT, [])]
    return [row for row in rows if now.timestamp() - row.arrived < LIVES.total_seconds()]
