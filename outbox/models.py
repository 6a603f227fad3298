"""Letters: a row first, a mail later."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from vault.fields import SealedField


class Status(models.TextChoices):
    """Where a letter is."""

    QUEUED = "queued", _("waiting")
    SENDING = "sending", _("being sent")
    SENT = "sent", _("sent")
    WITHDRAWN = "withdrawn", _("withdrawn before it left")
    FAILED = "failed", _("not sent")


OPEN = (Status.QUEUED, Status.SENDING)


class OutgoingEmail(models.Model):
    """One letter to one person, written in the transaction of the act it tells about.

    `context` holds what its template says; codes are in `secrets`, sealed, and wiped once the letter is sent or
    given up. `kept_subject` and `kept_text` are what was sent, with dots in place of the codes; `demo_text` is the
    full text, sealed, and exists in a demo only.
    """

    Status = Status

    name = models.CharField(_("name"), max_length=60)
    to = models.EmailField(_("receiver"))
    language = models.CharField(_("language"), max_length=8)
    context = models.JSONField(_("content"), default=dict)
    secrets = SealedField(_("codes"), purpose="outbox.secrets", null=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    lease_until = models.DateTimeField(_("taken until"), null=True, blank=True)
    leased_by = models.CharField(_("taken by"), max_length=80, blank=True)
    not_before = models.DateTimeField(_("not before"))
    message_id = models.CharField(_("message id"), max_length=255, unique=True)
    # What several letters of one act have in common, so that the act can be undone before they leave.
    batch = models.CharField(_("act"), max_length=40, blank=True)
    dedup_key = models.CharField(_("only once"), max_length=200, null=True, blank=True, unique=True)  # noqa: DJ001
    created_at = models.DateTimeField(_("written"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=100, blank=True)
    kept_subject = models.CharField(_("subject"), max_length=200, blank=True)
    kept_text = models.TextField(_("text"), blank=True)
    demo_text = SealedField(_("text with codes"), purpose="outbox.demo", null=True)

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        ordering = ["-id"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(condition=Q(status__in=sorted(Status.values)), name="outbox_status_known"),
            models.CheckConstraint(
                condition=Q(status=Status.SENDING, lease_until__isnull=False)
                | (~Q(status=Status.SENDING) & Q(lease_until__isnull=True)),
                name="outbox_lease_while_sending",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.SENT, sent_at__isnull=False)
                | (~Q(status=Status.SENT) & Q(sent_at__isnull=True)),
                name="outbox_moment_when_sent",
            ),
            models.CheckConstraint(
                condition=Q(secrets__isnull=True) | Q(status__in=sorted(OPEN)), name="outbox_codes_wiped"
            ),
        ]
        indexes = [
            # What the worker looks for every second. (SQLite does not see that a partial index would answer.)
            models.Index(fields=["status", "not_before"], name="outbox_due"),
            models.Index(fields=["to", "-id"], name="outbox_receiver_newest"),
            models.Index(fields=["batch"], name="outbox_of_act", condition=~Q(batch="")),
        ]

    def __str__(self) -> str:
        return self.name
