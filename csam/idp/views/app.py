"""S2e: the code via app; and, in a demo, an authenticator for people without a phone."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from csam.cookies import read_ticket
from csam.idp.operations import check_app_code
from csam.idp.views.attempt import (
    METHODS,
    TOO_MANY,
    attempt_is_over,
    blocked_words,
    chosen_person,
    for_attempt,
    for_mock,
    persons_page,
)
from csam.keys import KeyName
from csam.models import AppKey, LoginTicket
from csam.operations import find_attempt
from csam.operations.app_keys import STEP_SECONDS, code_of_step, step_of
from csam.operations.outcome import Outcome
from csam.words import wrong_code
from tenants.acting import ActingContext
from tenants.http import SeeOther, one_value

MOST_SHOWN = 20


@for_attempt(KeyName.APP)
@require_http_methods(METHODS)
def app(request: HttpRequest, ticket: LoginTicket) -> HttpResponse:
    """Choose who one is, and type the code that the app shows."""
    context: dict[str, Any] = {"has_authenticator": settings.DEMO_INSTANCE, "links": {"code": "#code"}}
    if request.method != "POST":
        return persons_page(request, ticket, "idp/app.html", errors={}, **context)
    card, code = chosen_person(request), one_value(request, "code").strip()[:40]
    errors: dict[str, str] = {}
    if card is None:
        errors["card"] = _("Choose a person")
    if not code:
        errors["code"] = _("Fill in “Code in the app”")
    status = 200
    if card is not None and code:
        outcome = check_app_code(ticket, card, code, now=timezone.now())
        if outcome.confirmed:
            return SeeOther(reverse("csam:login_return"))
        status, errors = _errors(outcome)
    return persons_page(request, ticket, "idp/app.html", errors=errors, status=status, **context)


def _errors(outcome: Outcome) -> tuple[int, dict[str, str]]:
    """Return the status and the errors of a code that did not sign in."""
    if outcome.is_missing:
        return 200, {"card": _("This key is not activated. Activate it in your profile after signing in with the eID.")}
    if outcome.retry_at is not None:
        return TOO_MANY, {"card": blocked_words(outcome)}
    if outcome.is_expired:
        return 400, {"card": attempt_is_over()}
    if outcome.is_used:
        return 200, {"code": _("This code has been used. Wait for the next one in the app")}
    return 200, {"code": wrong_code(outcome.tries_left or 0)}


@dataclass(frozen=True)
class Shown:
    """What an app shows for one person."""

    name: str
    code: str
    is_active: bool


@for_mock
@require_safe
def authenticator(request: HttpRequest) -> HttpResponse:
    """Show the running codes of those who have a code via app: in a demo only, where everybody is invented."""
    if not settings.DEMO_INSTANCE:
        raise Http404
    step = step_of(timezone.now())
    keys = AppKey.objects.select_related("person").order_by("-created_at", "-id")[:MOST_SHOWN]
    context = {
        "shown": [
            Shown(key.person.full_name, _in_halves(code_of_step(key.secret, step)), key.activated_at is not None)
            for key in keys
        ],
        "way_back": _way_back(request),
        "seconds_left": (step + 1) * STEP_SECONDS - int(timezone.now().timestamp()),
    }
    return render(request, "idp/authenticator.html", context)


def _way_back(request: HttpRequest) -> str:
    """Return the page in this browser that waits for a code, if there is one."""
    ticket = find_attempt(read_ticket(request), now=timezone.now())
    if ticket is not None and ticket.key_name == KeyName.APP:
        return reverse("idp:app")
    acting: ActingContext | None = request.acting  # type: ignore[attr-defined]
    if acting is not None and AppKey.objects.filter(person=acting.person, activated_at__isnull=True).exists():
        return reverse("csam:app_key")
    return ""


def _in_halves(code: str) -> str:
    return f"{code[:3]} {code[3:]}"
