"""Tokens that are not the provider's, or not what they should be: each made from a good ID token in one way."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from django.conf import settings
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from fas.keys import sign

Forge = Callable[[str], str]
STRANGER = RSAKey.generate_key(2048)


def encoded(value: Any) -> str:
    """Return a part of a token."""
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    """Return header, claims and signature."""
    header, claims, signature = token.split(".")
    return tuple(json.loads(base64.urlsafe_b64decode(part + "===")) for part in (header, claims)) + (signature,)  # type: ignore[return-value]


def by_stranger(token: str, **header: Any) -> str:
    """Sign the claims with another key."""
    own, claims, _signature = parts(token)
    registry = jws.JWSRegistry(algorithms=["RS256"], strict_check_header=False)
    return jws.serialize_compact({**own, **header}, json.dumps(claims).encode(), STRANGER, registry=registry)


def by_us(token: str, *, without: str = "", kind: str = "JWT", **claims: Any) -> str:
    """Sign other claims with the right key: what a fault of ours, or another token of ours, would look like."""
    values = {**parts(token)[1], **claims}
    values.pop(without, None)
    return sign(values, kind=kind)


def without_signature(token: str, algorithm: Any) -> str:
    """Say that nobody signed."""
    header, claims, _signature = parts(token)
    return f"{encoded({**header, 'alg': algorithm})}.{encoded(claims)}."


def with_public_key(token: str, form: PublicFormat, encoding: Encoding) -> str:
    """Sign by a shared secret that everybody knows: the provider's public key."""
    header, claims, _signature = parts(token)
    public = load_pem_private_key(settings.FAS_SIGNING_KEYS[0].encode(), password=None).public_key()
    body = f"{encoded({**header, 'alg': 'HS256'})}.{encoded(claims)}"
    signature = hmac.new(public.public_bytes(encoding, form), body.encode(), hashlib.sha256).digest()
    return f"{body}.{encoded(signature)}"


def with_header(token: str, **header: Any) -> str:
    """Change the header and keep the signature."""
    own, _claims, signature = parts(token)
    return f"{encoded({**own, **header})}.{token.split('.')[1]}.{signature}"


def with_claims(token: str, **claims: Any) -> str:
    """Change the claims and keep the signature."""
    header, own, signature = parts(token)
    return f"{token.split('.')[0]}.{encoded({**own, **claims})}.{signature}"


def other_algorithm(token: str, algorithm: str, key: Any) -> str:
    """Sign in another way, with a key of one's own under the provider's name."""
    header, claims, _signature = parts(token)
    registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    return jws.serialize_compact({**header, "alg": algorithm}, json.dumps(claims).encode(), key, registry=registry)


SOON = int(time.time()) + 3_600
THUMB = STRANGER.thumbprint()
PUBLIC = STRANGER.as_dict(private=False)

FORGERIES: dict[str, Forge] = {
    "nobody signed": lambda token: without_signature(token, "none"),
    "nobody signed, in other letters": lambda token: without_signature(token, "NoNe"),
    "no algorithm": lambda token: without_signature(token, None),
    "an empty algorithm": lambda token: without_signature(token, ""),
    "the signature cut off": lambda token: token.rsplit(".", 1)[0] + ".",
    "the signature left out": lambda token: token.rsplit(".", 1)[0],
    "the signature changed": lambda token: token[:-8] + ("AAAAAAAA" if token[-8:] != "AAAAAAAA" else "BBBBBBBB"),
    "the public key as a secret": lambda token: with_public_key(token, PublicFormat.SubjectPublicKeyInfo, Encoding.PEM),
    "the public key as a secret, in bytes": lambda token: with_public_key(
        token, PublicFormat.SubjectPublicKeyInfo, Encoding.DER
    ),
    "the public key as a secret, in the old form": lambda token: with_public_key(
        token, PublicFormat.PKCS1, Encoding.PEM
    ),
    "another key under our name": by_stranger,
    "another key under its own name": lambda token: by_stranger(token, kid=THUMB),
    "another key without a name": lambda token: by_stranger(token, kid=""),
    "another key in the token itself": lambda token: by_stranger(token, jwk=PUBLIC, kid=THUMB),
    "an address for the key": lambda token: by_stranger(token, jku="https://evil.example/keys", kid=THUMB),
    "a path as the name of the key": lambda token: by_stranger(token, kid="../../dev/null"),
    "a name of a key that is a list": lambda token: with_header(token, kid=["x"]),
    "RS512 under our name": lambda token: other_algorithm(token, "RS512", STRANGER),
    "PS256 under our name": lambda token: other_algorithm(token, "PS256", STRANGER),
    "ES256 under our name": lambda token: other_algorithm(token, "ES256", ECKey.generate_key("P-256")),
    "another person": lambda token: with_claims(token, sub="somebody-else"),
    "another sign-on": lambda token: with_claims(token, sid="x" * 22),
    "another issuer, signed by us": lambda token: by_us(token, iss="https://idp.example/fas/oauth2"),
    "another audience, signed by us": lambda token: by_us(token, aud="another-client"),
    "several audiences, signed by us": lambda token: by_us(token, aud=["energy", "another-client"]),
    "another person, signed by us": lambda token: by_us(token, sub="somebody-else"),
    "written in the future": lambda token: by_us(token, iat=SOON),
    "good only later": lambda token: by_us(token, nbf=SOON),
    "moments that are texts": lambda token: by_us(token, iat="1"),
    "no sign-on": lambda token: by_us(token, without="sid"),
    "no moment of the sign-in, as userinfo": lambda token: by_us(token, without="auth_time"),
    "a logout token": lambda token: by_us(token, kind="logout+jwt"),
    "an access token": lambda token: by_us(token, kind="at+jwt"),
    "no type": lambda token: by_us(token, kind=""),
    "a header that must be understood": lambda token: with_header(token, crit=["exp"]),
    "a payload that is not encoded": lambda token: with_header(token, b64=False, crit=["b64"]),
    "five parts": lambda token: token + ".x.y",
    "no token": lambda token: "x",
    "a very deep one": lambda token: f"{encoded(b'[' * 9_000)}.{token.split('.', 1)[1]}",
}
