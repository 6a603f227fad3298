"""Whether a signed answer is the provider's, for this client, and of now.

Three kinds of tokens arrive here: the ID token, userinfo, and logout tokens. All three are signed with RS256 by a key
of the provider's key set; nothing in a token itself says with which key or algorithm to check it.
"""

import json
import time
from collections.abc import Callable, Iterable
from typing import Any, TypeGuard

from authlib.oidc.core import CodeIDToken
from joserfc import jws
from joserfc.errors import ClaimError, JoseError
from joserfc.jwk import RSAKey

from rolemgmt.demo.services.problems import Problem, Refused

ALGORITHM = "RS256"
LEEWAY = 60  # seconds by which clocks may differ
OLDEST = 300  # seconds since a token was written: each was made just now
LARGEST = 32_000  # characters
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"

Claims = dict[str, Any]
FindKey = Callable[[str], RSAKey]

_NEVER_IN_HEADER = {"crit", "b64", "zip", "enc", "jwk", "jku", "x5u", "x5c"}


class _Registry(jws.JWSRegistry):
    max_header_length = 4_000
    max_payload_length = LARGEST


_REGISTRY = _Registry(algorithms=[ALGORITHM], strict_check_header=False)


def signed_claims(token: object, find_key: FindKey, *, kinds: Iterable[str] = ("JWT",)) -> tuple[Claims, Claims]:
    """Return header and claims of a token whose signature holds. Raises Refused.

    `kinds` are the values of `typ` to accept; a missing one counts as JWT. `find_key` returns the provider's key of a
    name and raises Refused when there is none.
    """
    if not isinstance(token, str) or not token.isascii() or len(token) > LARGEST:
        raise _untrusted("token_format")
    try:
        signed = jws.extract_compact(token.encode("ascii"), None, _REGISTRY)
        header = signed.headers()
    except (JoseError, ValueError, TypeError, RecursionError):
        raise _untrusted("token_format") from None
    kind, kid = header.get("typ", "JWT"), header.get("kid")
    if header.get("alg") != ALGORITHM or _NEVER_IN_HEADER & header.keys():
        raise _untrusted("token_header")
    if not isinstance(kind, str) or kind.lower() not in {name.lower() for name in kinds}:
        raise _untrusted("token_type")
    if not isinstance(kid, str):
        raise _untrusted("token_key")
    try:
        holds = jws.validate_compact(signed, find_key(kid), registry=_REGISTRY)
    except (JoseError, ValueError, TypeError):
        holds = False
    if not holds:
        raise _untrusted("token_signature")
    try:
        claims = json.loads(signed.payload)
    except (ValueError, RecursionError):
        claims = None
    if not isinstance(claims, dict):
        raise _untrusted("token_claims")
    return header, claims


def check_id_token(
    header: Claims, claims: Claims, *, issuer: str, client_id: str, nonce: str, access_token: str
) -> None:
    """Check an ID token: Authlib does as OpenID Connect Core 1.0, 3.1.3.7, says; what it lets pass is refused first.

    Raises Refused.
    """
    _check_parties(claims, issuer, client_id, "id_token")
    if not nonce or claims.get("nonce") != nonce:
        raise _untrusted("id_token_nonce")
    if not isinstance(claims.get("at_hash"), str) or not claims["at_hash"]:
        raise _untrusted("id_token_at_hash")
    if not _is_name(claims.get("sub")):
        raise _untrusted("id_token_sub")
    _check_times(claims, "id_token")
    params = {"client_id": client_id, "access_token": access_token, "nonce": nonce}
    try:
        CodeIDToken(claims, header, {}, params).validate(leeway=LEEWAY)
    except (ClaimError, TypeError, ValueError) as error:
        raise _untrusted(f"id_token_{getattr(error, 'claim', 'claims')}") from None


def check_userinfo(claims: Claims, *, issuer: str, client_id: str, subject: str) -> None:
    """Check signed userinfo: for this client, and about the person of the ID token. Raises Refused."""
    _check_parties(claims, issuer, client_id, "userinfo")
    if claims.get("sub") != subject:
        raise _untrusted("userinfo_sub")
    _check_times(claims, "userinfo", must_end=False)


def check_logout_token(claims: Claims, *, issuer: str, client_id: str) -> None:
    """Check a logout token as OpenID Connect Back-Channel Logout 1.0, 2.6, says. Raises Refused.

    Whether its `jti` was seen before is the caller's to know.
    """
    _check_parties(claims, issuer, client_id, "logout_token")
    _check_times(claims, "logout_token")
    if "nonce" in claims:  # an ID token must never pass for a logout token
        raise _untrusted("logout_token_nonce")
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict):
        raise _untrusted("logout_token_events")
    if not _is_name(claims.get("sid")):
        raise _untrusted("logout_token_sid")
    if not _is_name(claims.get("jti")):
        raise _untrusted("logout_token_jti")


def _check_parties(claims: Claims, issuer: str, client_id: str, step: str) -> None:
    if claims.get("iss") != issuer:
        raise _untrusted(f"{step}_iss")
    if claims.get("aud") not in (client_id, [client_id]):
        raise _untrusted(f"{step}_aud")


def _check_times(claims: Claims, step: str, *, must_end: bool = True) -> None:
    """Refuse what is of another time: it says "clocks" where the writer's clock is off, not the token old."""
    now = time.time()
    written, ends, begins = claims.get("iat"), claims.get("exp"), claims.get("nbf")
    if not _is_moment(written):
        raise _untrusted(f"{step}_iat")
    if not -OLDEST - LEEWAY <= written - now <= LEEWAY:
        raise Refused(Problem.CLOCKS, f"{step}_clocks")
    if (must_end or ends is not None) and (not _is_moment(ends) or ends <= now - LEEWAY):
        raise _untrusted(f"{step}_exp")
    if begins is not None and (not _is_moment(begins) or begins > now + LEEWAY):
        raise _untrusted(f"{step}_nbf")


def _is_moment(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 2**36


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 255


def _untrusted(reason: str) -> Refused:
    return Refused(Problem.UNTRUSTED, reason)
