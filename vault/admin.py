"""Counted tries in the administration: to see what is being held back. Whose they are cannot be seen."""

from django.contrib import admin

from vault.admin_base import ReadOnlyAdmin
from vault.models import Throttle


@admin.register(Throttle)
class ThrottleAdmin(ReadOnlyAdmin):
    """Read-only."""

    list_display = ("scope", "tries", "ends_at")
    search_fields = ("=scope",)
    fields = ("scope", "tries", "ends_at")
    ordering = ("-ends_at",)
