"""What services are told when a sign-on ends, and what became of the message (Back-Channel Logout 1.0)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.record import Snapshot
from fas.models.client import Client
from fas.models.sign_on import SignOn
from tenants.keys import new_key
from tenants.periods import one_of


class DeliveryState(models.TextChoices):
    """Where a message to a service is."""

    QUEUED = "queued", _("waiting")
    SENDING = "sending", _("being sent")
    DELIVERED = "delivered", _("received")
    FAILED = "failed", _("given up")


class Trouble(models.TextChoices):
    """Why the last attempt did not succeed; empty where it did, or where there was none."""

    NONE = "", _("none")
    NO_ADDRESS = "no_address", _("the client has no address for it")
    NOT_AN_ADDRESS = "not_an_address", _("nothing can be sent to this address")
    NO_SUCH_HOST = "no_such_host", _("the name of the host is not known")
    NOT_PUBLIC = "not_public", _("the address is not on the public internet")
    NO_CONNECTION = "no_connection", _("nobody answers there")
    NO_TRUST = "no_trust", _("the certificate cannot be trusted")
    TOO_SLOW = "too_slow", _("no answer in time")
    NOT_HTTP = "not_http", _("the answer cannot be read")
    REFUSED = "refused", _("the service refuses the message")
    OTHER_ANSWER = "other_answer", _("another answer than expected")


class LogoutDelivery(models.Model):
    """The message to one client that one sign-on is over. The token is made at each attempt and kept nowhere.

    A worker takes it until `lease_until`; one that dies leaves it to the next. `queued_at` is when it was last put into
    the queue: after a day it is given up.
    """

    State = DeliveryState
    Trouble = Trouble

    key = models.CharField(max_length=22, unique=True, default=new_key, editable=False)
    sign_on = models.OneToOneField(
        SignOn, on_delete=models.CASCADE, related_name="logout_delivery", verbose_name=_("sign-on")
    )
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", verbose_name=_("client"))
    state = models.CharField(_("status"), max_length=10, choices=DeliveryState, default=DeliveryState.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    queued_at = models.DateTimeField(_("queued on"))
    next_at = models.DateTimeField(_("not before"))
    lease_until = models.DateTimeField(_("taken until"), null=True, blank=True)
    leased_by = models.CharField(_("taken by"), max_length=80, blank=True)
    delivered_at = models.DateTimeField(_("received on"), null=True, blank=True)
    last_answer = models.PositiveSmallIntegerField(_("last answer"), null=True, blank=True)
    last_trouble = models.CharField(_("last trouble"), max_length=14, choices=Trouble, blank=True, default="")

    class Meta:
        verbose_name = _("message that a sign-on is over")
        verbose_name_plural = _("messages that a sign-on is over")
        ordering = ["-id"]
        # "change" is for sending one again; nothing in it is edited.
        default_permissions = ("view", "change")
        indexes = [models.Index(fields=["state", "next_at"], name="logout_delivery_due")]
        constraints = [
            one_of("state", DeliveryState, "logout_delivery_state_known"),
            one_of("last_trouble", Trouble, "logout_delivery_trouble_known"),
            models.CheckConstraint(
                condition=Q(state=DeliveryState.SENDING, lease_until__isnull=False)
                | (~Q(state=DeliveryState.SENDING) & Q(lease_until__isnull=True)),
                name="logout_delivery_lease_while_sending",
            ),
            models.CheckConstraint(
                condition=Q(state=DeliveryState.DELIVERED, delivered_at__isnull=False)
                | (~Q(state=DeliveryState.DELIVERED) & Q(delivered_at__isnull=True)),
                name="logout_delivery_moment_when_delivered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.client} – {self.queued_at:%Y-%m-%d %H:%M}"

    def audit_snapshot(self) -> Snapshot:
        """Return what an audit row keeps of it."""
        return Snapshot("logout_delivery", self.key, str(self.client))
