"""What services read before they begin: the provider's own description, and its keys."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse

from fas.keys import ALGORITHM, key_set
from fas.scopes import ALL_SCOPES, SCOPES, acr_of
from fas.views.gate import for_services
from tenants.acting import Level

_TOKEN_CLAIMS = ("sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "at_hash", "jti")


def description() -> dict[str, Any]:
    """Return the provider's metadata (OpenID Connect Discovery 1.0, 3; RFC 8414)."""

    def address(name: str) -> str:
        return f"{settings.PORTAL_BASE_URL}{reverse(f'fas:{name}')}"

    by_secret = ["client_secret_basic", "client_secret_post"]
    claims = dict.fromkeys((*_TOKEN_CLAIMS, *(claim for scope in SCOPES.values() for claim in scope.claims)))
    return {
        "issuer": settings.FAS_ISSUER,
        "authorization_endpoint": address("authorize"),
        "token_endpoint": address("access_token"),
        "userinfo_endpoint": address("userinfo"),
        "introspection_endpoint": address("introspect"),
        "revocation_endpoint": address("revoke"),
        "end_session_endpoint": address("end_session"),
        "jwks_uri": address("jwk_uri"),
        "scopes_supported": list(ALL_SCOPES),
        "claims_supported": list(claims),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "client_credentials"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "userinfo_signing_alg_values_supported": [ALGORITHM],
        "token_endpoint_auth_methods_supported": by_secret,
        "introspection_endpoint_auth_methods_supported": by_secret,
        "revocation_endpoint_auth_methods_supported": by_secret,
        "code_challenge_methods_supported": ["S256"],
        # A client may be registered without PKCE where it cannot use it; all others must.
        "pkce_required": True,
        "pkce_exceptions_per_client": True,
        "acr_values_supported": [acr_of(level) for level in Level],
        "ui_locales_supported": [code for code, _name in settings.LANGUAGES],
        "claim_types_supported": ["normal"],
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "require_request_uri_registration": False,
        "authorization_response_iss_parameter_supported": True,
    }


@for_services("GET", "HEAD")
def discovery(request: HttpRequest) -> HttpResponse:
    """Return the metadata."""
    return JsonResponse(description())


@for_services("GET", "HEAD")
def jwk_uri(request: HttpRequest) -> HttpResponse:
    """Return the public keys, that which signs first."""
    return JsonResponse(key_set(), content_type="application/jwk-set+json")
