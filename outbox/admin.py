"""Letters in the admin: to see what became of them, never to change or to read a code."""

from typing import Any

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from outbox.models import OutgoingEmail
from vault.numbers import holds_national_number


class BoundedPaginator(Paginator):
    """Pages over the first thousand results, found without counting the table; searching reaches the rest."""

    most = 1_000

    @cached_property
    def count(self) -> int:
        """The number of results, or `most`."""
        rows: Any = self.object_list
        return len(rows.values_list("pk", flat=True)[: self.most])


@admin.register(OutgoingEmail)
class OutgoingEmailAdmin(admin.ModelAdmin):
    """Read-only."""

    list_display = ("created_at", "name", "to", "language", "status", "attempts", "not_before", "last_error")
    list_filter = ("status", "language")
    search_fields = ("=name", "to__startswith")
    search_help_text = _("The name of the letter, or the beginning of the receiver’s address")
    fields = (
        "name",
        "to",
        "language",
        "status",
        "attempts",
        "not_before",
        "lease_until",
        "leased_by",
        "last_error",
        "created_at",
        "sent_at",
        "message_id",
        "dedup_key",
        "kept_subject",
        "kept_text",
    )
    ordering = ("-id",)
    paginator = BoundedPaginator
    show_full_result_count = False
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutgoingEmail]:
        """Return the letters without what is sealed: it is not even opened here."""
        return super().get_queryset(request).defer("secrets", "demo_text", "context")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[OutgoingEmail], search_term: str
    ) -> tuple[QuerySet[OutgoingEmail], bool]:
        """Search, except for a national register number: a search stands in addresses."""
        if holds_national_number(search_term):
            self.message_user(request, _("Search without a national register number."), messages.WARNING)
            return queryset.none(), False
        return super().get_search_results(request, queryset, search_term)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: OutgoingEmail | None = None) -> bool:
        """Nobody changes."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: OutgoingEmail | None = None) -> bool:
        """Nobody removes."""
        return False
