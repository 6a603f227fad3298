"""Who is signed in, and with which roles now: a signed answer, as FAS gives it (OpenID Connect Core, 5.3)."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from oauth2_provider.oauth2_backends import get_oauthlib_core
from oauthlib.common import Request

from fas.claims import as_written_for, personal_claims
from fas.keys import sign
from fas.models import AccessToken, Client
from fas.operations.codes import find_access_token, is_good
from fas.operations.lost_roles import note_told
from fas.operations.sign_ons import note_number_given
from fas.scopes import OPENID
from fas.views.client_secrets import CHALLENGE, counts_wrong_secrets
from fas.views.gate import error_answer, for_services

BEARER = 'Bearer realm="fas"'


@for_services("GET", "HEAD", "POST")
def userinfo(request: HttpRequest) -> HttpResponse:
    """Return the claims that the token's scopes bring, computed now, signed for the client they are for."""
    has_header, has_field = "Authorization" in request.headers, "access_token" in request.POST
    if has_header and has_field:
        return error_answer("invalid_request", "The access token came in two ways.")
    if not has_header and not has_field:
        return error_answer("invalid_token", status=401, challenge=BEARER)
    valid, asked = get_oauthlib_core().verify_request(request, scopes=[OPENID])
    if not valid:
        error = (getattr(asked, "oauth2_error", None) or {}).get("error", "invalid_token")
        status = 403 if error == "insufficient_scope" else 401
        return error_answer(error, status=status, challenge=f'{BEARER}, error="{error}"')
    token: AccessToken = asked.access_token
    sign_on, client, now = token.sign_on, token.application, timezone.now()
    if sign_on is None or client is None:  # a token of the client alone is about nobody
        return error_answer("insufficient_scope", status=403, challenge=f'{BEARER}, error="insufficient_scope"')
    claims = personal_claims(sign_on, token.scope.split(), now=now)
    if "egovNRN" in claims and sign_on.number_given_at is None:
        note_number_given(sign_on, now=now)
    note_told(sign_on, claims.get("roles", []))
    moment = int(now.timestamp())
    own = {"iss": settings.FAS_ISSUER, "aud": client.client_id, "sub": sign_on.sub, "iat": moment}
    answer = HttpResponse(sign({**as_written_for(client, claims), **own}), content_type="application/jwt")
    answer.headers["Cache-Control"] = "no-store"
    return answer


@for_services("POST")
@counts_wrong_secrets
def introspect(request: HttpRequest) -> HttpResponse:
    """Say whether an access token counts now (RFC 7662). Of another client's token it says no, as of none at all."""
    client = authenticated_client(request)
    if client is None:
        return error_answer("invalid_client", status=401, challenge=CHALLENGE)
    text = request.POST.get("token")
    if not text:
        return error_answer("invalid_request", "The parameter token is missing.")
    token = find_access_token(text)
    if token is None or token.application != client or not is_good(token, now=timezone.now()):
        return JsonResponse({"active": False})
    told = {
        "active": True,
        "iss": settings.FAS_ISSUER,
        "client_id": client.client_id,
        "aud": client.client_id,
        "scope": token.scope,
        "token_type": "Bearer",
        "iat": int(token.created.timestamp()),
        "exp": int(token.expires.timestamp()),
    }
    if token.sign_on is not None:
        told |= {"sub": token.sign_on.sub, "acr": token.sign_on.acr, "sid": token.sign_on.sid}
    return JsonResponse(told)


def authenticated_client(request: HttpRequest) -> Client | None:
    """Return the client that showed its secret, None where it did not, or is switched off."""
    core = get_oauthlib_core()
    address, method, body, headers = core._extract_params(request)
    asked = Request(address, method, body, headers)
    return asked.client if core.server.request_validator.authenticate_client(asked) else None
