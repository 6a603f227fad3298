"""Persons, where they work, and the pretend National Register."""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.record import Snapshot
from tenants.fields import FoldedKeyField
from tenants.folding import clean_name, fold, fold_email, without_particles
from tenants.keys import new_key
from tenants.models.organisation import Organisation
from tenants.periods import Period, live_on, one_of, period_in_order
from vault.fields import SealedField
from vault.sealing import blind_index

NATIONAL_NUMBER = "tenants.national_number"


class Language(models.TextChoices):
    """The languages of the portal, each named in itself."""

    FR = "fr", "Français"
    NL = "nl", "Nederlands"
    DE = "de", "Deutsch"
    EN = "en", "English"


def number_index(digits: str) -> str:
    """Return the blind index under which the eleven digits of a national register number are looked up."""
    return blind_index(digits, purpose=NATIONAL_NUMBER)


class WithNationalNumber(models.Model):
    """A national register number, sealed, and its blind index. It is set by `set_national_number` only."""

    national_number = SealedField(purpose=NATIONAL_NUMBER, verbose_name=_("national register number"))
    national_number_index = models.CharField(max_length=64, unique=True, editable=False)

    class Meta:
        abstract = True

    def set_national_number(self, digits: str) -> None:
        """Seal eleven checked digits and compute their index."""
        self.national_number = digits
        self.national_number_index = number_index(digits)


class PersonQuerySet(models.QuerySet["Person"]):
    """Reads of persons."""

    def with_number(self, digits: str) -> "PersonQuerySet":
        """Return the one person with this national register number, or nobody."""
        return self.filter(national_number_index=number_index(digits))


class Person(WithNationalNumber):
    """Somebody the portal knows. Names come from the National Register; e-mail and language are the person's own."""

    Language = Language

    key = models.CharField(max_length=22, unique=True, default=new_key, editable=False)
    given_name = models.CharField(_("first name"), max_length=100)
    family_name = models.CharField(_("last name"), max_length=100)
    email = models.EmailField(_("e-mail address"), blank=True)
    language = models.CharField(_("language"), max_length=2, choices=Language, default=Language.FR)
    wants_digest = models.BooleanField(_("one daily message about the organisations"), default=True)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("known since"), auto_now_add=True)

    # What search reads (SPEED, section 2); written by `fill_keys`, never by hand.
    last_key = FoldedKeyField(max_length=100, editable=False)
    first_key = FoldedKeyField(max_length=100, editable=False)
    last_tail_key = FoldedKeyField(max_length=100, blank=True, editable=False)
    email_key = FoldedKeyField(max_length=254, blank=True, editable=False)
    first_bucket = FoldedKeyField(max_length=3, editable=False)

    KEY_FIELDS = ("last_key", "first_key", "last_tail_key", "email_key", "first_bucket")

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("persons")
        ordering = ["last_key", "first_key", "id"]
        indexes = [
            models.Index(fields=["last_key", "first_key", "id"], name="person_by_last_name"),
            models.Index(fields=["first_key", "last_key", "id"], name="person_by_first_name"),
            models.Index(fields=["first_bucket", "last_key", "first_key", "id"], name="person_by_bucket"),
            models.Index(
                fields=["last_tail_key", "first_key", "id"],
                name="person_by_name_tail",
                condition=~Q(last_tail_key=""),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["email_key"], condition=~Q(email_key=""), name="person_email_belongs_to_one"
            ),
            one_of("language", Language, "person_language_known"),
            models.CheckConstraint(condition=~Q(given_name="") & ~Q(family_name=""), name="person_has_both_names"),
        ]

    def __str__(self) -> str:
        return self.full_name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store the names clean, with their search keys, here and on the person's employments."""
        self.fill_keys()
        if (fields := kwargs.get("update_fields")) is not None:
            kwargs["update_fields"] = {*fields, *self.KEY_FIELDS, "given_name", "family_name"}
        super().save(*args, **kwargs)
        self.employments.exclude(last_key=self.last_key, first_key=self.first_key).update(
            last_key=self.last_key, first_key=self.first_key
        )

    def fill_keys(self) -> None:
        """Clean the names and compute the search keys. `bulk_create` skips `save`: call this before it."""
        self.given_name = clean_name(self.given_name)
        self.family_name = clean_name(self.family_name)
        self.email = self.email.strip()
        self.last_key = fold(self.family_name)[:100]
        self.first_key = fold(self.given_name)[:100]
        tail = without_particles(self.last_key)
        self.last_tail_key = tail if tail != self.last_key else ""
        self.email_key = fold_email(self.email)
        self.first_bucket = self.first_key[:3]

    @property
    def full_name(self) -> str:
        """First name, then last name."""
        return f"{self.given_name} {self.family_name}"

    def audit_snapshot(self) -> Snapshot:
        """Return what an audit row keeps of the person: never the number."""
        return Snapshot("person", self.key, self.full_name)


class EmploymentKind(models.TextChoices):
    """How a person belongs to an organisation."""

    EMPLOYEE = "employee", _("employee")
    LEGAL_REPRESENTATIVE = "legal_representative", _("legal representative")


class EmploymentQuerySet(models.QuerySet["Employment"]):
    """Reads of employments."""

    def live(self, day: date) -> "EmploymentQuerySet":
        """Return those that hold on `day`."""
        return self.filter(live_on(day))

    def representatives(self) -> "EmploymentQuerySet":
        """Return the functions of legal representative only."""
        return self.filter(kind=EmploymentKind.LEGAL_REPRESENTATIVE)


class Employment(Period):
    """A person works for an organisation, or represents it by law."""

    Kind = EmploymentKind

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="employments", verbose_name=_("person"))
    # Three indexes below begin with it: none for it alone.
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="employments",
        verbose_name=_("organisation"),
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=20, choices=EmploymentKind, default=EmploymentKind.EMPLOYEE)

    # The person's name keys, copied: "inside my organisation" is then one range of one index (SPEED, section 2).
    last_key = FoldedKeyField(max_length=100, editable=False)
    first_key = FoldedKeyField(max_length=100, editable=False)

    objects = EmploymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("employment")
        verbose_name_plural = _("employments")
        indexes = [
            models.Index(fields=["organisation", "last_key", "first_key"], name="employment_by_last_name"),
            models.Index(fields=["organisation", "first_key", "last_key"], name="employment_by_first_name"),
            # The few legal representatives among thousands of employees.
            models.Index(fields=["organisation", "kind", "last_key"], name="employment_by_kind"),
        ]
        constraints = [
            period_in_order("employment_period_in_order"),
            one_of("kind", EmploymentKind, "employment_kind_known"),
            models.UniqueConstraint(
                fields=["person", "organisation", "kind"],
                condition=Q(valid_until__isnull=True),
                name="employment_open_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} – {self.organisation.name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Copy the person's name keys, then store."""
        self.fill_keys()
        super().save(*args, **kwargs)

    def fill_keys(self) -> None:
        """Copy the person's name keys; to be called before `bulk_create`."""
        self.last_key, self.first_key = self.person.last_key, self.person.first_key


class RegisteredPerson(WithNationalNumber):
    """An entry of the pretend National Register: everybody who has a demo card, known to the portal or not."""

    key = models.CharField(max_length=22, unique=True, default=new_key, editable=False)
    given_name = models.CharField(_("first name"), max_length=100)
    family_name = models.CharField(_("last name"), max_length=100)
    email = models.EmailField(_("e-mail address"), blank=True)
    language = models.CharField(_("language"), max_length=2, choices=Language, default=Language.FR)
    position = models.PositiveIntegerField(_("position"), default=1000)
    search_key = FoldedKeyField(max_length=200, editable=False)

    class Meta:
        verbose_name = _("entry of the pretend National Register")
        verbose_name_plural = _("entries of the pretend National Register")
        ordering = ["position", "search_key", "id"]
        indexes = [
            models.Index(fields=["position", "search_key", "id"], name="register_by_position"),
            models.Index(fields=["search_key"], name="register_by_name"),
        ]
        constraints = [one_of("language", Language, "register_language_known")]

    def __str__(self) -> str:
        return f"{self.given_name} {self.family_name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the search key beside the names."""
        self.fill_keys()
        super().save(*args, **kwargs)

    def fill_keys(self) -> None:
        """Compute the search key; to be called before `bulk_create`."""
        self.search_key = fold(f"{self.family_name} {self.given_name}")[:200]
