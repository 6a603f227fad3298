"""Drafts in the administration: to look at. What their owner looked for is the owner's own and not shown."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from roles.models import AssignmentDraft, DraftPerson, DraftRole
from tenants.staff_search import PARTIES_HELP, of_parties
from vault.admin_base import ReadOnlyAdmin, ReadOnlyInline


class DraftPersonInline(ReadOnlyInline):
    """Whom the draft is about."""

    model = DraftPerson
    fields = ("person", "by_number")


class DraftRoleInline(ReadOnlyInline):
    """Which roles the draft is about."""

    model = DraftRole
    fields = ("role", "properties")


@admin.register(AssignmentDraft)
class AssignmentDraftAdmin(ReadOnlyAdmin):
    """Read-only."""

    list_display = (
        "public_key",
        "owner",
        "organisation",
        "variant",
        "updated_at",
        "submitted_at",
        "deleted_at",
        "reference",
    )
    list_select_related = ("owner", "organisation")
    list_filter = ("variant",)
    inlines = (DraftPersonInline, DraftRoleInline)
    search_fields = ("=reference",)
    search_help_text = PARTIES_HELP
    fields = (
        "public_key",
        "owner",
        "organisation",
        "variant",
        "version",
        "duration",
        "valid_until",
        "start",
        "valid_from",
        "came_from",
        "way_back",
        "created_at",
        "updated_at",
        "submitted_at",
        "deleted_at",
        "reference",
    )
    readonly_fields = ("way_back", "public_key")

    @admin.display(description=_("way back"))
    def way_back(self, obj: AssignmentDraft) -> str:
        """Show the address as text: only the asker goes there, and from the portal."""
        return obj.return_to

    def find(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        """Find by reference, owner or organisation."""
        by_reference = queryset.filter(reference=words.upper())
        return by_reference if by_reference.exists() else of_parties(queryset, words, person="owner_id")


@admin.register(DraftPerson)
class DraftPersonAdmin(ReadOnlyAdmin):
    """Read-only."""

    list_display = ("draft", "person", "by_number")
    list_select_related = ("draft", "person")
    fields = ("draft", "person", "by_number")
    ordering = ("-pk",)
    search_fields = ("=draft__reference",)


@admin.register(DraftRole)
class DraftRoleAdmin(ReadOnlyAdmin):
    """Read-only."""

    list_display = ("draft", "role")
    list_select_related = ("draft", "role")
    fields = ("draft", "role", "properties")
    ordering = ("-pk",)
    search_fields = ("=draft__reference", "=role__code")
