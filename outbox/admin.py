"""Letters in the admin: to see what became of them, never to change or to read a code."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from outbox.models import OutgoingEmail
from vault.admin_base import ReadOnlyAdmin


@admin.register(OutgoingEmail)
class OutgoingEmailAdmin(ReadOnlyAdmin):
    """Read-only."""

    list_display = ("created_at", "name", "to", "language", "status", "attempts", "not_before", "last_error")
    list_filter = ("status", "language")
    search_fields = ("=name", "to__startswith")
    search_help_text = _("The name of the e-mail, or the beginning of the receiver’s address")
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

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutgoingEmail]:
        """Return the letters without what is sealed: it is not even opened here."""
        return super().get_queryset(request).defer("secrets", "demo_text", "context")
