"""The gate of what only its owner may change: a sure key, shown within the last five minutes (TRUST, ASVS 7.5.1)."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from csam.own_keys import keys_of
from csam.views.sign_in import groups_of
from tenants.middleware import acting_of
from tenants.requirements import requirement_of_view, requires

View = Callable[..., HttpResponse]


def shown_lately(level: int) -> Callable[[View], View]:
    """Ask for a key of `level`, shown lately. Whoever does not have that gets the keys that reach it, and comes back.

    What was typed in a form is then lost, but for what the portal had stored before.
    """

    def decorate(view: View) -> View:
        @requires(level, fresh=True)
        @wraps(view)
        def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            acting, need = acting_of(request), requirement_of_view(gated)
            if acting.level >= need.level and acting.is_fresh(timezone.now()):
                return view(request, *args, **kwargs)
            context = {
                "groups": groups_of([key for key in keys_of(acting.person) if key.level >= need.level]),
                "is_low": acting.level < need.level,
                "next": request.get_full_path() if request.method in ("GET", "HEAD") else request.path,
                "nav": "profile",
            }
            return render(request, "csam/show_again.html", context, status=403)

        return gated

    return decorate
