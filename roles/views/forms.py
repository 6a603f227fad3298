"""The forms that end and extend assignments."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from roles.models import RoleAssignment
from roles.reasons import on_day
from roles.wizard.forms import Duration, PropertiesForm
from tenants.date_field import DateTripleField
from tenants.widgets import RadioChoices
from vault.numbers import holds_national_number

NOTE_LENGTH = 300
NOW, ON_A_DATE = "now", "date"


class NoteField(forms.CharField):
    """A reason in free words: at most 300 characters, one line of spaces, no national register number."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False,
            widget=forms.Textarea({"rows": 3, "cols": 60}),
            help_text=gettext_lazy("At most 300 characters. Do not write a national register number."),
            **kwargs,
        )
        self.optional_mark = True

    def clean(self, value: Any) -> str:
        """Return the text with single spaces."""
        text = " ".join(str(value or "").split())
        if len(text) > NOTE_LENGTH:
            about = {"field": self.label, "count": NOTE_LENGTH}
            raise ValidationError(_("“%(field)s” can have at most %(count)s characters") % about)
        if holds_national_number(text):
            raise ValidationError(_("Take the national register number out of the text"))
        return text


class EndForm(forms.Form):
    """When it ends and why. `cleaned_data["last_day"]` is None for now."""

    use_required_attribute = False

    when = forms.ChoiceField(
        label=gettext_lazy("When does it end?"),
        choices=[(NOW, gettext_lazy("Now")), (ON_A_DATE, gettext_lazy("On a date"))],
        widget=RadioChoices(),
        error_messages={
            "required": gettext_lazy("Choose when the assignment ends"),
            "invalid_choice": gettext_lazy("Choose when the assignment ends"),
        },
    )
    until = DateTripleField(
        kind="end",
        required=False,
        label=gettext_lazy("End date"),
        help_text=gettext_lazy("For example 27 3 2028. The end date is the last day on which the role works."),
    )
    note = NoteField(label=gettext_lazy("Reason"))

    def __init__(self, data: Any = None, *, today: date) -> None:
        self.today = today
        super().__init__(data)

    def clean(self) -> dict[str, Any]:
        """Check the date against the choice and against today."""
        data = super().clean() or {}
        typed = data.get("until")
        data["last_day"] = None
        if data.get("when") == ON_A_DATE and "until" not in self.errors:
            if typed is None:
                self.add_error("until", _("Enter an end date"))
            elif typed <= self.today:
                self.add_error("until", _("The end date must be after today, %(date)s") % {"date": on_day(self.today)})
            data["last_day"] = typed
        elif data.get("when") == NOW and typed is not None:
            self.add_error("until", _("Choose “on a date” or clear the date"))
        return data


class ExtendForm(PropertiesForm):
    """How long from now on: the validity of step 4, without a start and without questions."""

    def __init__(self, data: Any = None, *, rows: Sequence[RoleAssignment], today: date) -> None:
        super().__init__(data, stored={}, chosen=rows, today=today)
        for name in ("start", "starting", *self.questions):
            del self.fields[name]
        self.questions = {}
        self.fields["duration"].label = _("How long should it last?")
        self.fields["until"].help_text = _(
            "For example 27 3 2028. The end date is the last day on which the role works."
        )

    def date_field_name(self) -> str:
        """Return the field at which an answer that the rules refuse is mended."""
        return "until" if self.cleaned_data.get("duration") == Duration.UNTIL else "duration"
