"""Signing out: here, at the portal, and because the portal says so."""

import logging

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from rolemgmt.demo.services import visits
from rolemgmt.demo.services.config import config
from rolemgmt.demo.services.problems import Problem, Refused
from rolemgmt.demo.services.provider import OAuthError, provider_of
from rolemgmt.demo.services.sites import Site
from rolemgmt.demo.services.tokens import check_logout_token, signed_claims

log = logging.getLogger(__name__)

LOGOUT_KINDS = ("logout+jwt", "application/logout+jwt")


@require_POST
def sign_out(request: HttpRequest, site: Site) -> HttpResponse:
    """Sign out here first, then lead to the portal, which signs out there and sends the person back."""
    visit = visits.leave(request, site)
    if visit is None:
        return redirect(site.path("signed-out"))
    try:
        answer: HttpResponse = provider_of(site).logout_redirect(
            request,
            post_logout_redirect_uri=f"{config().address}{site.path('signed-out')}",
            id_token_hint=visit.id_token,
            client_id=provider_of(site).client_id,
            ui_locales=get_language() or "en",
        )
    except (Refused, RuntimeError):  # it does not answer, or has no such page: signed out here all the same
        return redirect(site.path("signed-out"))
    return answer


@require_safe
def signed_out(request: HttpRequest, site: Site) -> HttpResponse:
    """Say that the person is signed out; of the portal only when it sent them back from there just now."""
    at_portal = False
    if request.method == "GET" and "state" in request.GET:
        try:
            provider_of(site).validate_logout_response(request)
            at_portal = True
        except OAuthError:
            pass
    return render(request, "services/signed_out.html", {"site": site, "at_portal": at_portal})


@csrf_exempt  # the portal calls it, not a browser; the token's signature says who it is
@require_POST
def backchannel(request: HttpRequest, site: Site) -> HttpResponse:
    """End what a logout token names, at once (OpenID Connect Back-Channel Logout 1.0, 2.5 to 2.8)."""
    try:
        given = request.POST.getlist("logout_token")
        if len(given) != 1:
            raise Refused(Problem.UNTRUSTED, "logout_token_missing")
        provider = provider_of(site)
        _header, claims = signed_claims(given[0], provider.key_named, kinds=LOGOUT_KINDS)
        check_logout_token(claims, issuer=provider.issuer, client_id=provider.client_id)
        if not visits.is_first(site, claims["jti"]):
            raise Refused(Problem.UNTRUSTED, "logout_token_again")
    except Refused as refused:
        log.warning("%s: logout token refused: %s", site.slug, refused.reason)
        # Keys that cannot be fetched are no fault of the token: the portal should try again.
        status = 503 if refused.problem is Problem.UNREACHABLE else 400
        return JsonResponse({"error": "invalid_request", "error_description": refused.reason}, status=status)
    visits.end(site, claims["sid"], issued_at=claims["iat"])
    return HttpResponse(status=200)
