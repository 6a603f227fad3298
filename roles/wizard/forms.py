"""The form of step 4: validity, and one question per property of the chosen roles."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Protocol

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from roles.models import AssignmentDraft, Role, RoleProperty
from roles.models.catalogue import PropertyKind
from roles.reasons import lasts_too_long, on_day
from roles.wizard.page import PROPERTY
from tenants.date_field import DateTripleField
from tenants.names import current_language, first_text
from tenants.periods import add_years
from tenants.widgets import CheckboxChoices, RadioChoices
from vault.numbers import holds_national_number

Duration = AssignmentDraft.Duration
Start = AssignmentDraft.Start
NONE = "none"


class AskedRole(Protocol):
    """A role that asks its questions: a `DraftRole`, or anything that carries the same."""

    role: Role
    role_id: int
    properties: Any


def stored_in(draft: AssignmentDraft) -> dict[str, Any]:
    """Return what a draft holds of the validity, for `PropertiesForm(stored=...)`."""
    return {
        "duration": draft.duration,
        "until": draft.valid_until if draft.duration == Duration.UNTIL else None,
        "start": draft.start,
        "starting": draft.valid_from if draft.start == Start.DATE else None,
    }


class PropertiesForm(forms.Form):
    """Step 4: how long, from when, and the questions of the roles; the same when asking, deciding and inviting.

    `cleaned_data` holds `duration`, `start`, `valid_from` (None: from today), `valid_until` and `answers` per role id.
    """

    use_required_attribute = False

    duration = forms.ChoiceField(
        label=gettext_lazy("How long are these roles valid?"),
        error_messages={
            "required": gettext_lazy("Choose unlimited or limited duration"),
            "invalid_choice": gettext_lazy("Choose unlimited or limited duration"),
        },
    )
    until = DateTripleField(
        kind="end",
        required=False,
        label=gettext_lazy("End date"),
        help_text=gettext_lazy("For example 27 3 2028. The end date is the last day on which the roles work."),
    )
    start = forms.ChoiceField(
        label=gettext_lazy("When do they start?"),
        choices=Start.choices,
        widget=RadioChoices(),
        error_messages={
            "required": gettext_lazy("Choose when the roles start"),
            "invalid_choice": gettext_lazy("Choose when the roles start"),
        },
    )
    starting = DateTripleField(
        kind="start",
        required=False,
        label=gettext_lazy("Start date"),
        help_text=gettext_lazy("For example 27 3 2028"),
    )

    # Whether a date that the form itself has filled in may stay beside another choice.
    ignores_untouched_date = False

    def __init__(self, data: Any = None, *, stored: dict[str, Any], chosen: Sequence[AskedRole], today: date) -> None:
        self.chosen, self.today = chosen, today
        self.one_year = add_years(today, 1)
        self.strictest = min(
            (row.role for row in chosen if row.role.max_duration_years),
            key=lambda role: (role.max_duration_years or 0, role.code),
            default=None,
        )
        super().__init__(data, initial=stored)
        self._offer_durations()
        self.questions: dict[str, tuple[AskedRole, RoleProperty]] = {}
        for row in chosen:
            for question in row.role.properties.all():
                name = f"{PROPERTY}{row.role_id}_{question.code}"
                self.questions[name] = (row, question)
                self.fields[name] = _field_for(question, row.properties.get(question.code))

    def _offer_durations(self) -> None:
        """Offer the durations that the strictest role allows, each with what it means."""
        field = self.fields["duration"]
        years = self.strictest.max_duration_years if self.strictest else None
        choices = [
            (Duration.ONE_YEAR, _("Limited duration: one year, until %(date)s") % {"date": on_day(self.one_year)}),
            (Duration.UNTIL, str(Duration.UNTIL.label)),
        ]
        hints = {}
        if years is None:
            choices.insert(0, (Duration.UNLIMITED, str(Duration.UNLIMITED.label)))
            hints[Duration.UNLIMITED.value] = _("Until somebody ends it.")
        elif self.strictest is not None:
            latest = add_years(self.today, years)
            about = {"role": self.strictest.name, "date": on_day(latest)}
            field.help_text = (
                _("“Unlimited duration” is not offered: %(role)s can last until %(date)s, no longer.") % about
            )
        field.choices = [(value, label) for value, label in choices]  # type: ignore[attr-defined]
        field.widget = RadioChoices(choices=field.choices, hints=hints)  # type: ignore[attr-defined]

    def takes_several(self, name: str) -> bool:
        """Say whether a question may have several answers."""
        return self.questions[name][1].kind == PropertyKind.CHOICES

    def sections(self) -> list[dict[str, Any]]:
        """Return the bound fields of the questions, per role that asks any."""
        found: dict[int, dict[str, Any]] = {}
        for name, (row, _question) in self.questions.items():
            section = found.setdefault(row.role_id, {"role": row.role, "fields": []})
            section["fields"].append(self[name])
        return list(found.values())

    def clean(self) -> dict[str, Any]:
        """Check the dates against each other, and gather the answers."""
        data = super().clean() or {}
        starts, until = self._clean_start(data), self._clean_end(data)
        self._check_length(starts, until, data.get("duration"))
        data["valid_from"], data["valid_until"] = starts, until
        data["answers"] = {}
        for name, (row, question) in self.questions.items():
            if name in data:
                data["answers"].setdefault(row.role_id, {})[question.code] = _answer(question, data[name])
        return data

    def _clean_start(self, data: dict[str, Any]) -> date | None:
        """Return the first day where a date was chosen; None for today, or where it is wrong."""
        typed = data.get("starting")
        if data.get("start") == Start.TODAY:
            if typed is not None:
                self.add_error("starting", _("Choose “on a date” or clear the date"))
            return None
        if data.get("start") == Start.DATE and "starting" not in self.errors:
            if typed is None:
                self.add_error("starting", _("Enter a start date"))
            elif typed < self.today:
                self.add_error("starting", _("The start date cannot be before today"))
        return typed

    def _clean_end(self, data: dict[str, Any]) -> date | None:
        """Return the last day; None for an unlimited duration, or where it is wrong."""
        typed, duration = data.get("until"), data.get("duration")
        if duration == Duration.UNTIL:
            if typed is None and "until" not in self.errors:
                self.add_error("until", _("Enter an end date"))
            elif typed is not None and typed <= self.today:
                about = {"date": on_day(self.today)}
                self.add_error("until", _("The end date must be after today, %(date)s") % about)
            return typed
        is_untouched = self.ignores_untouched_date and typed == self.initial.get("until")
        if typed is not None and not is_untouched:
            self.add_error("until", _("Choose “until another date” or clear the date"))
        return self.one_year if duration == Duration.ONE_YEAR else None

    def _check_length(self, starts: date | None, until: date | None, duration: str | None) -> None:
        field = "until" if duration == Duration.UNTIL else "duration"
        if self.errors or until is None:
            return
        if starts is not None and until < starts:
            self.add_error(field, _("The end date cannot be before the start date"))
        elif self.strictest is not None and self.strictest.max_duration_years:
            latest = add_years(starts or self.today, self.strictest.max_duration_years)
            if until > latest:
                self.add_error(field, lasts_too_long(self.strictest, latest))


def _field_for(question: RoleProperty, stored: Any) -> forms.Field:
    """Return the form field that asks a question of the catalogue."""
    language = current_language()
    label, hint = question.label, question.hint
    one = _("Choose an answer for “%(property)s”") % {"property": label}
    options = [
        (option["code"], first_text(option, language, ("nl", "fr", "en"))[0] or option["code"])
        for option in question.options
    ]
    common: dict[str, Any] = {"label": label, "help_text": hint, "required": question.is_required}
    match question.kind:
        case PropertyKind.YES_NO:
            yes_no = [("yes", _("Yes")), ("no", _("No"))]
            initial = None if stored is None else ("yes" if stored else "no")
            field: forms.Field = forms.ChoiceField(
                **common, choices=yes_no, widget=RadioChoices(), initial=initial, error_messages=_same(one)
            )
        case PropertyKind.CHOICE:
            field = forms.ChoiceField(
                **common, choices=options, widget=RadioChoices(), initial=stored, error_messages=_same(one)
            )
        case PropertyKind.CHOICES:
            many = _("Choose at least one answer for “%(property)s”") % {"property": label}
            if not question.is_required:
                options.append((NONE, pgettext("answer", "None")))
                common["required"] = True
            field = forms.MultipleChoiceField(
                **common,
                choices=options,
                widget=CheckboxChoices(),
                initial=[NONE] if stored == [] else stored,
                error_messages={**_same(many), "invalid_list": many},
            )
        case _text:
            limit = {"field": label, "count": RoleProperty.TEXT_LENGTH}
            field = forms.CharField(
                **common,
                max_length=RoleProperty.TEXT_LENGTH,
                initial=stored,
                error_messages={
                    "required": _("Fill in “%(property)s”") % {"property": label},
                    "max_length": _("“%(field)s” can have at most %(count)s characters") % limit,
                },
            )
            field.optional_mark = not question.is_required  # type: ignore[attr-defined]
            field.validators.append(_without_national_number(label))
    return field


def _without_national_number(label: str) -> Callable[[str], None]:
    """Return a validator: neither the draft nor the trail keeps a national register number."""

    def check(value: str) -> None:
        if holds_national_number(value):
            about = {"property": label}
            raise ValidationError(_("Take the national register number out of “%(property)s”") % about)

    return check


def _same(text: str) -> dict[str, str]:
    return {"required": text, "invalid_choice": text}


def _answer(question: RoleProperty, value: Any) -> Any:
    """Return an answer as it is stored and handed to the service."""
    match question.kind:
        case PropertyKind.YES_NO:
            return None if value == "" else value == "yes"
        case PropertyKind.CHOICES:
            return [code for code in value if code != NONE]
        case _other:
            return value
