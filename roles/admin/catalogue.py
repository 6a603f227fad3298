"""The catalogue and the rule of confirmation in the administration: changed by staff, recorded, never deleted."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import AdminURLFieldWidget
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from roles.events import RoleEvent
from roles.matching import words_of
from roles.models import ConfirmationRule, OnlineService, Role, RoleAssignment, RoleProperty
from tenants.acting import Level
from tenants.admin.forms import NamedForm
from tenants.recorded_admin import RecordedAdmin
from vault.admin_base import DiscreetForm, ReadOnlyAdmin

NAMES = ("name_fr", "name_nl", "name_de", "name_en")
OWNERS = ("owner_fr", "owner_nl", "owner_de", "owner_en")
DESCRIPTIONS = ("description_fr", "description_nl", "description_de", "description_en")
TASKS = ("tasks_fr", "tasks_nl", "tasks_de", "tasks_en")
LABELS = ("label_fr", "label_nl", "label_de", "label_en", "hint_fr", "hint_nl", "hint_de", "hint_en")


class RoleForm(NamedForm):
    """A role. What does not go together is said in words, before the database would refuse it."""

    def clean(self) -> dict[str, Any]:
        """Check the rules between fields."""
        cleaned = super().clean()
        if cleaned.get("is_derived") and cleaned.get("is_assignable"):
            self.add_error("is_assignable", _("A role that follows from the Crossroads Bank cannot be assigned."))
        if cleaned.get("max_duration_years") == 0:
            self.add_error("max_duration_years", _("The longest duration is at least one year."))
        counts = {name: len(cleaned[name].splitlines()) for name in TASKS if cleaned.get(name)}
        if len(set(counts.values())) > 1:
            self.add_error(
                min(counts, key=lambda name: counts[name]), _("Give as many lines as in the other languages.")
            )
        return cleaned

    def clean_minimum_level(self) -> int:
        """Return one of the levels that keys have."""
        level: int = self.cleaned_data["minimum_level"]
        if level not in {int(known) for known in Level}:
            known = ", ".join(str(int(entry)) for entry in Level)
            raise ValidationError(_("The levels are %(levels)s."), "unknown", {"levels": known})
        return level


class RolePropertyForm(DiscreetForm):
    """A question. The services know it by its code, which is typed once."""

    class Meta:
        model = RoleProperty
        fields = ("code", "kind", *LABELS, "is_required", "options", "position")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["code"].disabled = True


class RolePropertyInline(admin.StackedInline):
    """The questions of a role, on its page."""

    model = RoleProperty
    form = RolePropertyForm
    extra = 0

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Keep the questions of a role that somebody holds: their answers would lose their words."""
        held = obj is not None and RoleAssignment.objects.filter(role=obj).exists()
        return not held and super().has_delete_permission(request, obj)


@admin.register(Role)
class RoleAdmin(RecordedAdmin):
    """Roles with their questions. The services hard-code `code`: it is typed once."""

    form = RoleForm
    added_event, changed_event = RoleEvent.ROLE_ADDED, RoleEvent.ROLE_CHANGED
    inlines = (RolePropertyInline,)
    list_display = ("code", "name", "domain", "is_assignable", "is_requestable", "always_confirm", "minimum_level")
    list_select_related = ("domain",)
    list_filter = ("domain", "is_assignable", "is_requestable", "is_derived", "always_confirm")
    autocomplete_fields = ("domain", "services", "grants")
    search_fields = ("search_key",)
    search_help_text = _("Words of its name, description, service or synonyms, or its code")
    fields = (
        "code",
        "domain",
        "services",
        *NAMES,
        *DESCRIPTIONS,
        *TASKS,
        "synonyms",
        "is_assignable",
        "is_requestable",
        "is_derived",
        "always_confirm",
        "max_duration_years",
        "minimum_level",
        "grants",
    )

    @admin.display(description=_("name"))
    def name(self, obj: Role) -> str:
        """Show the name in the language of the page."""
        return obj.name

    def find(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        """Find by the beginnings of words, as the portal does."""
        tokens = words_of(words)
        return queryset.filter(pk__in=[role.pk for role in queryset if role.matches(tokens)])

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Return what is typed once."""
        return ("code",) if obj else ()

    def after_saving(self, obj: Any) -> None:
        """Let the role be found by the services it has now."""
        obj.refresh_search_key()


@admin.register(RoleProperty)
class RolePropertyAdmin(ReadOnlyAdmin):
    """All questions at a glance; they are changed on the page of their role."""

    list_display = ("role", "code", "kind", "is_required", "position")
    list_select_related = ("role",)
    list_filter = ("kind",)
    search_fields = ("code", "role__code")
    fields = ("role", "code", "kind", *LABELS, "is_required", "options", "position")


@admin.register(OnlineService)
class OnlineServiceAdmin(RecordedAdmin):
    """The services that ask for roles."""

    form = NamedForm
    added_event, changed_event = RoleEvent.SERVICE_ADDED, RoleEvent.SERVICE_CHANGED
    list_display = ("code", "name", "owner", "domain")
    list_select_related = ("domain",)
    list_filter = ("domain",)
    autocomplete_fields = ("domain",)
    search_fields = ("code", *NAMES)
    fields = ("code", "domain", *NAMES, *OWNERS, "url")
    formfield_overrides = {models.URLField: {"widget": AdminURLFieldWidget, "assume_scheme": "https"}}

    @admin.display(description=_("name"))
    def name(self, obj: OnlineService) -> str:
        """Show the name in the language of the page."""
        return obj.name

    @admin.display(description=_("owner"))
    def owner(self, obj: OnlineService) -> str:
        """Show the owner in the language of the page."""
        return obj.owner

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Return what is typed once."""
        return ("code",) if obj else ()

    def after_saving(self, obj: Any) -> None:
        """Let its roles be found by its names."""
        for role in obj.roles.all():
            role.refresh_search_key()


@admin.register(ConfirmationRule)
class ConfirmationRuleAdmin(RecordedAdmin):
    """Who confirms what: the table of DOMAIN 4.2. Its rows are fixed, their answer is not."""

    added_event = changed_event = RoleEvent.RULE_CHANGED
    list_display = ("organisation_status", "to_oneself", "confirmer")
    fields = ("organisation_status", "to_oneself", "confirmer")
    readonly_fields = ("organisation_status", "to_oneself")
    search_fields = ("organisation_status", "confirmer")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Every case has its row from the start."""
        return False
