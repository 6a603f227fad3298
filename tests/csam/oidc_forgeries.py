"""What a provider, or somebody in its place, may answer wrongly: each kind with the reason it is refused for."""

import base64
import json
import time
from collections.abc import Callable
from typing import Any

from joserfc.jwk import OctKey

from csam.oidc import wire
from rolemgmt.demo.numbers import national_number
from tests.csam.oidc_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    FAS_LEVEL,
    Claims,
    PretendProvider,
    half_hash,
    reply,
    token,
    unsigned,
)

UNTRUSTED = (502, "sent an answer that we do not trust")
CLOCKS = (502, "The clocks of the sign-in service and of this portal differ")
TOO_LOW = (403, "does not prove well enough who you are")
NO_NUMBER = (403, "did not send your national register number")
OVER = (400, "This sign-in attempt is no longer valid")
DOWN = (503, "The sign-in service cannot be reached at the moment")
SLOW = (504, "The sign-in service takes too long to answer")

Bend = Callable[[PretendProvider], None]


def changed(what: str, **changes: Any) -> Bend:
    """Change members of one answer."""

    def bend(provider: PretendProvider) -> None:
        provider.tamper[what] = lambda said: {**said, **changes}

    return bend


def without(what: str, *names: str) -> Bend:
    """Leave members of one answer out."""

    def bend(provider: PretendProvider) -> None:
        provider.tamper[what] = lambda said: {name: value for name, value in said.items() if name not in names}

    return bend


def later(what: str, **seconds: int) -> Bend:
    """Set moments of a token, in seconds from now."""

    def bend(provider: PretendProvider) -> None:
        now = int(time.time())
        provider.tamper[what] = lambda said: {**said, **{name: now + value for name, value in seconds.items()}}

    return bend


def signed(what: str, sign: Callable[[PretendProvider, Claims, Claims], str]) -> Bend:
    """Sign a token in another way; `sign` gets the provider, the header and the claims."""

    def bend(provider: PretendProvider) -> None:
        provider.signers[what] = lambda header, claims: sign(provider, header, claims)

    return bend


def answered(what: str, status: int, media_type: str, body: bytes, **headers: str) -> Bend:
    """Answer something else entirely."""

    def bend(provider: PretendProvider) -> None:
        provider.replies[what] = lambda: (status, {"Content-Type": media_type, **headers}, body)

    return bend


def in_parts(*parts: bytes) -> str:
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def by_another(provider: PretendProvider, header: Claims, claims: Claims) -> str:
    return token(header, claims, provider.other_key)


def by_the_public_key(provider: PretendProvider, header: Claims, claims: Claims) -> str:
    """HS256, with the public key as if it were a secret: the old confusion of algorithms."""
    return token({**header, "alg": "HS256"}, claims, OctKey.import_key(json.dumps(provider.key.as_dict(private=False))))


def by_the_client_secret(_provider: PretendProvider, header: Claims, claims: Claims) -> str:
    return token({**header, "alg": "HS256"}, claims, OctKey.import_key(CLIENT_SECRET * 4))


def with_its_own_key(provider: PretendProvider, header: Claims, claims: Claims) -> str:
    """Brings the forger's key along in the header, under the name of the right one."""
    own = {**header, "jwk": provider.other_key.as_dict(private=False)}
    return token({**own, "jku": "http://127.0.0.1:1/keys"}, claims, provider.other_key)


def altered(provider: PretendProvider, header: Claims, claims: Claims) -> str:
    """Signed rightly, then the subject was changed."""
    head, _body, signature = token(header, claims, provider.key).split(".")
    return f"{head}.{in_parts(json.dumps({**claims, 'sub': 'another'}).encode())}.{signature}"


def encrypted(_provider: PretendProvider, header: Claims, claims: Claims) -> str:
    return in_parts(json.dumps({**header, "alg": "RSA-OAEP", "enc": "A256GCM"}).encode(), b"a", b"b", b"c", b"d")


def written(text: bytes) -> Callable[[PretendProvider, Claims, Claims], str]:
    """Signed rightly, with this in place of claims."""
    return lambda provider, header, _claims: token(header, text, provider.key)


def doubled(provider: PretendProvider, header: Claims, claims: Claims) -> str:
    """Two subjects in one token."""
    text = json.dumps(claims)
    return token(header, ('{"sub": "another", ' + text[1:]).encode(), provider.key)


def the_id_token_again(provider: PretendProvider) -> None:
    """Answer the ID token where userinfo belongs."""
    kept: list[str] = []

    def sign(header: Claims, claims: Claims) -> str:
        kept.append(token(header, claims, provider.key))
        return kept[0]

    provider.signers["id_token"] = sign
    provider.replies["userinfo_reply"] = lambda: (200, {"Content-Type": "application/jwt"}, kept[0].encode())


def old_key(provider: PretendProvider) -> None:
    """Sign with a key that is published no more."""
    provider.published = [("key-2", provider.other_key)]


def short_key(provider: PretendProvider) -> None:
    """Publish a key that can be broken."""
    provider.tamper["keys"] = lambda _said: {"keys": [{"kty": "RSA", "kid": "key-1", "n": "AQAB" * 40, "e": "AQAB"}]}


def two_keys_of_one_name(provider: PretendProvider) -> None:
    provider.published = [("key-1", provider.other_key), ("key-1", provider.key)]


def no_name_and_two_keys(provider: PretendProvider) -> None:
    provider.published = [("key-1", provider.key), ("key-2", provider.other_key)]
    without("id_token_header", "kid")(provider)


def keys_for_something_else(provider: PretendProvider) -> None:
    provider.tamper["keys"] = lambda said: {"keys": [{**key, "use": "enc"} for key in said["keys"]]}


def acr(value: str | None) -> Bend:
    def bend(provider: PretendProvider) -> None:
        provider.acr = value

    return bend


def clock(seconds: float) -> Bend:
    def bend(provider: PretendProvider) -> None:
        provider.clock = seconds

    return bend


def person(**changes: Any) -> Bend:
    def bend(provider: PretendProvider) -> None:
        provider.person = {name: value for name, value in {**provider.person, **changes}.items() if value is not None}

    return bend


def cancelled(provider: PretendProvider) -> None:
    provider.cancels = True


# What the provider does, the reason in the trail, and the page: status and words.
REFUSED: dict[str, tuple[Bend, str, tuple[int, str]]] = {
    # The ID token is forged.
    "ID token without a signature, alg none": (
        signed("id_token", lambda _p, header, claims: unsigned(header, claims)),
        "id_token_algorithm",
        UNTRUSTED,
    ),
    "ID token by another key": (signed("id_token", by_another), "id_token_signature", UNTRUSTED),
    "ID token with HS256 and the public key": (signed("id_token", by_the_public_key), "id_token_algorithm", UNTRUSTED),
    "ID token with HS256 and the client secret": (
        signed("id_token", by_the_client_secret),
        "id_token_algorithm",
        UNTRUSTED,
    ),
    "ID token with PS256": (
        signed("id_token", lambda p, header, claims: token({**header, "alg": "PS256"}, claims, p.key)),
        "id_token_algorithm",
        UNTRUSTED,
    ),
    "ID token that brings its own key": (signed("id_token", with_its_own_key), "id_token_signature", UNTRUSTED),
    "ID token altered after signing": (signed("id_token", altered), "id_token_signature", UNTRUSTED),
    "ID token with its signature cut off": (
        signed("id_token", lambda p, h, c: token(h, c, p.key).rpartition(".")[0] + "."),
        "id_token_signature",
        UNTRUSTED,
    ),
    "ID token encrypted": (signed("id_token", encrypted), "id_token_format", UNTRUSTED),
    "ID token that is no token": (signed("id_token", lambda _p, _h, _c: "no token"), "id_token_format", UNTRUSTED),
    "ID token not in ASCII": (signed("id_token", lambda _p, _h, _c: "é.é.é"), "id_token_format", UNTRUSTED),
    "ID token that is a number": (changed("token", id_token=7), "id_token_format", UNTRUSTED),
    "ID token absent": (without("token", "id_token"), "id_token_format", UNTRUSTED),
    "ID token far too long": (changed("id_token", filler="x" * 40_000), "id_token_too_large", UNTRUSTED),
    "ID token with a list for claims": (signed("id_token", written(b"[1]")), "id_token_claims", UNTRUSTED),
    "ID token with no JSON for claims": (signed("id_token", written(b"sub=me")), "id_token_claims", UNTRUSTED),
    "ID token with a moment that is no number": (
        signed("id_token", written(b'{"exp": NaN}')),
        "id_token_claims",
        UNTRUSTED,
    ),
    "ID token with two subjects": (signed("id_token", doubled), "id_token_claims", UNTRUSTED),
    "ID token of another kind": (changed("id_token_header", typ="logout+jwt"), "id_token_header", UNTRUSTED),
    "ID token with a critical extension": (
        signed("id_token", lambda p, h, c: token({**h, "crit": ["x5t"], "x5t": "x"}, c, p.key)),
        "id_token_header",
        UNTRUSTED,
    ),
    "ID token by an unpublished key": (changed("id_token_header", kid="key-9"), "id_token_unknown_key", UNTRUSTED),
    "ID token by a withdrawn key": (old_key, "id_token_unknown_key", UNTRUSTED),
    "ID token without a key's name, of two": (no_name_and_two_keys, "id_token_unknown_key", UNTRUSTED),
    "two keys of one name": (two_keys_of_one_name, "id_token_unknown_key", UNTRUSTED),
    "a key that is too short": (short_key, "id_token_unknown_key", UNTRUSTED),
    "keys that are for encryption": (keys_for_something_else, "id_token_unknown_key", UNTRUSTED),
    # The ID token is for somebody or something else.
    "another issuer": (changed("id_token", iss="https://evil.example"), "id_token_iss", UNTRUSTED),
    "an issuer that begins alike": (
        lambda p: changed("id_token", iss=p.issuer + "/")(p),
        "id_token_iss",
        UNTRUSTED,
    ),
    "no issuer": (without("id_token", "iss"), "id_token_iss", UNTRUSTED),
    "another audience": (changed("id_token", aud="another-portal"), "id_token_aud", UNTRUSTED),
    "another audience beside ours": (changed("id_token", aud=[CLIENT_ID, "another"]), "id_token_aud", UNTRUSTED),
    "no audience": (without("id_token", "aud"), "id_token_aud", UNTRUSTED),
    "an audience that is a list in a list": (changed("id_token", aud=[[CLIENT_ID]]), "id_token_aud", UNTRUSTED),
    "another authorised party": (changed("id_token", azp="another-portal"), "id_token_azp", UNTRUSTED),
    "an empty authorised party": (changed("id_token", azp=""), "id_token_azp", UNTRUSTED),
    "the nonce of another attempt": (changed("id_token", nonce="A" * 43), "id_token_nonce", UNTRUSTED),
    "no nonce": (without("id_token", "nonce"), "id_token_nonce", UNTRUSTED),
    "a nonce that is a list": (changed("id_token", nonce=["x"]), "id_token_nonce", UNTRUSTED),
    "the hash of another access token": (
        changed("id_token", at_hash=half_hash("another")),
        "id_token_at_hash",
        UNTRUSTED,
    ),
    "an empty hash of the access token": (changed("id_token", at_hash=""), "id_token_at_hash", UNTRUSTED),
    "an access token put in later": (changed("token", access_token="another"), "id_token_at_hash", UNTRUSTED),
    "no subject": (without("id_token", "sub"), "id_token_sub", UNTRUSTED),
    "an empty subject": (changed("id_token", sub=""), "id_token_sub", UNTRUSTED),
    "a subject without end": (changed("id_token", sub="x" * 256), "id_token_sub", UNTRUSTED),
    "a subject that is a number": (changed("id_token", sub=7), "id_token_sub", UNTRUSTED),
    # The ID token is stale.
    "an expired ID token": (later("id_token", exp=-61), "id_token_exp", UNTRUSTED),
    "an ID token without an end": (without("id_token", "exp"), "id_token_exp", UNTRUSTED),
    "an end that is a text": (changed("id_token", exp="tomorrow"), "id_token_exp", UNTRUSTED),
    "an ID token of ten minutes ago": (later("id_token", iat=-600), "id_token_clocks", CLOCKS),
    "an ID token of an hour ago, expired": (later("id_token", iat=-3600, exp=-3300), "id_token_clocks", CLOCKS),
    "an ID token of the future": (later("id_token", iat=600, exp=900), "id_token_clocks", CLOCKS),
    "an ID token of 1970": (changed("id_token", iat=0), "id_token_iat", UNTRUSTED),
    "an ID token from before 1970": (changed("id_token", iat=-1), "id_token_iat", UNTRUSTED),
    "an ID token with half a character": (changed("id_token", at_hash="\ud800"), "id_token_claims", UNTRUSTED),
    "an ID token without its moment": (without("id_token", "iat"), "id_token_iat", UNTRUSTED),
    "an ID token that counts later only": (later("id_token", nbf=600), "id_token_nbf", UNTRUSTED),
    "a sign-in of the future": (later("id_token", auth_time=600), "id_token_clocks", CLOCKS),
    "a sign-in at no moment": (changed("id_token", auth_time="now"), "id_token_auth_time", UNTRUSTED),
    "a clock ten minutes ahead": (clock(600), "id_token_clocks", CLOCKS),
    "a clock ten minutes behind": (clock(-600), "id_token_clocks", CLOCKS),
    # The level.
    "a level below those of the portal": (acr(f"{FAS_LEVEL}200"), "level_too_low", TOO_LOW),
    "no level": (acr(None), "level_unknown", UNTRUSTED),
    "a level above those there are": (acr(f"{FAS_LEVEL}999"), "level_unknown", UNTRUSTED),
    "a level of another kind": (acr("urn:mace:incommon:iap:silver"), "level_unknown", UNTRUSTED),
    "a level with something behind it": (acr(f"{FAS_LEVEL}500\n"), "level_unknown", UNTRUSTED),
    "a level in other digits": (acr(f"{FAS_LEVEL}\u0665\u0660\u0660"), "level_unknown", UNTRUSTED),
    "a level that is a list": (changed("id_token", acr=[f"{FAS_LEVEL}500"]), "level_unknown", UNTRUSTED),
    # Userinfo.
    "userinfo in plain JSON": (
        lambda p: p.replies.update({"userinfo_reply": lambda: reply({"sub": "opaque-subject", **p.person})}),
        "userinfo_media_type",
        UNTRUSTED,
    ),
    "userinfo by another key": (signed("userinfo", by_another), "userinfo_signature", UNTRUSTED),
    "userinfo without a signature": (
        signed("userinfo", lambda _p, header, claims: unsigned(header, claims)),
        "userinfo_algorithm",
        UNTRUSTED,
    ),
    "userinfo about somebody else": (changed("userinfo", sub="another"), "userinfo_sub", UNTRUSTED),
    "userinfo about nobody": (without("userinfo", "sub"), "userinfo_sub", UNTRUSTED),
    "userinfo of another issuer": (changed("userinfo", iss="https://evil.example"), "userinfo_iss", UNTRUSTED),
    "userinfo for another portal": (changed("userinfo", aud="another-portal"), "userinfo_aud", UNTRUSTED),
    "userinfo for another portal, too": (
        changed("userinfo", aud=[CLIENT_ID, "another-portal"]),
        "userinfo_aud",
        UNTRUSTED,
    ),
    "userinfo of 1970": (changed("userinfo", iat=0), "userinfo_iat", UNTRUSTED),
    "a name with half a character": (changed("userinfo", surname="Van\ud800Acker"), "userinfo_claims", UNTRUSTED),
    "userinfo for nobody": (without("userinfo", "aud"), "userinfo_aud", UNTRUSTED),
    "expired userinfo": (later("userinfo", exp=-61), "userinfo_exp", UNTRUSTED),
    "userinfo of an hour ago": (later("userinfo", iat=-3600, exp=3600), "userinfo_clocks", CLOCKS),
    "the ID token in place of userinfo": (the_id_token_again, "number_missing", NO_NUMBER),
    "userinfo as garbage": (
        answered("userinfo_reply", 200, "application/jwt", b"\xff\xfe"),
        "userinfo_format",
        UNTRUSTED,
    ),
    "userinfo forbidden": (answered("userinfo_reply", 403, "application/jwt", b""), "userinfo_status", UNTRUSTED),
    # Who it is.
    "no national number": (person(egovNRN=None), "number_missing", NO_NUMBER),
    "a number in another spelling": (person(egovNRN="85.07.30-033.28"), "number_missing", NO_NUMBER),
    "a number in other digits": (person(egovNRN="\u0660" * 11), "number_missing", NO_NUMBER),
    "a number that is a list": (person(egovNRN=["85073003328"]), "number_missing", NO_NUMBER),
    "a number whose check digits are wrong": (person(egovNRN="85073003329"), "number_wrong", NO_NUMBER),
    "the number of no claim of FAS": (
        lambda p: person(egovNRN=None, national_number=p.person["egovNRN"])(p),
        "number_missing",
        NO_NUMBER,
    ),
    "somebody new without a name": (
        person(egovNRN=national_number(4_902), givenName=""),
        "name_missing",
        (403, "did not send your name"),
    ),
    "somebody new whose name is a number": (
        person(egovNRN=national_number(4_902), surname="85073003328"),
        "name_missing",
        (403, "did not send your name"),
    ),
    # The token endpoint.
    "a token type that is not Bearer": (changed("token", token_type="DPoP"), "token_type", UNTRUSTED),
    "no token type": (without("token", "token_type"), "token_type", UNTRUSTED),
    "an access token with a line break": (
        changed("token", access_token="a\r\nX-Admin: yes"),
        "token_access_token",
        UNTRUSTED,
    ),
    "an end of the access token that is no number": (changed("token", expires_in="soon"), "token_format", UNTRUSTED),
    "tokens in something that is not JSON": (
        answered("token", 200, "text/html", b"<h1>Welcome</h1>"),
        "token_media_type",
        UNTRUSTED,
    ),
    "tokens as a list": (answered("token", 200, "application/json", b"[]"), "token_format", UNTRUSTED),
    "tokens nested without end": (
        answered("token", 200, "application/json", b'{"a":' * 100_000),
        "token_format",
        UNTRUSTED,
    ),
    "a redirect in place of tokens": (
        answered("token", 302, "text/html", b"", Location="http://127.0.0.1:1/"),
        "token_status",
        UNTRUSTED,
    ),
    "a code that the provider no longer knows": (lambda p: p.codes.clear(), "token_invalid_grant", OVER),
    "a client that the provider does not know": (
        answered("token", 401, "application/json", b'{"error": "invalid_client"}'),
        "token_refused",
        UNTRUSTED,
    ),
    "an answer without end": (
        answered("token", 200, "application/json", b" " * (wire.LARGEST_ANSWER + 1)),
        "token_too_large",
        UNTRUSTED,
    ),
    "a compressed answer": (
        answered("token", 200, "application/json", b"\x1f\x8b", **{"Content-Encoding": "gzip"}),
        "token_encoding",
        UNTRUSTED,
    ),
    "a fault of the token endpoint": (answered("token", 500, "text/html", b"oops"), "token_down", DOWN),
    # The keys.
    "keys that are no keys": (answered("keys", 200, "application/json", b'{"keys": 7}'), "keys_format", UNTRUSTED),
    "keys in no JSON": (answered("keys", 200, "application/json", b"{"), "keys_format", UNTRUSTED),
    "a key set that is a redirect": (
        answered("keys", 301, "application/json", b"", Location="http://127.0.0.1:1/"),
        "keys_status",
        UNTRUSTED,
    ),
    "no keys for now": (answered("keys", 503, "text/html", b""), "keys_down", DOWN),
    # What comes back with the browser.
    "the answer of another provider": (changed("return", iss="https://evil.example"), "return_iss", UNTRUSTED),
    "an answer that names no provider": (without("return", "iss"), "return_iss", UNTRUSTED),
    "no state": (without("return", "state"), "state", OVER),
    "the state of nobody": (changed("return", state="A" * 43), "state", OVER),
    "a state in other letters": (changed("return", state="é" * 43), "state", OVER),
    "two states": (lambda p: p.tamper.update({"return": two_states}), "parameter_twice", OVER),
    "no code": (without("return", "code"), "code_missing", OVER),
    "a code that the provider never gave": (changed("return", code="made-up"), "token_invalid_grant", OVER),
    "a cancelled sign-in": (cancelled, "cancelled", (400, "You cancelled the sign-in")),
    "an error that nobody knows": (
        changed("return", error="<script>"),
        "provider_refused",
        (400, "The sign-in service did not sign you in"),
    ),
    "a level that the provider cannot reach": (
        changed("return", error="unmet_authentication_requirements"),
        "level_too_low",
        TOO_LOW,
    ),
    "a provider that has no time": (changed("return", error="temporarily_unavailable"), "provider_unavailable", DOWN),
}


def two_states(given: Claims) -> Claims:
    return {**given, "state": [given["state"], given["state"]]}
