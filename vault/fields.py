"""A model field whose column nobody can read."""

import base64
from typing import Any

from django.core.exceptions import FieldError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.forms import Field as FormField
from django.utils.translation import gettext_lazy as _

from vault.sealing import SealBroken, seal, unseal

EXPORT_MARK = "sealed:"


class SealedField(models.Field):
    """Text in Python, sealed bytes in the column.

    It cannot be searched (use a blind index beside it), and it is never on a form, so neither in the admin.
    """

    description = _("Sealed text")
    empty_strings_allowed = True

    def __init__(self, *args: Any, purpose: str, **kwargs: Any) -> None:
        if not purpose:
            raise ValueError("A sealed field needs a purpose")
        self.purpose = purpose
        kwargs["editable"] = False
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """Return what a migration needs to build the field again."""
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("editable", None)
        kwargs["purpose"] = self.purpose
        return name, path, args, kwargs

    def get_internal_type(self) -> str:
        """Return the type of the column."""
        return "BinaryField"

    def formfield(self, *args: Any, **kwargs: Any) -> FormField | None:
        """Return no form field, ever."""
        return None

    def get_lookup(self, lookup_name: str) -> Any:
        """Allow "is it there?"; refuse every other question: each sealing of a text gives other bytes."""
        if lookup_name != "isnull":
            raise FieldError(f"The sealed field {self.name} cannot be searched; use its blind index")
        return super().get_lookup(lookup_name)

    def from_db_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> str | None:
        """Open the column's bytes."""
        return None if value is None else unseal(bytes(value), purpose=self.purpose)

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        """Seal the text for the column."""
        if value is None:
            return None
        if not isinstance(value, str):
            raise TypeError(f"The sealed field {self.name} takes text")
        return connection.Database.Binary(seal(value, purpose=self.purpose))  # type: ignore[attr-defined]

    def value_to_string(self, obj: models.Model) -> str:
        """Return the value for an export of data: sealed, so that the export gives nothing away."""
        value: Any = self.value_from_object(obj)
        return "" if value is None else EXPORT_MARK + base64.b64encode(seal(value, purpose=self.purpose)).decode()

    def to_python(self, value: Any) -> Any:
        """Take a text, or an exported value back. Only the holder of the keys can have made the latter."""
        if isinstance(value, str) and value.startswith(EXPORT_MARK):
            try:
                return unseal(base64.b64decode(value.removeprefix(EXPORT_MARK)), purpose=self.purpose)
            except (ValueError, SealBroken):
                return value
        return value
