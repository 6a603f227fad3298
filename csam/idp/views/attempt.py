"""What the pages of all keys share: the attempt of this browser, the demo persons to choose from, the way back."""

from collections.abc import Callable
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
from django.utils.translation import gettext as _

from csam.cookies import drop_ticket, read_ticket
from csam.idp.cards import PAGE_SIZE, CappedPaginator, describe, find_cards
from csam.keys import KeyName
from csam.models import LoginTicket
from csam.operations import end_attempt, find_attempt
from csam.operations.outcome import Outcome
from tenants.days import hour
from tenants.http import SeeOther, one_value, require_POST
from tenants.models import RegisteredPerson
from vault.numbers import holds_national_number

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
TicketView = Callable[Concatenate[HttpRequest, LoginTicket, P], HttpResponse]

METHODS = ["GET", "HEAD", "POST"]
MAX_SEARCH_WORDS = 100
TOO_MANY = 429

# The keys whose first page is a choice of demo persons.
_WITH_PERSONS = (KeyName.EID, KeyName.ITSME, KeyName.APP)


def for_mock(view: View[P]) -> View[P]:
    """Let the page exist only where keys are pretended (404), for everybody."""

    @wraps(view)
    def page(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not settings.CSAM_MOCK:
            raise Http404
        return view(request, *args, **kwargs)

    return login_not_required(page)


def for_attempt(*keys: KeyName) -> Callable[[TicketView[P]], View[P]]:
    """Give the view the open attempt of this browser with one of `keys`; without one, say that it has ended."""

    def decorate(view: TicketView[P]) -> View[P]:
        @for_mock
        @wraps(view)
        def with_ticket(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            ticket = find_attempt(read_ticket(request), now=timezone.now())
            if ticket is None or ticket.key_name not in keys:
                return render(request, "idp/ended.html", status=400)
            return view(request, ticket, *args, **kwargs)

        return with_ticket

    return decorate


@for_attempt(*_WITH_PERSONS)
@require_POST
def search(request: HttpRequest, ticket: LoginTicket) -> HttpResponse:
    """Keep the words with the attempt, never in an address, and show the people found."""
    words = one_value(request, "words").strip()[:MAX_SEARCH_WORDS]
    # Somebody who types a number in place of a name finds nobody; the number is not kept.
    ticket.search_words = "" if holds_national_number(words) else words
    LoginTicket.objects.filter(pk=ticket.pk).update(search_words=ticket.search_words)
    return SeeOther(reverse(f"idp:{ticket.key_name}") + "#cards")


@for_mock
@require_POST
def cancel(request: HttpRequest) -> HttpResponse:
    """Go back to the portal's choice of keys; the attempt is forgotten, the page first asked for is not."""
    ticket = find_attempt(read_ticket(request), now=timezone.now())
    query = "?" + urlencode({"next": ticket.next_path}) if ticket is not None and ticket.next_path else ""
    response = SeeOther(reverse("csam:login") + query)
    if ticket is not None:
        end_attempt(ticket, now=timezone.now())
    drop_ticket(response)
    return response


def chosen_person(request: HttpRequest) -> RegisteredPerson | None:
    """Return the demo person whose radio button was chosen."""
    key = one_value(request, "card")
    return RegisteredPerson.objects.filter(key=key).first() if key else None


def persons_page(
    request: HttpRequest,
    ticket: LoginTicket,
    template: str,
    *,
    errors: dict[str, str],
    status: int = 200,
    links: dict[str, str] | None = None,
    **context: Any,
) -> HttpResponse:
    """Render a page on which a demo person is chosen. `errors` are by field; `links` say where other fields are."""
    paginator = CappedPaginator(find_cards(ticket.search_words), PAGE_SIZE)
    number = request.GET.get("page", "")
    page: Page[RegisteredPerson] = paginator.get_page(number if number.isascii() and number.isdigit() else 1)
    cards = describe(list(page.object_list), day=timezone.localdate(), shows_app=ticket.key_name == KeyName.APP)
    targets = {"card": f"#card-{cards[0].key}" if cards else "#words", **(links or {})}
    context |= {
        "cards": cards,
        "page": page,
        "page_query": "?" + urlencode({"page": page.number}) if page.number > 1 else "",
        "words": ticket.search_words,
        "chosen": one_value(request, "card") if request.method == "POST" else "",
        "errors": errors,
        "error_list": [(targets[field], text) for field, text in errors.items()],
    }
    return render(request, template, context, status=status)


def attempt_is_over() -> str:
    """Say that the attempt ended while its page was open."""
    return _("This sign-in attempt is no longer valid. Choose your key again")


def blocked_words(outcome: Outcome) -> str:
    """Say until when a key is blocked."""
    if outcome.retry_at is None:
        return _("This key is blocked. Choose another key, and ask the contact on the help page.")
    return _("This key is blocked until %(time)s. Choose another key.") % {"time": hour(outcome.retry_at)}
