"""What staff did in the administration, in Django's own words; the audit trail tells the rest."""

from django.contrib import admin
from django.contrib.admin.models import LogEntry

from vault.admin_base import ReadOnlyAdmin


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnlyAdmin):
    """Read-only."""

    list_display = ("action_time", "user", "content_type", "object_repr", "action_flag")
    list_select_related = ("user__person", "content_type")
    list_filter = ("action_flag",)
    fields = ("action_time", "user", "content_type", "object_id", "object_repr", "action_flag", "change_message")
    search_fields = ("=object_id", "=user__person__key")
