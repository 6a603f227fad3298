"""The pages for what went wrong. Those for 500 and 503 need neither database nor language: they say it in four."""

import logging
import sys

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import TemplateDoesNotExist
from django.template.loader import get_template

from audit.context import request_id

logger = logging.getLogger("rolemgmt.errors")

RETRY_AFTER_SECONDS = 10


@login_not_required
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request itself is broken. It is answered statically: not even its host can be trusted."""
    return _static("400.html", status=400)


@login_not_required
def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: yours, but not allowed. Views say why themselves; this one is for what Django refuses."""
    return render(request, "403.html", status=403)


@login_not_required
def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: unknown, or not yours, which looks the same."""
    return render(request, "404.html", status=404)


@login_not_required
def gone(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """410: a draft that no longer exists."""
    return render(request, "410.html", status=410)


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form does not belong to this browser or is too old. Choices are kept in the draft."""
    no_cookie = settings.CSRF_COOKIE_NAME not in request.COOKIES
    return render(request, "403_csrf.html", {"no_cookie": no_cookie}, status=403)


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 with Retry-After when the database is away, which passes by itself (TRUST, section 5)."""
    error = sys.exc_info()[1]
    if is_database_away(error):
        response = _static("503.html", status=503)
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return response
    return _static("500.html", status=500)


def is_database_away(error: BaseException | None) -> bool:
    """Say whether the error, or one it was raised from, means that the database cannot be reached now."""
    seen = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, OperationalError | InterfaceError):
            return True
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return False


def _static(name: str, *, status: int) -> HttpResponse:
    """Render without request: no context processor runs, so nothing reads the session or the database."""
    try:
        page = get_template(name).render({"reference": request_id.get(), "simulation": settings.CSAM_MOCK})
    except TemplateDoesNotExist:
        page = f"<!doctype html><title>{status}</title><h1>{status}</h1>"
    return HttpResponse(page, status=status)
