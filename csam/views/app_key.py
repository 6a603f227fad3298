"""The code via app under the profile: show a secret, activate it with a first code, take it away."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from csam.forms import AppCodeForm
from csam.keys import KeyName, find_key
from csam.models import AppKey
from csam.operations.app_keys import activate_app_key, begin_app_key, otpauth_address, remove_app_key
from csam.qr import qr_svg
from csam.views.gate import shown_lately
from csam.words import clock_is_off, wrong_code
from tenants.acting import HIGH_FROM
from tenants.days import too_many_attempts
from tenants.http import SeeOther, one_value
from tenants.middleware import acting_of

TOO_MANY = 429
METHODS = ["GET", "HEAD", "POST"]


def where_there_are_apps(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let the page exist only where one signs in with a code via app (404), whoever asks."""

    @wraps(view)
    def page(request: HttpRequest) -> HttpResponse:
        if find_key(KeyName.APP) is None:
            raise Http404
        return view(request)

    return page


@where_there_are_apps
@require_http_methods(METHODS)
@shown_lately(HIGH_FROM)
def app_key(request: HttpRequest) -> HttpResponse:
    """Begin, show the secret and take the first code, or say that the key is active: as far as it has come."""
    acting, now = acting_of(request), timezone.now()
    one_value(request, "code")
    action = one_value(request, "action")
    if request.method == "POST" and action == "begin":
        begin_app_key(acting.person, acting=acting, now=now)
        return SeeOther(reverse("csam:app_key"))
    if request.method == "POST" and action == "cancel":
        remove_pending(request)
        return SeeOther(reverse("csam:profile"))
    key = AppKey.objects.select_related("person").filter(person=acting.person).first()
    if key is None or key.activated_at is not None:
        if request.method == "POST":  # in the meantime another tab was faster
            return SeeOther(reverse("csam:app_key"))
        return _page(request, key)
    form = AppCodeForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound and form.is_valid():
        outcome = activate_app_key(acting.person, form.cleaned_data["code"], acting=acting, now=now)
        if outcome.confirmed:
            messages.success(request, _("The code via app is active. You can sign in with it from now on."))
            return SeeOther(reverse("csam:profile"))
        if outcome.is_missing:
            return SeeOther(reverse("csam:app_key"))
        if outcome.retry_at is not None:
            status = TOO_MANY
            form.add_error("code", too_many_attempts(outcome.retry_at))
        elif outcome.minutes_off:
            form.add_error("code", clock_is_off(outcome.minutes_off))
        else:
            form.add_error("code", wrong_code(outcome.tries_left or 0))
    return _page(request, key, form=form, status=status)


def _page(request: HttpRequest, key: AppKey | None, *, form: Any = None, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {"key": key, "form": form, "back": reverse("csam:profile"), "nav": "profile"}
    if key is not None and key.activated_at is None:
        address = otpauth_address(key)
        context |= {
            "address": address,
            "qr": qr_svg(address),
            "secret": " ".join(key.secret[start : start + 4] for start in range(0, len(key.secret), 4)),
            "has_authenticator": settings.DEMO_INSTANCE,
        }
    return render(request, "csam/app_key.html", context, status=status)


def remove_pending(request: HttpRequest) -> None:
    """Forget a secret that was shown and not activated."""
    acting = acting_of(request)
    if AppKey.objects.filter(person=acting.person, activated_at__isnull=True).exists():
        remove_app_key(acting.person, acting=acting, now=timezone.now())


@where_there_are_apps
@require_http_methods(METHODS)
@shown_lately(HIGH_FROM)
def remove(request: HttpRequest) -> HttpResponse:
    """Ask once, then take the key away, by POST."""
    acting = acting_of(request)
    key = AppKey.objects.filter(person=acting.person, activated_at__isnull=False).first()
    if key is None:
        return SeeOther(reverse("csam:app_key"))
    if request.method == "POST":
        if remove_app_key(acting.person, acting=acting, now=timezone.now()):
            messages.success(request, _("The code via app was removed. Delete the entry in your app too."))
        return SeeOther(reverse("csam:profile"))
    context = {"key": key, "back": reverse("csam:profile"), "nav": "profile"}
    return render(request, "csam/app_key_remove.html", context)
