"""A service as the tests need one: it asks, follows the browser, takes the code, and checks what it receives."""

import base64
import hashlib
import html
import re
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from django.test import Client as Browser
from joserfc import jwt
from joserfc.jwk import KeySet

from fas.models import Client
from tests.fas.rows import CALLBACK, SECRET

BASE = "/fas/oauth2"
ISSUER = "http://127.0.0.1:8000/fas/oauth2"
SCOPES = "openid profile roles"
_REFRESH = re.compile(r'<meta http-equiv="refresh" content="0;url=([^"]+)">')


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge (RFC 7636)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def basic(client_id: str, secret: str = SECRET) -> dict[str, str]:
    """Return the header by which a client shows its secret."""
    return {"authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


def where_to(answer: Any) -> str:
    """Return the address outside the portal to which an answer leads, by redirect or by the page in between."""
    if answer.status_code in (302, 303):
        return str(answer.url)
    found = _REFRESH.search(answer.content.decode())
    assert answer.status_code == 200 and found, (answer.status_code, answer.content.decode()[:2000])
    return html.unescape(found[1])


def told(address: str) -> dict[str, str]:
    """Return what an address carries to the service."""
    return dict(parse_qsl(urlsplit(address).query))


def verified(token: str, *, audience: str, keys: Any) -> dict[str, Any]:
    """Check a token as a service does, by name of key and algorithm; return its claims."""
    decoded = jwt.decode(token, KeySet.import_key_set(keys), algorithms=["RS256"])
    assert decoded.header["typ"] == "JWT"
    assert decoded.claims["iss"] == ISSUER
    assert decoded.claims["aud"] == audience
    return dict(decoded.claims)


@dataclass
class RelyingParty:
    """One service and the browser of one person. What was sent last is kept, to be sent again or changed."""

    client: Client
    browser: Browser
    secret: str = SECRET
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(40))
    state: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    direct: Browser = field(default_factory=Browser)

    def __post_init__(self) -> None:
        self.browser.cookies["language"] = "en"

    def query(self, **changes: Any) -> dict[str, str]:
        """Return the parameters of a request; None leaves one out."""
        values = {
            "client_id": self.client.client_id,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": SCOPES,
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": challenge_of(self.verifier),
            "code_challenge_method": "S256",
            **changes,
        }
        return {name: value for name, value in values.items() if value is not None}

    def ask(self, **changes: Any) -> Any:
        """Send the browser to the portal."""
        return self.browser.get(f"{BASE}/authorize?{urlencode(self.query(**changes))}")

    def walk(self, answer: Any, *, organisation: str = "", agree: bool = True) -> Any:
        """Follow the portal's own pages and answer them, until the browser is on its way out, or to the login page."""
        for _step in range(8):
            if answer.status_code in (302, 303) and answer.url.startswith("/fas/sign-in/"):
                answer = self.browser.get(answer.url)
            elif answer.status_code == 200 and answer.templates and answer.templates[0].name == "fas/choose.html":
                answer = self.browser.post(answer.request["PATH_INFO"], {"organisation": organisation or "self"})
            elif answer.status_code == 200 and answer.templates and answer.templates[0].name == "fas/agree.html":
                action = "agree" if agree else "refuse"
                answer = self.browser.post(answer.request["PATH_INFO"], {"action": action})
            else:
                return answer
        raise AssertionError("the steps lead round in a circle")

    def sign_on(self, *, organisation: str = "", agree: bool = True, **changes: Any) -> dict[str, str]:
        """Go the whole way in the browser; return what the service is told at its address."""
        answer = self.walk(self.ask(**changes), organisation=organisation, agree=agree)
        address = where_to(answer)
        assert address.startswith(changes.get("redirect_uri", CALLBACK)), address
        return told(address)

    def token(self, code: str, **changes: Any) -> Any:
        """Give the code for tokens."""
        values = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": self.verifier,
            **changes,
        }
        sent = {name: value for name, value in values.items() if value is not None}
        return self.direct.post(f"{BASE}/access_token", sent, headers=basic(self.client.client_id, self.secret))

    def tokens(self, **changes: Any) -> dict[str, Any]:
        """Sign on and return the tokens."""
        answer = self.token(self.sign_on(**changes)["code"])
        assert answer.status_code == 200, answer.content
        return answer.json()

    def keys(self) -> Any:
        """Fetch the provider's keys."""
        return self.direct.get(f"{BASE}/connect/jwk_uri").json()

    def id_claims(self, tokens: dict[str, Any]) -> dict[str, Any]:
        """Return the claims of the ID token, checked."""
        return verified(tokens["id_token"], audience=self.client.client_id, keys=self.keys())

    def userinfo(self, access_token: str) -> Any:
        """Ask who it is."""
        return self.direct.get(f"{BASE}/userinfo", headers={"authorization": f"Bearer {access_token}"})

    def user(self, access_token: str) -> dict[str, Any]:
        """Return the claims of userinfo, checked."""
        answer = self.userinfo(access_token)
        assert answer.status_code == 200, answer.content
        assert answer.headers["Content-Type"] == "application/jwt"
        return verified(answer.content.decode(), audience=self.client.client_id, keys=self.keys())

    def introspect(self, token: str) -> dict[str, Any]:
        """Ask whether a token counts."""
        sent = basic(self.client.client_id, self.secret)
        answer = self.direct.post(f"{BASE}/introspect", {"token": token}, headers=sent)
        assert answer.status_code == 200, answer.content
        return answer.json()


def query_of(address: str) -> dict[str, list[str]]:
    """Return all values of an address's query."""
    return parse_qs(urlsplit(address).query, keep_blank_values=True)
