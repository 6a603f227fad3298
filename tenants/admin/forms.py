"""Forms of the administration about parties and mandates."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.folding import fold_email
from tenants.identifiers import (
    IdentifierError,
    parse_enterprise_number,
    parse_establishment_number,
    parse_national_number,
)
from tenants.models import AccessManagerAppointment, EstablishmentUnit, Organisation, Person, RegisteredPerson
from tenants.models.person import number_index
from tenants.names import LANGUAGES
from tenants.operations import require_chief_is_linked
from vault.admin_base import DiscreetForm

NOT_A_NUMBER = _("This is not a national register number. Check the eleven digits.")


class NationalNumberField(forms.CharField):
    """Takes a national register number in any spelling; gives its eleven digits."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("National register number"))
        super().__init__(max_length=40, widget=forms.TextInput({"autocomplete": "off"}), **kwargs)

    def clean(self, value: Any) -> str:
        """Return the digits, or raise ValidationError."""
        text = super().clean(value)
        try:
            number = parse_national_number(
                text, today=timezone.localdate(), specimens=settings.SPECIMEN_NATIONAL_NUMBERS
            )
        except IdentifierError as error:
            raise ValidationError(NOT_A_NUMBER, code=error.code) from None
        return number.digits


class NumberLookupForm(forms.Form):
    """The exact number of one person, by POST only."""

    number = NationalNumberField()


class NamedForm(DiscreetForm):
    """Something with a name in four languages, at least one of them filled."""

    def clean(self) -> dict[str, Any]:
        """Ask for a name."""
        cleaned = super().clean()
        names = [f"name_{language}" for language in LANGUAGES]
        if not any(cleaned.get(name) or name in self.errors for name in names):
            self.add_error(None, _("Enter a name in at least one language."))
        return cleaned


class OrganisationForm(NamedForm):
    """An organisation; its number is typed once, when it is added."""

    class Meta:
        model = Organisation
        fields = (
            "enterprise_number",
            "name_fr",
            "name_nl",
            "name_de",
            "name_en",
            "legal_form",
            "juridical_situation",
            "status",
            "started_on",
            "street",
            "house_number",
            "box",
            "postal_code",
            "municipality",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if number := self.fields.get("enterprise_number"):
            number.max_length = 20  # type: ignore[attr-defined]
            number.validators = []
            number.widget.attrs["maxlength"] = "20"

    def clean_enterprise_number(self) -> str:
        """Return ten digits from any spelling."""
        try:
            return parse_enterprise_number(self.cleaned_data["enterprise_number"])
        except IdentifierError as error:
            raise ValidationError(_("This is not an enterprise number. Check the ten digits."), error.code) from None


class EstablishmentUnitForm(DiscreetForm):
    """An establishment unit; its number and its organisation are chosen once."""

    class Meta:
        model = EstablishmentUnit
        fields = ("number", "organisation", "name", "street", "house_number", "box", "postal_code", "municipality")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if number := self.fields.get("number"):
            number.max_length = 20  # type: ignore[attr-defined]
            number.validators = []
            number.widget.attrs["maxlength"] = "20"

    def clean_number(self) -> str:
        """Return ten digits from any spelling."""
        try:
            return parse_establishment_number(self.cleaned_data["number"])
        except IdentifierError as error:
            raise ValidationError(_("This is not an establishment number. Check the ten digits."), error.code) from None


class WithNumberForm(DiscreetForm):
    """Somebody with a national register number, which is typed when they are added and never shown again."""

    number_fields = frozenset({"number"})
    private_fields = frozenset({"email"})

    number = NationalNumberField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields.pop("number", None)

    def clean_number(self) -> str:
        """Refuse the number of somebody who is there already."""
        digits: str = self.cleaned_data["number"]
        if self._meta.model.objects.filter(national_number_index=number_index(digits)).exists():
            raise ValidationError(_("Somebody with this number is known already."), code="known")
        return digits

    def _post_clean(self) -> None:
        """Seal the number, so that the constraints are checked on what will be stored."""
        if digits := self.cleaned_data.get("number"):
            self.instance.set_national_number(digits)
        super()._post_clean()


class PersonForm(WithNumberForm):
    """A person. The names are those of the National Register."""

    class Meta:
        model = Person
        fields = ("given_name", "family_name", "email", "language", "is_active")

    def clean_email(self) -> str:
        """Refuse the address of somebody else: one can sign in by it."""
        email: str = self.cleaned_data["email"]
        key = fold_email(email)
        if key and Person.objects.filter(email_key=key).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("Somebody else already receives messages at this address"), code="taken")
        return email


class RegisteredPersonForm(WithNumberForm):
    """An entry of the pretend National Register: a demo card."""

    class Meta:
        model = RegisteredPerson
        fields = ("given_name", "family_name", "email", "language", "position")


class AppointmentForm(DiscreetForm):
    """A new access manager. The operation appoints; here every reason against it is said beforehand."""

    checks_constraints = False  # the operation checks them, after the present chief's end

    replaces_chief = forms.BooleanField(
        label=_("End the appointment of the present chief access manager"),
        help_text=_("An organisation has one chief access manager. The next one replaces the present one at once."),
        required=False,
    )

    class Meta:
        model = AccessManagerAppointment
        fields = ("organisation", "person", "kind", "domain", "valid_from", "valid_until")

    def clean(self) -> dict[str, Any]:
        """Say in words what the operation and the constraints would refuse."""
        cleaned = super().clean()
        organisation, person, kind = (cleaned.get(name) for name in ("organisation", "person", "kind"))
        domain, start, end = (cleaned.get(name) for name in ("domain", "valid_from", "valid_until"))
        kinds = AccessManagerAppointment.Kind
        if kind == kinds.DOMAIN and domain is None and "domain" not in self.errors:
            self.add_error("domain", _("Choose the domain."))
        if kind in (kinds.CHIEF, kinds.CO_CHIEF) and domain is not None:
            self.add_error("domain", _("Only an access manager of a domain has a domain."))
        if start and end and end < start:
            self.add_error("valid_until", _("The end date must not be before the start date."))
        if not (organisation and person and kind) or self.errors:
            return cleaned
        same_kind = AccessManagerAppointment.objects.filter(organisation=organisation, kind=kind)
        open_ones = same_kind.standing(timezone.localdate())
        if kind == kinds.CHIEF:
            if open_ones.exists() and not cleaned.get("replaces_chief"):
                self.add_error("replaces_chief", _("The organisation has a chief access manager already."))
            try:
                require_chief_is_linked(person, organisation, now=timezone.now())
            except ValidationError as error:
                self.add_error("person", error)
        elif open_ones.filter(person=person, domain=domain).exists():
            self.add_error("person", _("This person has this function already."))
        return cleaned
