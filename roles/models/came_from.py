"""Where somebody came from who asks for a role: an online service that did not let them in, and the way back to it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from roles.models.catalogue import OnlineService

RETURN_LENGTH = 500


class CameFrom(models.Model):
    """`return_to` is an address outside the portal. It is written by `start_request_for_service` and by nothing else.

    Whoever starts a request for a service has made sure before that the address is the service's own.
    """

    came_from = models.ForeignKey(
        OnlineService, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("asked from")
    )
    return_to = models.URLField(_("way back"), max_length=RETURN_LENGTH, blank=True)

    class Meta:
        abstract = True


def returns_to_a_service(name: str) -> models.CheckConstraint:
    """Return the constraint, under `name`, that a way back leads to a service, by an address that a browser opens."""
    opens = Q(return_to__startswith="https://") | Q(return_to__startswith="http://")
    return models.CheckConstraint(condition=Q(return_to="") | (Q(came_from__isnull=False) & opens), name=name)
