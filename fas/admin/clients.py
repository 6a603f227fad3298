"""Clients in the administration: registered, edited, switched off, given a new secret, tried out.

Registered by the toolkit, with the class that the settings name.
"""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.formats import localize
from django.utils.translation import gettext_lazy as _

from fas.admin import client_pages
from fas.admin.client_form import LABELS, ClientForm
from fas.events import FasEvent
from fas.operations.clients import shut_out
from tenants.recorded_admin import RecordedAdmin


def _moment(moment: datetime) -> str:
    """Return a moment as the administration writes those of columns."""
    return localize(timezone.localtime(moment))


class ClientAdmin(RecordedAdmin):
    """Each change is recorded. The secret is shown once, when it is made, and kept as a hash."""

    form = ClientForm
    added_event, changed_event = FasEvent.CLIENT_ADDED, FasEvent.CLIENT_CHANGED
    list_display = ("name", "identifier", "service", "is_enabled", "requires_pkce", "minimum_level")
    list_select_related = ("service",)
    list_filter = ("is_enabled", "requires_pkce")
    search_fields = ("=client_id", "name", "=service__code")
    search_help_text = _("Words of its name, its client_id, or the code of its service")
    autocomplete_fields = ("service",)
    view_on_site = False  # the toolkit has a page of its own for it, which the portal does not serve
    change_form_template = "admin/fas/client/change_form.html"

    @admin.display(description=LABELS["client_id"])
    def identifier(self, obj: Any) -> str:
        """Show what the protocol calls it; the toolkit's words for this and for the moments are in English."""
        return str(obj.client_id)

    @admin.display(description=_("registered on"))
    def registered_at(self, obj: Any) -> str:
        """Show when it was registered."""
        return _moment(obj.created)

    @admin.display(description=_("changed on"))
    def changed_at(self, obj: Any) -> str:
        """Show when it was last changed."""
        return _moment(obj.updated)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Return the fields of the form, and of one that exists when it was made and changed."""
        return (*ClientForm.Meta.fields, *(("registered_at", "changed_at") if obj else ()))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Return what is typed once. Another service would see other roles under consents given for this one."""
        return ("client_id", "service", "registered_at", "changed_at") if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Store it; end at once what a client has that is switched off."""
        super().save_model(request, obj, form, change)
        if change and "is_enabled" in form.changed_data and not obj.is_enabled:
            ended = shut_out(obj, now=timezone.now())
            told = _("The client is switched off. Sign-ons that were ended: %(n)s.") % {"n": ended}
            self.message_user(request, told, messages.SUCCESS)
        if not obj.requires_pkce:
            warning = _("This client signs people in without PKCE: a code stolen on its way can be used. Mend it soon.")
            self.message_user(request, warning, messages.WARNING)
        if not change:
            request.new_client_secret = form.secret  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        """Show the secret in the answer itself: nothing keeps it for a next page."""
        return client_pages.show_secret(request, self, obj, request.new_client_secret)  # type: ignore[attr-defined]

    def get_urls(self) -> list[Any]:
        """Add the pages beside the form."""
        pages = {
            "secret": client_pages.secret_page,
            "addresses": client_pages.addresses_page,
            "settings": client_pages.settings_page,
        }
        own = [
            path(f"<int:pk>/{name}/", self.admin_site.admin_view(self._page(view)), name=f"fas_client_{name}")
            for name, view in pages.items()
        ]
        return [*own, *super().get_urls()]

    def _page(self, view: Any) -> Any:
        def page(request: HttpRequest, pk: int) -> HttpResponse:
            answer: HttpResponse = view(request, self, pk)
            return answer

        return page
