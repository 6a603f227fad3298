"""Role requests: an employee asks, an access manager decides. One row per role; those of one pass share a reference."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.record import Snapshot
from roles.models.assignment import RoleAssignment
from roles.models.came_from import CameFrom, returns_to_a_service
from roles.models.catalogue import Role
from roles.models.draft import AssignmentDraft
from tenants.keys import new_key
from tenants.models import Organisation, Person
from tenants.periods import Period, local_day, one_of, period_in_order


class RequestStatus(models.TextChoices):
    """What became of a request. "expired" is also computed: the day after the last one, told or not."""

    PENDING = "pending", pgettext_lazy("request", "Requested")
    APPROVED = "approved", pgettext_lazy("request", "Approved")
    REFUSED = "refused", pgettext_lazy("request", "Refused")
    WITHDRAWN = "withdrawn", pgettext_lazy("request", "Withdrawn")
    EXPIRED = "expired", pgettext_lazy("request", "Expired")


REQUEST_COLOURS = {
    RequestStatus.PENDING: "indigo",
    RequestStatus.APPROVED: "green",
    RequestStatus.REFUSED: "grey",
    RequestStatus.WITHDRAWN: "grey",
    RequestStatus.EXPIRED: "grey",
}


class RoleRequestQuerySet(models.QuerySet["RoleRequest"]):
    """Reads of requests."""

    def pending(self, *, now: datetime) -> "RoleRequestQuerySet":
        """Return those that can still be decided at `now`."""
        return self.filter(status=RequestStatus.PENDING, decide_before__gt=local_day(now))

    def for_page(self) -> "RoleRequestQuerySet":
        """Return them with what pages show of them, in a constant number of queries."""
        related = self.select_related(
            *("role", "role__domain", "organisation", "requester", "decided_by"),
            *("extends", "assignment", "came_from"),
        )
        return related.prefetch_related("role__services", "role__properties")


class RoleRequest(CameFrom, Period):
    """`requester` asks for `role` for `organisation`, for the period. The answer is an assignment, or a reason."""

    Status = RequestStatus
    MOTIVATION_LENGTH = 300

    key = models.CharField(max_length=22, unique=True, default=new_key, editable=False)
    reference = models.CharField(_("reference"), max_length=24, unique=True)
    role = models.ForeignKey(Role, on_delete=models.PROTECT, verbose_name=_("role"))
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("organisation"), db_index=False
    )
    requester = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="role_requests", verbose_name=_("asked by"), db_index=False
    )
    motivation = models.CharField(_("reason for asking"), max_length=MOTIVATION_LENGTH, blank=True)
    # An assignment that the request wants to see prolonged.
    extends = models.ForeignKey(
        RoleAssignment, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("extends")
    )
    requested_at = models.DateTimeField(_("asked on"))
    # The first day on which it is too late to decide.
    decide_before = models.DateField(_("to be decided before"))
    status = models.CharField(_("status"), max_length=10, choices=RequestStatus, default=RequestStatus.PENDING)
    # The moment it was approved, refused, withdrawn or found to have expired.
    decided_at = models.DateTimeField(_("decided on"), null=True, blank=True)
    decided_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decision_note = models.CharField(_("reason for the decision"), max_length=300, blank=True)
    assignment = models.OneToOneField(
        RoleAssignment,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="request",
        verbose_name=_("role assignment"),
    )
    draft = models.ForeignKey(
        AssignmentDraft,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="requests",
        verbose_name=_("draft"),
    )

    objects = RoleRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("role request")
        verbose_name_plural = _("role requests")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["organisation", "status", "-id"], name="request_of_organisation"),
            models.Index(fields=["requester", "-id"], name="request_of_person"),
            models.Index(fields=["decide_before"], name="request_to_decide", condition=Q(status="pending")),
        ]
        constraints = [
            period_in_order("request_period_in_order"),
            one_of("status", RequestStatus, "request_status_known"),
            models.CheckConstraint(
                condition=Q(status=RequestStatus.PENDING, decided_at__isnull=True, decided_by__isnull=True)
                | (Q(status=RequestStatus.EXPIRED, decided_at__isnull=False, decided_by__isnull=True))
                | (
                    Q(status__in=["approved", "refused", "withdrawn"])
                    & Q(decided_at__isnull=False, decided_by__isnull=False)
                ),
                name="request_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["approved", "refused"]) | ~Q(decided_by=models.F("requester")),
                name="request_not_decided_by_requester",
            ),
            models.CheckConstraint(
                condition=Q(status=RequestStatus.WITHDRAWN, decided_by=models.F("requester"))
                | ~Q(status=RequestStatus.WITHDRAWN),
                name="request_withdrawn_by_requester",
            ),
            models.CheckConstraint(
                condition=Q(status=RequestStatus.APPROVED, assignment__isnull=False)
                | (~Q(status=RequestStatus.APPROVED) & Q(assignment__isnull=True)),
                name="request_approved_is_an_assignment",
            ),
            models.CheckConstraint(
                condition=~Q(status=RequestStatus.REFUSED) | ~Q(decision_note=""), name="request_refused_with_reason"
            ),
            models.UniqueConstraint(
                fields=["requester", "role", "organisation"],
                condition=Q(status=RequestStatus.PENDING),
                name="request_pending_once",
            ),
            returns_to_a_service("request_returns_to_a_service"),
        ]

    def __str__(self) -> str:
        return self.reference

    def status_now(self, *, now: datetime) -> RequestStatus:
        """Return the status at `now`: one that nobody decided in time has expired, whether it was told or not."""
        if self.status == RequestStatus.PENDING and self.decide_before <= local_day(now):
            return RequestStatus.EXPIRED
        return RequestStatus(self.status)

    @property
    def ended_with_organisation(self) -> bool:
        """Whether it expired before its day: only an organisation that stops closes it so early."""
        closed = self.decided_at
        return self.status == RequestStatus.EXPIRED and closed is not None and local_day(closed) < self.decide_before

    def audit_snapshot(self) -> Snapshot:
        """Return what an audit row keeps of it."""
        label = f"{self.reference} – {self.requester.full_name} – {self.role.code}"
        return Snapshot("role_request", self.key, label)
