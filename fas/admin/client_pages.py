"""The pages of one client beside its form: a new secret, what its addresses say, and settings ready to copy."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from fas.admin.client_form import LABELS
from fas.models import Client, Trouble
from fas.operations.clients import renew_secret
from fas.outbound import Answer, ask_head
from fas.ready_settings import ready_settings
from vault import throttle

CHECKS_A_MINUTE = 6
_AT_ONCE = 8


@dataclass(frozen=True)
class Checked:
    """One address: what it is for, whether something answers there, and in words."""

    use: str
    address: str
    answers: bool
    words: str


@require_http_methods(["GET", "HEAD", "POST"])
def secret_page(request: HttpRequest, page: Any, pk: int) -> HttpResponse:
    """Ask, then make a new secret and show it in the answer."""
    client = _client(request, page, pk)
    if request.method == "POST":
        secret = renew_secret(client, acting=request.acting, now=timezone.now())  # type: ignore[attr-defined]
        page.log_change(request, client, [{"changed": {"fields": ["client secret"]}}])
        return show_secret(request, page, client, secret)
    return _render(request, page, client, "new_secret", _("Make a new secret?"))


def show_secret(request: HttpRequest, page: Any, client: Client, secret: str) -> HttpResponse:
    """Return the one page on which a secret can be read."""
    return _render(request, page, client, "secret", _("The secret of the client"), secret=secret)


@require_http_methods(["GET", "HEAD", "POST"])
def addresses_page(request: HttpRequest, page: Any, pk: int) -> HttpResponse:
    """List the addresses; on a press of the button, ask each of them. Nothing of an answer is shown but its status."""
    client = _client(request, page, pk)
    title, context = _("Check the addresses"), {"listed": _listed(client), "checked": [], "limit": False}
    if request.method == "POST":
        taken = throttle.take(
            "fas.address_check",
            request.acting.person.key,  # type: ignore[attr-defined]
            limit=CHECKS_A_MINUTE,
            per=timedelta(minutes=1),
            now=timezone.now(),
        )
        context |= {"checked": check(client)} if taken.allowed else {"limit": True}
    return _render(request, page, client, "addresses", title, **context)


@require_safe
def settings_page(request: HttpRequest, page: Any, pk: int) -> HttpResponse:
    """Show what to write into the settings of common programs."""
    client = _client(request, page, pk)
    ready = ready_settings(client, issuer=settings.FAS_ISSUER)
    return _render(request, page, client, "settings", _("Ready settings"), ready=ready, issuer=settings.FAS_ISSUER)


def check(client: Client) -> list[Checked]:
    """Ask all addresses of a client, several at once, and return what came of it in their order."""
    listed = _listed(client)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        answers = list(pool.map(ask_head, [address for _use, address in listed]))
    return [
        Checked(use, address, _answers(answer), _in_words(address, answer))
        for (use, address), answer in zip(listed, answers, strict=True)
    ]


def _answers(answer: Answer) -> bool:
    return answer.status is not None and answer.status < 500


def _in_words(address: str, answer: Answer) -> str:
    if answer.status is None:
        return str(Trouble(answer.trouble).label)
    if answer.status >= 500:
        return _("answers with an error (%(status)s)") % {"status": answer.status}
    if address.startswith("https:"):
        return _("answers (%(status)s), and its certificate is trusted") % {"status": answer.status}
    return _("answers (%(status)s), without encryption") % {"status": answer.status}


def _listed(client: Client) -> list[tuple[str, str]]:
    """Return each address with the name of its field."""
    fields = ("redirect_uris", "post_logout_redirect_uris", "backchannel_logout_uri", "request_return_uris")
    names = {name: str(LABELS.get(name) or capfirst(Client._meta.get_field(name).verbose_name)) for name in fields}  # type: ignore[union-attr]
    return [(names[name], address) for name in fields for address in getattr(client, name).split()]


def _client(request: HttpRequest, page: Any, pk: int) -> Client:
    """Return the client, to those who may change it."""
    if not page.has_change_permission(request):
        raise PermissionDenied
    return get_object_or_404(Client.objects.select_related("service"), pk=pk)


def _render(request: HttpRequest, page: Any, client: Client, name: str, title: str, **more: Any) -> HttpResponse:
    context = {
        **page.admin_site.each_context(request),
        "opts": Client._meta,
        "title": title,
        "client": client,
        "back": reverse("admin:fas_client_change", args=[client.pk]),
        **more,
    }
    request.current_app = page.admin_site.name
    return TemplateResponse(request, f"admin/fas/client/{name}.html", context)
