"""S2a: the eID card and its PIN."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from csam.idp.operations import check_pin
from csam.idp.views.attempt import METHODS, TOO_MANY, attempt_is_over, chosen_person, for_attempt, persons_page
from csam.keys import KeyName
from csam.models import LoginTicket
from csam.operations.outcome import Outcome
from csam.words import wrong_code
from tenants.days import hour
from tenants.http import SeeOther, one_value


@for_attempt(KeyName.EID)
@require_http_methods(METHODS)
def eid(request: HttpRequest, ticket: LoginTicket) -> HttpResponse:
    """S2a: choose the card to insert, and type its PIN."""
    if request.method != "POST":
        return persons_page(request, ticket, "idp/eid.html", errors={})
    card, pin = chosen_person(request), one_value(request, "pin")
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
    return persons_page(request, ticket, "idp/eid.html", errors=errors, status=status, links={"pin": "#pin"})


def _pin_errors(outcome: Outcome) -> tuple[int, dict[str, str]]:
    """Return the status and the errors of a PIN that was not right."""
    if outcome.is_locked:
        text = _("This card is blocked. Choose another key, and ask the contact on the help page.")
        return TOO_MANY, {"card": text}
    if outcome.retry_at is not None:
        text = _("This card is blocked until %(time)s. Choose another key.") % {"time": hour(outcome.retry_at)}
        return TOO_MANY, {"card": text}
    if outcome.is_expired:
        return 400, {"card": attempt_is_over()}
    return 200, {"pin": wrong_code(outcome.tries_left or 0)}
