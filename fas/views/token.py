"""Where a service gives a code for tokens, and takes a token back (RFC 6749, 3.2; RFC 7009)."""

import json
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from oauth2_provider.oauth2_backends import get_oauthlib_core

from fas.views.client_secrets import CHALLENGE, counts_wrong_secrets
from fas.views.gate import for_services


@for_services("POST")
@counts_wrong_secrets
def access_token(request: HttpRequest) -> HttpResponse:
    """Give tokens for a code, or for look-ups to the client itself."""
    # One transaction whatever the answer: a code that came twice takes back what it gave, and is refused.
    with transaction.atomic():
        _address, headers, body, status = get_oauthlib_core().create_token_response(request)
    return _answer(headers, body, status)


@for_services("POST")
@counts_wrong_secrets
def revoke(request: HttpRequest) -> HttpResponse:
    """Take back an access token of the client that asks. Whether there was one is not said."""
    _address, headers, body, status = get_oauthlib_core().create_revocation_response(request)
    return _answer(headers, body, status)


def _answer(headers: dict[str, Any], body: str, status: int) -> HttpResponse:
    answer = HttpResponse(body or "", status=status, content_type="application/json;charset=UTF-8")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Pragma"] = "no-cache"
    if status == 401 or (body and json.loads(body).get("error") == "invalid_client"):
        answer.status_code = 401
        answer.headers["WWW-Authenticate"] = CHALLENGE
    return answer
