"""What clients read at the look-up interface: where assignments changed, and how often a client has asked."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from fas.models.client import Client
from roles.models import RoleAssignment


class RoleChange(models.Model):
    """Something about an assignment is no longer as it was; what it is now, is read from the assignment.

    Written by triggers (`fas.change_triggers`), in the transaction of the act. `position` comes afterwards, from a job
    that works alone: numbers without a gap, in the order in which they can be read. Whoever has read up to one of them
    misses nothing, however long other transactions took.
    """

    assignment = models.ForeignKey(
        RoleAssignment, on_delete=models.CASCADE, related_name="+", verbose_name=_("role assignment"), db_index=False
    )
    position = models.BigIntegerField(_("position"), null=True, blank=True, unique=True)
    sealed_at = models.DateTimeField(_("readable since"), null=True, blank=True)

    class Meta:
        verbose_name = _("change of a role assignment")
        verbose_name_plural = _("changes of role assignments")
        default_permissions = ("view",)
        indexes = [models.Index(fields=["id"], name="role_change_unsealed", condition=Q(position__isnull=True))]
        constraints = [
            models.CheckConstraint(
                condition=Q(position__isnull=True, sealed_at__isnull=True)
                | Q(position__isnull=False, position__gte=1, sealed_at__isnull=False),
                name="role_change_sealed_whole",
            ),
        ]

    def __str__(self) -> str:
        return str(self.position or "–")


class ClientUse(models.Model):
    """How often a client has asked on one day, and within the minute `window` of it.

    Processes take requests from it by the handful (`fas.operations.use`), so both may be a few more than were asked.
    """

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="uses", verbose_name=_("client"))
    day = models.DateField(_("day"))
    window = models.DateTimeField(_("minute"))
    taken = models.PositiveIntegerField(_("requests in this minute"), default=0)
    total = models.PositiveBigIntegerField(_("requests on this day"), default=0)

    class Meta:
        verbose_name = _("use by a client")
        verbose_name_plural = _("uses by clients")
        ordering = ["-day", "-id"]
        default_permissions = ("view",)
        constraints = [models.UniqueConstraint(fields=["client", "day"], name="client_use_once_a_day")]

    def __str__(self) -> str:
        return f"{self.client} – {self.day}"
