"""What happened. Rows are only ever added; triggers in the database refuse the rest (audit/triggers.py)."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

KEY_LENGTH = 64
LABEL_LENGTH = 200


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    """Questions to the audit trail, newest first."""

    def about(self, subject_key: str) -> Self:
        """Entries about one thing or person."""
        return self.filter(subject_key=subject_key).order_by("-id")

    def of(self, organisation_key: str) -> Self:
        """Entries of one organisation, by moment: one index serves its months as well."""
        return self.filter(organisation_key=organisation_key).order_by("-occurred_at", "-id")


class AuditEntry(models.Model):
    """One act: who did what, to what, for which organisation. Text snapshots, so it survives what it describes."""

    occurred_at = models.DateTimeField(_("moment"))
    event = models.CharField(_("event"), max_length=60)
    actor_key = models.CharField(_("key of the actor"), max_length=KEY_LENGTH, blank=True)
    actor_label = models.CharField(_("actor"), max_length=LABEL_LENGTH, blank=True)
    organisation_key = models.CharField(_("key of the organisation"), max_length=KEY_LENGTH, blank=True)
    subject_type = models.CharField(_("kind of subject"), max_length=40, blank=True)
    subject_key = models.CharField(_("key of the subject"), max_length=KEY_LENGTH, blank=True)
    subject_label = models.CharField(_("subject"), max_length=LABEL_LENGTH, blank=True)
    data = models.JSONField(_("details"), default=dict)
    request_id = models.CharField(_("request"), max_length=32, blank=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ["-id"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                # What of `noun:verb` both databases can hold; record() holds the rest.
                condition=Q(event__contains=":")
                & ~Q(event__startswith=":")
                & ~Q(event__endswith=":")
                & ~Q(event__contains=" "),
                name="audit_event_noun_verb",
            ),
            models.CheckConstraint(
                condition=Q(subject_type="", subject_key="") | (~Q(subject_type="") & ~Q(subject_key="")),
                name="audit_subject_has_type_and_key",
            ),
            models.CheckConstraint(condition=Q(actor_label="") | ~Q(actor_key=""), name="audit_actor_label_has_key"),
        ]
        indexes = [
            models.Index(fields=["organisation_key", "-occurred_at", "-id"], name="audit_organisation_by_moment"),
            models.Index(fields=["actor_key", "-occurred_at", "-id"], name="audit_actor_by_moment"),
            models.Index(fields=["subject_key", "-id"], name="audit_subject_newest"),
            models.Index(fields=["actor_key", "event", "occurred_at"], name="audit_actor_event_moment"),
            models.Index(fields=["event", "-id"], name="audit_event_newest"),
        ]

    def __str__(self) -> str:
        return self.event
