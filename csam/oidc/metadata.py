"""What the provider says of itself: where to ask what, and with which keys it signs. Kept for a while per process."""

from dataclasses import dataclass
from time import monotonic
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from csam.oidc.config import Provider, is_safe_address
from csam.oidc.refusals import SignInRefused, Why
from csam.oidc.wire import fetch, strict_object

METADATA_SECONDS = 3600
KEYS_SECONDS = 600
FAILURE_SECONDS = 5  # a provider that is down must not make every visitor wait
REFETCH_SECONDS = 30  # at least between two looks for a key that is not there

JSON = "application/json"
KEY_SETS = "application/json, application/jwk-set+json"

_NEEDED = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")

# The modulus in base64url: 2,048 to 8,192 bits.
_SHORTEST_MODULUS, _LONGEST_MODULUS = 342, 1366


@dataclass(frozen=True)
class Metadata:
    """The parts of OpenID Connect Discovery 1.0 that the portal uses.

    `names_itself`: each answer names its issuer (RFC 9207), so one that does not is refused.
    """

    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    jwks_uri: str
    end_session_endpoint: str = ""
    names_itself: bool = False


@dataclass(frozen=True)
class _Kept:
    value: Any
    at: float


_metadata: dict[str, _Kept] = {}
_keys: dict[str, _Kept] = {}
_failures: dict[str, _Kept] = {}


def forget() -> None:
    """Forget everything, as a new process would."""
    for shelf in (_metadata, _keys, _failures):
        shelf.clear()


def kept_metadata(provider: Provider) -> Metadata | None:
    """Return what this process knows of the provider, without asking; None when it would have to."""
    kept = _metadata.get(provider.issuer)
    if kept is None or monotonic() - kept.at >= METADATA_SECONDS:
        return None
    found: Metadata = kept.value
    return found


def metadata_of(provider: Provider, *, ends_at: float) -> Metadata:
    """Return the provider's metadata, at most an hour old. Raises SignInRefused."""
    found = kept_metadata(provider)
    if found is None:
        failed = _failures.get(provider.issuer)
        if failed is not None and monotonic() - failed.at < FAILURE_SECONDS:
            raise SignInRefused(failed.value.why, failed.value.reason)
        try:
            found = _discover(provider, ends_at=ends_at)
        except SignInRefused as refused:
            _failures[provider.issuer] = _Kept(refused, monotonic())
            raise
        _metadata[provider.issuer] = _Kept(found, monotonic())
    return found


def _discover(provider: Provider, *, ends_at: float) -> Metadata:
    address = provider.issuer.removesuffix("/") + "/.well-known/openid-configuration"
    answer = fetch(address, step="discovery", accept=JSON, ends_at=ends_at)
    try:
        said = strict_object(answer.content)
    except ValueError:
        raise SignInRefused(Why.UNTRUSTED, "discovery_format") from None
    if said.get("issuer") != provider.issuer:
        raise SignInRefused(Why.UNTRUSTED, "discovery_issuer")
    if not all(_is_endpoint(said.get(name), provider) for name in _NEEDED):
        raise SignInRefused(Why.UNTRUSTED, "discovery_endpoints")
    end = said.get("end_session_endpoint")
    return Metadata(
        authorization_endpoint=said["authorization_endpoint"],
        token_endpoint=said["token_endpoint"],
        userinfo_endpoint=said["userinfo_endpoint"],
        jwks_uri=said["jwks_uri"],
        end_session_endpoint=str(end) if _is_endpoint(end, provider) else "",
        names_itself=said.get("authorization_response_iss_parameter_supported") is True,
    )


def _is_endpoint(address: Any, provider: Provider) -> bool:
    """Say whether an address is safe; plain http only where the provider itself is on this machine."""
    return is_safe_address(address) and (address.startswith("https:") or provider.issuer.startswith("http:"))


def signing_key(metadata: Metadata, kid: str | None, *, step: str, ends_at: float) -> RSAKey:
    """Return the key that a signature names. Raises SignInRefused.

    A key that is not there may be new: the set is asked for again, at most twice a minute. Without a name there has
    to be one key only.
    """
    kept = _keys.get(metadata.jwks_uri)
    if (
        kept is None
        or monotonic() - kept.at >= KEYS_SECONDS
        or not _named(kept.value, kid)
        and monotonic() - kept.at >= REFETCH_SECONDS
    ):
        kept = _fetch_keys(metadata, ends_at=ends_at)
    found = _named(kept.value, kid)
    if len(found) != 1:
        raise SignInRefused(Why.UNTRUSTED, f"{step}_unknown_key")
    return found[0]


def _named(keys: list[tuple[str | None, RSAKey]], kid: str | None) -> list[RSAKey]:
    return [key for name, key in keys if kid is None or name == kid]


def _fetch_keys(metadata: Metadata, *, ends_at: float) -> _Kept:
    answer = fetch(metadata.jwks_uri, step="keys", accept=KEY_SETS, ends_at=ends_at)
    try:
        listed = strict_object(answer.content).get("keys")
    except ValueError:
        listed = None
    if not isinstance(listed, list):
        raise SignInRefused(Why.UNTRUSTED, "keys_format")
    read = [(data.get("kid"), _read_key(data)) for data in listed if isinstance(data, dict)]
    kept = _Kept([(kid, key) for kid, key in read if key is not None], monotonic())
    _keys[metadata.jwks_uri] = kept
    return kept


def _read_key(data: dict[str, Any]) -> RSAKey | None:
    """Return the public key for RS256 signatures that `data` describes, or None: sets hold other keys, too."""
    if data.get("kty") != "RSA" or data.get("use", "sig") != "sig" or data.get("alg", "RS256") != "RS256":
        return None
    operations, modulus, exponent = data.get("key_ops", ["verify"]), data.get("n"), data.get("e")
    if not isinstance(operations, list) or "verify" not in operations:
        return None
    if not isinstance(modulus, str) or not isinstance(exponent, str) or len(exponent) > 11:
        return None
    if not _SHORTEST_MODULUS <= len(modulus) <= _LONGEST_MODULUS:
        return None
    try:
        return RSAKey.import_key({"kty": "RSA", "n": modulus, "e": exponent})
    except (JoseError, ValueError, TypeError):
        return None
