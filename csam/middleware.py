"""The rules of sessions: 30 minutes idle, 12 hours in all, and none for whoever was switched off (TRUST, 4)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils import timezone

from csam.operations import SEEN_AT
from csam.session_end import SessionEnd
from tenants.middleware import SIGNED_IN_AT
from tenants.paths import local_path

# A GET must not take SQLite's write lock each time: the last activity is stored at most this often.
STORE_EVERY = timedelta(minutes=1)
ENDED = "session_ended"


class Ended(StrEnum):
    """Why a session ended; the page says it in words."""

    IDLE = "idle"
    ABSOLUTE = "absolute"
    SWITCHED_OFF = "switched_off"
    INCOMPLETE = "incomplete"
    GONE = "gone"


class SessionRulesMiddleware:
    """End sessions whose time is over and say so once; set `request.session_end`, None where there is no session."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        now = timezone.now()
        request.session_end = None  # type: ignore[attr-defined]
        reason = why_ended(request, now=now)
        if reason is not None:
            request.session.flush()
            request.user = AnonymousUser()
        elif request.user.is_authenticated:
            touch(request, now=now)
        request.session_ended = reason  # type: ignore[attr-defined]
        response = self.get_response(request)
        if request.session_ended is not None:  # type: ignore[attr-defined]
            request.session[ENDED] = str(reason)  # not said yet: on the next page that is not for everybody
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Show the page of an ended session in place of the page that was asked for."""
        reason: str | None = request.session_ended  # type: ignore[attr-defined]
        if reason is None and not request.user.is_authenticated:
            reason = request.session.get(ENDED) or (Ended.GONE if _is_gone(request) else None)
        if reason is None:
            return None
        is_home = request.path == resolve_url(settings.LOGIN_REDIRECT_URL)
        if not getattr(view, "login_required", True) and not is_home:
            if getattr(view, "__module__", "").startswith("csam."):
                request.session_ended = None  # type: ignore[attr-defined]  # on the way to a new session
            return None
        request.session_ended = None  # type: ignore[attr-defined]
        request.session.flush()
        return session_ended(request, reason)


def why_ended(request: HttpRequest, *, now: datetime) -> Ended | None:
    """Return why the session of this request is over, None while it lasts or where there is none."""
    if not request.user.is_authenticated:
        # A login whose key the session holds, but which nobody may use any more.
        return Ended.SWITCHED_OFF if request.session.get(SESSION_KEY) else None
    try:
        signed_in_at = datetime.fromisoformat(request.session[SIGNED_IN_AT])
        seen_at = datetime.fromisoformat(request.session.get(SEEN_AT) or request.session[SIGNED_IN_AT])
    except (KeyError, TypeError, ValueError):
        return Ended.INCOMPLETE  # it did not come from a digital key
    if now >= signed_in_at + settings.SESSION_ABSOLUTE:
        return Ended.ABSOLUTE
    if now >= seen_at + settings.SESSION_IDLE:
        return Ended.IDLE
    return None


def _is_gone(request: HttpRequest) -> bool:
    """Say whether the browser still holds the key of a session that is no more: ended elsewhere, or tidied away."""
    return bool(request.COOKIES.get(settings.SESSION_COOKIE_NAME)) and request.session.session_key is None


def touch(request: HttpRequest, *, now: datetime) -> None:
    """Store that something was done now, at most once a minute, and set when the session ends.

    That is up to a minute sooner than half an hour from now, so nobody is promised more than they get.
    """
    session = request.session
    seen_at = datetime.fromisoformat(session.get(SEEN_AT) or session[SIGNED_IN_AT])
    if not timedelta(0) <= now - seen_at < STORE_EVERY:
        session[SEEN_AT] = now.isoformat()
        seen_at = now
    absolute_end = datetime.fromisoformat(session[SIGNED_IN_AT]) + settings.SESSION_ABSOLUTE
    idle_end = seen_at + settings.SESSION_IDLE
    request.session_end = SessionEnd(  # type: ignore[attr-defined]
        min(idle_end, absolute_end), is_final=idle_end >= absolute_end
    )


def _page_with_the_form(request: HttpRequest) -> str:
    """Return the path of the page on which the button was pressed, as the browser tells it, or an empty text."""
    page = urlsplit(request.headers.get("Referer", ""))
    return urlunsplit(("", "", page.path, page.query, "")) if page.netloc == request.get_host() else ""


def session_ended(request: HttpRequest, reason: str) -> HttpResponse:
    """Render "Your session has ended", with the way back: the page that was asked for, or the one with the form."""
    next_path = local_path(request.get_full_path()) or local_path(_page_with_the_form(request))
    context = {
        "reason": str(reason),
        "login_url": resolve_url(settings.LOGIN_URL) + ("?" + urlencode({"next": next_path}) if next_path else ""),
        "idle_minutes": int(settings.SESSION_IDLE.total_seconds()) // 60,
        "absolute_hours": int(settings.SESSION_ABSOLUTE.total_seconds()) // 3600,
        "draft_hours": settings.DRAFT_HOURS,
    }
    return render(request, "csam/session_ended.html", context, status=403)
