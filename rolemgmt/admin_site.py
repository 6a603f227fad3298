"""The administration as the portal's staff meet it: digital keys, four languages, no number in an address."""

import logging
from collections.abc import Callable
from functools import update_wrapper
from typing import Any
from urllib.parse import unquote_plus, urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.urls import URLPattern, URLResolver, reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _

from tenants.acting import HIGH_FROM
from tenants.http import SeeOther
from tenants.requirements import requires
from vault.numbers import holds_national_number

logger = logging.getLogger("rolemgmt.admin")

# Pages of Django that know passwords: here one signs in with a digital key, and out as everywhere else.
_LEFT_OUT = {"login", "logout", "password_change", "password_change_done"}


class PortalAdminSite(AdminSite):
    """For staff with a key of high level. Signed out it leads to the login page; for anyone else it does not exist."""

    site_header = _("Role management – administration")
    site_title = _("Role management – administration")
    index_title = _("What can be looked after here")

    def has_permission(self, request: HttpRequest) -> bool:
        """Say whether it is a member of the staff who signed in with an eID or itsme (TRUST 4, Levels)."""
        return _is_staff(request) and _is_high(request)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Wrap a page: 404 for whoever is not staff, the login page for staff with a lower key."""
        page = super().admin_view(view, cacheable)

        def gate(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _to_login(request)
            if not _is_staff(request):
                logger.warning("The administration was asked for by somebody who is not staff")
                raise Http404
            if not _is_high(request):
                return _to_login(request)
            return page(request, *args, **kwargs)

        return update_wrapper(gate, page)

    def get_urls(self) -> list[Any]:
        """Leave out the pages with passwords, and send whoever is signed out to the portal's login page."""
        patterns = [entry for entry in super().get_urls() if getattr(entry, "name", None) not in _LEFT_OUT]
        for entry in patterns:
            if isinstance(entry, URLPattern):
                entry.callback.login_url = reverse_lazy(settings.LOGIN_URL)  # type: ignore[attr-defined]
        declare_high(patterns)
        return patterns


def declare_high(patterns: list[Any]) -> None:
    """Declare of every page of the administration what its gate asks. Django wraps views once more: so at the end."""
    for entry in patterns:
        if isinstance(entry, URLResolver):
            declare_high(entry.url_patterns)
        else:
            requires(HIGH_FROM)(entry.callback)


def _is_staff(request: HttpRequest) -> bool:
    user = request.user
    return bool(user.is_authenticated and user.is_active and user.is_staff)


def _is_high(request: HttpRequest) -> bool:
    acting = getattr(request, "acting", None)
    return acting is not None and acting.is_high


def _to_login(request: HttpRequest) -> HttpResponse:
    next_path = request.get_full_path() if request.method in {"GET", "HEAD"} else reverse("admin:index")
    return HttpResponseRedirect(resolve_url(settings.LOGIN_URL) + "?" + urlencode({"next": next_path}, safe="/"))


class NumbersOutOfAddressesMiddleware:
    """No national register number stays in an address of the administration, whose search is a GET (SCREENS 1.1).

    It stands before every view, so that a number goes neither into `next` on the way to the login page.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer an address with a number by the same address without; 404 where it stands in the path."""
        if not request.path.startswith(reverse("admin:index")):
            return self.get_response(request)
        if holds_national_number(request.path):
            raise Http404
        if any(_holds(text) for name, values in request.GET.lists() for text in (name, *values)):
            if _is_staff(request):
                text = _("A national register number must not stand in an address. Search for it on its own page.")
                messages.warning(request, text)
            return SeeOther(request.path)
        return self.get_response(request)


def _holds(text: str) -> bool:
    """Look into a value, and into the filters of a list that it may carry, encoded once more."""
    return holds_national_number(text) or holds_national_number(unquote_plus(text))
