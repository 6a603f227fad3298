"""What the protocol asks of our data. The order of the questions is oauthlib's; the answers to them are here.

Errors that are raised here become the answers of the protocol.
"""

from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.oauth2.rfc6749 import errors, utils
from oauthlib.oauth2.rfc6749.grant_types.authorization_code import code_challenge_method_s256

from fas.keys import sign
from fas.models import Client, Grant, IDToken
from fas.operations.codes import (
    TOKEN_LIVES,
    find_access_token,
    find_code,
    give_access_token,
    give_code,
    is_good,
    revoke_token,
    use_code,
)
from fas.scopes import OPENID, SCOPES, SERVICE_SCOPES

_BY_ITSELF = "client_credentials"


def _fits(verifier: str | None, challenge: str) -> bool:
    """Say whether a verifier belongs to the challenge of a code. One that is missing is told as that, later."""
    if not challenge:
        return not verifier
    return verifier is None or code_challenge_method_s256(verifier, challenge)


class Validator(OAuth2Validator):
    """Codes hashed and kept after use, tokens of a sign-on, PKCE and scopes per client, no refresh tokens."""

    # --- Which client it is -----------------------------------------------------------------------------------------

    def _load_application(self, client_id: str | None, request: Any) -> Client | None:
        """Find the client; no name of one holds what PostgreSQL refuses to look for."""
        if not client_id or "\x00" in client_id:
            return None
        found: Client | None = super()._load_application(client_id, request)
        return found

    # --- What a client asks -----------------------------------------------------------------------------------------

    def validate_response_type(self, client_id: str, response_type: str, client: Client, request: Any, *a: Any) -> bool:
        """Take codes only; anything else does not exist, rather than not for this client."""
        if response_type != "code":
            raise errors.UnsupportedResponseTypeError(request=request)
        return client.allows_grant_type(client.GRANT_AUTHORIZATION_CODE)

    def is_pkce_required(self, client_id: str, request: Any) -> bool:
        """Say what the client's row says."""
        return bool(request.client.requires_pkce)

    def get_default_redirect_uri(self, client_id: str, request: Any, *args: Any, **kwargs: Any) -> str:
        """Refuse: an address is always said, in both requests (OpenID Connect Core, 3.1.2.1)."""
        raise errors.MissingRedirectURIError(request=request)

    def validate_scopes(self, client_id: str, scopes: Any, client: Client, request: Any, *args: Any) -> bool:
        """Leave out what no provider of this kind knows (Core, 3.1.2.1); refuse what this client may not ask."""
        known = SERVICE_SCOPES if request.grant_type == _BY_ITSELF else SCOPES
        request.scopes = [scope for scope in dict.fromkeys(scopes) if scope in known]
        if request.grant_type != _BY_ITSELF and OPENID not in request.scopes:
            return False
        return bool(request.scopes) and set(request.scopes) <= client.allowed_scopes

    def get_default_scopes(self, client_id: str, request: Any, *args: Any, **kwargs: Any) -> list[str]:
        """Return what a request without scopes asks: a client by itself, all it may; for a person it has to say."""
        if request.grant_type != _BY_ITSELF:
            return []
        return [scope for scope in SERVICE_SCOPES if scope in request.client.allowed_scopes]

    def validate_silent_login(self, request: Any) -> bool:
        """Leave it to the page of the sign-on, which knows the session."""
        return True

    def validate_silent_authorization(self, request: Any) -> bool:
        """Leave it to the page of the sign-on."""
        return True

    # --- Codes ------------------------------------------------------------------------------------------------------

    def _create_authorization_code(self, request: Any, code: dict[str, str], expires: Any = None) -> Grant:
        return give_code(
            code["code"],
            request.sign_on,
            now=timezone.now(),
            redirect_uri=request.redirect_uri,
            scope=" ".join(request.scopes),
            code_challenge=request.code_challenge or "",
            code_challenge_method=request.code_challenge_method or "",
            nonce=request.nonce or "",
        )

    def validate_code(self, client_id: str, code: str, client: Client, request: Any, *args: Any, **kwargs: Any) -> bool:
        """Find the code, for this client and now. A verifier that does not fit spends it: nobody tries on."""
        grant = find_code(code, client, now=timezone.now())
        if grant is None:
            return False
        if not _fits(request.code_verifier, grant.code_challenge):
            use_code(grant, now=timezone.now())
            return False
        request.grant, request.user, request.scopes = grant, grant.user, utils.scope_to_list(grant.scope)
        request.nonce = grant.nonce or None
        return True

    def get_code_challenge(self, code: str, request: Any) -> str | None:
        """Return the challenge of the code."""
        return request.grant.code_challenge or None

    def get_code_challenge_method(self, code: str, request: Any) -> str | None:
        """Return how the challenge was made."""
        return request.grant.code_challenge_method or None

    def confirm_redirect_uri(self, client_id: str, code: str, redirect_uri: str, client: Client, request: Any) -> bool:
        """Refuse another address than the code was sent to, as a code that does not fit (RFC 6749, 5.2); spend it."""
        if redirect_uri != request.grant.redirect_uri:
            use_code(request.grant, now=timezone.now())
            raise errors.InvalidGrantError(request=request)
        return True

    def invalidate_authorization_code(self, client_id: str, code: str, request: Any, *args: Any, **kwargs: Any) -> None:
        """Use the code up. Nobody else can have: it is locked."""
        if not use_code(request.grant, now=timezone.now()):
            raise errors.InvalidGrantError(request=request)

    def get_authorization_code_nonce(self, client_id: str, code: str, redirect_uri: str, request: Any) -> str | None:
        """Return the nonce of the code."""
        return request.grant.nonce or None

    def get_authorization_code_scopes(self, client_id: str, code: str, redirect_uri: str, request: Any) -> list[str]:
        """Return the scopes of the code."""
        return list(request.scopes or [])

    # --- Tokens -----------------------------------------------------------------------------------------------------

    def save_bearer_token(self, token: dict[str, Any], request: Any, *args: Any, **kwargs: Any) -> None:
        """Store the access token with the sign-on it comes from."""
        with transaction.atomic():
            give_access_token(
                token["access_token"],
                request.client,
                scope=token["scope"],
                now=timezone.now(),
                grant=getattr(request, "grant", None),
                id_token=getattr(request, "id_token", None),
            )

    def finalize_id_token(self, id_token: dict[str, Any], token: Any, token_handler: Any, request: Any) -> str:
        """Complete and sign the ID token; oauthlib has put in `aud`, `iat`, `nonce` and `at_hash`."""
        sign_on, now, number = request.grant.sign_on, timezone.now(), uuid4()
        claims = {
            **id_token,
            "iss": settings.FAS_ISSUER,
            "sub": sign_on.sub,
            "exp": int((now + TOKEN_LIVES).timestamp()),
            "auth_time": int(sign_on.auth_time.timestamp()),
            "acr": sign_on.acr,
            "amr": sign_on.amr,
            "sid": sign_on.sid,
            "jti": str(number),
        }
        request.id_token = self._keep_id_token(number, request, now)
        return sign(claims)

    def _keep_id_token(self, number: UUID, request: Any, now: Any) -> IDToken:
        return IDToken.objects.create(
            jti=number,
            sign_on=request.grant.sign_on,
            user=request.user,
            application=request.client,
            scope=" ".join(request.scopes),
            expires=now + TOKEN_LIVES,
        )

    def validate_bearer_token(self, token: str | None, scopes: Any, request: Any) -> bool:
        """Say whether a token opens what asks for these scopes, and put it into the request."""
        found = find_access_token(token) if token else None
        if found is None or not is_good(found, now=timezone.now()):
            request.oauth2_error = {"error": "invalid_token"}
            return False
        if not found.allow_scopes(scopes):
            request.oauth2_error = {"error": "insufficient_scope"}
            return False
        request.client, request.access_token = found.application, found
        request.user = found.sign_on.user if found.sign_on else None
        request.scopes = found.scope.split()
        return True

    def revoke_token(self, token: str, token_type_hint: str, request: Any, *args: Any, **kwargs: Any) -> None:
        """Delete a token of the client that asks."""
        revoke_token(token, request.client, now=timezone.now())
