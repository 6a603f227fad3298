"""Who has to confirm: a small table that staff can change (DOMAIN 4.2)."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from roles.models.assignment import Confirmer
from tenants.models.organisation import OrganisationStatus
from tenants.periods import one_of

# What a new database starts with. A stopped organisation has no row: nothing can be assigned for it.
DEFAULTS = {
    (OrganisationStatus.NORMAL, True): Confirmer.NOBODY,
    (OrganisationStatus.NORMAL, False): Confirmer.NOBODY,
    (OrganisationStatus.NEW, True): Confirmer.MANAGER,
    (OrganisationStatus.NEW, False): Confirmer.ASSIGNEE,
    (OrganisationStatus.SPECIAL, True): Confirmer.MANAGER,
    (OrganisationStatus.SPECIAL, False): Confirmer.ASSIGNEE,
}


class ConfirmationRule(models.Model):
    """For an organisation of this status, a role given to oneself (or to somebody else) is confirmed by `confirmer`."""

    organisation_status = models.CharField(_("status of the organisation"), max_length=10, choices=OrganisationStatus)
    to_oneself = models.BooleanField(_("given to oneself"))
    confirmer = models.CharField(_("to be confirmed by"), max_length=10, choices=Confirmer)

    class Meta:
        verbose_name = _("confirmation rule")
        verbose_name_plural = _("confirmation rules")
        ordering = ["organisation_status", "to_oneself"]
        constraints = [
            models.UniqueConstraint(fields=["organisation_status", "to_oneself"], name="confirmation_rule_once"),
            one_of("organisation_status", OrganisationStatus, "confirmation_rule_status_known"),
            one_of("confirmer", Confirmer, "confirmation_rule_confirmer_known"),
            models.CheckConstraint(
                condition=~models.Q(organisation_status=OrganisationStatus.STOPPED),
                name="confirmation_rule_not_for_stopped",
            ),
        ]

    def __str__(self) -> str:
        target = _("to oneself") if self.to_oneself else _("to somebody else")
        return f"{self.get_organisation_status_display()}, {target}: {self.get_confirmer_display()}"


def ensure_confirmation_rules(**_kwargs: Any) -> None:
    """Add the rows of the table that are missing; what staff changed stays. Runs after every migrate."""
    for (status, to_oneself), confirmer in DEFAULTS.items():
        ConfirmationRule.objects.get_or_create(
            organisation_status=status, to_oneself=to_oneself, defaults={"confirmer": confirmer}
        )
