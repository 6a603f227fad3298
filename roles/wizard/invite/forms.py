"""The forms of S17: one person to invite, and the properties with what inviting adds to them."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from roles.errors import Objection
from roles.invitations import is_own_address
from roles.models import AssignmentDraft, DraftInvitee
from roles.models.draft import Start
from roles.reasons import objection_words
from roles.wizard.forms import PropertiesForm
from tenants.folding import clean_name, fold_email
from tenants.models import Person
from tenants.widgets import RadioChoices
from vault.numbers import holds_national_number

NO_ADDRESS = gettext_lazy("Enter an e-mail address like name@example.be")
NAME_LENGTH = 100


class InviteeForm(forms.Form):
    """Somebody to invite. Whether the portal knows the address is not told here, nor looked up."""

    use_required_attribute = False

    given_name = forms.CharField(
        label=gettext_lazy("First name"),
        required=False,
        widget=forms.TextInput(attrs={"size": 30, "autocomplete": "off", "spellcheck": "false"}),
    )
    family_name = forms.CharField(
        label=gettext_lazy("Last name"),
        required=False,
        help_text=gettext_lazy("As on the identity card: only somebody with this last name can accept."),
        widget=forms.TextInput(attrs={"size": 30, "autocomplete": "off", "spellcheck": "false"}),
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        error_messages={"required": NO_ADDRESS, "invalid": NO_ADDRESS, "max_length": NO_ADDRESS},
        widget=forms.EmailInput(attrs={"size": 45, "autocomplete": "off", "spellcheck": "false"}),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language of the e-mail"),
        choices=Person.Language.choices,
        error_messages={
            "required": gettext_lazy("Choose a language"),
            "invalid_choice": gettext_lazy("Choose a language"),
        },
        widget=RadioChoices,
    )

    def __init__(self, data: Any = None, *, inviter: Person, listed: list[DraftInvitee]) -> None:
        self.inviter, self.listed = inviter, listed
        super().__init__(data, initial={"language": listed[-1].language} if listed else None)

    @property
    def is_untouched(self) -> bool:
        """Whether nothing was typed: a chosen language alone is nobody."""
        return not any(self.data.get(name, "").strip() for name in ("given_name", "family_name", "email"))

    def clean_given_name(self) -> str:
        """Return the first name as it is stored."""
        return _name(self.cleaned_data["given_name"], _("First name"))

    def clean_family_name(self) -> str:
        """Return the last name as it is stored."""
        return _name(self.cleaned_data["family_name"], _("Last name"))

    def clean_email(self) -> str:
        """Return the address: of nobody in the list, and not one's own."""
        email = str(self.cleaned_data["email"])
        key = fold_email(email)
        if holds_national_number(email):
            raise ValidationError(_("Take the national register number out of the text"))
        if is_own_address(key, self.inviter):
            raise ValidationError(objection_words(Objection("people", "own_address")))
        for invitee in self.listed:
            if invitee.email_key == key:
                raise ValidationError(_("%(name)s is already in the list") % {"name": str(invitee)})
        return email

    def clean(self) -> dict[str, Any]:
        """Refuse digits in names: a letter and the trail join both names, and two halves would make a whole number."""
        cleaned = self.cleaned_data
        names = {name: cleaned[name] for name in ("given_name", "family_name") if name in cleaned}
        words = _("A name has no digits. Take them out")
        if holds_national_number(" ".join(names.values())):
            words = _("Take the national register number out of the text")
        for name, text in names.items():
            if any(character.isdigit() for character in text):
                self.add_error(name, words)
        return cleaned


def _name(typed: str, label: str) -> str:
    name = clean_name(typed)
    if not name:
        raise ValidationError(_("Fill in “%(property)s”") % {"property": label})
    if len(name) > NAME_LENGTH:
        limit = {"field": label, "count": NAME_LENGTH}
        raise ValidationError(_("“%(field)s” can have at most %(count)s characters") % limit)
    return name


class InvitePropertiesForm(PropertiesForm):
    """Step 4 of the wizard, with the message of the letter; "today" is the day of the answer."""

    message = forms.CharField(
        label=gettext_lazy("Message to these people"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 60}),
    )

    def __init__(self, *args: Any, message: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        start, field = self.fields["start"], self.fields["message"]
        choices = [
            (Start.TODAY.value, _("On the day on which the person accepts")),
            (Start.DATE.value, str(Start.DATE.label)),
        ]
        start.choices = choices  # type: ignore[attr-defined]
        start.widget.choices = choices
        field.initial = message
        field.optional_mark = True  # type: ignore[attr-defined]
        field.help_text = _("At most %(count)s characters. Do not write a national register number.") % {
            "count": AssignmentDraft.MESSAGE_LENGTH
        }

    def clean_message(self) -> str:
        """Return the message on one line, short enough and without a number."""
        message = " ".join(str(self.cleaned_data["message"]).split())
        if len(message) > AssignmentDraft.MESSAGE_LENGTH:
            about = {"field": _("Message to these people"), "count": AssignmentDraft.MESSAGE_LENGTH}
            raise ValidationError(_("“%(field)s” can have at most %(count)s characters") % about)
        if holds_national_number(message):
            raise ValidationError(_("Take the national register number out of the text"))
        return message
