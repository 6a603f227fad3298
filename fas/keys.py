"""The keys with which the provider signs, and whether a token is its own (TRUST, line 58).

The first key of the setting signs. All stand in the key set, so that what an older one signed is still believed while
services fetch the new one.
"""

import json
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

ALGORITHM = "RS256"
LARGEST_TOKEN = 16_000  # characters
LEEWAY = 60  # seconds by which our own machines may differ

# Header parameters that would change what is signed, or which key counts.
_NEVER_IN_HEADER = ("crit", "b64", "zip", "enc", "jwk", "jku", "x5c", "x5u")


class NotOurs(Exception):
    """A token that the provider did not sign, or not as it signs."""


class _Registry(jws.JWSRegistry):
    max_header_length = 2_000
    max_payload_length = LARGEST_TOKEN


_REGISTRY = _Registry(algorithms=[ALGORITHM], strict_check_header=False)


def is_provider() -> bool:
    """Say whether this portal has keys to sign with; without, it is no provider."""
    return bool(settings.FAS_SIGNING_KEYS)


@lru_cache(maxsize=16)
def _load(pem: str) -> tuple[str, RSAKey]:
    """Return a key with its name, which is its thumbprint (RFC 7638)."""
    key = RSAKey.import_key(pem)
    return key.thumbprint(), key


def key_set() -> dict[str, Any]:
    """Return the public halves of all keys, as a document for services."""
    keys = []
    for pem in settings.FAS_SIGNING_KEYS:
        kid, key = _load(pem)
        keys.append({**key.as_dict(private=False), "kid": kid, "use": "sig", "alg": ALGORITHM})
    return {"keys": keys}


def sign(claims: dict[str, Any], *, kind: str = "JWT") -> str:
    """Return the claims signed with the first key. `kind` is the type that the header says."""
    kid, key = _load(settings.FAS_SIGNING_KEYS[0])
    header = {"alg": ALGORITHM, "typ": kind, "kid": kid}
    return jws.serialize_compact(header, json.dumps(claims).encode(), key, registry=_REGISTRY)


def own_claims(token: str, *, kind: str = "JWT") -> dict[str, Any]:
    """Return the claims of a token that one of our keys signed, as the type it should be. Raises NotOurs.

    Only our algorithm counts, and the key that the header names. Times, issuer and audience are the caller's to check.
    """
    if not token.isascii() or len(token) > LARGEST_TOKEN:
        raise NotOurs("format")
    known = dict(_load(pem) for pem in settings.FAS_SIGNING_KEYS)
    try:
        signed = jws.extract_compact(token.encode("ascii"), None, _REGISTRY)
        header = signed.headers()
        key = known.get(str(header.get("kid")))
        if header.get("alg") != ALGORITHM or header.get("typ") != kind or key is None:
            raise NotOurs("header")
        if any(name in header for name in _NEVER_IN_HEADER):
            raise NotOurs("header")
        if not jws.validate_compact(signed, key, registry=_REGISTRY):
            raise NotOurs("signature")
        claims = json.loads(signed.payload)
    except (JoseError, ValueError, TypeError, RecursionError):
        raise NotOurs("format") from None
    if not isinstance(claims, dict):
        raise NotOurs("claims")
    return claims


def id_token_hint(token: str, *, now: datetime) -> dict[str, Any]:
    """Return the claims of an ID token of ours that a service shows again. Raises NotOurs for anything else.

    It may have run out: it says whom a request is about and opens nothing. One from the future is none. Whether it
    was given to the client that shows it is the caller's to check.
    """
    claims = own_claims(token)
    texts, moments = ("sub", "aud", "sid", "jti"), ("iat", "exp", "auth_time")
    if claims.get("iss") != settings.FAS_ISSUER or not all(isinstance(claims.get(name), str) for name in texts):
        raise NotOurs("claims")
    if not all(type(claims.get(name)) is int for name in moments):
        raise NotOurs("claims")
    latest = now.timestamp() + LEEWAY
    begins = claims.get("nbf", claims["iat"])
    if type(begins) is not int or max(begins, claims["iat"], claims["auth_time"]) > latest:
        raise NotOurs("times")
    return claims
