"""Pages of the administration that change something: each change is recorded, by an operation, as it is stored."""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django import forms
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone, translation

from audit.record import Auditable
from tenants.operations import Described, record_staff_change
from vault.admin_base import DiscreetAdmin


def in_data(value: Any) -> Any:
    """Return a form's value as audit data: codes and keys for things, ISO for days."""
    match value:
        case None | bool() | int() | float():
            return value
        case datetime() | date():
            return value.isoformat()
        case Model():
            return getattr(value, "code", None) or getattr(value, "key", None) or str(value)
        case dict():
            return {str(key): in_data(inner) for key, inner in value.items()}
        case str():
            return value
        case Iterable():
            return [in_data(inner) for inner in value]
    return str(value)


def changes_of(form: forms.ModelForm) -> dict[str, Any]:
    """Return the changed fields of a valid form: old and new value, or None for what the trail does not keep."""
    left_out = getattr(form, "private_fields", frozenset()) | getattr(form, "number_fields", frozenset())
    changes: dict[str, Any] = {}
    for name in form.changed_data:
        if name in left_out:
            changes[name] = None
            continue
        old, field = form.initial.get(name), form.fields[name]
        if isinstance(field, forms.ModelChoiceField) and isinstance(old, int):
            old = field.queryset.filter(pk=old).first()  # type: ignore[union-attr]
        changes[name] = [in_data(old), in_data(form.cleaned_data.get(name))]
    return changes


def described(obj: Model) -> Auditable:
    """Return what the trail keeps of a row, in the words of one language: the trail is not translated."""
    if hasattr(obj, "audit_snapshot"):
        return obj
    with translation.override("fr"):
        key = getattr(obj, "key", None) or getattr(obj, "code", None) or getattr(obj, "number", None) or obj.pk
        return Described(str(obj._meta.model_name), str(key), str(obj))


class RecordedAdmin(DiscreetAdmin):
    """Adding and changing leave an entry in the audit trail."""

    added_event: StrEnum
    changed_event: StrEnum

    def organisation_of(self, obj: Any) -> Any:
        """Return the organisation whose history the change belongs to, if any."""
        return None

    def after_saving(self, obj: Any) -> None:
        """Bring along what depends on the row and its relations."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Store the relations, then record it all. The page runs in one transaction."""
        super().save_related(request, form, formsets, change)
        self.after_saving(form.instance)
        changes = changes_of(form)
        for formset in formsets:
            rows = [inner for inner in formset.forms if inner.has_changed() and hasattr(inner, "cleaned_data")]
            gone = [in_data(row) for row in getattr(formset, "deleted_objects", [])]
            if rows or gone:
                changes[str(formset.model._meta.model_name)] = {
                    "stored": {in_data(inner.instance): changes_of(inner) for inner in rows if inner.instance.pk},
                    "removed": gone,
                }
        if changes or not change:
            self.record(request, self.changed_event if change else self.added_event, form.instance, changes)

    def record(self, request: HttpRequest, event: StrEnum, obj: Any, changes: dict[str, Any]) -> None:
        """Hand the change to the operation that records it."""
        record_staff_change(
            event,
            described(obj),
            organisation=self.organisation_of(obj),
            acting=request.acting,  # type: ignore[attr-defined]
            now=timezone.now(),
            changes=changes,
        )
