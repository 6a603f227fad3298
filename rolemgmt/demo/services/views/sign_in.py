"""Signing in with the federal service, and asking it again."""

import time

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST
from requests import RequestException

from rolemgmt.demo.services import visits
from rolemgmt.demo.services.config import config
from rolemgmt.demo.services.middleware import SESSION_LANGUAGE
from rolemgmt.demo.services.problems import Problem, Refused
from rolemgmt.demo.services.provider import OAuthError, TokenEnded, provider_of
from rolemgmt.demo.services.sites import Site
from rolemgmt.demo.services.tokens import Claims
from rolemgmt.demo.services.views.errors import show, show_refusal
from rolemgmt.demo.services.visits import Visit, entries_of, level_of, masked

# What the provider says in place of a code (RFC 6749, 4.1.2.1; OpenID Connect Core 1.0, 3.1.2.6).
_ERRORS = {
    "access_denied": Problem.CANCELLED,
    "login_required": Problem.ENDED,
    "unmet_authentication_requirements": Problem.TOO_LOW,
    "temporarily_unavailable": Problem.UNREACHABLE,
    "server_error": Problem.UNREACHABLE,
}
# Asked without showing a page; the person has to see one after all.
_NEEDS_A_PAGE = {"interaction_required", "account_selection_required", "consent_required"}

_LEVELS = (500, 450, 400, 300)


@require_POST
def leave(request: HttpRequest, site: Site) -> HttpResponse:
    """Lead to the federal service. `other` is pressed by whoever wants to come for another organisation."""
    return _depart(request, site, prompt="select_account" if "other" in request.POST else "")


@require_GET
def after_request(request: HttpRequest, site: Site) -> HttpResponse:
    """Take back whom the portal sends here after a request for a role: sign in anew, for what is true now.

    Whoever still has a session there sees no page in between.
    """
    visits.leave(request, site)
    return _depart(request, site)


@require_GET
def come_back(request: HttpRequest, site: Site) -> HttpResponse:
    """Take the answer of the federal service. HEAD is no return: it must not use up the code."""
    try:
        _check_answer(request, site)
        error = request.GET.get("error")
        if error in _NEEDS_A_PAGE and request.session.pop("silent", None):
            return _depart(request, site)
        if error:
            return _not_signed_in(request, site, error)
        visit = _visit_of(request, site)
    except Refused as refused:
        return show_refusal(request, site, refused)
    former = visits.leave(request, site)
    if former is not None:
        visit.said = _difference(former.userinfo, visit.userinfo) if request.session.pop("silent", None) else ""
    if not visits.begin(request, site, visit):
        return show(request, site, Problem.ENDED)
    return redirect(site.path())


@require_POST
def check(request: HttpRequest, site: Site) -> HttpResponse:
    """Ask the portal anew what this person may do. Where its word is too old for that, sign in without a page."""
    visit = visits.current(request, site)
    if visit is None:
        return redirect(site.path())
    try:
        told = provider_of(site).signed_userinfo(visit.access_token, subject=visit.subject)
    except TokenEnded:
        return _depart(request, site, prompt="none", hint=visit.id_token)
    except Refused as refused:
        return show_refusal(request, site, refused)
    former, visit.userinfo = visit.userinfo, masked(told)
    visit.checked_at, visit.said = time.time(), _difference(former, visit.userinfo)
    visits.update(visit)
    return redirect(f"{site.path()}#checked")


def _depart(request: HttpRequest, site: Site, *, prompt: str = "", hint: str = "") -> HttpResponse:
    """Lead to the provider's page; what has to come back with the answer stays here, in the session."""
    extra = {"prompt": prompt} if prompt else {}
    # The way there, the portal's pages and the way back speak one language.
    request.session[SESSION_LANGUAGE] = language = get_language() or "en"
    if hint:
        extra["id_token_hint"] = hint
    if prompt == "none":
        request.session["silent"] = True
    else:
        request.session.pop("silent", None)
    try:
        answer: HttpResponse = provider_of(site).authorize_redirect(
            request,
            _return_address(site),
            acr_values=" ".join(f"urn:be:fedict:iam:fas:Level{level}" for level in _LEVELS if level >= site.level),
            ui_locales=language,
            **extra,
        )
    except Refused as refused:
        return show_refusal(request, site, refused)
    return answer


def _return_address(site: Site) -> str:
    return f"{config().address}{site.path('callback')}"


def _check_answer(request: HttpRequest, site: Site) -> None:
    """Refuse an answer that this browser did not ask for, comes twice, or is of somebody else (RFC 9207)."""
    if any(len(values) > 1 for _name, values in request.GET.lists()):
        raise Refused(Problem.FORGED, "parameter_twice")
    provider = provider_of(site)
    if not provider.framework.get_state_data(request.session, request.GET.get("state", "")):
        raise Refused(Problem.FORGED, "state")
    names_itself = provider.load_server_metadata().get("authorization_response_iss_parameter_supported") is True
    issuer = request.GET.get("iss")
    if (issuer is None and names_itself) or issuer not in (None, config().issuer):
        raise Refused(Problem.UNTRUSTED, "return_iss")


def _not_signed_in(request: HttpRequest, site: Site, error: str) -> HttpResponse:
    provider_of(site).framework.clear_state_data(request.session, request.GET["state"])
    request.session.pop("silent", None)
    problem = _ERRORS.get(error, Problem.NOT_DONE)
    if problem is Problem.ENDED and visits.leave(request, site) is None:
        problem = Problem.NOT_DONE  # nobody was signed in who could have been signed out
    return show(request, site, problem)


def _visit_of(request: HttpRequest, site: Site) -> Visit:
    """Turn the answer into who it is: code, ID token, level, userinfo. Raises Refused at the first thing not right."""
    provider = provider_of(site)
    try:
        token = provider.authorize_access_token(request, allow_redirects=False)
    except OAuthError as error:
        if error.error == "invalid_grant":
            raise Refused(Problem.FORGED, "invalid_grant") from None
        raise Refused(Problem.UNTRUSTED, "token_refused") from None
    except RequestException:
        raise Refused(Problem.UNREACHABLE, "token_down") from None
    except (ValueError, TypeError, KeyError):
        raise Refused(Problem.UNTRUSTED, "token_format") from None
    told: Claims | None = token.get("userinfo")  # Authlib's name for the claims of the ID token
    if not told or not isinstance(token.get("access_token"), str):
        raise Refused(Problem.UNTRUSTED, "id_token_missing")
    if level_of(told.get("acr")) < site.level:
        raise Refused(Problem.TOO_LOW, "level_too_low")
    if not isinstance(told.get("sid"), str) or not told["sid"]:
        raise Refused(Problem.UNTRUSTED, "id_token_sid")
    try:
        userinfo = provider.signed_userinfo(token["access_token"], subject=told["sub"])
    except TokenEnded:
        raise Refused(Problem.UNTRUSTED, "userinfo_refused") from None
    return Visit(
        site=site.slug,
        sid=told["sid"],
        subject=told["sub"],
        id_token=token["id_token"],
        access_token=token["access_token"],
        told=masked(told),
        userinfo=masked(userinfo),
    )


def _difference(former: Claims, now: Claims) -> str:
    return "same" if entries_of(former) == entries_of(now) else "changed"
