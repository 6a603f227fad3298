"""Whether a token is the provider's, for this portal, for this attempt, and of now (TRUST, threat 42)."""

import math
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeGuard

from authlib.oidc.core import CodeIDToken
from joserfc import jws
from joserfc.errors import ClaimError, JoseError
from joserfc.jwk import RSAKey
from joserfc.jwt import JWTClaimsRegistry

from csam.oidc.config import Provider
from csam.oidc.refusals import SignInRefused, Why
from csam.oidc.wire import strict_object

ALGORITHM = "RS256"  # the one of FAS; never "none", and no algorithm whose key would be a shared secret
LARGEST_TOKEN = 32_000  # characters
LEEWAY = 60  # seconds by which clocks may differ
OLDEST = 300  # seconds since the provider wrote a token: we fetched it just now

_LONGEST_SUBJECT = 255  # OpenID Connect Core 1.0, section 2

# Header parameters that would change what is signed or which key counts. No provider needs them for these tokens.
_NEVER_IN_HEADER = ("crit", "b64", "zip", "enc")

FindKey = Callable[[str | None], RSAKey]


class _Registry(jws.JWSRegistry):
    """RS256 only; unknown header parameters do not matter, as RFC 7515 says."""

    max_header_length = 4_000
    max_payload_length = LARGEST_TOKEN


_REGISTRY = _Registry(algorithms=[ALGORITHM], strict_check_header=False)


def signed_claims(token: object, find_key: FindKey, *, step: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return header and claims of a token whose signature holds. Raises SignInRefused with `step` and what was wrong.

    `find_key` returns the provider's key of a name; a key or an address in the token itself is never looked at.
    """
    if not isinstance(token, str) or not token.isascii():
        raise SignInRefused(Why.UNTRUSTED, f"{step}_format")
    if len(token) > LARGEST_TOKEN:
        raise SignInRefused(Why.UNTRUSTED, f"{step}_too_large")
    try:
        signed = jws.extract_compact(token.encode("ascii"), None, _REGISTRY)
        header = signed.headers()
    except (JoseError, ValueError, TypeError, RecursionError):
        raise SignInRefused(Why.UNTRUSTED, f"{step}_format") from None
    _check_header(header, step=step)
    key = find_key(header.get("kid"))
    try:
        holds = jws.validate_compact(signed, key, registry=_REGISTRY)
    except (JoseError, ValueError, TypeError):
        holds = False
    if not holds:
        raise SignInRefused(Why.UNTRUSTED, f"{step}_signature")
    try:
        return header, strict_object(signed.payload)
    except ValueError:
        raise SignInRefused(Why.UNTRUSTED, f"{step}_claims") from None


def _check_header(header: Any, *, step: str) -> None:
    if not isinstance(header, dict) or any(name in header for name in _NEVER_IN_HEADER):
        raise SignInRefused(Why.UNTRUSTED, f"{step}_header")
    if header.get("alg") != ALGORITHM:
        raise SignInRefused(Why.UNTRUSTED, f"{step}_algorithm")
    kind, kid = header.get("typ", "JWT"), header.get("kid")
    if not isinstance(kind, str) or kind.upper() != "JWT" or not isinstance(kid, str | None):
        raise SignInRefused(Why.UNTRUSTED, f"{step}_header")


def check_id_token(
    header: dict[str, Any],
    claims: dict[str, Any],
    *,
    provider: Provider,
    nonce: str,
    access_token: str,
    now: datetime,
) -> None:
    """Check an ID token as OpenID Connect Core 1.0, section 3.1.3.7, wants it, and more strictly. Raises SignInRefused.

    Authlib compares issuer, audience, nonce, times and the hash of the access token. What it lets pass is refused
    here: other audiences beside ours, an empty hash or party, and a token written too long ago.
    """
    _refuse_lax(claims, provider)
    options = {
        "iss": {"essential": True, "value": provider.issuer},
        "aud": {"essential": True, "value": provider.client_id},
        "nonce": {"essential": True, "value": nonce},
    }
    params = {"client_id": provider.client_id, "access_token": access_token}
    try:
        CodeIDToken(claims, header, options, params).validate(now=int(now.timestamp()), leeway=LEEWAY)
    except ClaimError as error:
        raise _refusal(error.claim, claims, now, step="id_token") from None
    _check_age(claims, now, step="id_token")


def _refuse_lax(claims: dict[str, Any], provider: Provider) -> None:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT:
        raise SignInRefused(Why.UNTRUSTED, "id_token_sub")
    if claims.get("aud") not in (provider.client_id, [provider.client_id]):
        raise SignInRefused(Why.UNTRUSTED, "id_token_aud")
    if claims.get("azp", provider.client_id) != provider.client_id:
        raise SignInRefused(Why.UNTRUSTED, "id_token_azp")
    for name in ("nonce", "at_hash"):
        value = claims.get(name, "absent")
        if not isinstance(value, str) or not value:
            raise SignInRefused(Why.UNTRUSTED, f"id_token_{name}")
    if "auth_time" in claims and not is_moment(claims["auth_time"]):
        raise SignInRefused(Why.UNTRUSTED, "id_token_auth_time")


def check_userinfo(claims: dict[str, Any], *, provider: Provider, subject: str, now: datetime) -> None:
    """Check that a signed userinfo is for this portal and about the subject of the ID token. Raises SignInRefused."""
    registry = JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY,
        iss={"essential": True, "value": provider.issuer},
        aud={"essential": True, "value": provider.client_id},
        sub={"essential": True, "value": subject},
    )
    try:
        registry.validate(claims)
    except ClaimError as error:
        raise _refusal(error.claim, claims, now, step="userinfo") from None
    if claims.get("aud") not in (provider.client_id, [provider.client_id]):
        raise SignInRefused(Why.UNTRUSTED, "userinfo_aud")
    if "iat" in claims:
        _check_age(claims, now, step="userinfo")


def _refusal(claim: str, claims: dict[str, Any], now: datetime, *, step: str) -> SignInRefused:
    """Return the refusal for a claim that is not right: clocks are to blame where the token is not of about now."""
    names = claim.split(",")[0]
    if names in ("exp", "nbf", "iat") and _is_off(claims.get("iat"), now):
        return SignInRefused(Why.CLOCKS, f"{step}_clocks")
    return SignInRefused(Why.UNTRUSTED, f"{step}_{names}")


def _check_age(claims: dict[str, Any], now: datetime, *, step: str) -> None:
    if not is_moment(claims.get("iat")):
        raise SignInRefused(Why.UNTRUSTED, f"{step}_iat")
    if _is_off(claims.get("iat"), now):
        raise SignInRefused(Why.CLOCKS, f"{step}_clocks")


def _is_off(issued_at: Any, now: datetime) -> bool:
    return is_moment(issued_at) and not -OLDEST - LEEWAY <= issued_at - now.timestamp() <= LEEWAY


def is_moment(value: Any) -> TypeGuard[int | float]:
    """Say whether a value is a moment as tokens write it: seconds since 1970, within what a calendar holds."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return (isinstance(value, int) or math.isfinite(value)) and 0 < value < 2**36
