"""The look-up interface in the administration: how much clients ask, and what was noted for the feed."""

from django.contrib import admin

from fas.models import ClientUse, RoleChange
from vault.admin_base import ReadOnlyAdmin


@admin.register(ClientUse)
class ClientUseAdmin(ReadOnlyAdmin):
    """Read-only."""

    list_display = ("client", "day", "total")
    list_select_related = ("client",)
    ordering = ("-pk",)
    search_fields = ("=client__client_id",)
    fields = ("client", "day", "total", "window", "taken")


@admin.register(RoleChange)
class RoleChangeAdmin(ReadOnlyAdmin):
    """Read-only."""

    list_display = ("__str__", "assignment", "sealed_at")
    list_select_related = ("assignment",)
    ordering = ("-pk",)
    search_fields = ("=position",)
    fields = ("assignment", "position", "sealed_at")
