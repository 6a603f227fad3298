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
