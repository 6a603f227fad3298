"""What came back with the browser, step by step turned into who it is. Nothing here writes anything."""

import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from django.conf import settings
from django.http import QueryDict
from django.utils import timezone
from joserfc.jwk import RSAKey

from csam.models import LoginTicket
from csam.oidc.claims import level_of, proved_at, record_of
from csam.oidc.config import Provider
from csam.oidc.departure import nonce_of, return_address, state_of, verifier_of
from csam.oidc.metadata import JSON, Metadata, metadata_of, signing_key
from csam.oidc.refusals import SignInRefused, Why
from csam.oidc.tokens import check_id_token, check_userinfo, signed_claims
from csam.oidc.wire import bounded, deadline, fetch, media_type, require_answer
from tenants.registers import RegisterRecord

_BEARER_TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]{1,8000}=*")
_SIGNED = "application/jwt"

# What a provider says in place of a code (RFC 6749, 4.1.2.1; OpenID Connect Core 1.0, 3.1.2.6), and what it means here.
_ERRORS = {
    "access_denied": (Why.CANCELLED, "cancelled"),
    "login_required": (Why.NOT_DONE, "provider_login_required"),
    "interaction_required": (Why.NOT_DONE, "provider_interaction_required"),
    "unmet_authentication_requirements": (Why.TOO_LOW, "level_too_low"),
    "temporarily_unavailable": (Why.UNREACHABLE, "provider_unavailable"),
    "server_error": (Why.UNREACHABLE, "provider_error"),
}


@dataclass(frozen=True)
class Shown:
    """Who the provider says it is, how surely, and when that was shown; None where it does not tell."""

    record: RegisterRecord
    level: int
    proved_at: datetime | None


def exchange(query: QueryDict, ticket: LoginTicket, secret: str, provider: Provider) -> Shown:
    """Turn the parameters of the return, whose state was checked, into who it is.

    Raises SignInRefused at the first thing that is not right.
    """
    ends_at = deadline()
    metadata = metadata_of(provider, ends_at=ends_at)
    code = _code(query, provider, metadata)
    access_token, id_token = _fetch_tokens(provider, metadata, code, secret, ends_at=ends_at)

    def id_token_key(kid: str | None) -> RSAKey:
        return signing_key(metadata, kid, step="id_token", ends_at=ends_at)

    def userinfo_key(kid: str | None) -> RSAKey:
        return signing_key(metadata, kid, step="userinfo", ends_at=ends_at)

    header, claims = signed_claims(id_token, id_token_key, step="id_token")
    now = timezone.now()
    check_id_token(header, claims, provider=provider, nonce=nonce_of(secret), access_token=access_token, now=now)
    level = level_of(claims.get("acr"))
    if level < ticket.minimum_level:
        raise SignInRefused(Why.TOO_LOW, "level_too_low")
    asks_anew = ticket.purpose == LoginTicket.Purpose.FRESH
    shown_at = proved_at(claims, not_before=ticket.created_at if asks_anew else None, now=now)
    answer = fetch(metadata.userinfo_endpoint, step="userinfo", accept=_SIGNED, ends_at=ends_at, bearer=access_token)
    text = answer.content.decode("ascii", "replace").strip()
    _header, told = signed_claims(text, userinfo_key, step="userinfo")
    now = timezone.now()
    check_userinfo(told, provider=provider, subject=claims["sub"], now=now)
    record = record_of(told, today=timezone.localdate(now), specimens=settings.SPECIMEN_NATIONAL_NUMBERS)
    return Shown(record, level, shown_at)


def check_state(query: QueryDict, secret: str) -> None:
    """Refuse an answer that this browser did not ask for, and one in which something comes twice (ASVS 15.3.7)."""
    if any(len(values) > 1 for _name, values in query.lists()):
        raise SignInRefused(Why.OVER, "parameter_twice", is_foreign=True)
    if not hmac.compare_digest(query.get("state", "").encode(), state_of(secret).encode()):
        raise SignInRefused(Why.OVER, "state", is_foreign=True)


def _code(query: QueryDict, provider: Provider, metadata: Metadata) -> str:
    """Return the code, once it is clear that it comes from this provider (RFC 9207)."""
    issuer = query.get("iss")
    if (issuer is None and metadata.names_itself) or issuer not in (None, provider.issuer):
        raise SignInRefused(Why.UNTRUSTED, "return_iss")
    error = query.get("error")
    if error is not None:
        raise SignInRefused(*_ERRORS.get(error, (Why.NOT_DONE, "provider_refused")))
    code = query.get("code", "")
    if not code or not code.isascii() or not code.isprintable():
        raise SignInRefused(Why.OVER, "code_missing")
    return code


def _fetch_tokens(
    provider: Provider, metadata: Metadata, code: str, secret: str, *, ends_at: float
) -> tuple[str, object]:
    """Exchange the code for the access token and the ID token, which is not checked yet."""

    def checked(answer: requests.Response) -> requests.Response:
        if answer.status_code not in (400, 401):  # with these an error says what was wrong
            require_answer(answer, step="token")
        if media_type(answer) != JSON:
            raise SignInRefused(Why.UNTRUSTED, "token_media_type")
        return answer

    address = metadata.token_endpoint
    # RFC 6749, 2.3.1: both are encoded before they become user name and password.
    basic = (quote(provider.client_id, safe=""), quote(provider.client_secret, safe=""))
    with bounded(OAuth2Session(provider.client_id), address, step="token", ends_at=ends_at) as session:
        session.register_compliance_hook("access_token_response", checked)
        try:
            said = session.fetch_token(
                address,
                grant_type="authorization_code",
                code=code,
                redirect_uri=return_address(),
                code_verifier=verifier_of(secret),
                auth=basic,
                allow_redirects=False,
            )
        except OAuthError as error:
            if error.error == "invalid_grant":
                raise SignInRefused(Why.OVER, "token_invalid_grant") from None
            raise SignInRefused(Why.UNTRUSTED, "token_refused") from None
        except (requests.RequestException, ValueError, TypeError, OverflowError, RecursionError):
            raise SignInRefused(Why.UNTRUSTED, "token_format") from None
    access_token, kind = said.get("access_token"), said.get("token_type")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise SignInRefused(Why.UNTRUSTED, "token_type")
    if not isinstance(access_token, str) or not _BEARER_TOKEN.fullmatch(access_token):
        raise SignInRefused(Why.UNTRUSTED, "token_access_token")
    return access_token, said.get("id_token")
