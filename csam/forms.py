"""The forms of one's own data."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tenants.folding import fold_email
from tenants.models import Person
from tenants.widgets import RadioChoices

NO_ADDRESS = _("Enter an e-mail address like name@example.be")


def address_field(**options: Any) -> forms.EmailField:
    """Return the field for an address at which the portal writes to somebody."""
    return forms.EmailField(
        max_length=254,
        error_messages={"required": NO_ADDRESS, "invalid": NO_ADDRESS, "max_length": NO_ADDRESS},
        widget=forms.EmailInput(attrs={"autocomplete": "email", "size": 45, "spellcheck": "false"}),
        **options,
    )


def language_field() -> forms.ChoiceField:
    """Return the choice of a language."""
    return forms.ChoiceField(
        label=_("Language of pages and messages"),
        choices=Person.Language.choices,
        error_messages={"required": _("Choose a language"), "invalid_choice": _("Choose a language")},
        widget=RadioChoices,
    )


class FirstCheckForm(forms.Form):
    """What somebody checks at the first sign-in: the address (where it may be changed) and the language."""

    email = address_field(
        label=_("E-mail address for messages"),
        help_text=_("We write to you here when you receive a role. We send a code to a new address first."),
        required=False,
    )
    language = language_field()

    def __init__(self, *args: Any, may_change_email: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if may_change_email:
            self.fields["email"].optional_mark = True  # type: ignore[attr-defined]
        else:
            del self.fields["email"]


class PreferencesForm(forms.Form):
    """Language, and for access managers whether one message a day sums up what waits."""

    language = language_field()
    digest = forms.ChoiceField(
        label=_("One daily message about your organisations"),
        help_text=_(
            "It names roles that wait for your confirmation and roles that end soon. None comes when there is nothing."
        ),
        choices=[("yes", _("Yes")), ("no", _("No"))],
        error_messages={"required": _("Choose “Yes” or “No”"), "invalid_choice": _("Choose “Yes” or “No”")},
        widget=RadioChoices,
    )

    def __init__(self, *args: Any, is_manager: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_manager:
            del self.fields["digest"]


class NewAddressForm(forms.Form):
    """The new address for messages."""

    email = address_field(
        label=_("New e-mail address"),
        help_text=_("We send a code to this address. The address counts once you have typed the code."),
    )

    def __init__(self, *args: Any, present: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.present = present

    def clean_email(self) -> str:
        """Refuse the address that is there already: no code is needed for it."""
        email: str = self.cleaned_data["email"]
        if self.present and fold_email(email) == fold_email(self.present):
            raise forms.ValidationError(_("We already write to you at this address"), code="same")
        return email


def code_field(*, label: Any, help_text: Any, fill_in: Any, size: int) -> forms.CharField:
    """Return the field for a code: one field, paste allowed."""
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=40,
        error_messages={"required": fill_in, "max_length": fill_in},
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "size": size, "spellcheck": "false"}
        ),
    )


class MailCodeForm(forms.Form):
    """The code that came by e-mail."""

    code = code_field(
        label=_("Security code"),
        help_text=_("8 digits, in the e-mail that brings the code"),
        fill_in=_("Fill in “Security code”"),
        size=9,
    )


class AppCodeForm(forms.Form):
    """The code that an app shows."""

    code = code_field(
        label=_("Code in the app"),
        help_text=_("6 digits. The app shows a new code every 30 seconds."),
        fill_in=_("Fill in “Code in the app”"),
        size=7,
    )
