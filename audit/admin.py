"""The audit trail in the admin: to read and search, never to change. It stays quick on millions of rows."""

from collections.abc import Iterable

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from audit.models import AuditEntry
from vault.admin_base import ReadOnlyAdmin


class EventFilter(admin.SimpleListFilter):
    """Choose among the events that occur, read from the index one by one: a DISTINCT would read every row."""

    title = _("event")
    parameter_name = "event"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Iterable[tuple[str, str]]:
        """Return the events in use."""
        events: list[tuple[str, str]] = []
        names = AuditEntry.objects.order_by("event").values_list("event", flat=True)
        event = names.first()
        while event is not None:
            events.append((event, event))
            event = names.filter(event__gt=event).first()
        return events

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """Keep the entries with the chosen event."""
        return queryset.filter(event=self.value()) if self.value() else queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """Read-only."""

    list_display = ("occurred_at", "event", "actor_label", "subject_label", "organisation_key", "request_id")
    list_filter = (EventFilter,)
    search_fields = (
        "=actor_key",
        "=subject_key",
        "=organisation_key",
        "=request_id",
        "actor_label",
        "subject_label",
    )
    search_help_text = _("A key in full, or part of a name")
    ordering = ("-id",)
