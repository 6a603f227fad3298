"""The audit trail in the admin: to read and search, never to change. It stays quick on millions of rows."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from audit.models import AuditEntry
from vault.numbers import holds_national_number


class BoundedPaginator(Paginator):
    """Pages over the first thousand results, found without counting the table; searching reaches the rest."""

    most = 1_000

    @cached_property
    def count(self) -> int:
        """The number of results, or `most`."""
        rows: Any = self.object_list
        return len(rows.values_list("pk", flat=True)[: self.most])


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
class AuditEntryAdmin(admin.ModelAdmin):
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
    paginator = BoundedPaginator
    show_full_result_count = False
    list_per_page = 50

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry], search_term: str
    ) -> tuple[QuerySet[AuditEntry], bool]:
        """Search, except for a national register number: the trail holds none, and a search stands in addresses."""
        if holds_national_number(search_term):
            self.message_user(request, _("Search without a national register number."), messages.WARNING)
            return queryset.none(), False
        return super().get_search_results(request, queryset, search_term)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        """Nobody changes."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        """Nobody removes."""
        return False
