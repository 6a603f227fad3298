"""People, where they work, and the pretend National Register in the administration."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from tenants.admin.forms import NumberLookupForm, PersonForm, RegisteredPersonForm
from tenants.events import TenantEvent
from tenants.folding import fold, prefix_range
from tenants.http import SeeOther
from tenants.identifiers import mask_national_number
from tenants.models import Employment, Person, RegisteredPerson
from tenants.operations import LookupLimitReached, find_person_by_number, tell_old_address
from tenants.recorded_admin import RecordedAdmin
from tenants.staff_search import PARTIES_HELP, of_parties, person_ids
from vault.admin_base import SimulationAdmin


class NumberedAdmin(RecordedAdmin):
    """Somebody with a national register number: typed once, shown masked."""

    @admin.display(description=_("national register number"))
    def masked_number(self, obj: Any) -> str:
        """Show the last two digits only."""
        return mask_national_number(obj.national_number)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Put the number first: the field to type it, later what may be seen of it."""
        names: tuple[str, ...] = self.form.Meta.fields  # type: ignore[attr-defined]
        return (*names, "masked_number", "public_key") if obj else ("number", *names)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Return what is only shown."""
        return ("masked_number", "public_key")


@admin.register(Person)
class PersonAdmin(NumberedAdmin):
    """Added, corrected and switched off; never deleted."""

    form = PersonForm
    added_event, changed_event = TenantEvent.PERSON_CREATED, TenantEvent.PERSON_CHANGED
    list_display = ("__str__", "email", "language", "is_active", "masked_number")
    list_filter = ("is_active", "language")
    search_fields = ("=key",)
    search_help_text = _("A name, an e-mail address, an organisation, or a key in full")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Store it; one can sign in with a code sent to the address, so the old one is told of a new one."""
        super().save_model(request, obj, form, change)
        if change and "email" in form.changed_data:
            tell_old_address(obj, form.initial.get("email") or "", now=timezone.now())

    def find(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        """Find by name, address or organisation."""
        return queryset.filter(pk__in=person_ids(words))

    def get_urls(self) -> list[Any]:
        """Add the page that finds a person by the exact number, by POST."""
        page = self.admin_site.admin_view(self.number_page)
        return [path("number/", page, name="tenants_person_number"), *super().get_urls()]

    def number_page(self, request: HttpRequest) -> HttpResponse:
        """Find a person by national register number: never by GET, whose address would keep it."""
        return _number_page(request, self)


@require_http_methods(["GET", "HEAD", "POST"])
def _number_page(request: HttpRequest, page: PersonAdmin) -> HttpResponse:
    if not page.has_view_permission(request):
        raise PermissionDenied
    form = NumberLookupForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            acting = request.acting  # type: ignore[attr-defined]
            person = find_person_by_number(form.cleaned_data["number"], acting=acting, now=timezone.now())
        except LookupLimitReached as limit:
            when = date_format(timezone.localtime(limit.retry_at), "TIME_FORMAT") if limit.retry_at else ""
            form.add_error(
                None, _("You have used all look-ups of this hour. It works again at %(time)s.") % {"time": when}
            )
        else:
            if person is not None:
                return SeeOther(reverse("admin:tenants_person_change", args=[person.pk]))
            form.add_error("number", _("The portal knows nobody with this number."))
    context = {
        **page.admin_site.each_context(request),
        "opts": Person._meta,
        "title": _("Find by national register number"),
        "form": form,
    }
    request.current_app = page.admin_site.name
    return TemplateResponse(request, "admin/tenants/person/number.html", context)


@admin.register(RegisteredPerson)
class RegisteredPersonAdmin(SimulationAdmin, NumberedAdmin):
    """The pretend National Register: who has a demo card."""

    form = RegisteredPersonForm
    added_event, changed_event = TenantEvent.REGISTER_ENTRY_ADDED, TenantEvent.REGISTER_ENTRY_CHANGED
    list_display = ("__str__", "email", "language", "position", "masked_number")
    search_fields = ("search_key",)
    search_help_text = _("The beginning of a last name")

    def find(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        """Find by the beginning of the last name."""
        low, high = prefix_range(fold(words))
        return queryset.filter(search_key__gte=low, search_key__lt=high)


@admin.register(Employment)
class EmploymentAdmin(RecordedAdmin):
    """Who works where. An employment is ended by its end date."""

    added_event, changed_event = TenantEvent.EMPLOYMENT_ADDED, TenantEvent.EMPLOYMENT_CHANGED
    list_display = ("person", "organisation", "kind", "valid_from", "valid_until")
    list_select_related = ("person", "organisation")
    list_filter = ("kind",)
    autocomplete_fields = ("person", "organisation")
    fields = ("person", "organisation", "kind", "valid_from", "valid_until")
    search_fields = ("=person__key",)
    search_help_text = PARTIES_HELP

    def find(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        """Find by person or organisation."""
        return of_parties(queryset, words)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Return what is chosen once."""
        return ("person", "organisation") if obj else ()

    def organisation_of(self, obj: Any) -> Any:
        """Return the employer."""
        return obj.organisation
