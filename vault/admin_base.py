"""What every page of the administration keeps to: it counts no large table and gives no national number away."""

import json
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from vault.numbers import holds_national_number


class BoundedPaginator(Paginator):
    """Pages over the first thousand results, found without counting the table; searching reaches the rest."""

    most = 1_000

    @cached_property
    def count(self) -> int:
        """The number of results, or `most`."""
        rows: Any = self.object_list
        return len(rows.values_list("pk", flat=True)[: self.most])


class DiscreetForm(forms.ModelForm):
    """Refuses national register numbers in any text, and whatever a constraint of the database would refuse."""

    # Fields that are there to take a national register number.
    number_fields: frozenset[str] = frozenset()
    # Fields whose values the audit trail does not keep: it says only that they changed.
    private_fields: frozenset[str] = frozenset()
    # Off where an operation stores the row, and changes others before.
    checks_constraints = True

    def clean(self) -> dict[str, Any]:
        """Look for numbers where none belongs: names, notes, answers, addresses."""
        cleaned = super().clean() or self.cleaned_data
        for name, value in list(cleaned.items()):
            text = json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value
            if name not in self.number_fields and isinstance(text, str) and holds_national_number(text):
                self.add_error(name, _("Leave national register numbers out."))
        return cleaned

    def _post_clean(self) -> None:
        """Check every constraint, also those that speak of columns which are not on the form."""
        super()._post_clean()  # type: ignore[misc]
        if self.errors or not self.checks_constraints:
            return
        try:
            self.instance.validate_constraints()
        except ValidationError as error:
            self.add_error(None, ValidationError(error.messages))


class DiscreetAdmin(admin.ModelAdmin):
    """Nothing is counted, nothing is sorted that no index sorts, nothing is deleted, no number is searched for."""

    form = DiscreetForm
    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    sortable_by = ()

    @admin.display(description=_("key"))
    def public_key(self, obj: Any) -> str:
        """Show the key by which addresses and the audit trail name the row."""
        return str(obj.key)

    def find(self, queryset: models.QuerySet[Any], words: str) -> models.QuerySet[Any] | None:
        """Return what `words` mean, by an index; None leaves the search to `search_fields`."""
        return None

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        """Search, except for a national register number: a search stands in addresses."""
        words = search_term.strip()
        if holds_national_number(words):
            self.message_user(request, _("Search without a national register number."), messages.WARNING)
            return queryset.none(), False
        found = self.find(queryset, words) if words else None
        if found is not None:
            return found, False
        return super().get_search_results(request, queryset, words)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is removed: what is over is ended, and keeps its history."""
        return False


class ReadOnlyAdmin(DiscreetAdmin):
    """To look at only."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody adds by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes."""
        return False


class SimulationAdmin(admin.ModelAdmin):
    """Rows that only a simulation needs: with CSAM_MOCK off their pages are not listed, and refuse everybody."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Show them in a simulation."""
        return bool(settings.CSAM_MOCK) and super().has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Add some in a simulation."""
        return bool(settings.CSAM_MOCK) and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Change them in a simulation."""
        return bool(settings.CSAM_MOCK) and super().has_change_permission(request, obj)


class ReadOnlyInline(admin.TabularInline):
    """Rows of another one, to look at only."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody adds by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody removes."""
        return False
