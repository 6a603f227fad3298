"""Role requests in the administration: to look at. They are made and decided in the portal."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from roles.models import RoleRequest
from tenants.staff_search import MOST, organisation_ids, person_ids
from vault.admin_base import ReadOnlyAdmin


@admin.register(RoleRequest)
class RoleRequestAdmin(ReadOnlyAdmin):
    """Read-only."""

    list_display = ("reference", "role", "requester", "organisation", "status_now", "requested_at")
    list_select_related = ("role", "requester", "organisation")
    list_filter = ("status",)
    search_fields = ("=reference",)
    search_help_text = _("A reference, a name, the beginning of an enterprise number, or a key in full")
    fields = (
        "reference",
        "portal_page",
        "status_now",
        "role",
        "organisation",
        "requester",
        "valid_from",
        "valid_until",
        "extends",
        "motivation",
        "came_from",
        "way_back",
        "requested_at",
        "decide_before",
        "decided_at",
        "decided_by",
        "decision_note",
        "assignment",
        "draft",
        "public_key",
    )
    readonly_fields = ("portal_page", "status_now", "way_back", "public_key")

    @admin.display(description=_("status"))
    def status_now(self, obj: RoleRequest) -> str:
        """Show the status, as it is now: one that nobody decided in time has expired."""
        return str(obj.status_now(now=timezone.now()).label)

    @admin.display(description=_("way back"))
    def way_back(self, obj: RoleRequest) -> str:
        """Show the address as text: only the asker goes there, and from the portal."""
        return obj.return_to

    @admin.display(description=_("In the portal"))
    def portal_page(self, obj: RoleRequest) -> str:
        """Lead to the page that the asker and the access managers see; whoever is neither finds nothing there."""
        return format_html(
            '<a href="{}">{}</a>',
            reverse("roles:request", args=[obj.key]),
            _("View in the portal, as the asker or an access manager"),
        )

    def find(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        """Find by reference, by key, by asker or by organisation: each a short range of an index."""
        ids: set[int] = set()
        for condition in (
            Q(reference=words.upper()),
            Q(draft__reference=words.upper()),
            Q(key=words),
            Q(requester_id__in=person_ids(words)),
            Q(organisation_id__in=organisation_ids(words)),
        ):
            rows = RoleRequest.objects.filter(condition).order_by("-pk")
            ids.update(rows.values_list("pk", flat=True)[:MOST])
        return queryset.filter(pk__in=ids)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Bring along what one page shows."""
        rows = super().get_queryset(request)
        match = request.resolver_match
        if match is None or "object_id" not in match.kwargs:
            return rows
        return rows.select_related(
            *("role", "requester", "organisation", "decided_by", "extends", "assignment", "draft", "came_from")
        )
