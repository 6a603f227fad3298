"""Leaving for the provider and coming back. Without a provider in the settings neither page exists (404)."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from csam.cookies import read_ticket
from csam.keys import KeyName, find_key
from csam.models import LoginTicket
from csam.oidc.config import Provider
from csam.oidc.departure import authorisation_address
from csam.oidc.exchange import check_state, exchange
from csam.oidc.metadata import metadata_of
from csam.oidc.operations import claim_attempt, confirm_shown, refuse_attempt
from csam.oidc.refusals import SignInRefused, Why
from csam.oidc.wire import deadline
from csam.operations import find_attempt, is_confirmed
from csam.views.sign_in import sign_in_failed, still_going_on
from tenants.http import SeeOther

Page = Callable[[HttpRequest, Provider, LoginTicket, str], HttpResponse]


def for_attempt(*methods: str) -> Callable[[Page], Callable[[HttpRequest], HttpResponse]]:
    """Give a page the provider, the open attempt of this browser and its secret; refuse whoever has none.

    What the page refuses becomes the choice of keys with a sentence that says why, and an entry in the trail.
    """

    def decorate(page: Page) -> Callable[[HttpRequest], HttpResponse]:
        @wraps(page)
        def with_ticket(request: HttpRequest, provider: Provider) -> HttpResponse:
            secret = read_ticket(request)
            ticket = find_attempt(secret, now=timezone.now())
            if ticket is None and is_confirmed(secret):
                return SeeOther(reverse("csam:login_return"))  # the first of two answers has come through
            if ticket is None or ticket.key_name != KeyName.OIDC:
                if request.user.is_authenticated:  # the browser's Back button, after all went well
                    return redirect(settings.LOGIN_REDIRECT_URL)
                return sign_in_failed(request, Why.OVER.text, status=Why.OVER.status)
            try:
                return page(request, provider, ticket, secret)
            except SignInRefused as refused:
                refuse_attempt(ticket, refused, now=timezone.now())
                why = refused.why
                if refused.is_foreign:
                    return still_going_on(request, why.text, next_path=ticket.next_path, status=why.status)
                return sign_in_failed(request, why.text, next_path=ticket.next_path, status=why.status)

        @require_safe
        @wraps(page)
        def view(request: HttpRequest) -> HttpResponse:
            if settings.OIDC is None:
                raise Http404
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            return with_ticket(request, settings.OIDC)

        return login_not_required(view)

    return decorate


@for_attempt("GET", "HEAD")
def leave(request: HttpRequest, provider: Provider, ticket: LoginTicket, secret: str) -> HttpResponse:
    """Send the browser on by a page of our own.

    A redirect would be the answer to a form, and the policy `form-action 'self'` would have to name the provider.
    """
    metadata = metadata_of(provider, ends_at=deadline())
    key = find_key(KeyName.OIDC)
    address = authorisation_address(provider, metadata, ticket, secret, language=get_language() or "en")
    context = {"address": address, "name": key.title if key else "", "back": reverse("csam:login")}
    return render(request, "csam/oidc_leave.html", context)


@for_attempt("GET")
def come_back(request: HttpRequest, provider: Provider, ticket: LoginTicket, secret: str) -> HttpResponse:
    """Take the browser back. HEAD is no return: it must not use up the provider's code."""
    check_state(request.GET, secret)
    if not claim_attempt(ticket, now=timezone.now()):
        # The same answer once more, by an impatient reload: the first one is being exchanged. A link asks again.
        return render(request, "csam/oidc_underway.html")
    shown = exchange(request.GET, ticket, secret, provider)
    confirm_shown(ticket, shown, provider, now=timezone.now())
    return SeeOther(reverse("csam:login_return"))
