"""The pages of the pretend identity provider (SCREENS S2a, S2d)."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Page
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from csam.cookies import drop_ticket, read_ticket
from csam.idp.cards import PAGE_SIZE, CappedPaginator, Card, describe, find_cards
from csam.idp.forms import AddressForm, CodeForm
from csam.idp.operations import Outcome, check_code, check_pin, send_code
from csam.keys import KeyName
from csam.models import LoginTicket, MailCode
from csam.operations import find_attempt
from tenants.http import SeeOther, one_value
from tenants.models import RegisteredPerson

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
TicketView = Callable[Concatenate[HttpRequest, LoginTicket, P], HttpResponse]

MAX_SEARCH_WORDS = 100
TOO_MANY = 429


def for_attempt(key: KeyName) -> Callable[[TicketView[P]], View[P]]:
    """Give the view the open attempt of this browser with `key`; without one, say that it has ended."""

    def decorate(view: TicketView[P]) -> View[P]:
        @wraps(view)
        def with_ticket(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not settings.CSAM_MOCK:
                raise Http404
            ticket = find_attempt(read_ticket(request), now=timezone.now())
            if ticket is None or ticket.key_name != key:
                return render(request, "idp/ended.html", status=400)
            return view(request, ticket, *args, **kwargs)

        return login_not_required(with_ticket)

    return decorate


# --- S2a: the eID card ----------------------------------------------------------------------------------------------


@for_attempt(KeyName.EID)
@require_http_methods(["GET", "HEAD", "POST"])
def eid(request: HttpRequest, ticket: LoginTicket) -> HttpResponse:
    """S2a: choose the card to insert, and type its PIN."""
    if request.method != "POST":
        return _card_page(request, ticket)
    card_key, pin = one_value(request, "card"), one_value(request, "pin")
    card = RegisteredPerson.objects.filter(key=card_key).first() if card_key else None
    errors: dict[str, str] = {}
    if card is None:
        errors["card"] = _("Choose a person")
    if not pin:
        errors["pin"] = _("Fill in “PIN code”")
    status = 200
    if card is not None and pin:
        outcome = check_pin(ticket, card, pin[:100], now=timezone.now())
        if outcome.confirmed:
            return SeeOther(reverse("csam:login_return"))
        status, errors = _pin_errors(outcome)
    return _card_page(request, ticket, chosen=card_key, errors=errors, status=status)


@for_attempt(KeyName.EID)
@require_POST
def eid_search(request: HttpRequest, ticket: LoginTicket) -> HttpResponse:
    """Keep the words with the attempt, never in an address, and show the cards found."""
    ticket.search_words = one_value(request, "words").strip()[:MAX_SEARCH_WORDS]
    LoginTicket.objects.filter(pk=ticket.pk).update(search_words=ticket.search_words)
    return SeeOther(reverse("idp:eid") + "#cards")


def _pin_errors(outcome: Outcome) -> tuple[int, dict[str, str]]:
    """Return the status and the errors of a PIN that was not right."""
    if outcome.is_locked:
        text = _("This card is blocked. Choose another key, and ask the contact on the help page.")
        return TOO_MANY, {"card": text}
    if outcome.retry_at is not None:
        text = _("This card is blocked until %(time)s. Choose another key.") % {"time": _hour(outcome.retry_at)}
        return TOO_MANY, {"card": text}
    if outcome.is_expired:
        return 400, {"card": _("This sign-in attempt is no longer valid. Choose your key again")}
    return 200, {"pin": _wrong_code(outcome.tries_left or 0)}


def _card_page(
    request: HttpRequest,
    ticket: LoginTicket,
    *,
    chosen: str = "",
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    errors = errors or {}
    paginator = CappedPaginator(find_cards(ticket.search_words), PAGE_SIZE)
    number = request.GET.get("page", "")
    page: Page[RegisteredPerson] = paginator.get_page(number if number.isascii() and number.isdigit() else 1)
    cards = describe(list(page.object_list), day=timezone.localdate())
    links = {"card": f"#card-{cards[0].key}" if cards else "#words", "pin": "#pin"}
    context = {
        "cards": cards,
        "page": page,
        "page_query": "?" + urlencode({"page": page.number}) if page.number > 1 else "",
        "words": ticket.search_words,
        "chosen": chosen,
        "errors": errors,
        "error_list": [(links[field], text) for field, text in errors.items()],
    }
    return render(request, "idp/eid.html", context, status=status)


# --- S2d: the code by e-mail ----------------------------------------------------------------------------------------


@for_attempt(KeyName.EMAIL)
@require_http_methods(["GET", "HEAD", "POST"])
def email(request: HttpRequest, ticket: LoginTicket) -> HttpResponse:
    """S2d, first part: the address to which the code goes."""
    one_value(request, "address")
    form = AddressForm(request.POST if request.method == "POST" else None)
    retry_at = None
    if form.is_bound and form.is_valid():
        retry_at = send_code(ticket, form.cleaned_data["address"], now=timezone.now())
        if retry_at is None:
            return SeeOther(reverse("idp:email_code"))
        form.add_error("address", _too_many(retry_at))
    context = {"form": form, "cards": _cast() if settings.DEMO_INSTANCE else []}
    return render(request, "idp/email.html", context, status=TOO_MANY if retry_at else 200)


@for_attempt(KeyName.EMAIL)
@require_http_methods(["GET", "HEAD", "POST"])
def email_code(request: HttpRequest, ticket: LoginTicket) -> HttpResponse:
    """S2d, second part: the code itself."""
    row = MailCode.objects.filter(ticket=ticket).first()
    if row is None:
        return SeeOther(reverse("idp:email"))
    one_value(request, "code")
    form = CodeForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound and form.is_valid():
        outcome = check_code(ticket, form.cleaned_data["code"], now=timezone.now())
        if outcome.confirmed:
            return SeeOther(reverse("csam:login_return"))
        if outcome.retry_at is not None:
            status = TOO_MANY
            form.add_error("code", _too_many(outcome.retry_at))
        elif outcome.is_expired:
            form.add_error("code", _("This code is no longer valid. Ask for a new code"))
        else:
            form.add_error("code", _wrong_code(outcome.tries_left or 0))
    return _code_page(request, row, form, status=status)


@for_attempt(KeyName.EMAIL)
@require_http_methods(["GET", "HEAD", "POST"])
def email_new_code(request: HttpRequest, ticket: LoginTicket) -> HttpResponse:
    """Send a new code to the address of this attempt, by POST."""
    if request.method != "POST":
        return SeeOther(reverse("idp:email_code"))
    row = MailCode.objects.filter(ticket=ticket).first()
    if row is None:
        return SeeOther(reverse("idp:email"))
    retry_at = send_code(ticket, row.address, now=timezone.now())
    if retry_at is not None:
        return _code_page(request, row, CodeForm(), error=_too_many(retry_at), status=TOO_MANY)
    return SeeOther(reverse("idp:email_code"))


def _code_page(
    request: HttpRequest, row: MailCode, form: CodeForm, *, error: str = "", status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "address": row.address, "sent_at": row.sent_at}
    if error:
        context["error_list"] = [("", error)]
    return render(request, "idp/email_code.html", context, status=status)


def _cast() -> list[Card]:
    """Return the first cards that have an address, for the list beside the field."""
    entries = list(find_cards("").exclude(email="")[:PAGE_SIZE])
    return [card for card in describe(entries, day=timezone.localdate()) if card.email]


# --- Both -----------------------------------------------------------------------------------------------------------


@login_not_required
@require_POST
def cancel(request: HttpRequest) -> HttpResponse:
    """Go back to the portal's choice of keys; the attempt is forgotten, the page first asked for is not."""
    if not settings.CSAM_MOCK:
        raise Http404
    ticket = find_attempt(read_ticket(request), now=timezone.now())
    query = "?" + urlencode({"next": ticket.next_path}) if ticket is not None and ticket.next_path else ""
    response = SeeOther(reverse("csam:login") + query)
    if ticket is not None:
        ticket.delete()
    drop_ticket(response)
    return response


def _hour(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "TIME_FORMAT")


def _too_many(retry_at: datetime) -> str:
    return _("Too many attempts. Try again at %(time)s") % {"time": _hour(retry_at)}


def _wrong_code(tries_left: int) -> str:
    return ngettext(
        "The code is not correct. You have %(n)d attempt left",
        "The code is not correct. You have %(n)d attempts left",
        tries_left,
    ) % {"n": tries_left}
