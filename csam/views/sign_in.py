"""Signing in and out: choose a key, go to whoever confirms it, come back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from csam.cookies import drop_ticket, read_ticket, set_ticket
from csam.keys import DigitalKey, KeyGroup, KeyName, available_keys, find_key
from csam.models import LoginTicket, User
from csam.oidc.departure import sign_out_address
from csam.operations import record_failure, redeem_attempt, sign_in, sign_out, start_attempt
from csam.own_keys import keys_of
from tenants.acting import HIGH_FROM, ActingContext, Level, acting_context
from tenants.http import SeeOther, one_value
from tenants.middleware import ACTING_FOR, LEVEL
from tenants.paths import local_path
from tenants.requirements import Requirement, requirement_of_path

Purpose = LoginTicket.Purpose


@dataclass(frozen=True)
class Offer:
    """Why somebody is at the login page, with which keys they get on, and how sure those have to be at least."""

    purpose: str
    keys: Sequence[DigitalKey]
    minimum_level: int
    need: Requirement


def offer_for(request: HttpRequest, next_path: str, *, high: bool = False) -> Offer | None:
    """Return what the login page offers on the way to `next_path`; None when there is nothing to sign in for.

    `high` asks for an eID or itsme, whatever the page itself asks.
    """
    acting: ActingContext | None = request.acting  # type: ignore[attr-defined]
    need = requirement_of_path(next_path) if next_path else Requirement()
    level = max(need.level, HIGH_FROM if high else 0)
    if acting is None:
        return Offer(Purpose.SIGN_IN, available_keys(), 0, replace(need, level=level))
    keys = keys_of(acting.person)
    if acting.level < level:
        return Offer(Purpose.STEP_UP, _reaching(keys, level), level, replace(need, level=level))
    is_late = need.after is not None and not acting.has_shown_since(need.after)
    if is_late or (need.fresh and not acting.is_fresh(timezone.now())):
        return Offer(Purpose.FRESH, _reaching(keys, level), level, need)
    if next_path and acting.level < HIGH_FROM:
        # A page may ask for more than it declares, by what is chosen on it.
        higher = [key for key in keys if key.level > acting.level]
        return Offer(Purpose.STEP_UP, higher, Level.SUBSTANTIAL, need)
    return None


def _reaching(keys: Sequence[DigitalKey], level: int) -> list[DigitalKey]:
    return [key for key in keys if key.level >= level]


@login_not_required
@require_safe
def choose_key(request: HttpRequest, high: bool = False) -> HttpResponse:
    """S2: choose a digital key. Whoever is signed in goes on, unless a page asks for a higher key or a new sign-in."""
    next_path = local_path(request.GET.get("next"))
    offer = offer_for(request, next_path, high=high)
    if offer is None:
        return SeeOther(next_path or resolve_url(settings.LOGIN_REDIRECT_URL))
    return login_page(request, offer, next_path=next_path)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, key_name: str) -> HttpResponse:
    """S2 for one key: GET shows its card alone, POST sends the browser on to whoever confirms the key."""
    key = find_key(key_name)
    if key is None:
        raise Http404
    posted = request.method == "POST"
    next_path = local_path(one_value(request, "next") if posted else request.GET.get("next"))
    offer = offer_for(request, next_path, high=posted and one_value(request, "high") == "1")
    if offer is None:
        return SeeOther(next_path or resolve_url(settings.LOGIN_REDIRECT_URL))
    if key not in offer.keys:  # not sure enough, or not this person's: what is, is shown
        return login_page(request, offer, next_path=next_path)
    if not posted:
        return login_page(request, offer, next_path=next_path, only=key)
    _ticket, secret = start_attempt(
        key,
        next_path=next_path,
        minimum_level=offer.minimum_level,
        purpose=offer.purpose,
        now=timezone.now(),
    )
    response = SeeOther(reverse(key.way_out))
    set_ticket(response, secret)
    return response


@login_not_required
@require_GET
def come_back(request: HttpRequest) -> HttpResponse:
    """Take the browser back from the identity provider: its ticket, used once, becomes a session."""
    now = timezone.now()
    ticket = redeem_attempt(read_ticket(request), now=now)
    key = find_key(ticket.key_name) if ticket else None
    if ticket is None or key is None:
        if request.user.is_authenticated:  # the browser's Back button, after all went well
            return redirect(settings.LOGIN_REDIRECT_URL)
        return sign_in_failed(request, _("This sign-in attempt is no longer valid. Choose your key again"))
    if (ticket.level or 0) < ticket.minimum_level:
        error = _("This key does not prove well enough who you are. Choose another one")
        return sign_in_failed(request, error, next_path=ticket.next_path)
    before = request.user if isinstance(request.user, User) else None
    user = authenticate(request, ticket=ticket, now=now)
    if not isinstance(user, User):
        record_failure(subject=ticket.person, key=key.name.value, reason="switched_off", now=now)
        error = _("You cannot sign in: your access is switched off. Ask the contact on the help page")
        return sign_in_failed(request, error, next_path=ticket.next_path, status=403)
    sign_in(request, user, key=key, ticket=ticket, now=now)
    next_path = ticket.next_path
    if before is not None and before.pk != user.pk:
        # What the other person had asked for is not this person's.
        messages.info(request, _("You are now signed in as %(name)s.") % {"name": user.person.full_name})
        next_path = ""
    if user.is_new_here:
        response = SeeOther(with_next(reverse("csam:profile_check"), next_path))
    else:
        response = SeeOther(way_on(request, user, next_path, now=now))
    drop_ticket(response)
    return response


def sign_in_failed(request: HttpRequest, error: str, *, next_path: str = "", status: int = 400) -> HttpResponse:
    """Show the choice of keys again with what went wrong; this attempt is over, the page first asked for is not."""
    response = still_going_on(request, error, next_path=next_path, status=status)
    drop_ticket(response)
    return response


def still_going_on(request: HttpRequest, error: str, *, next_path: str = "", status: int = 400) -> HttpResponse:
    """Show the choice of keys with what was wrong; the attempt of this browser stays as it is."""
    offer = offer_for(request, next_path) or Offer(Purpose.SIGN_IN, available_keys(), 0, Requirement())
    return login_page(request, offer, next_path=next_path, error=error, status=status)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest) -> HttpResponse:
    """S7: sign out, by POST only."""
    if request.method == "POST":
        sign_out(request, now=timezone.now())
        return SeeOther(reverse("csam:logout"))
    # Whoever signed in with a real provider is still signed in there.
    key = find_key(KeyName.OIDC)
    context = {"provider": key.title if key else "", "provider_sign_out": sign_out_address() if key else ""}
    return render(request, "csam/logout.html", context)


def login_page(
    request: HttpRequest,
    offer: Offer,
    *,
    next_path: str = "",
    only: DigitalKey | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render the cards of the keys that are offered, or of one of them."""
    context: dict[str, Any] = {
        "groups": groups_of([key for key in offer.keys if only in (None, key)]),
        "purpose": offer.purpose,
        "decline": offer.need.decline,
        "too_low": [key.name for key in offer.keys if key.level < offer.need.level],
        "only": only,
        "high": offer.need.level >= HIGH_FROM,
        "next": next_path,
        "query": "?" + urlencode({"next": next_path}) if next_path else "",
        "error_list": [("", error)] if error else None,
    }
    return render(request, "csam/login.html", context, status=status)


def groups_of(keys: Sequence[DigitalKey]) -> list[tuple[Any, list[DigitalKey]]]:
    """Return the keys by group, as the login page shows them; groups without a key are left out."""
    groups = [(group.label, [key for key in keys if key.group == group]) for group in KeyGroup]
    return [(label, members) for label, members in groups if members]


def way_on(request: HttpRequest, user: Any, next_path: str, *, now: datetime) -> str:
    """Return the page after a sign-in: the choice of an organisation where there is one to make, else `next_path`."""
    acting = acting_context(
        user.person,
        day=timezone.localdate(now),
        level=int(request.session[LEVEL]),
        acting_for=request.session.get(ACTING_FOR, ""),
    )
    if acting.must_choose and not requirement_of_path(next_path).asks_organisation:
        return with_next(reverse("tenants:acting_for"), next_path)
    return next_path or resolve_url(settings.LOGIN_REDIRECT_URL)


def with_next(address: str, next_path: str) -> str:
    """Return an address that remembers the page first asked for."""
    return f"{address}?{urlencode({'next': next_path})}" if next_path else address
