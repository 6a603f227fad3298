"""Signing in and out: choose a key, go to the identity provider, come back, check one's own data."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from csam.cookies import drop_ticket, read_ticket, set_ticket
from csam.forms import ContactForm
from csam.keys import KEYS, DigitalKey, KeyGroup, find_key
from csam.models import LoginTicket, User
from csam.operations import record_failure, redeem_attempt, sign_in, sign_out, start_attempt
from tenants.acting import HIGH_FROM, ActingContext, Level, acting_context
from tenants.http import SeeOther, one_value
from tenants.identifiers import mask_national_number
from tenants.middleware import ACTING_FOR, LEVEL
from tenants.operations import TooManyChanges, change_contact
from tenants.paths import local_path

# A change of the address, by which one can sign in, needs a sign-in this fresh (ASVS 7.5.1).
FRESH = timedelta(minutes=5)


@login_not_required
@require_safe
def choose_key(request: HttpRequest) -> HttpResponse:
    """S2: choose a digital key. Whoever is signed in goes on, unless a page asks for a higher key."""
    next_path = local_path(request.GET.get("next"))
    if not _may_sign_in(request, next_path):
        return SeeOther(next_path or resolve_url(settings.LOGIN_REDIRECT_URL))
    return _login_page(request, next_path=next_path)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, key_name: str) -> HttpResponse:
    """S2 for one key: GET shows its card alone, POST leads the browser to the identity provider."""
    key = find_key(key_name)
    if key is None:
        raise Http404
    posted = request.method == "POST"
    next_path = local_path(one_value(request, "next") if posted else request.GET.get("next"))
    if not _may_sign_in(request, next_path):
        return SeeOther(next_path or resolve_url(settings.LOGIN_REDIRECT_URL))
    level = _session_level(request)
    if not posted or not key.is_available or key.level <= level:
        return _login_page(request, next_path=next_path, only=key)
    _ticket, secret = start_attempt(
        key,
        next_path=next_path,
        minimum_level=Level.SUBSTANTIAL if level else 0,
        purpose=LoginTicket.Purpose.STEP_UP if level else LoginTicket.Purpose.SIGN_IN,
        now=timezone.now(),
    )
    response = SeeOther(reverse(key.idp_url_name))
    set_ticket(response, secret)
    return response


@login_not_required
@require_GET
def come_back(request: HttpRequest) -> HttpResponse:
    """Take the browser back from the identity provider: its ticket, used once, becomes a session."""
    now = timezone.now()
    ticket = redeem_attempt(read_ticket(request), now=now)
    key = find_key(ticket.key_name) if ticket else None
    if ticket is None or key is None or not key.is_available or key.level < ticket.minimum_level:
        if request.user.is_authenticated:  # the browser's Back button, after all went well
            return redirect(settings.LOGIN_REDIRECT_URL)
        response = _login_page(
            request, error=_("This sign-in attempt is no longer valid. Choose your key again"), status=400
        )
        drop_ticket(response)
        return response
    user = authenticate(request, ticket=ticket, now=now)
    if not isinstance(user, User):
        record_failure(subject=ticket.person, key=key.name.value, reason="switched_off", now=now)
        error = _("You cannot sign in: your access is switched off. Ask the contact on the help page")
        response = _login_page(request, next_path=ticket.next_path, error=error, status=403)
    else:
        sign_in(request, user, key=key, purpose=ticket.purpose, now=now)
        if user.is_new_here:
            response = SeeOther(_with_next(reverse("csam:profile_check"), ticket.next_path))
        else:
            response = SeeOther(_way_on(request, user, ticket.next_path, now=now))
    drop_ticket(response)
    return response


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest) -> HttpResponse:
    """S7: sign out, by POST only."""
    if request.method == "POST":
        sign_out(request, now=timezone.now())
        return SeeOther(reverse("csam:logout"))
    return render(request, "csam/logout.html")


@require_http_methods(["GET", "HEAD", "POST"])
def check_profile(request: HttpRequest) -> HttpResponse:
    """The first page of a person the portal has just met: what the register says, and how to reach them."""
    acting: ActingContext = request.acting  # type: ignore[attr-defined]
    person, now = acting.person, timezone.now()
    may_change_email = (
        acting.level >= Level.SUBSTANTIAL and acting.signed_in_at is not None and now - acting.signed_in_at < FRESH
    )
    next_path = local_path(one_value(request, "next") or request.GET.get("next"))
    form = ContactForm(
        request.POST if request.method == "POST" else None,
        initial={"email": person.email, "language": person.language},
        may_change_email=may_change_email,
    )
    full_name, email = person.full_name, person.email
    if request.method == "POST" and form.is_valid():
        language = form.cleaned_data["language"]
        try:
            change_contact(
                person, email=form.cleaned_data.get("email", email), language=language, acting=acting, now=now
            )
        except TooManyChanges as limit:
            when = date_format(timezone.localtime(limit.retry_at or now), "TIME_FORMAT")
            form.add_error("email", _("Too many attempts. Try again at %(time)s") % {"time": when})
        except ValidationError:
            form.add_error("email", _("Somebody else already receives messages at this address"))
        else:
            way_on = _way_on(request, request.user, next_path, now=now)
            return SeeOther(_in_language(way_on, language) if language != get_language() else way_on)
    context = {
        "form": form,
        "full_name": full_name,
        "email": email,
        "masked_number": mask_national_number(person.national_number),
        "number_ends_with": person.national_number[-2:],
        "may_change_email": may_change_email,
        "is_low": acting.level < Level.SUBSTANTIAL,
        "next": next_path,
    }
    return render(request, "csam/profile_check.html", context)


def _session_level(request: HttpRequest) -> int:
    """Return the level of the session, 0 for whoever is signed out."""
    return int(request.session.get(LEVEL, Level.LOW)) if request.user.is_authenticated else 0


def _may_sign_in(request: HttpRequest, next_path: str) -> bool:
    """Say whether a sign-in makes sense: signed out, or a page that may ask for a higher key."""
    level = _session_level(request)
    return not level or bool(next_path and level < HIGH_FROM)


def _login_page(
    request: HttpRequest,
    *,
    next_path: str = "",
    only: DigitalKey | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    level = _session_level(request)
    offered = [key for key in KEYS if key.level > level and only in (None, key)]
    context: dict[str, Any] = {
        "groups": [
            (group.label, [key for key in offered if key.group == group])
            for group in KeyGroup
            if any(key.group == group for key in offered)
        ],
        "is_step_up": bool(level),
        "only": only,
        "next": next_path,
        "query": "?" + urlencode({"next": next_path}) if next_path else "",
        "error_list": [("", error)] if error else None,
    }
    return render(request, "csam/login.html", context, status=status)


def _way_on(request: HttpRequest, user: Any, next_path: str, *, now: datetime) -> str:
    """Return the page after a sign-in: the choice of an organisation where there is one to make, else `next_path`."""
    acting = acting_context(
        user.person,
        day=timezone.localdate(now),
        level=int(request.session[LEVEL]),
        acting_for=request.session.get(ACTING_FOR, ""),
    )
    if acting.must_choose:
        return _with_next(reverse("tenants:acting_for"), next_path)
    return next_path or resolve_url(settings.LOGIN_REDIRECT_URL)


def _with_next(address: str, next_path: str) -> str:
    return f"{address}?{urlencode({'next': next_path})}" if next_path else address


def _in_language(address: str, language: str) -> str:
    """Return a local address that also sets the language of the browser's pages."""
    parts = urlsplit(address)
    query = [(name, value) for name, value in parse_qsl(parts.query) if name != "language"]
    return parts._replace(query=urlencode([*query, ("language", language)])).geturl()
