"""Invitations: a role for somebody the register does not find. The code proves the mailbox, the key the person."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.record import Snapshot
from roles.models.assignment import RoleAssignment
from roles.models.catalogue import Role
from roles.models.draft import AssignmentDraft
from tenants.fields import FoldedKeyField
from tenants.folding import fold_email
from tenants.keys import new_key
from tenants.models import Organisation, Person
from tenants.periods import local_day, one_of
from vault.sealing import blind_index

INVITATION_CODE = "roles.invitation_code"


class InvitationStatus(models.TextChoices):
    """What became of an invitation. "expired" is also computed: the day after the last one, told or not."""

    SENT = "sent", pgettext_lazy("invitation", "Sent")
    ACCEPTED = "accepted", pgettext_lazy("invitation", "Accepted")
    DECLINED = "declined", pgettext_lazy("invitation", "Refused")
    CANCELLED = "cancelled", pgettext_lazy("invitation", "Cancelled")
    EXPIRED = "expired", pgettext_lazy("invitation", "Expired")


INVITATION_COLOURS = {
    InvitationStatus.SENT: "indigo",
    InvitationStatus.ACCEPTED: "green",
    InvitationStatus.DECLINED: "grey",
    InvitationStatus.CANCELLED: "grey",
    InvitationStatus.EXPIRED: "grey",
}


def code_index(code: str) -> str:
    """Return the blind index under which an invitation code (eight characters, bare, capitals) is found."""
    return blind_index(code, purpose=INVITATION_CODE)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Reads of invitations."""

    def open(self, *, now: datetime) -> "InvitationQuerySet":
        """Return those that can still be answered at `now`."""
        return self.filter(status=InvitationStatus.SENT, answer_before__gt=local_day(now))

    def with_code(self, code: str) -> "InvitationQuerySet":
        """Return the one invitation with this code, whatever became of it, or none."""
        return self.filter(code_index=code_index(code))

    def for_page(self) -> "InvitationQuerySet":
        """Return them with what pages show of them, in a constant number of queries."""
        related = self.select_related("organisation", "invited_by", "answered_by", "cancelled_by")
        return related.prefetch_related("invited_roles__role__domain", "invited_roles__role__services")


class Invitation(models.Model):
    """`invited_by` invites the reader of a mailbox to hold roles for `organisation`.

    Without `valid_from` the roles begin on the day of the answer. Only the code's index is stored; the code itself
    travels once, in the letter, and sending again makes a new one.
    """

    Status = InvitationStatus

    key = models.CharField(max_length=22, unique=True, default=new_key, editable=False)
    reference = models.CharField(_("reference"), max_length=24, unique=True)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("organisation"), db_index=False
    )
    given_name = models.CharField(_("first name"), max_length=100)
    family_name = models.CharField(_("last name"), max_length=100)
    email = models.EmailField(_("e-mail address"))
    email_key = FoldedKeyField(max_length=254, editable=False)
    language = models.CharField(_("language"), max_length=2, choices=Person.Language)
    valid_from = models.DateField(_("start date"), null=True, blank=True)
    valid_until = models.DateField(_("end date"), null=True, blank=True)
    message = models.CharField(_("message"), max_length=300, blank=True)
    invited_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="invitations_made", verbose_name=_("invited by")
    )
    invited_at = models.DateTimeField(_("invited on"))
    sent_at = models.DateTimeField(_("last sent"))
    code_index = models.CharField(max_length=64, unique=True, editable=False)
    # The first day on which it is too late to answer.
    answer_before = models.DateField(_("to be answered before"))
    status = models.CharField(_("status"), max_length=10, choices=InvitationStatus, default=InvitationStatus.SENT)
    # The moment of the answer, the cancellation, or when it was found to have expired.
    closed_at = models.DateTimeField(_("closed on"), null=True, blank=True)
    answered_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("answered by")
    )
    cancelled_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("cancelled by")
    )
    answer_note = models.CharField(_("reason for refusing"), max_length=300, blank=True)
    draft = models.ForeignKey(
        AssignmentDraft,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="invitations",
        verbose_name=_("draft"),
    )
    roles: Any = models.ManyToManyField(Role, through="InvitedRole", related_name="+")

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["organisation", "-id"], name="invitation_of_organisation"),
            models.Index(fields=["email_key"], name="invitation_open_to", condition=Q(status="sent")),
            models.Index(fields=["answer_before"], name="invitation_to_answer", condition=Q(status="sent")),
        ]
        constraints = [
            one_of("status", InvitationStatus, "invitation_status_known"),
            one_of("language", Person.Language, "invitation_language_known"),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_until__gte=models.F("valid_from")),
                name="invitation_period_in_order",
            ),
            models.CheckConstraint(
                condition=Q(status="sent", closed_at__isnull=True) | (~Q(status="sent") & Q(closed_at__isnull=False)),
                name="invitation_moment_when_closed",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["accepted", "declined"], answered_by__isnull=False)
                | (~Q(status__in=["accepted", "declined"]) & Q(answered_by__isnull=True)),
                name="invitation_answered_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(status="cancelled", cancelled_by__isnull=False)
                | (~Q(status="cancelled") & Q(cancelled_by__isnull=True)),
                name="invitation_cancelled_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(status="accepted") | ~Q(answered_by=models.F("invited_by")),
                name="invitation_not_accepted_by_inviter",
            ),
            models.CheckConstraint(
                condition=~Q(given_name="") & ~Q(family_name="") & ~Q(email=""), name="invitation_names_somebody"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the folded address beside the address."""
        self.fill_keys()
        super().save(*args, **kwargs)

    def fill_keys(self) -> None:
        """Compute the folded address; to be called before `bulk_create`."""
        self.email_key = fold_email(self.email)

    @property
    def full_name(self) -> str:
        """First name, then last name, as the inviter wrote them."""
        return f"{self.given_name} {self.family_name}"

    def status_now(self, *, now: datetime) -> InvitationStatus:
        """Return the status at `now`: one that nobody answered in time has expired, whether it was told or not."""
        if self.status == InvitationStatus.SENT and self.answer_before <= local_day(now):
            return InvitationStatus.EXPIRED
        return InvitationStatus(self.status)

    @property
    def ended_with_organisation(self) -> bool:
        """Whether it expired before its day: only an organisation that stops closes it so early."""
        closed = self.closed_at
        return self.status == InvitationStatus.EXPIRED and closed is not None and local_day(closed) < self.answer_before

    def audit_snapshot(self) -> Snapshot:
        """Return what an audit row keeps of it."""
        return Snapshot("invitation", self.key, f"{self.reference} – {self.full_name}")


class InvitedRole(models.Model):
    """A role of an invitation, the answers to its questions, and the assignment that accepting made of it."""

    invitation = models.ForeignKey(
        Invitation, on_delete=models.PROTECT, related_name="invited_roles", verbose_name=_("invitation")
    )
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="+", verbose_name=_("role"))
    properties = models.JSONField(_("role properties"), default=dict, blank=True)
    assignment = models.OneToOneField(
        RoleAssignment,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="invited_role",
        verbose_name=_("role assignment"),
    )

    class Meta:
        verbose_name = _("role of an invitation")
        verbose_name_plural = _("roles of invitations")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["invitation", "role"], name="invited_role_once")]

    def __str__(self) -> str:
        return str(self.role)
