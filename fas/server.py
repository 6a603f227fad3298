"""The server of the protocol with the one way to sign in that is offered, and no refresh tokens."""

from typing import Any

from oauthlib.oauth2.rfc6749.endpoints import (
    AuthorizationEndpoint,
    ResourceEndpoint,
    RevocationEndpoint,
    TokenEndpoint,
)
from oauthlib.oauth2.rfc6749.grant_types import AuthorizationCodeGrant as PlainCodeGrant
from oauthlib.oauth2.rfc6749.grant_types import ClientCredentialsGrant
from oauthlib.oauth2.rfc6749.tokens import BearerToken
from oauthlib.openid.connect.core.grant_types import AuthorizationCodeGrant


class CodeServer(AuthorizationEndpoint, TokenEndpoint, ResourceEndpoint, RevocationEndpoint):
    """Authorization code with an ID token, and tokens without a person for look-ups. Nothing else is understood."""

    def __init__(self, request_validator: Any, token_expires_in: Any = None, *args: Any, **kwargs: Any) -> None:
        """Build the four endpoints around one validator."""
        code = AuthorizationCodeGrant(request_validator)
        # The OpenID grant hands over to a plain one, which decides whether a refresh token comes along.
        if isinstance(code.proxy_target, PlainCodeGrant):
            code.proxy_target.refresh_token = False
        bearer = BearerToken(request_validator, None, token_expires_in, None)
        AuthorizationEndpoint.__init__(
            self, default_response_type="code", response_types={"code": code}, default_token_type=bearer
        )
        TokenEndpoint.__init__(
            self,
            default_grant_type="authorization_code",
            grant_types={
                "authorization_code": code,
                "client_credentials": ClientCredentialsGrant(request_validator),
            },
            default_token_type=bearer,
        )
        ResourceEndpoint.__init__(self, default_token="Bearer", token_types={"Bearer": bearer})  # noqa: S106
        RevocationEndpoint.__init__(self, request_validator, supported_token_types=["access_token"])
