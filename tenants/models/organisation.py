"""Organisations as the Crossroads Bank for Enterprises knows them, and their establishment units."""

from typing import Any

from django.db import models
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from audit.record import Snapshot
from tenants.fields import FoldedKeyField
from tenants.folding import clean_name, fold, word_starts
from tenants.identifiers import format_enterprise_number, format_establishment_number
from tenants.keys import new_key
from tenants.names import NamedInFourLanguages, has_a_name
from tenants.periods import one_of


class OrganisationStatus(models.TextChoices):
    """A stored fact, changed by the import and by staff; it decides who must confirm (DOMAIN 4.2)."""

    NORMAL = "normal", _("normal")
    NEW = "new", _("new")
    SPECIAL = "special", _("special situation")
    STOPPED = "stopped", _("stopped")


class Organisation(NamedInFourLanguages):
    """One enterprise. It is never deleted: what has ceased is `stopped` and keeps its history."""

    Status = OrganisationStatus

    key = models.CharField(max_length=22, unique=True, default=new_key, editable=False)
    enterprise_number = models.CharField(_("enterprise number"), max_length=10, unique=True)
    legal_form = models.CharField(_("legal form"), max_length=10, blank=True)
    juridical_situation = models.CharField(_("legal situation"), max_length=3, default="000")
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.NORMAL)
    started_on = models.DateField(_("start date"), null=True, blank=True)
    street = models.CharField(_("street"), max_length=200, blank=True)
    house_number = models.CharField(_("house number"), max_length=30, blank=True)
    box = models.CharField(_("box"), max_length=30, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=10, blank=True)
    municipality = models.CharField(_("municipality"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["enterprise_number"]
        constraints = [
            has_a_name("organisation_has_a_name"),
            one_of("status", OrganisationStatus, "organisation_status_known"),
            models.CheckConstraint(
                condition=Exact(Length("enterprise_number"), 10), name="organisation_number_ten_digits"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.formatted_number})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store the names clean, and keep their search keys beside them."""
        self.clean_names()
        super().save(*args, **kwargs)
        OrganisationNameKey.objects.filter(organisation=self).delete()
        OrganisationNameKey.objects.bulk_create(self.name_keys())

    def clean_names(self) -> None:
        """Normalise the four names in place."""
        for field in ("name_fr", "name_nl", "name_de", "name_en"):
            setattr(self, field, clean_name(getattr(self, field)))

    def name_keys(self) -> list["OrganisationNameKey"]:
        """Return the unsaved search keys of all names: one for each word a person may begin with."""
        names = {fold(name) for name in (self.name_fr, self.name_nl, self.name_de, self.name_en)}
        keys = {key[:100] for name in names for key in word_starts(name)}
        return [OrganisationNameKey(organisation=self, name_key=key) for key in sorted(keys)]

    @property
    def formatted_number(self) -> str:
        """The number as people write it: 0999.999.922."""
        return format_enterprise_number(self.enterprise_number)

    @property
    def is_stopped(self) -> bool:
        """Whether it is no longer in the Crossroads Bank."""
        return self.status == OrganisationStatus.STOPPED

    def audit_snapshot(self) -> Snapshot:
        """Return what an audit row keeps of it."""
        return Snapshot("organisation", self.key, self.name_in("fr"))


class OrganisationNameKey(models.Model):
    """A folded name of an organisation from one of its words on; searched as a range."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="name_keys_stored", verbose_name=_("organisation")
    )
    name_key = FoldedKeyField(_("name for searching"), max_length=100)

    class Meta:
        verbose_name = _("search key of an organisation")
        verbose_name_plural = _("search keys of organisations")
        indexes = [models.Index(fields=["name_key", "organisation"], name="organisation_name_key")]
        constraints = [models.UniqueConstraint(fields=["organisation", "name_key"], name="organisation_name_key_once")]

    def __str__(self) -> str:
        return self.name_key


class EstablishmentUnit(models.Model):
    """A place where an organisation works, with a number of its own."""

    number = models.CharField(_("establishment number"), max_length=10, unique=True)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="establishments", verbose_name=_("organisation")
    )
    name = models.CharField(_("name"), max_length=200, blank=True)
    street = models.CharField(_("street"), max_length=200, blank=True)
    house_number = models.CharField(_("house number"), max_length=30, blank=True)
    box = models.CharField(_("box"), max_length=30, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=10, blank=True)
    municipality = models.CharField(_("municipality"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("establishment unit")
        verbose_name_plural = _("establishment units")
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(condition=Exact(Length("number"), 10), name="establishment_number_ten_digits"),
        ]

    def __str__(self) -> str:
        return f"{self.name or self.municipality} ({format_establishment_number(self.number)})"
