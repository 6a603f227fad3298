"""S2b: itsme in the browser that signs in: whose phone, the number to compare, and whether the phone has answered."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from csam.idp.operations import ask_phone, finish_phone
from csam.idp.views.attempt import METHODS, TOO_MANY, blocked_words, chosen_person, for_attempt, persons_page
from csam.keys import KeyName
from csam.models import LoginTicket, PhoneRequest
from csam.qr import qr_svg
from tenants.http import SeeOther
from tenants.models import RegisteredPerson

Answer = PhoneRequest.Answer


@for_attempt(KeyName.ITSME)
@require_http_methods(METHODS)
def itsme(request: HttpRequest, ticket: LoginTicket) -> HttpResponse:
    """Choose the person whose phone is asked."""
    if request.method != "POST":
        return persons_page(request, ticket, "idp/itsme.html", errors={})
    card = chosen_person(request)
    if card is None:
        return persons_page(request, ticket, "idp/itsme.html", errors={"card": _("Choose a person")})
    refused = ask_phone(ticket, card, now=timezone.now())
    if refused is not None:
        errors = {"card": blocked_words(refused)}
        return persons_page(request, ticket, "idp/itsme.html", errors=errors, status=TOO_MANY)
    return SeeOther(reverse("idp:itsme_waiting"))


@for_attempt(KeyName.ITSME)
@require_http_methods(METHODS)
def waiting(request: HttpRequest, ticket: LoginTicket, is_early: bool = False) -> HttpResponse:
    """Show the number to compare and the way to the phone. POST goes on once the phone has approved.

    `is_early`: the button was pressed before the phone had answered, and the page says so.
    """
    row = PhoneRequest.objects.filter(ticket=ticket).first()
    if row is None:
        return SeeOther(reverse("idp:itsme"))
    now = timezone.now()
    if request.method == "POST":
        if finish_phone(ticket, now=now):
            return SeeOther(reverse("csam:login_return"))
        if row.is_open(now):  # many press too early: a page of its own, to which Back leads without a question
            return SeeOther(reverse("idp:itsme_not_yet"))
    if row.answer and row.answer != Answer.APPROVED:
        return _ended(request, row)
    if not row.answer and now >= row.expires_at:
        return _ended(request, row)
    phone_url = reverse("idp:phone", args=[row.key])
    context: dict[str, Any] = {
        "request_row": row,
        "name": str(RegisteredPerson.objects.get(key=row.register_key)),
        "phone_url": phone_url,
        "qr": qr_svg(settings.PORTAL_BASE_URL + phone_url),
        "error_list": [("", _("Not confirmed yet. Confirm on the phone first, then press the button again"))]
        if is_early and not row.answer
        else None,
    }
    return render(request, "idp/itsme_waiting.html", context)


def _ended(request: HttpRequest, row: PhoneRequest) -> HttpResponse:
    """Say how the request ended without a yes, and how to go on."""
    return render(request, "idp/itsme_ended.html", {"answer": row.answer, "card": row.register_key})
