"""A new address for messages: type it, type the code that was sent there."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from csam.forms import MailCodeForm, NewAddressForm
from csam.models import AddressChange
from csam.operations.address import ask_address, confirm_address, pending_change, send_address_code_again
from csam.operations.outcome import Outcome
from csam.views.gate import shown_lately
from csam.views.sign_in import way_on, with_next
from csam.words import expired_code, wrong_code
from tenants.acting import Level
from tenants.days import too_many_attempts
from tenants.http import SeeOther, one_value
from tenants.middleware import acting_of
from tenants.paths import local_path

TOO_MANY = 429
METHODS = ["GET", "HEAD", "POST"]


def _next(request: HttpRequest) -> str:
    return local_path(one_value(request, "next") or request.GET.get("next"))


@require_http_methods(METHODS)
@shown_lately(Level.SUBSTANTIAL)
def change(request: HttpRequest) -> HttpResponse:
    """Ask for the new address; the code goes there."""
    acting, now = acting_of(request), timezone.now()
    one_value(request, "email")
    form = NewAddressForm(request.POST if request.method == "POST" else None, present=acting.person.email)
    status = 200
    if form.is_bound and form.is_valid():
        refused = ask_address(request.session, acting.person, form.cleaned_data["email"], acting=acting, now=now)
        if refused is None:
            return SeeOther(with_next(reverse("csam:address_code"), _next(request)))
        status = TOO_MANY
        form.add_error("email", too_many_attempts(refused.retry_at or now))
    return _address_page(request, form, status=status)


def _address_page(request: HttpRequest, form: NewAddressForm, *, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "email": acting_of(request).person.email,
        "next": _next(request),
        "back": reverse("csam:profile"),
        "nav": "profile",
    }
    return render(request, "csam/address.html", context, status=status)


@require_http_methods(METHODS)
@shown_lately(Level.SUBSTANTIAL)
def code(request: HttpRequest) -> HttpResponse:
    """Ask for the code; the right one makes the address the person's."""
    acting, now = acting_of(request), timezone.now()
    waiting = pending_change(request.session, acting.person)
    if waiting is None:
        return SeeOther(with_next(reverse("csam:address"), _next(request)))
    one_value(request, "code")
    form = MailCodeForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound and form.is_valid():
        outcome = confirm_address(waiting, form.cleaned_data["code"], acting=acting, now=now)
        if outcome.confirmed:
            text = _("We now write to you at %(address)s. We have told the old address.")
            if not acting.person.email:
                text = _("We now write to you at %(address)s.")
            messages.success(request, text % {"address": waiting.address})
            next_path = _next(request)
            way = way_on(request, request.user, next_path, now=now) if next_path else reverse("csam:profile")
            return SeeOther(way)
        if outcome.is_taken:
            taken = NewAddressForm({"email": waiting.address}, present="")
            taken.is_valid()
            taken.add_error("email", _("Somebody else already receives messages at this address"))
            return _address_page(request, taken)
        status, text = _words(outcome)
        form.add_error("code", text)
    return _code_page(request, waiting, form, status=status)


def _words(outcome: Outcome) -> tuple[int, str]:
    if outcome.retry_at is not None:
        return TOO_MANY, too_many_attempts(outcome.retry_at)
    if outcome.is_expired:
        return 200, expired_code()
    return 200, wrong_code(outcome.tries_left or 0)


@require_http_methods(METHODS)
@shown_lately(Level.SUBSTANTIAL)
def new_code(request: HttpRequest) -> HttpResponse:
    """Send a new code to the same address, by POST."""
    acting, now = acting_of(request), timezone.now()
    waiting = pending_change(request.session, acting.person)
    if request.method != "POST" or waiting is None:
        return SeeOther(with_next(reverse("csam:address_code"), _next(request)))
    refused = send_address_code_again(waiting, acting=acting, now=now)
    if refused is not None and refused.is_expired:  # nothing left to prolong: begin anew
        return SeeOther(with_next(reverse("csam:address"), _next(request)))
    if refused is not None:
        status, text = _words(refused)
        return _code_page(request, waiting, MailCodeForm(), error=text, status=status)
    messages.success(request, _("A new code has been sent."))
    return SeeOther(with_next(reverse("csam:address_code"), _next(request)))


def _code_page(
    request: HttpRequest, waiting: AddressChange, form: MailCodeForm, *, error: str = "", status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "address": waiting.address,
        "next": _next(request),
        "query": with_next("", _next(request)),
        "back": with_next(reverse("csam:address"), _next(request)),
        "nav": "profile",
    }
    if error:
        context["error_list"] = [("", error)]
    return render(request, "csam/address_code.html", context, status=status)
