"""The forms of role requests: what somebody asks for (S13), and what is decided (S15)."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from roles.models import AssignmentDraft, DraftRole, RoleAssignment, RoleRequest
from roles.reasons import on_day
from roles.wizard.forms import AskedRole, PropertiesForm
from tenants.periods import add_years
from tenants.widgets import RadioChoices
from vault.numbers import holds_national_number

Duration, Start = AssignmentDraft.Duration, AssignmentDraft.Start
APPROVE, REFUSE = "approve", "refuse"
_MOST = RoleRequest.MOTIVATION_LENGTH
_HINT = gettext_lazy("At most %(count)s characters. Do not write a national register number.")


def _textarea(rows: int = 3) -> forms.Textarea:
    return forms.Textarea({"rows": rows, "cols": 60})


def _short_text(value: str, label: Any) -> str:
    """Return a free text in one line. Raises ValidationError for one that is too long or holds a number."""
    text = " ".join(value.split())
    if len(text) > _MOST:
        about = {"field": label, "count": _MOST}
        raise ValidationError(_("“%(field)s” can have at most %(count)s characters") % about)
    if holds_national_number(text):
        raise ValidationError(_("Take the national register number out of the text"))
    return text


class _WithoutQuestions(PropertiesForm):
    """Step 4 of the wizard without what the roles ask: only how long and from when."""

    def leave_out(self, *names: str) -> None:
        """Take fields off the form."""
        for name in names:
            del self.fields[name]

    def leave_out_questions(self) -> None:
        """Take off what the roles ask; how long they may last still counts."""
        self.leave_out(*self.questions)
        self.questions = {}


class WishForm(_WithoutQuestions):
    """How long, from when, and why. The questions of the roles are for whoever decides."""

    motivation = forms.CharField(
        required=False, label=gettext_lazy("Why do you need these roles?"), widget=_textarea(), strip=False
    )

    def __init__(self, data: Any = None, *, stored: dict[str, Any], chosen: Sequence[AskedRole], today: date) -> None:
        super().__init__(data, stored=stored, chosen=chosen, today=today)
        self.leave_out_questions()
        self.fields["duration"].label = _("How long do you need these roles?")
        self.fields["start"].label = _("From when do you need them?")
        motivation = self.fields["motivation"]
        motivation.help_text = _HINT % {"count": _MOST}
        motivation.optional_mark = True  # type: ignore[attr-defined]

    def clean_motivation(self) -> str:
        """Return the reason in one line."""
        return _short_text(self.cleaned_data["motivation"], _("Reason"))


class DecisionForm(_WithoutQuestions):
    """Approve or refuse. The validity and the questions of the role count for an approval, the reason for a refusal."""

    decision = forms.ChoiceField(
        label=gettext_lazy("Your decision"),
        choices=[(APPROVE, gettext_lazy("Approve")), (REFUSE, gettext_lazy("Refuse"))],
        widget=RadioChoices(),
        error_messages={
            "required": gettext_lazy("Choose “approve” or “refuse”"),
            "invalid_choice": gettext_lazy("Choose “approve” or “refuse”"),
        },
    )
    note = forms.CharField(
        required=False, label=gettext_lazy("Reason for your decision"), widget=_textarea(), strip=False
    )
    field_order = ["decision", "duration", "until", "start", "starting"]
    # The date that was asked for stands there already; whoever chooses another duration need not clear it.
    ignores_untouched_date = True

    def __init__(
        self,
        data: Any = None,
        *,
        role_request: RoleRequest,
        extends: RoleAssignment | None,
        today: date,
    ) -> None:
        before = role_request.extends.properties if role_request.extends else {}
        asked = DraftRole(role=role_request.role, properties=before)
        super().__init__(data, stored=_as_asked(role_request, today), chosen=[asked], today=today)
        self.fields["note"] = self.fields.pop("note")  # after the questions of the role: errors stand in that order
        if extends is not None:
            # The row that goes on keeps its answers, and goes on at once.
            self.leave_out_questions()
            self.leave_out("start", "starting")
        else:
            self.fields["start"].label = _("When does it start?")
        self.fields["duration"].label = _("How long is this role valid?")
        self._offer_no_more_than(role_request.valid_until)
        self.fields["note"].help_text = _(
            "Needed when you refuse. %(name)s reads it in the e-mail. At most %(count)s characters. "
            "Do not write a national register number."
        ) % {"name": role_request.requester.full_name, "count": _MOST}

    def _offer_no_more_than(self, asked: date | None) -> None:
        """Leave out the durations that are longer than what was asked."""
        if asked is None:
            return
        longer = {Duration.UNLIMITED} | ({Duration.ONE_YEAR} if self.one_year > asked else set())
        field: Any = self.fields["duration"]
        field.choices = [(value, label) for value, label in field.choices if value not in longer]
        field.help_text = _("Asked: until %(date)s. You can choose a shorter time, not a longer one.") % {
            "date": on_day(asked)
        }

    @property
    def is_approval(self) -> bool:
        """Whether the answer is yes."""
        return self.cleaned_data.get("decision") == APPROVE

    def clean_note(self) -> str:
        """Return the reason in one line."""
        return _short_text(self.cleaned_data["note"], _("Reason for your decision"))

    def clean(self) -> dict[str, Any]:
        """Check what counts for the decision that was chosen, and nothing else."""
        if self.is_approval:
            return super().clean()
        for name in [name for name in self.errors if name not in ("decision", "note")]:
            del self.errors[name]
        data: dict[str, Any] = self.cleaned_data
        if data.get("decision") == REFUSE and data.get("note") == "":
            self.add_error("note", _("Say why you refuse"))
        return data


def _as_asked(role_request: RoleRequest, today: date) -> dict[str, Any]:
    """Return the validity that was asked for, as the form shows it."""
    starts_later = role_request.valid_from > today
    until = role_request.valid_until
    is_one_year = until == add_years(today, 1)
    return {
        "duration": Duration.UNLIMITED if until is None else Duration.ONE_YEAR if is_one_year else Duration.UNTIL,
        "until": None if is_one_year else until,
        "start": Start.DATE if starts_later else Start.TODAY,
        "starting": role_request.valid_from if starts_later else None,
    }
