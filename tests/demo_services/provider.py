"""A provider for the demo services that tests can make lie: the one of tests/csam, with other clients and logout."""

import base64
import hashlib
import secrets
import time
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc.jwk import RSAKey

from tests.csam.oidc_provider import FAS_LEVEL, Claims, PretendProvider, Reply, half_hash, reply

CLIENTS = {
    "fluvius": ("service-fluvius", "secret-of-fluvius"),
    "safeonweb": ("service-safeonweb", "secret-of-safeonweb"),
}
BY_CLIENT_ID = {client_id: secret for client_id, secret in CLIENTS.values()}
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"

DUBOIS = "0999999922"
NUMBER = "85073003328"
LEVEL = FAS_LEVEL


def entry(role: str = "FLUVIUS_ENERGY_PORTAL_ADMIN", **changes: Any) -> Claims:
    """Return a role in the format rolemgmt/1."""
    return {
        "role": role,
        "enterpriseNumber": DUBOIS,
        "validFrom": "2026-06-15",
        "validUntil": None,
        "properties": {},
        "reference": "AR-2026-004821-1",
        **changes,
    }


JEAN: Claims = {
    "egovNRN": NUMBER,
    "givenName": "Jean",
    "surname": "Dubois",
    "prefLanguage": "en",
    "enterpriseNumber": DUBOIS,
    "enterpriseName": "Boulangerie Dubois SRL",
    "roles_format": "rolemgmt/1",
    "roles": [entry()],
}


class ServiceProvider(PretendProvider):
    """Knows both services. `sid` is the name of the next sign-in; what `error` says is answered in place of a code."""

    def reset(self) -> None:
        """Be honest again."""
        super().reset()
        self.person = dict(JEAN)
        self.sid = secrets.token_urlsafe(12)
        self.error = ""
        self.tokens_are_over = False

    def visit(self, address: str) -> str:
        """Go to the authorisation page, and return where the browser is sent to."""
        parts = urlsplit(address)
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{self.issuer}/authorize"
        given = {name: values[0] for name, values in parse_qs(parts.query, strict_parsing=True).items()}
        self.requests.append(given)
        assert given["response_type"] == "code" and given["client_id"] in BY_CLIENT_ID
        assert given["code_challenge_method"] == "S256" and len(given["code_challenge"]) == 43
        assert len(given["state"]) >= 20 and len(given["nonce"]) >= 20
        if self.error:
            answer = {"error": self.error, "state": given["state"], "iss": self.issuer}
        else:
            code = secrets.token_urlsafe(24)
            self.codes[code] = given
            answer = {"code": code, "state": given["state"], "iss": self.issuer}
        query = urlencode(list(self._bent("return", answer).items()), doseq=True)
        return f"{given['redirect_uri']}?{query}"

    def _token(self, headers: Any, body: str) -> Reply:
        kind, _space, credentials = headers.get("Authorization", "").partition(" ")
        name, _colon, secret = base64.b64decode(credentials).decode().partition(":")
        if kind != "Basic" or BY_CLIENT_ID.get(name) != secret:
            return reply({"error": "invalid_client"}, status=401)
        sent = {name: values[0] for name, values in parse_qs(body).items()}
        given = self.codes.pop(sent.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(sent.get("code_verifier", "").encode()).digest())
        if (
            given is None
            or given["client_id"] != name
            or sent.get("redirect_uri") != given["redirect_uri"]
            or challenge.rstrip(b"=").decode() != given["code_challenge"]
        ):
            return reply({"error": "invalid_grant"}, status=400)
        access_token = secrets.token_urlsafe(32)
        self.tokens[access_token] = given
        claims = {
            **self._about(name),
            "auth_time": int(time.time()),
            "nonce": given["nonce"],
            "at_hash": half_hash(access_token),
            "sid": self.sid,
            "acr": self.acr,
            "amr": ["eid", self.acr],
        }
        said = {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": 300,
            "id_token": self.signed("id_token", claims),
        }
        return reply(self._bent("token", said))

    def _userinfo(self, headers: Any) -> Reply:
        given = self.tokens.get(headers.get("Authorization", "").removeprefix("Bearer "))
        if given is None or self.tokens_are_over:
            return reply({"error": "invalid_token"}, status=401)
        claims = {**self._about(given["client_id"]), **self.person}
        return 200, {"Content-Type": "application/jwt"}, self.signed("userinfo", claims).encode()

    def logout_token(self, site: str = "fluvius", *, key: RSAKey | None = None, **changes: Any) -> str:
        """Return a logout token of a site for the sign-in `sid`; `changes` to claims, None takes one away."""
        claims = {
            **self._about(CLIENTS[site][0]),
            "jti": secrets.token_urlsafe(16),
            "events": {LOGOUT_EVENT: {}},
            "sid": self.sid,
            **changes,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        self.tamper.setdefault("logout_header", lambda header: {**header, "typ": "logout+jwt"})
        return self.signed("logout", claims)

    def _about(self, client_id: str) -> Claims:
        now = int(time.time() + self.clock)
        return {"iss": self.issuer, "sub": "opaque-subject", "aud": client_id, "iat": now, "exp": now + 300}
