"""The questions about a new access manager: which function, who, from when and until when."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenants.date_field import DateTripleField
from tenants.models import AccessManagerAppointment, Domain, Person
from tenants.models.appointment import AppointmentKind
from tenants.operations import require_possible_period
from tenants.widgets import RadioChoices

MYSELF, BY_NUMBER = "myself", "number"
_DOMAIN = "domain-"

# Where the page shows what the operation would answer; everything else is about the person.
FIELD_OF = {
    "starts_in_the_past": "start",
    "chief_gap": "start",
    "renewal_gap": "start",
    "ends_in_the_past": "until",
    "ends_before_start": "until",
}


class NewManagerForm(forms.Form):
    """`cleaned_data` holds `kind` and `domain` of the function chosen, `start` (None: today), `until`, `number`."""

    use_required_attribute = False

    function = forms.ChoiceField(
        label=gettext_lazy("Which function?"),
        error_messages={
            "required": gettext_lazy("Choose a function"),
            "invalid_choice": gettext_lazy("Choose a function"),
        },
    )
    who = forms.ChoiceField(
        label=gettext_lazy("Who do you want to appoint?"),
        error_messages={
            "required": gettext_lazy("Choose a person"),
            "invalid_choice": gettext_lazy("Choose a person"),
        },
    )
    number = forms.CharField(
        label=gettext_lazy("National register number of the person"),
        help_text=gettext_lazy("11 digits, on the back of the identity card, for example 85.07.30-033.28"),
        required=False,
        max_length=100,
        widget=forms.TextInput(
            attrs={"size": 17, "inputmode": "numeric", "autocomplete": "off", "spellcheck": "false"}
        ),
        error_messages={"max_length": gettext_lazy("The national register number must have 11 digits")},
    )
    start = DateTripleField(
        kind="start",
        required=False,
        label=gettext_lazy("Start date"),
        help_text=gettext_lazy("For example 27 3 2028. Empty: today."),
    )
    until = DateTripleField(
        kind="end",
        required=False,
        label=gettext_lazy("End date"),
        help_text=gettext_lazy("For example 27 3 2028, the last day. Empty: no end date."),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        kinds: Sequence[str],
        person: Person,
        chief: AccessManagerAppointment | None,
        today: date,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self.today = today
        for name in ("start", "until"):
            self.fields[name].optional_mark = True  # type: ignore[attr-defined]
        domains = list(Domain.objects.all()) if AppointmentKind.DOMAIN in kinds else []
        self.domains = {f"{_DOMAIN}{domain.code}": domain for domain in domains}
        self._offer_functions(kinds, chief)
        # Whoever is chief gives every role already; naming oneself is for a legal representative.
        if AppointmentKind.CHIEF in kinds and (chief is None or chief.person_id != person.pk):
            self._offer(
                "who",
                [
                    (MYSELF, _("Myself, %(name)s") % {"name": person.full_name}),
                    (BY_NUMBER, _("Somebody else, whose national register number I know")),
                ],
                {},
            )
        else:
            del self.fields["who"]

    def _offer_functions(self, kinds: Sequence[str], chief: AccessManagerAppointment | None) -> None:
        choices: list[tuple[str, str]] = []
        hints: dict[str, str] = {}
        if AppointmentKind.CHIEF in kinds:
            choices.append((AppointmentKind.CHIEF, str(AppointmentKind.CHIEF.label)))
            hints[AppointmentKind.CHIEF] = _("Assigns roles of all domains, and appoints the other access managers.")
            if chief is not None:
                hints[AppointmentKind.CHIEF] = _(
                    "Assigns roles of all domains. Takes the place of %(name)s, whose function ends at once."
                ) % {"name": chief.person.full_name}
        if AppointmentKind.CO_CHIEF in kinds:
            choices.append((AppointmentKind.CO_CHIEF, str(AppointmentKind.CO_CHIEF.label)))
            hints[AppointmentKind.CO_CHIEF] = _("Assigns roles of all domains, as the chief does; appoints nobody.")
        for value, domain in self.domains.items():
            choices.append((value, _("access manager for the domain %(domain)s") % {"domain": domain.name}))
        self._offer("function", [(value, capfirst(label)) for value, label in choices], hints)

    def _offer(self, name: str, choices: list[tuple[str, str]], hints: dict[str, str]) -> None:
        field = self.fields[name]
        field.widget = RadioChoices(choices=choices, hints=hints)
        field.choices = choices  # type: ignore[attr-defined]
        if len(choices) == 1:
            self.initial.setdefault(name, choices[0][0])

    def clean(self) -> dict[str, Any]:
        """Take the function apart, and check the days against today."""
        data = super().clean() or {}
        function = data.get("function", "")
        data["domain"] = self.domains.get(function)
        data["kind"] = AppointmentKind.DOMAIN if data["domain"] else function
        if not ({"start", "until"} & self.errors.keys()):
            try:
                require_possible_period(data.get("start") or self.today, data.get("until"), today=self.today)
            except ValidationError as error:
                self.object_to(error)
        return data

    def object_to(self, error: ValidationError) -> None:
        """Show what the operation would answer at the field that mends it."""
        field = FIELD_OF.get(str(error.code), "number")
        self.add_error(field, " ".join(error.messages))
