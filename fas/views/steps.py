"""The steps of a sign-on at a service: for whom one acts, what the service receives, and back to the service."""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from fas.flow import SILENT_ERRORS, Standing, Step, standing
from fas.models import Client
from fas.operations.consents import agree
from fas.organisations import concerns_organisations, is_a_choice
from fas.requests import SignInRequest, client_number_of, find, forget, keep, read_need
from fas.scopes import NUMBER, in_words
from fas.views.authorize import login_address
from fas.views.finish import finish
from fas.views.gate import for_provider
from tenants.acting import SELF, ActingContext
from tenants.http import SeeOther, one_value, require_safe
from tenants.middleware import acting_of
from tenants.requirements import Requirement, requires_by_address

View = Callable[..., HttpResponse]
ACCESS_DENIED = "access_denied"


def _requirement(key: str, need: str) -> Requirement:
    level, after = read_need(need) or (0, None)
    return Requirement(level, after=after, decline=reverse("fas:cancel", args=[key]), asks_organisation=True)


def for_step(view: View) -> View:
    """Give the page the request of this browser, its client, and what is still to be done; say so where it is over."""

    @requires_by_address(_requirement)
    @for_provider
    @wraps(view)
    def page(request: HttpRequest, key: str, need: str) -> HttpResponse:
        now = timezone.now()
        asked = find(request.session, key, now=now)
        client = _client_of(asked) if asked else None
        if asked is None or client is None or not set(asked.scopes) <= client.allowed_scopes:
            return _over(request, key)
        acting = acting_of(request)
        found = standing(asked, client, acting, request.user, request.session, now=now)  # type: ignore[arg-type]
        if found.step == Step.SIGN_IN:
            return SeeOther(login_address(asked))
        return view(request, asked, client, found)

    return page


def _client_of(asked: SignInRequest) -> Client | None:
    """Return the client to which this request may still be answered: switched on, its address still on its list."""
    client = Client.objects.select_related("service").filter(client_id=asked.client_id, is_enabled=True).first()
    return client if client is not None and client.redirect_uri_allowed(asked.redirect_uri) else None


def _over(request: HttpRequest, key: str) -> HttpResponse:
    """Say that this sign-in cannot go on, and lead to the service that its key names."""
    rows = Client.objects.select_related("service").filter(is_enabled=True)
    return render(request, "fas/over.html", {"client": rows.filter(pk=client_number_of(key)).first()}, status=404)


@require_safe
@for_step
def go_on(request: HttpRequest, asked: SignInRequest, client: Client, found: Standing) -> HttpResponse:
    """Lead to the next step; with none left, to the service."""
    match found.step:
        case Step.CHOOSE:
            return SeeOther(reverse("fas:choose", args=[asked.key, asked.need]))
        case Step.AGREE:
            return SeeOther(reverse("fas:agree", args=[asked.key, asked.need]))
        case Step.OTHER_PERSON:
            forget(request.session, asked.key)
            return leaving(request, client, asked.answer(error=SILENT_ERRORS[found.step]))
    if request.method == "HEAD":
        return HttpResponse()
    address = finish(request, asked, client, found.organisation, now=timezone.now())
    return leaving(request, client, address)


@for_step
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest, asked: SignInRequest, client: Client, found: Standing) -> HttpResponse:
    """Ask for which organisation the person acts at the service."""
    errors = None
    if request.method == "POST":
        chosen = one_value(request, "organisation")
        if is_a_choice(list(found.choices), chosen):
            keep(request.session, asked.chose(chosen))
            return SeeOther(asked.path)
        first = found.choices[0].organisation.key if found.choices else SELF
        errors = [(f"#organisation-{first}", _("Choose an organisation"))]
    acting: ActingContext = acting_of(request)
    place = acting.organisation if acting.has_chosen else None
    context = {
        "client": client,
        "on_the_way": True,
        "choices": found.choices,
        "self": SELF,
        "chosen": asked.chosen or (place.key if place else "" if found.choices else SELF),
        "cancel": reverse("fas:cancel", args=[asked.key]),
        "error_list": errors,
    }
    return render(request, "fas/choose.html", context)


@for_step
@require_http_methods(["GET", "HEAD", "POST"])
def agree_page(request: HttpRequest, asked: SignInRequest, client: Client, found: Standing) -> HttpResponse:
    """Ask, the first time, whether the service may receive what it asks."""
    if found.step == Step.CHOOSE:
        return SeeOther(asked.path)
    if request.method == "POST":
        if one_value(request, "action") == "refuse":
            forget(request.session, asked.key)
            return leaving(request, client, asked.answer(error=ACCESS_DENIED))
        agree(request.user, client, asked.scopes, acting=acting_of(request), now=timezone.now())  # type: ignore[arg-type]
        keep(request.session, replace(asked, asks_consent=False))
        return SeeOther(asked.path)
    can_change = asked.asks_choice or len(found.choices) > 1
    context = {
        "client": client,
        "on_the_way": True,
        "receives": in_words(asked.scopes),
        "receives_number": NUMBER in asked.scopes,
        "concerns_organisations": concerns_organisations(asked.scopes),
        "organisation": found.organisation,
        "change": reverse("fas:choose", args=[asked.key, asked.need]) if can_change else "",
    }
    return render(request, "fas/agree.html", context)


@login_not_required
@for_provider
@require_safe
def cancel(request: HttpRequest, key: str) -> HttpResponse:
    """Go back to the service without signing in there."""
    asked = find(request.session, key, now=timezone.now())
    if asked is None or _client_of(asked) is None:
        return _over(request, key)
    if request.method == "GET":
        forget(request.session, key)
    return HttpResponseRedirect(asked.answer(error=ACCESS_DENIED))


def leaving(request: HttpRequest, client: Client, address: str) -> HttpResponse:
    """Show for a moment where the browser is going.

    Not a redirect: browsers follow none out of the portal after a form was sent (form-action of our policy), and the
    page before this one was a form.
    """
    context: dict[str, Any] = {"client": client, "address": address, "on_the_way": True}
    return render(request, "fas/leaving.html", context)
