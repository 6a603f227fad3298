"""On the way to the provider: what the browser takes along, and what it must bring back."""

import base64
import hashlib
import hmac
from urllib.parse import urlencode

from authlib.integrations.requests_client import OAuth2Session
from django.conf import settings
from django.urls import reverse

from csam.models import LoginTicket
from csam.oidc.claims import context_classes
from csam.oidc.config import Provider
from csam.oidc.metadata import Metadata, kept_metadata


def _derived(secret: str, label: str) -> str:
    """Return 256 bits that only the browser's ticket gives, different for each label; nothing of it need be stored."""
    code = hmac.new(secret.encode("utf-8"), f"csam.oidc {label}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(code).rstrip(b"=").decode("ascii")


def state_of(secret: str) -> str:
    """Return what the provider gives back with its answer: it belongs to this browser."""
    return _derived(secret, "state")


def nonce_of(secret: str) -> str:
    """Return what the ID token has to hold: it was made for this attempt."""
    return _derived(secret, "nonce")


def verifier_of(secret: str) -> str:
    """Return what shows the provider that the code comes back from where it went (RFC 7636)."""
    return _derived(secret, "verifier")


def return_address() -> str:
    """Return the address to which the provider sends the browser back; it is registered there to the letter."""
    return f"{settings.PORTAL_BASE_URL}{reverse('csam:oidc_return')}"


def authorisation_address(
    provider: Provider, metadata: Metadata, ticket: LoginTicket, secret: str, *, language: str
) -> str:
    """Return the provider's page for this attempt."""
    asks_anew = {"prompt": "login", "max_age": "0"} if ticket.purpose == LoginTicket.Purpose.FRESH else {}
    with OAuth2Session(
        provider.client_id,
        scope=provider.scopes,
        redirect_uri=return_address(),
        code_challenge_method="S256",
    ) as session:
        address, _state = session.create_authorization_url(
            metadata.authorization_endpoint,
            state=state_of(secret),
            code_verifier=verifier_of(secret),
            nonce=nonce_of(secret),
            acr_values=context_classes(ticket.minimum_level),
            ui_locales=language,
            **asks_anew,
        )
    return str(address)


def sign_out_address() -> str:
    """Return the provider's page on which one signs out there, too.

    Empty where there is no provider, it has no such page, or this process has not asked it yet: a page of the portal
    does not wait for that.
    """
    provider = settings.OIDC
    metadata = kept_metadata(provider) if provider is not None else None
    if provider is None or metadata is None or not metadata.end_session_endpoint:
        return ""
    query = urlencode(
        {
            "client_id": provider.client_id,
            "post_logout_redirect_uri": f"{settings.PORTAL_BASE_URL}{reverse('csam:logout')}",
        }
    )
    return f"{metadata.end_session_endpoint}{'&' if '?' in metadata.end_session_endpoint else '?'}{query}"
