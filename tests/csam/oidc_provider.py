"""A small OpenID provider on this machine, as strict as a real one, that tests can make lie.

It speaks the authorization code flow with PKCE, client_secret_basic and signed userinfo, with the claims of FAS. Each
`tamper[...]` changes one answer; everything else stays right, so a refusal is for that one reason.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from joserfc import jws
from joserfc.jwk import OctKey, RSAKey

CLIENT_ID = "role management/1"  # both have characters that RFC 6749, 2.3.1 wants encoded
CLIENT_SECRET = "s:e+c%r&t"
RETURN_ADDRESS = "http://127.0.0.1:8000/login/oidc/return/"
FAS_LEVEL = "urn:be:fedict:iam:fas:Level"

Claims = dict[str, Any]
Reply = tuple[int, dict[str, str], bytes]


def half_hash(text: str) -> str:
    """Return `at_hash` of an access token."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:16]).rstrip(b"=").decode()


class PretendProvider:
    """The provider's state: its keys, who is in front of it, and how its answers are bent."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048)
        self.other_key = RSAKey.generate_key(2048)  # of somebody else
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True
        self.issuer = f"http://127.0.0.1:{self.server.server_port}/fas/oauth2"
        self.reset()
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def reset(self) -> None:
        """Be honest again, and forget everybody."""
        self.return_address = RETURN_ADDRESS
        self.kid = "key-1"
        self.published = [(self.kid, self.key)]
        self.person: Claims = {}
        self.acr: str | None = f"{FAS_LEVEL}500"
        self.auth_time: float | None = 0  # seconds before now; None: not told
        self.clock = 0.0  # seconds by which its clock is ahead
        self.cancels = False
        # How answers are bent: header, id_token, userinfo (claims), metadata, token, keys, return; and whole replies.
        self.tamper: dict[str, Callable[[Any], Any]] = {}
        self.replies: dict[str, Callable[[], Reply]] = {}
        self.signers: dict[str, Callable[[Claims, Claims], str]] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.tokens: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []
        self.requests: list[dict[str, str]] = []  # the authorisation requests
        self.release = threading.Event()  # what waits on purpose goes on

    def stop(self) -> None:
        """End the server."""
        self.release.set()
        self.server.shutdown()
        self.server.server_close()

    # --- What a browser does -----------------------------------------------------------------------------------------

    def visit(self, address: str) -> str:
        """Go to the authorisation page as the browser of `person` would, and return where it is sent to."""
        parts = urlsplit(address)
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{self.issuer}/authorize"
        given = {name: values[0] for name, values in parse_qs(parts.query, strict_parsing=True).items()}
        self.requests.append(given)
        assert given["response_type"] == "code"
        assert given["client_id"] == CLIENT_ID
        assert given["redirect_uri"] == self.return_address
        assert {"openid", "egovnrn"} <= set(given["scope"].split())
        assert given["code_challenge_method"] == "S256" and len(given["code_challenge"]) == 43
        assert len(given["state"]) >= 43 and len(given["nonce"]) >= 43
        if self.cancels:
            answer = {"error": "access_denied", "state": given["state"], "iss": self.issuer}
        else:
            code = secrets.token_urlsafe(24)
            self.codes[code] = given
            answer = {"code": code, "state": given["state"], "iss": self.issuer}
        query = urlencode(list(self._bent("return", answer).items()), doseq=True)
        return f"{given['redirect_uri']}?{query}"

    # --- What the portal asks ----------------------------------------------------------------------------------------

    def answer(self, method: str, path: str, headers: Any, body: str) -> Reply:
        """Return status, headers and body."""
        place = path.removeprefix("/fas/oauth2/").partition("?")[0]
        step = {
            ".well-known/openid-configuration": "discovery",
            "connect/jwk_uri": "keys",
            "access_token": "token",
            "userinfo": "userinfo_reply",
        }.get(place, "")
        if place == "authorize" and method == "GET":  # a real browser: the person says yes at once
            return 302, {"Location": self.visit(f"http://127.0.0.1:{self.server.server_port}{path}")}, b""
        self.asked.append(step)
        if step in self.replies:
            return self.replies[step]()
        if step == "discovery" and method == "GET":
            return reply(self._bent("metadata", self.metadata()))
        if step == "keys" and method == "GET":
            return reply(self._bent("keys", self.key_set()))
        if step == "token" and method == "POST":
            return self._token(headers, body)
        if step == "userinfo_reply" and method == "GET":
            return self._userinfo(headers)
        return reply({"error": "not_found"}, status=404)

    def metadata(self) -> Claims:
        """Return the discovery document."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/access_token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/connect/jwk_uri",
            "end_session_endpoint": f"{self.issuer}/connect/endSession",
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "authorization_response_iss_parameter_supported": True,
        }

    def key_set(self) -> Claims:
        """Return the public keys, and one of another kind that is of no use here."""
        rsa = [{**key.as_dict(private=False), "kid": kid, "use": "sig", "alg": "RS256"} for kid, key in self.published]
        return {"keys": [{"kty": "EC", "kid": "elliptic", "crv": "P-256", "x": "AA", "y": "AA"}, *rsa]}

    def _token(self, headers: Any, body: str) -> Reply:
        kind, _space, credentials = headers.get("Authorization", "").partition(" ")
        name, _colon, secret = base64.b64decode(credentials).decode().partition(":")
        if kind != "Basic" or (unquote_plus(name), unquote_plus(secret)) != (CLIENT_ID, CLIENT_SECRET):
            return reply({"error": "invalid_client"}, status=401)
        sent = {name: values[0] for name, values in parse_qs(body).items()}
        given = self.codes.pop(sent.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(sent.get("code_verifier", "").encode()).digest())
        if (
            given is None
            or sent.get("grant_type") != "authorization_code"
            or sent.get("redirect_uri") != given["redirect_uri"]
            or challenge.rstrip(b"=").decode() != given["code_challenge"]
        ):
            return reply({"error": "invalid_grant"}, status=400)
        access_token = secrets.token_urlsafe(32)
        self.tokens[access_token] = given
        now = int(time.time() + self.clock)
        claims: Claims = {
            "iss": self.issuer,
            "sub": "opaque-subject",
            "aud": CLIENT_ID,
            "azp": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": given["nonce"],
            "at_hash": half_hash(access_token),
            "amr": ["eid", FAS_LEVEL + "500"],
        }
        if self.acr is not None:
            claims["acr"] = self.acr
        if self.auth_time is not None:
            claims["auth_time"] = now - int(self.auth_time)
        said = {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": 60,
            "scope": given["scope"],
            "id_token": self.signed("id_token", claims),
        }
        return reply(self._bent("token", said))

    def _userinfo(self, headers: Any) -> Reply:
        if headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            return reply({"error": "invalid_token"}, status=401)
        now = int(time.time() + self.clock)
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "sub": "opaque-subject", "iat": now, "exp": now + 300}
        return 200, {"Content-Type": "application/jwt"}, self.signed("userinfo", {**claims, **self.person}).encode()

    # --- Signing -----------------------------------------------------------------------------------------------------

    def signed(self, what: str, claims: Claims) -> str:
        """Return the claims, bent, as a token, signed as a test wants it."""
        header = self._bent(f"{what}_header", {"typ": "JWT", "alg": "RS256", "kid": self.kid})
        claims = self._bent(what, claims)
        if what in self.signers:
            return self.signers[what](header, claims)
        return token(header, claims, self.key)

    def _bent(self, what: str, answer: Claims) -> Any:
        return self.tamper[what](answer) if what in self.tamper else answer


def token(header: Claims, payload: Claims | bytes, key: RSAKey | OctKey) -> str:
    """Return a token with any header and payload, signed with any key."""
    registry = jws.JWSRegistry(algorithms=[str(header["alg"])], strict_check_header=False)
    content = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return jws.serialize_compact(header, content, key, registry=registry)


def unsigned(header: Claims, claims: Claims) -> str:
    """Return a token that nobody signed: alg none."""
    parts = (json.dumps({**header, "alg": "none"}).encode(), json.dumps(claims).encode())
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."


def reply(content: Any, *, status: int = 200) -> Reply:
    """Return a reply in JSON."""
    return status, {"Content-Type": "application/json"}, json.dumps(content).encode()


def _handler(provider: PretendProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _do(self, method: str) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            status, headers, content = provider.answer(method, self.path, self.headers, body)
            drip = headers.pop("Drip", "")
            if "Drip-Headers" in headers:  # the first line never ends
                try:
                    while not provider.release.wait(float(headers["Drip-Headers"])):
                        self.wfile.write(b"H")
                except OSError:
                    pass
                return
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                for start in range(0, len(content), 1 if drip else len(content) or 1):
                    self.wfile.write(content[start : start + 1] if drip else content)
                    if drip and provider.release.wait(float(drip)):
                        return
            except OSError:
                pass  # the portal has stopped listening

        def do_GET(self) -> None:
            self._do("GET")

        def do_POST(self) -> None:
            self._do("POST")

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler
