"""Counted tries."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Throttle(models.Model):
    """How often somebody tried something in the running window. Who it was, only the one who asks again knows."""

    scope = models.CharField(_("what is counted"), max_length=60)
    subject = models.CharField(_("who, as a hash"), max_length=64)
    tries = models.PositiveIntegerField(_("tries"))
    ends_at = models.DateTimeField(_("end of the window"))

    class Meta:
        verbose_name = _("counted tries")
        verbose_name_plural = _("counted tries")
        constraints = [
            models.UniqueConstraint(fields=["scope", "subject"], name="vault_throttle_once"),
        ]
        indexes = [models.Index(fields=["ends_at"], name="vault_throttle_ended")]

    def __str__(self) -> str:
        return self.scope
