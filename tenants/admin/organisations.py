"""Organisations, their establishment units and the domains of services in the administration."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from tenants.admin.forms import EstablishmentUnitForm, NamedForm, OrganisationForm
from tenants.events import TenantEvent
from tenants.folding import fold, prefix_range
from tenants.identifiers import format_enterprise_number, format_establishment_number
from tenants.models import Domain, EstablishmentUnit, Organisation, OrganisationNameKey
from tenants.recorded_admin import RecordedAdmin
from tenants.staff_search import PARTIES_HELP, organisation_ids
from vault.admin_base import ReadOnlyAdmin


@admin.register(Organisation)
class OrganisationAdmin(RecordedAdmin):
    """Added and changed, never deleted: what has ceased is stopped."""

    form = OrganisationForm
    added_event, changed_event = TenantEvent.ORGANISATION_ADDED, TenantEvent.ORGANISATION_CHANGED
    list_display = ("formatted", "name_shown", "legal_form", "status", "municipality")
    list_display_links = ("formatted", "name_shown")
    list_filter = ("status",)
    search_fields = ("=enterprise_number",)
    search_help_text = PARTIES_HELP

    @admin.display(description=_("enterprise number"))
    def formatted(self, obj: Organisation) -> str:
        """Show the number as people write it."""
        return format_enterprise_number(obj.enterprise_number)

    @admin.display(description=_("name"))
    def name_shown(self, obj: Organisation) -> str:
        """Show the name in the language of the page."""
        return obj.name

    def find(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        """Find by number or name."""
        return queryset.filter(pk__in=organisation_ids(words))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Return what is typed once."""
        return ("enterprise_number",) if obj else ()

    def organisation_of(self, obj: Any) -> Any:
        """Return itself."""
        return obj


@admin.register(OrganisationNameKey)
class OrganisationNameKeyAdmin(ReadOnlyAdmin):
    """What the search for organisations reads; the portal writes it."""

    list_display = ("name_key", "organisation")
    list_select_related = ("organisation",)
    search_fields = ("name_key",)
    fields = ("organisation", "name_key")
    ordering = ("name_key", "organisation_id")

    def find(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        """Find by the beginning of a key."""
        low, high = prefix_range(fold(words))
        return queryset.filter(name_key__gte=low, name_key__lt=high)


@admin.register(EstablishmentUnit)
class EstablishmentUnitAdmin(RecordedAdmin):
    """Added and changed."""

    form = EstablishmentUnitForm
    added_event, changed_event = TenantEvent.UNIT_ADDED, TenantEvent.UNIT_CHANGED
    list_display = ("formatted", "name", "municipality", "organisation")
    list_select_related = ("organisation",)
    autocomplete_fields = ("organisation",)
    search_fields = ("=number",)
    search_help_text = PARTIES_HELP

    @admin.display(description=_("establishment number"))
    def formatted(self, obj: EstablishmentUnit) -> str:
        """Show the number as people write it."""
        return format_establishment_number(obj.number)

    def find(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        """Find by its own number, or by its organisation."""
        bare = words.replace(".", "").replace(" ", "")
        return queryset.filter(Q(number=bare) | Q(organisation_id__in=organisation_ids(words)))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Return what is chosen once."""
        return ("number", "organisation") if obj else ()

    def organisation_of(self, obj: Any) -> Any:
        """Return its organisation."""
        return obj.organisation


@admin.register(Domain)
class DomainAdmin(RecordedAdmin):
    """Groups of online services."""

    form = NamedForm
    added_event, changed_event = TenantEvent.DOMAIN_ADDED, TenantEvent.DOMAIN_CHANGED
    list_display = ("code", "name")
    fields = ("code", "name_fr", "name_nl", "name_de", "name_en")
    search_fields = ("code", "name_fr", "name_nl", "name_de", "name_en")

    @admin.display(description=_("name"))
    def name(self, obj: Domain) -> str:
        """Show the name in the language of the page."""
        return obj.name

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Return what is typed once: the catalogue knows a domain by its code."""
        return ("code",) if obj else ()
