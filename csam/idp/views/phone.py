"""S2c: the simulated phone. Its address is all it needs: who approves shows it with the itsme code."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from csam.cookies import read_ticket
from csam.idp.operations import answer_phone, refuse_phone
from csam.idp.views.attempt import METHODS, TOO_MANY, blocked_words, for_mock
from csam.models import PhoneRequest
from csam.operations import find_attempt
from csam.words import wrong_code
from tenants.http import one_value, whole_number
from tenants.models import RegisteredPerson


@for_mock
@require_http_methods(METHODS)
def phone(request: HttpRequest, phone: str) -> HttpResponse:
    """Show who asks, the three numbers and the field for the code; take the answer."""
    row = PhoneRequest.objects.select_related("ticket").filter(key=phone).first()
    card = RegisteredPerson.objects.filter(key=row.register_key).first() if row else None
    if row is None or card is None:
        raise Http404
    now = timezone.now()
    if not row.is_open(now) or not row.ticket.is_open(now):  # cancelled on the other screen, for example
        return _ended(request, row)
    own = _is_own_browser(request, row)
    if request.method != "POST":
        return _page(request, row, card)
    if one_value(request, "answer") == "refuse":
        refuse_phone(row, in_own_browser=own, now=now)
        return _ended(request, row)
    chosen, code = whole_number(one_value(request, "number"), 0), "".join(one_value(request, "code").split())[:20]
    errors: dict[str, str] = {}
    if chosen not in row.choices:
        errors["number"] = _("Choose the number that the other screen shows")
    if not code:
        errors["code"] = _("Fill in “itsme code”")
    if errors:
        return _page(request, row, card, chosen=chosen, errors=errors)
    outcome = answer_phone(row, chosen=chosen, code=code, in_own_browser=own, now=now)
    if outcome.tries_left:
        return _page(request, row, card, chosen=chosen, errors={"code": wrong_code(outcome.tries_left)})
    row.refresh_from_db()
    if outcome.retry_at is not None and not row.answer:
        errors = {"code": blocked_words(outcome)}
        return _page(request, row, card, chosen=chosen, errors=errors, status=TOO_MANY)
    return _ended(request, row)


def _page(
    request: HttpRequest,
    row: PhoneRequest,
    card: RegisteredPerson,
    *,
    chosen: int = 0,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    links = {"number": f"#number-{row.choices[0]}", "code": "#code"}
    context: dict[str, Any] = {
        "row": row,
        "name": str(card),
        "chosen": chosen,
        "errors": errors or {},
        "error_list": [(links[field], text) for field, text in (errors or {}).items()],
    }
    return render(request, "idp/phone.html", context, status=status)


def _ended(request: HttpRequest, row: PhoneRequest) -> HttpResponse:
    """Show the answer that was given, or that the time was up; and the way back where it is this very browser."""
    row.refresh_from_db(fields=["answer"])
    context = {"answer": row.answer, "is_own_browser": _is_own_browser(request, row)}
    return render(request, "idp/phone_ended.html", context)


def _is_own_browser(request: HttpRequest, row: PhoneRequest) -> bool:
    """Say whether the phone is shown in the browser that signs in."""
    attempt = find_attempt(read_ticket(request), now=timezone.now())
    return attempt is not None and attempt.pk == row.ticket_id
