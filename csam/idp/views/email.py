"""S2d: the code by e-mail."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from csam.forms import MailCodeForm
from csam.idp.cards import PAGE_SIZE, Card, describe, find_cards
from csam.idp.forms import AddressForm
from csam.idp.operations import check_code, send_code
from csam.idp.views.attempt import METHODS, TOO_MANY, for_attempt
from csam.keys import KeyName
from csam.models import LoginTicket, MailCode
from csam.words import expired_code, wrong_code
from tenants.days import too_many_attempts
from tenants.http import SeeOther, one_value


@for_attempt(KeyName.EMAIL)
@require_http_methods(METHODS)
def email(request: HttpRequest, ticket: LoginTicket) -> HttpResponse:
    """S2d, first part: the address to which the code goes."""
    one_value(request, "address")
    form = AddressForm(request.POST if request.method == "POST" else None)
    retry_at = None
    if form.is_bound and form.is_valid():
        retry_at = send_code(ticket, form.cleaned_data["address"], now=timezone.now())
        if retry_at is None:
            return SeeOther(reverse("idp:email_code"))
        form.add_error("address", too_many_attempts(retry_at))
    context = {"form": form, "cards": _cast() if settings.DEMO_INSTANCE else []}
    return render(request, "idp/email.html", context, status=TOO_MANY if retry_at else 200)


@for_attempt(KeyName.EMAIL)
@require_http_methods(METHODS)
def email_code(request: HttpRequest, ticket: LoginTicket) -> HttpResponse:
    """S2d, second part: the code itself."""
    row = MailCode.objects.filter(ticket=ticket).first()
    if row is None:
        return SeeOther(reverse("idp:email"))
    one_value(request, "code")
    form = MailCodeForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound and form.is_valid():
        outcome = check_code(ticket, form.cleaned_data["code"], now=timezone.now())
        if outcome.confirmed:
            return SeeOther(reverse("csam:login_return"))
        if outcome.retry_at is not None:
            status = TOO_MANY
            form.add_error("code", too_many_attempts(outcome.retry_at))
        elif outcome.is_expired:
            form.add_error("code", expired_code())
        else:
            form.add_error("code", wrong_code(outcome.tries_left or 0))
    return _code_page(request, row, form, status=status)


@for_attempt(KeyName.EMAIL)
@require_http_methods(METHODS)
def email_new_code(request: HttpRequest, ticket: LoginTicket) -> HttpResponse:
    """Send a new code to the address of this attempt, by POST."""
    if request.method != "POST":
        return SeeOther(reverse("idp:email_code"))
    row = MailCode.objects.filter(ticket=ticket).first()
    if row is None:
        return SeeOther(reverse("idp:email"))
    retry_at = send_code(ticket, row.address, now=timezone.now())
    if retry_at is not None:
        return _code_page(request, row, MailCodeForm(), error=too_many_attempts(retry_at), status=TOO_MANY)
    return SeeOther(reverse("idp:email_code"))


def _code_page(
    request: HttpRequest, row: MailCode, form: MailCodeForm, *, error: str = "", status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "address": row.address, "sent_at": row.sent_at}
    if error:
        context["error_list"] = [("", error)]
    return render(request, "idp/email_code.html", context, status=status)


def _cast() -> list[Card]:
    """Return the first cards that have an address, for the list beside the field."""
    entries = list(find_cards("").exclude(email="")[:PAGE_SIZE])
    return [card for card in describe(entries, day=timezone.localdate()) if card.email]
