"""The portal as seen from here: discovery, keys, userinfo. Everything that goes over the wire to it."""

import threading
import time
from functools import cache
from typing import Any

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.django_client import DjangoIntegration, DjangoOAuth2App
from authlib.integrations.requests_client import OAuth2Session
from django.core.cache import cache as memory
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from rolemgmt.demo.services.config import config
from rolemgmt.demo.services.problems import Problem, Refused
from rolemgmt.demo.services.sites import Site
from rolemgmt.demo.services.tokens import Claims, check_id_token, check_userinfo, signed_claims

SCOPES = "openid profile egovnrn roles enterprise"
SECONDS = 8  # for one request to the provider
METADATA_SECONDS = 3600


class TokenEnded(Exception):
    """The access token is no longer good: whoever wants to know more signs in again."""


class FederalSignIn(DjangoOAuth2App):
    """Authlib's client of one site. Added: the issuer is compared, tokens are checked strictly, userinfo is signed."""

    client_id: str
    server_metadata: dict[str, Any]

    def __init__(self, *args: Any, issuer: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.issuer = issuer
        self._keys: dict[str, RSAKey] = {}
        self._keys_at = float("-inf")
        self._lock = threading.Lock()

    def _get_session(self) -> OAuth2Session:
        return _alone(super()._get_session())

    def _get_oauth_client(self, **metadata: Any) -> OAuth2Session:
        return _alone(super()._get_oauth_client(**metadata))

    def load_server_metadata(self) -> dict[str, Any]:
        """Return the discovery document, at most an hour old. Raises Refused."""
        with self._lock:
            if time.time() - self.server_metadata.get("_loaded_at", 0) < METADATA_SECONDS:
                return self.server_metadata
            said = self._fetch(f"{self.issuer}/.well-known/openid-configuration")
            if said.get("issuer") != self.issuer:
                raise Refused(Problem.UNTRUSTED, "discovery_issuer")
            self.server_metadata = {**said, "_loaded_at": time.time()}
            return self.server_metadata

    def key_named(self, kid: str) -> RSAKey:
        """Return the provider's key of a name. Raises Refused.

        An unknown one may be new: the set is asked for again, but not for every forged token that comes along.
        """
        key = self._keys.get(kid)
        if key is None and time.monotonic() - self._keys_at >= config().refetch_seconds:
            said = self._fetch(self.load_server_metadata()["jwks_uri"])
            self._keys, self._keys_at = _signing_keys(said), time.monotonic()
            key = self._keys.get(kid)
        if key is None:
            raise Refused(Problem.UNTRUSTED, "unknown_key")
        return key

    def parse_id_token(self, token: dict[str, Any], nonce: str, *_args: Any, **_options: Any) -> Claims:
        """Return the claims of the ID token: Authlib asks for it after each exchange. Raises Refused."""
        header, claims = signed_claims(token.get("id_token"), self.key_named)
        check_id_token(
            header,
            claims,
            issuer=self.issuer,
            client_id=self.client_id,
            nonce=nonce,
            access_token=token["access_token"],
        )
        return claims

    def signed_userinfo(self, access_token: str, *, subject: str) -> Claims:
        """Ask who it is and which roles they hold, now. Raises TokenEnded, and Refused."""
        address = self.load_server_metadata()["userinfo_endpoint"]
        token = {"access_token": access_token, "token_type": "Bearer"}
        try:
            answer = self.get(address, token=token, headers={"Accept": "application/jwt"}, allow_redirects=False)
        except (requests.RequestException, OAuthError):
            raise Refused(Problem.UNREACHABLE, "userinfo_down") from None
        if answer.status_code in (401, 403):
            raise TokenEnded
        if answer.status_code != 200:
            raise Refused(Problem.UNREACHABLE, "userinfo_status")
        if answer.headers.get("Content-Type", "").partition(";")[0].strip().lower() != "application/jwt":
            raise Refused(Problem.UNTRUSTED, "userinfo_unsigned")
        _header, claims = signed_claims(answer.text.strip(), self.key_named)
        check_userinfo(claims, issuer=self.issuer, client_id=self.client_id, subject=subject)
        return claims

    def _fetch(self, address: str) -> dict[str, Any]:
        try:
            with self._get_session() as session:
                answer = session.request("GET", address, withhold_token=True, allow_redirects=False)
            if answer.status_code != 200:
                raise Refused(Problem.UNREACHABLE, "provider_status")
            said = answer.json()
        except requests.JSONDecodeError:
            said = None
        except requests.RequestException:
            raise Refused(Problem.UNREACHABLE, "provider_down") from None
        if not isinstance(said, dict):
            raise Refused(Problem.UNTRUSTED, "provider_format")
        return said


def _alone(session: OAuth2Session) -> OAuth2Session:
    """Let neither a proxy of the environment nor ~/.netrc have a say."""
    session.trust_env = False
    return session


def _signing_keys(said: dict[str, Any]) -> dict[str, RSAKey]:
    """Return the RSA keys of a set by name; other keys in it are of no use here."""
    found = {}
    for data in said.get("keys", []):
        if not isinstance(data, dict) or data.get("kty") != "RSA" or data.get("use", "sig") != "sig":
            continue
        try:
            found[str(data["kid"])] = RSAKey.import_key({"kty": "RSA", "n": data["n"], "e": data["e"]})
        except (JoseError, ValueError, TypeError, KeyError):
            continue
    return found


@cache
def provider_of(site: Site) -> FederalSignIn:
    """Return the client of a site; one for the life of this process."""
    registration = config().registrations[site.slug]
    return FederalSignIn(
        DjangoIntegration(site.slug, cache=memory),
        name=site.slug,
        issuer=config().issuer,
        client_id=registration.client_id,
        client_secret=registration.client_secret,
        client_kwargs={
            "scope": SCOPES,
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": "client_secret_basic",
            "default_timeout": SECONDS,
        },
    )
