"""Access managers in the administration: appointed and ended by the operations, never edited."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from tenants.admin.forms import AppointmentForm
from tenants.http import SeeOther
from tenants.models import AccessManagerAppointment
from tenants.operations import appoint_access_manager, end_appointment, replace_chief
from tenants.staff_search import PARTIES_HELP, of_parties
from vault.admin_base import ReadOnlyAdmin


@admin.register(AccessManagerAppointment)
class AppointmentAdmin(ReadOnlyAdmin):
    """Appointed and ended by the operations, which lock, check and record; never edited."""

    form = AppointmentForm
    list_display = ("person", "organisation", "kind", "domain", "valid_from", "valid_until", "ended_at")
    list_select_related = ("person", "organisation", "domain")
    list_filter = ("kind", "domain")
    autocomplete_fields = ("person", "organisation")
    search_fields = ("=key",)
    search_help_text = PARTIES_HELP

    def find(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        """Find by person or organisation."""
        return of_parties(queryset, words)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Ask for what is needed; show everything of what exists."""
        names = AppointmentForm.Meta.fields
        if obj is None:
            return (*names, "replaces_chief")
        return (*names, "appointed_by", "appointed_at", "ended_at", "ended_by", "public_key")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Return what is only shown."""
        return ("appointed_by", "appointed_at", "ended_at", "ended_by", "public_key") if obj else ()

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow those who may add, unlike a page that is only read."""
        return request.user.has_perm("tenants.add_accessmanagerappointment")

    def may_end(self, request: HttpRequest) -> bool:
        """Whether this member of the staff may end appointments."""
        return request.user.has_perm("tenants.change_accessmanagerappointment")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Appoint by the operation, and let the rest of the page go on with the row it made."""
        values = {name: form.cleaned_data[name] for name in ("organisation", "person", "valid_from", "valid_until")}
        who = {"by_staff": True, "acting": request.acting, "now": timezone.now()}  # type: ignore[attr-defined]
        if obj.kind == AccessManagerAppointment.Kind.CHIEF:
            made = replace_chief(**values, **who)
        else:
            made = appoint_access_manager(**values, kind=obj.kind, domain=form.cleaned_data["domain"], **who)
        obj.__dict__.update(made.__dict__)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Say what the operation refuses although the form was right a moment before."""
        try:
            return super().add_view(request, form_url, extra_context)
        except ValidationError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
            return SeeOther(request.path)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show it, with the way to end it."""
        return super().change_view(
            request, object_id, form_url, {**(extra_context or {}), "may_end": self.may_end(request)}
        )

    def get_urls(self) -> list[Any]:
        """Add the page that ends an appointment."""
        page = self.admin_site.admin_view(self.end_page)
        return [path("<int:pk>/end/", page, name="tenants_accessmanagerappointment_end"), *super().get_urls()]

    def end_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask, then end."""
        return _end_page(request, self, pk)


@require_http_methods(["GET", "HEAD", "POST"])
def _end_page(request: HttpRequest, page: AppointmentAdmin, pk: int) -> HttpResponse:
    if not page.may_end(request):
        raise PermissionDenied
    appointment = get_object_or_404(AccessManagerAppointment.objects.for_page(), pk=pk)
    back = reverse("admin:tenants_accessmanagerappointment_change", args=[pk])
    if request.method == "POST":
        try:
            who = {"acting": request.acting, "now": timezone.now()}  # type: ignore[attr-defined]
            ended = end_appointment(appointment, by_staff=True, **who)
        except ValidationError as error:
            page.message_user(request, " ".join(error.messages), messages.ERROR)
        else:
            if ended:
                page.log_change(request, appointment, [{"changed": {"fields": ["ended at"]}}])
                page.message_user(request, _("The appointment has ended."), messages.SUCCESS)
            else:
                page.message_user(request, _("The appointment had ended before."), messages.WARNING)
        return SeeOther(back)
    context = {
        **page.admin_site.each_context(request),
        "opts": AccessManagerAppointment._meta,
        "title": _("End this appointment?"),
        "appointment": appointment,
        "back": back,
    }
    request.current_app = page.admin_site.name
    return TemplateResponse(request, "admin/tenants/accessmanagerappointment/end.html", context)
