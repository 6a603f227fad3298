"""What people type at the identity provider."""

from django import forms
from django.utils.translation import gettext_lazy as _


class AddressForm(forms.Form):
    """The address to which the code goes."""

    address = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        error_messages={
            "required": _("Enter an e-mail address like name@example.be"),
            "invalid": _("Enter an e-mail address like name@example.be"),
            "max_length": _("Enter an e-mail address like name@example.be"),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email", "size": 45, "spellcheck": "false"}),
    )


class CodeForm(forms.Form):
    """The code that came by e-mail: one field, paste allowed."""

    code = forms.CharField(
        label=_("Security code"),
        help_text=_("8 digits, in the message with the subject “Your security code”"),
        max_length=40,
        error_messages={
            "required": _("Fill in “Security code”"),
            "max_length": _("Fill in “Security code”"),
        },
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "size": 9, "spellcheck": "false"}
        ),
    )
