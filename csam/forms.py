"""The form of one's own contact data."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tenants.models import Person
from tenants.widgets import RadioChoices


class ContactForm(forms.Form):
    """E-mail address and language. The address is on it only where it may be changed."""

    email = forms.EmailField(
        label=_("E-mail address for messages"),
        help_text=_("We write to you here when you receive a role."),
        max_length=254,
        required=False,
        error_messages={"invalid": _("Enter an e-mail address like name@example.be")},
        widget=forms.EmailInput(attrs={"autocomplete": "email", "size": 45, "spellcheck": "false"}),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=Person.Language.choices,
        error_messages={"required": _("Choose a language"), "invalid_choice": _("Choose a language")},
        widget=RadioChoices,
    )

    def __init__(self, *args: Any, may_change_email: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if may_change_email:
            self.fields["email"].optional_mark = True  # type: ignore[attr-defined]
        else:
            del self.fields["email"]
