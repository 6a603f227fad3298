"""A date typed in three text fields: day, month, year. No calendar, no list (SCREENS 3, W4)."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

from django.core.exceptions import ValidationError
from django.forms import Field, MultiWidget, TextInput
from django.utils.translation import gettext_lazy as _

PARTS = ("day", "month", "year")
Kind = Literal["end", "start"]

# "31/12/27", "31.12.2027", "31-12-2027", "31 12 2027" typed into the day field.
_WHOLE_DATE = re.compile(r"(\d{1,2})\s*[./\- ]\s*(\d{1,2})\s*[./\- ]\s*(\d{4}|\d{2})\.?")
_CENTURY = 2000  # roles begin and end in this century: "27" is 2027

# Other years are slips of the pen, and the calendar itself ends with the year 9999.
_FIRST_YEAR, _LAST_YEAR = 1900, 2199

_LABELS = {"day": _("Day"), "month": _("Month"), "year": _("Year")}

# One whole sentence for each set of missing parts: sentences glued from pieces cannot be translated well.
_MESSAGES: dict[Kind, dict[Any, Any]] = {
    "end": {
        "required": _("Enter an end date"),
        "unreal": _("Enter a real end date"),
        ("day",): _("The end date must include a day"),
        ("month",): _("The end date must include a month"),
        ("year",): _("The end date must include a year"),
        ("day", "month"): _("The end date must include a day and a month"),
        ("day", "year"): _("The end date must include a day and a year"),
        ("month", "year"): _("The end date must include a month and a year"),
    },
    "start": {
        "required": _("Enter a start date"),
        "unreal": _("Enter a real start date"),
        ("day",): _("The start date must include a day"),
        ("month",): _("The start date must include a month"),
        ("year",): _("The start date must include a year"),
        ("day", "month"): _("The start date must include a day and a month"),
        ("day", "year"): _("The start date must include a day and a year"),
        ("month", "year"): _("The start date must include a month and a year"),
    },
}


class DateTripleWidget(MultiWidget):
    """Three text inputs in a row, named `<name>_day`, `<name>_month` and `<name>_year`, with ids in the same way."""

    template_name = "forms/widgets/date_triple.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        part = {"inputmode": "numeric", "autocomplete": "off"}
        super().__init__({name: TextInput(part) for name in PARTS}, attrs)

    def decompress(self, value: date | None) -> list[str]:
        """Return day, month and year of `value` as they are shown."""
        return [str(value.day), str(value.month), str(value.year)] if value else ["", "", ""]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Give each part its label, and an id that says which one it is."""
        context = super().get_context(name, value, attrs)
        base = context["widget"]["attrs"].get("id")
        for part, widget in zip(PARTS, context["widget"]["subwidgets"], strict=True):
            widget["part"], widget["label"] = part, _LABELS[part]
            if base:
                widget["attrs"]["id"] = f"{base}_{part}"
        return context


class DateTripleField(Field):
    """A day in three parts.

    `clean` returns a `date`, or None when all parts are empty and the field is not required. It raises
    ValidationError with code `required` (E13), `incomplete` (E14; `params["parts"]` are the missing parts) or
    `unreal` (E15). Whether the day suits (E16 to E19) is for the form to say.
    """

    widget = DateTripleWidget

    def __init__(self, *, kind: Kind = "end", **kwargs: Any) -> None:
        self.messages = _MESSAGES[kind]
        super().__init__(**kwargs)
        self.error_messages["required"] = self.messages["required"]

    def to_python(self, value: Sequence[str | None] | date | None) -> date | None:
        """Return the day that was typed."""
        if value is None or isinstance(value, date):
            return value
        typed = [unicodedata.normalize("NFKC", part or "").strip() for part in value]
        if typed[0] and not any(typed[1:]) and (whole := _WHOLE_DATE.fullmatch(typed[0])):
            typed = list(whole.groups())
        if not any(typed):
            return None
        missing = tuple(part for part, text in zip(PARTS, typed, strict=True) if not text)
        if missing:
            raise ValidationError(self.messages[missing], code="incomplete", params={"parts": missing})
        return self._day(*typed)

    def _day(self, day: str, month: str, year: str) -> date:
        """Return the day of three filled parts, or raise `unreal`."""
        try:
            if not all(re.fullmatch(r"\d{1,4}", part, re.ASCII) for part in (day, month, year)):
                raise ValueError("not digits")
            if len(year) not in {2, 4}:
                raise ValueError("a year has two or four digits")
            number = int(year)
            if len(year) == 4 and not _FIRST_YEAR <= number <= _LAST_YEAR:
                raise ValueError("nobody means that year")
            return date(number + _CENTURY if len(year) == 2 else number, int(month), int(day))
        except ValueError:
            raise ValidationError(self.messages["unreal"], code="unreal", params={"parts": PARTS}) from None
