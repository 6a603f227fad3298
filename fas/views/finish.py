"""The end of a sign-on: a code for the service."""

from datetime import datetime

from django.http import HttpRequest
from oauth2_provider.oauth2_backends import get_oauthlib_core

from csam.models import User
from csam.operations import SIGN_IN_KEY
from fas.language import stop_speaking
from fas.models import Client
from fas.operations.sign_ons import Shown, sign_on
from fas.requests import SignInRequest, forget
from fas.scopes import amr_of
from tenants.middleware import acting_of
from tenants.models import Organisation


def finish(
    request: HttpRequest, asked: SignInRequest, client: Client, organisation: Organisation | None, *, now: datetime
) -> str:
    """Sign the person on and return the service's address with a code in it. The request has had its answer."""
    acting, user = acting_of(request), request.user
    assert isinstance(user, User)  # noqa: S101 - acting_of has looked
    shown = Shown(
        level=acting.level,
        amr=tuple(amr_of(request.session.get(SIGN_IN_KEY, ""))),
        # A provider above that does not tell when; then it was before the session began, as far as we know.
        auth_time=acting.proved_at or acting.signed_in_at or now,
    )
    row = sign_on(request.session, user, client, organisation, shown, scopes=asked.scopes, now=now)
    credentials = {
        "client_id": client.client_id,
        "redirect_uri": asked.redirect_uri,
        "response_type": "code",
        "state": asked.state or None,
        "nonce": asked.nonce or None,
        "code_challenge": asked.code_challenge or None,
        "code_challenge_method": asked.code_challenge_method or None,
        "sign_on": row,
    }
    address, _headers, _body, _status = get_oauthlib_core().create_authorization_response(
        request=request, scopes=list(asked.scopes), credentials=credentials, allow=True
    )
    forget(request.session, asked.key)
    stop_speaking(request)
    return str(address)
