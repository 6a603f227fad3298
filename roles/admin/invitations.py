"""Invitations in the administration: to look at. A code is nowhere to be seen, nor what it is found by."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet

from roles.models import DraftInvitee, Invitation, InvitedRole
from tenants.folding import fold_email
from tenants.staff_search import PARTIES_HELP, of_parties
from vault.admin_base import ReadOnlyAdmin, ReadOnlyInline


class InvitedRoleInline(ReadOnlyInline):
    """Which roles the invitation offers, and what came of each."""

    model = InvitedRole
    fields = ("role", "properties", "assignment")


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    """Read-only."""

    list_display = (
        "reference",
        "given_name",
        "family_name",
        "email",
        "organisation",
        "invited_by",
        "sent_at",
        "status",
    )
    list_select_related = ("organisation", "invited_by")
    list_filter = ("status", "language")
    inlines = (InvitedRoleInline,)
    search_fields = ("=reference",)
    search_help_text = PARTIES_HELP
    ordering = ("-pk",)
    fields = (
        "reference",
        "organisation",
        "given_name",
        "family_name",
        "email",
        "language",
        "valid_from",
        "valid_until",
        "message",
        "invited_by",
        "invited_at",
        "sent_at",
        "answer_before",
        "status",
        "closed_at",
        "answered_by",
        "cancelled_by",
        "answer_note",
    )

    def find(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        """Find by reference, address, inviter or organisation."""
        if "@" in words:
            return queryset.filter(email_key=fold_email(words))
        by_reference = queryset.filter(reference=words.upper())
        return by_reference if by_reference.exists() else of_parties(queryset, words, person="invited_by_id")


@admin.register(InvitedRole)
class InvitedRoleAdmin(ReadOnlyAdmin):
    """Read-only."""

    list_display = ("invitation", "role", "assignment")
    list_select_related = ("invitation", "role", "assignment")
    fields = ("invitation", "role", "properties", "assignment")
    ordering = ("-pk",)
    search_fields = ("=invitation__reference", "=role__code")


@admin.register(DraftInvitee)
class DraftInviteeAdmin(ReadOnlyAdmin):
    """Read-only."""

    list_display = ("draft", "given_name", "family_name", "language")
    list_select_related = ("draft",)
    fields = ("draft", "given_name", "family_name", "email", "language")
    ordering = ("-pk",)
    search_fields = ("=draft__reference",)
