"""Where a service sends a browser to sign somebody out of the portal (OpenID Connect RP-Initiated Logout 1.0)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from csam.operations import sign_out
from fas.asking import LONGEST_STATE
from fas.keys import NotOurs, id_token_hint
from fas.models import Client, EndReason, SignOn
from fas.operations.sign_ons import SIGN_ONS, end_sign_ons
from fas.views.gate import for_provider
from fas.views.steps import leaving
from tenants.http import SeeOther, one_value

_PARAMETERS = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state")


class WrongRequest(Exception):
    """Nobody is signed out, nobody is sent anywhere: a page of ours says so."""


@dataclass(frozen=True)
class SignOutRequest:
    """Which client asks, about which of its sign-ons, and where the browser goes then; empty for a page of ours."""

    client: Client | None
    sign_on: SignOn | None
    address: str

    def is_about(self, request: HttpRequest) -> bool:
        """Say whether the token in it belongs to the person, and to the session, of this browser."""
        row = self.sign_on
        if row is None or not request.user.is_authenticated:
            return False
        return row.user_id == request.user.pk and row.browser == request.session.get(SIGN_ONS)


@csrf_exempt
@login_not_required
@for_provider
@require_http_methods(["GET", "HEAD", "POST"])
def end_session(request: HttpRequest) -> HttpResponse:
    """Sign out at once where the service shows a token of this very session; ask the person otherwise.

    A POST from the service's page brings no session along, so it is turned into the same request by GET. A POST with
    an `answer` is the one of our own page, with the token of a form.
    """
    if request.method == "POST":
        if "answer" in request.POST:
            return _answered(request)
        sent = [(name, values) for name, values in request.POST.lists() if name in _PARAMETERS]
        return SeeOther(f"{request.path}?{urlencode(sent, doseq=True)}")
    try:
        asked = read(request.GET)
    except WrongRequest:
        return render(request, "fas/sign_out_refused.html", status=400)
    if not request.user.is_authenticated or asked.is_about(request):
        if request.method == "HEAD":
            return HttpResponse()
        _sign_out(request, asked)
        return HttpResponseRedirect(asked.address) if asked.address else SeeOther(reverse("csam:logout"))
    return _page(request, asked)


@csrf_protect
def _answered(request: HttpRequest) -> HttpResponse:
    try:
        asked = read(request.POST)
    except WrongRequest:
        return render(request, "fas/sign_out_refused.html", status=400)
    if one_value(request, "answer") != "leave":
        return SeeOther("/")
    _sign_out(request, asked)
    if asked.address and asked.client is not None:
        return leaving(request, asked.client, asked.address)
    return SeeOther(reverse("csam:logout"))


def _page(request: HttpRequest, asked: SignOutRequest) -> HttpResponse:
    context: dict[str, Any] = {
        "client": asked.client,
        "sent": {name: request.GET[name] for name in _PARAMETERS if name in request.GET},
    }
    return render(request, "fas/sign_out.html", context)


def _sign_out(request: HttpRequest, asked: SignOutRequest) -> None:
    """End the session with all sign-ons through it, and the sign-on that the service named, wherever that began."""
    now = timezone.now()
    sign_out(request, now=now)
    if asked.sign_on is not None:
        rows = SignOn.objects.filter(pk=asked.sign_on.pk)
        end_sign_ons(rows, reason=EndReason.SIGNED_OUT, acting=asked.sign_on.user, now=now)


def read(sent: MultiValueDict[str, str]) -> SignOutRequest:
    """Return what is asked. Raises WrongRequest for a token that is not ours or of another client, and for an address
    that is not on the client's list to the letter.

    Without a client, which a token or `client_id` names, an address means nothing: nobody is sent there.
    """
    if any(len(values) > 1 or "\x00" in values[0] for name, values in sent.lists() if name in _PARAMETERS):
        raise WrongRequest
    hint, client_id = sent.get("id_token_hint", ""), sent.get("client_id", "")
    address, state = sent.get("post_logout_redirect_uri", ""), sent.get("state", "")
    row, client = _hinted(hint) if hint else (None, _client_of(client_id))
    if hint and client is not None and client_id not in ("", client.client_id):
        raise WrongRequest
    if client_id and client is None:
        raise WrongRequest
    # Whoever is switched off gets nobody sent back: one signs out, and stays here.
    if client is None or not client.is_enabled or not address:
        return SignOutRequest(client, row, "")
    if not client.post_logout_redirect_uri_allowed(address) or len(state) > LONGEST_STATE:
        raise WrongRequest
    if state:
        address += f"{'&' if '?' in address else '?'}{urlencode({'state': state})}"
    return SignOutRequest(client, row, address)


def _client_of(client_id: str) -> Client | None:
    return Client.objects.select_related("service").filter(client_id=client_id).first() if client_id else None


def _hinted(hint: str) -> tuple[SignOn | None, Client]:
    """Return the sign-on of an ID token of ours, which may have run out long ago, and its client. Raises WrongRequest.

    Of one so old that its sign-on is forgotten, the signature still says whose it was: nobody is signed out by it.
    """
    now = timezone.now()
    try:
        claims = id_token_hint(hint, now=now)
    except NotOurs:
        raise WrongRequest from None
    row = SignOn.objects.select_related("client__service", "user__person").filter(sid=claims["sid"]).first()
    if row is None:
        client = _client_of(claims["aud"])
        if client is None or claims["iat"] >= (now - timedelta(days=settings.SIGN_ON_DAYS)).timestamp():
            raise WrongRequest
        return None, client
    if (row.client.client_id, row.sub) != (claims["aud"], claims["sub"]):
        raise WrongRequest
    return row, row.client
