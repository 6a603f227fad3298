"""The form of a client in the administration."""

import re
from base64 import urlsafe_b64decode
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from oauth2_provider.generators import generate_client_id

from fas.addresses import why_not_an_address
from fas.hashers import ALGORITHM, new_secret
from fas.models import Client
from fas.outbound import literal_of, may_reach
from fas.scopes import ALL_SCOPES, SCOPES, SERVICE_SCOPES, acr_of
from tenants.acting import Level
from vault.admin_base import DiscreetForm

ADDRESSES = ("redirect_uris", "post_logout_redirect_uris", "request_return_uris")
# What the toolkit calls them is for those who know the protocol, and in English.
LABELS = {
    "client_id": _("Identifier (client_id)"),
    "redirect_uris": _("Addresses to come back to after signing in (redirect_uri)"),
    "post_logout_redirect_uris": _("Addresses to come back to after signing out"),
}
ONE_PER_LINE = _("One per line.")
_CLIENT_ID = re.compile(r"[A-Za-z0-9._-]{3,100}")
_MOST_KEYS = 10
_SMALLEST_RSA = 2048  # bits
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


class ScopesField(forms.MultipleChoiceField):
    """Scopes to tick; kept as words in one text."""

    widget = forms.CheckboxSelectMultiple

    def prepare_value(self, value: Any) -> Any:
        """Return the words."""
        return value.split() if isinstance(value, str) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare the words, in any order."""
        return set(self.prepare_value(initial) or ()) != set(data or ())

    def clean(self, value: Any) -> str:
        """Return one text, in the order in which the scopes are listed."""
        chosen = super().clean(value)
        return " ".join(scope for scope in ALL_SCOPES if scope in chosen)


def _scope_choices() -> list[tuple[str, Any]]:
    own = {name: _("%(scope)s – of the service itself, without a person") % {"scope": name} for name in SERVICE_SCOPES}
    words = {name: f"{name} – {scope.about}" if scope.about else name for name, scope in SCOPES.items()}
    return list({**words, **own}.items())


class ClientForm(DiscreetForm):
    """A client. Its secret is no field: the portal makes it, and only its hash goes into the row."""

    secret = ""

    scopes = ScopesField(label=capfirst(_("scopes it may ask")), choices=_scope_choices)
    minimum_level = forms.TypedChoiceField(
        label=capfirst(_("level it always asks")), choices=[(int(level), acr_of(level)) for level in Level], coerce=int
    )

    class Meta:
        model = Client
        fields = (
            "name",
            "client_id",
            "service",
            "is_enabled",
            *ADDRESSES,
            "backchannel_logout_uri",
            "request_jwks",
            "scopes",
            "roles_as",
            "minimum_level",
            "requests_per_minute",
            "requires_pkce",
        )
        labels = LABELS
        help_texts = dict.fromkeys(ADDRESSES, ONE_PER_LINE)
        widgets = {name: forms.Textarea({"rows": 3, "cols": 90, "spellcheck": "false"}) for name in ADDRESSES}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "client_id" in self.fields:
            self.fields["client_id"].initial = generate_client_id()
        if "requests_per_minute" in self.fields:
            self.fields["requests_per_minute"].validators.append(MinValueValidator(1))
        if "scopes" in self.fields:
            self.fields["scopes"].initial = str(Client._meta.get_field("scopes").get_default()).split()
        for name in ("name", "redirect_uris"):
            if name in self.fields:
                self.fields[name].required = True

    def clean(self) -> dict[str, Any]:
        """Make the secret of a new client."""
        if self.instance._state.adding:
            self.secret = new_secret()
            self.instance.client_secret = make_password(self.secret, hasher=ALGORITHM)
        return super().clean()

    def clean_client_id(self) -> str:
        """Keep to what stands in an address and a header without being written otherwise."""
        text = str(self.cleaned_data["client_id"])
        if not _CLIENT_ID.fullmatch(text):
            raise ValidationError(_("3 to 100 letters, digits, dots, hyphens and underscores."))
        return text

    def clean_backchannel_logout_uri(self) -> str:
        """Refuse a host to which nothing would be sent. What a name leads to is seen at each sending."""
        address = str(self.cleaned_data["backchannel_logout_uri"]).strip()
        if why_not_an_address(address):
            return address  # which the client itself will say
        literal = literal_of(urlsplit(address).hostname or "")
        if literal is not None and not may_reach(literal):
            if literal.is_loopback:
                raise ValidationError(_("The portal sends nothing to its own machine."))
            raise ValidationError(_("The portal sends nothing into private networks."))
        return address

    def clean_request_jwks(self) -> dict[str, Any]:
        """Take public keys only, each with a name, of the two kinds that count."""
        value = self.cleaned_data["request_jwks"]
        if value is None or value == {}:
            return {}
        keys = value.get("keys") if isinstance(value, dict) else None
        if not isinstance(keys, list) or set(value) != {"keys"} or len(keys) > _MOST_KEYS:
            raise ValidationError(_('Paste a key set: {"keys": [ … ]}, with no more than ten keys.'))
        names = [key.get("kid") if isinstance(key, dict) else None for key in keys]
        if not all(isinstance(name, str) and name for name in names) or len(set(names)) != len(names):
            raise ValidationError(_("Each key needs a name of its own (kid)."))
        for key in keys:
            _require_public_key(key)
        return {"keys": keys}


def _require_public_key(key: dict[str, Any]) -> None:
    """Refuse a private key, which nobody but the service may hold, and one that is weak or of another kind."""
    if _PRIVATE & set(key):
        raise ValidationError(_("This is a private key. It is known now to more than its owner: make a new one."))
    try:
        if key.get("kty") == "RSA" and _bits(key["n"]) >= _SMALLEST_RSA:
            RSAKey.import_key(key)
            return
        if (key.get("kty"), key.get("crv")) == ("EC", "P-256"):
            ECKey.import_key(key)
            return
    except (JoseError, ValueError, TypeError, KeyError):
        pass
    raise ValidationError(_("A key is RSA with at least 2048 bits, or EC on P-256."))


def _bits(number: str) -> int:
    """Return the length of a number that is written in URL-safe base64. Raises ValueError."""
    return int.from_bytes(urlsafe_b64decode(number + "=" * (-len(number) % 4))).bit_length()
