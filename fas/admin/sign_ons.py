"""Sign-ons and agreements in the administration: to look at."""

from django.contrib import admin

from fas.models import Consent, SignOn
from vault.admin_base import ReadOnlyAdmin


@admin.register(SignOn)
class SignOnAdmin(ReadOnlyAdmin):
    """Read-only."""

    list_display = ("client", "user", "organisation", "level", "started_at", "ended_at", "end_reason")
    list_select_related = ("client", "user__person", "organisation")
    list_filter = ("end_reason",)
    ordering = ("-pk",)
    search_fields = ("=sid", "=user__person__key", "=client__client_id")
    fields = (
        "sid",
        "client",
        "user",
        "organisation",
        "level",
        "amr",
        "auth_time",
        "started_at",
        "last_used_at",
        "number_given_at",
        "ended_at",
        "end_reason",
    )
    readonly_fields = ("sid",)


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin):
    """Read-only."""

    list_display = ("client", "user", "scopes", "given_at", "ended_at")
    list_select_related = ("client", "user__person")
    ordering = ("-pk",)
    search_fields = ("=user__person__key", "=client__client_id")
    fields = ("client", "user", "scopes", "given_at", "ended_at")
