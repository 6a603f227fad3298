"""Who holds which role. Rows are ended and rewritten, never edited or deleted."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from audit.record import Snapshot
from roles import states
from roles.constraints import NAME as NO_OVERLAP
from roles.constraints import DaysHeld, NoOverlap
from roles.models.catalogue import OnlineService, Role
from roles.models.draft import AssignmentDraft
from roles.states import State, current_condition, state_case, state_of
from tenants.keys import new_key
from tenants.models import Organisation, Person
from tenants.periods import Period, local_day, one_of, period_in_order


class Confirmer(models.TextChoices):
    """Who has to confirm before the role works (DOMAIN 4.2)."""

    NOBODY = "nobody", _("nobody")
    ASSIGNEE = "assignee", _("the role holder")
    MANAGER = "manager", _("another access manager")


class Origin(models.TextChoices):
    """How the assignment came about."""

    DIRECT = "direct", _("direct role assignment")
    REQUEST = "request", _("role request")
    INVITATION = "invitation", _("invitation")


class EndReason(models.TextChoices):
    """Why an assignment was ended; empty while it was not."""

    NOT_ENDED = "", _("not ended")
    MANAGER = "manager", _("ended by an access manager")
    HOLDER = "holder", _("given up by the role holder")
    EXTENDED = "extended", _("replaced by an extension")
    UNDONE = "undone", _("undone by whoever assigned it")
    LAPSED = "lapsed", _("not confirmed in time")
    ORGANISATION_STOPPED = "organisation_stopped", _("the organisation has stopped")


# What a service receives of an assignment, or what follows from it.
DELIVERED = (
    *("reference", "valid_from", "valid_until", "ended_at", "ended_on", "end_reason", "properties", "assignee_id"),
    *("role__code", "organisation__enterprise_number"),
)


class RoleAssignmentQuerySet(models.QuerySet["RoleAssignment"]):
    """Reads of assignments. Foreign rows are kept out here, so that no view can forget it."""

    def with_state(self, *, now: datetime) -> "RoleAssignmentQuerySet":
        """Add `computed_state`, for filters and counts."""
        return self.annotate(computed_state=state_case(now=now))

    def in_state(self, state: State, *, now: datetime) -> "RoleAssignmentQuerySet":
        """Return those that are in one state at `now`."""
        return self.filter(Exact(state_case(now=now), state.value))

    def current(self, *, now: datetime) -> "RoleAssignmentQuerySet":
        """Return those to be confirmed, scheduled or active."""
        return self.filter(current_condition(now=now))

    def past(self, *, now: datetime) -> "RoleAssignmentQuerySet":
        """Return those that are over."""
        return self.exclude(pk__in=self.current(now=now).values("pk"))

    def of_organisation(self, organisation: Organisation) -> "RoleAssignmentQuerySet":
        """Return the assignments given in this organisation's name."""
        return self.filter(organisation=organisation)

    def in_domains(self, appointments: tuple[Any, ...]) -> "RoleAssignmentQuerySet":
        """Return those that these appointments (of one organisation) cover."""
        if any(appointment.covers_all_domains for appointment in appointments):
            return self
        return self.filter(role__domain__in=[appointment.domain_id for appointment in appointments])

    def awaiting_a_manager(self, *, now: datetime) -> "RoleAssignmentQuerySet":
        """Return those that another access manager still has to confirm."""
        # The deadline follows from `current`; saying it lets the database use its index.
        return self.current(now=now).filter(
            confirmer=Confirmer.MANAGER, confirmed_at__isnull=True, confirm_before__gt=local_day(now)
        )

    def awaiting(self, person: Person, *, now: datetime) -> "RoleAssignmentQuerySet":
        """Return those that this person has to confirm as their holder."""
        return self.current(now=now).filter(assignee=person, confirmer=Confirmer.ASSIGNEE, confirmed_at__isnull=True)

    def delivered_to(
        self, service: OnlineService, person: Person, organisation: Organisation, *, now: datetime
    ) -> "RoleAssignmentQuerySet":
        """Return what a service may see of a person's roles for an organisation at `now`: those that work, of its own.

        In the order in which they were given, with no more than `roles.service_view.entries` reads. One query.
        """
        seen = self.seen_by(service.pk, now=now)
        return seen.filter(assignee=person, organisation=organisation).order_by("id")

    def seen_by(self, service: int, *, now: datetime) -> "RoleAssignmentQuerySet":
        """Return what a service (by its id) may see of anybody's roles, with no more than is delivered of them."""
        works = self.in_state(State.ACTIVE, now=now).filter(role__services=service, assignee__is_active=True)
        # A job ends the roles of an organisation that has stopped; until it comes, they already work no more.
        works = works.exclude(organisation__status=Organisation.Status.STOPPED)
        return works.select_related("role", "organisation").only(*DELIVERED)

    def for_page(self) -> "RoleAssignmentQuerySet":
        """Return them with what pages show of them, in a constant number of queries; see also `name_people`."""
        related = self.select_related("role", "role__domain", "organisation", "draft", "replaces")
        return related.prefetch_related("role__services", "role__properties")


class RoleAssignment(Period):
    """`assignee` holds `role` for `organisation`."""

    Confirmer = Confirmer
    Origin = Origin
    EndReason = EndReason
    State = State

    key = models.CharField(max_length=22, unique=True, default=new_key, editable=False)
    reference = models.CharField(_("reference"), max_length=24, unique=True)
    role = models.ForeignKey(Role, on_delete=models.PROTECT, verbose_name=_("role"))
    # Indexes below begin with each of these two: none for them alone.
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("organisation"), db_index=False
    )
    assignee = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="assignments", verbose_name=_("role holder"), db_index=False
    )
    properties = models.JSONField(_("role properties"), default=dict, blank=True)
    assigned_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="assignments_made", verbose_name=_("assigned by")
    )
    assigned_at = models.DateTimeField(_("assigned on"))
    confirmer = models.CharField(_("to be confirmed by"), max_length=10, choices=Confirmer, default=Confirmer.NOBODY)
    # The first day on which it is too late: "confirm before 5 December".
    confirm_before = models.DateField(_("to be confirmed before"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("confirmed on"), null=True, blank=True)
    confirmed_by = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("confirmed by"),
    )
    refused_at = models.DateTimeField(_("refused on"), null=True, blank=True)
    refused_by = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("refused by"),
    )
    refusal_note = models.CharField(_("reason for refusing"), max_length=300, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    # The local day of `ended_at`: what the rule against overlaps reads.
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    ended_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("ended by")
    )
    end_reason = models.CharField(_("reason of the end"), max_length=30, choices=EndReason, blank=True, default="")
    end_note = models.CharField(_("note on the end"), max_length=300, blank=True)
    origin = models.CharField(_("origin"), max_length=10, choices=Origin, default=Origin.DIRECT)
    draft = models.ForeignKey(
        AssignmentDraft,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="assignments",
        verbose_name=_("draft"),
    )
    # The row it goes on from. An extension that is refused may be followed by another: no more than one holds.
    replaces = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="extensions",
        verbose_name=_("goes on from"),
    )

    objects = RoleAssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("role assignment")
        verbose_name_plural = _("role assignments")
        indexes = [
            models.Index(fields=["organisation", "-id"], name="assignment_of_organisation"),
            models.Index(fields=["organisation", "valid_until"], name="assignment_ending"),
            models.Index(fields=["organisation", "role"], name="assignment_of_role"),
            models.Index(fields=["valid_until"], name="assignment_by_last_day", condition=Q(valid_until__isnull=False)),
            models.Index(fields=["assignee", "-id"], name="assignment_of_person"),
            models.Index(
                fields=["organisation", "confirm_before"],
                name="assignment_to_confirm",
                condition=Q(confirm_before__isnull=False),
            ),
        ]
        constraints = [
            period_in_order("assignment_period_in_order"),
            one_of("confirmer", Confirmer, "assignment_confirmer_known"),
            one_of("origin", Origin, "assignment_origin_known"),
            one_of("end_reason", EndReason, "assignment_end_reason_known"),
            models.CheckConstraint(
                condition=Q(confirmer=Confirmer.NOBODY, confirm_before__isnull=True)
                | (~Q(confirmer=Confirmer.NOBODY) & Q(confirm_before__isnull=False)),
                name="assignment_deadline_only_to_confirm",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True, confirmed_by__isnull=True)
                | (Q(confirmed_at__isnull=False, confirmed_by__isnull=False) & ~Q(confirmer=Confirmer.NOBODY)),
                name="assignment_confirmed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(refused_at__isnull=True, refused_by__isnull=True)
                | (Q(refused_at__isnull=False, refused_by__isnull=False) & ~Q(confirmer=Confirmer.NOBODY)),
                name="assignment_refused_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(refused_at__isnull=True) | Q(confirmed_at__isnull=True),
                name="assignment_one_answer",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_on__isnull=True, end_reason="")
                | (Q(ended_at__isnull=False, ended_on__isnull=False) & ~Q(end_reason="")),
                name="assignment_end_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(end_reason=EndReason.LAPSED)
                | Q(confirmed_at__isnull=True, refused_at__isnull=True, ended_on__gte=F("confirm_before")),
                name="assignment_lapsed_unanswered",
            ),
            models.CheckConstraint(
                condition=Q(replaces__isnull=True) | ~Q(replaces=F("id")), name="assignment_replaces_another"
            ),
            NoOverlap(
                name=NO_OVERLAP,
                expressions=[
                    ("assignee", "="),
                    ("organisation", "="),
                    ("role", "="),
                    (DaysHeld("valid_from", "valid_until", "ended_on"), "&&"),
                ],
                condition=Q(refused_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    def state(self, *, now: datetime) -> states.State:
        """Return the state at `now`."""
        return state_of(self, now=now)

    def is_delivered(self, *, now: datetime) -> bool:
        """Whether the services of its role see it at `now`: the same rule as `delivered_to`, for one row."""
        works = self.state(now=now) == State.ACTIVE
        return works and not self.organisation.is_stopped and self.assignee.is_active

    @property
    def last_day(self) -> date | None:
        """The last day on which it works, or worked: of its period, or before its end. None: without end.

        An end at midnight means that the day before was the last one.
        """
        if self.ended_at is None or self.end_reason == EndReason.LAPSED:
            return self.valid_until
        day = local_day(self.ended_at - timedelta(microseconds=1))
        return day if self.valid_until is None else min(day, self.valid_until)

    def audit_snapshot(self) -> Snapshot:
        """Return what an audit row keeps of it."""
        label = f"{self.reference} – {self.assignee.full_name} – {self.role.code}"
        return Snapshot("assignment", self.key, label)


PEOPLE = ("assignee", "assigned_by", "confirmed_by", "refused_by", "ended_by")


def name_people(rows: Iterable[RoleAssignment]) -> None:
    """Attach to rows everybody they name, in one query.

    As five joins of `for_page`, they would take PostgreSQL's planner a hundred times longer than the answer.
    """
    rows = list(rows)
    ids = {getattr(row, f"{field}_id") for row in rows for field in PEOPLE} - {None}
    people = Person.objects.defer("national_number").in_bulk(ids)
    for row in rows:
        for field in PEOPLE:
            setattr(row, field, people.get(getattr(row, f"{field}_id")))


class ReferenceSeries(models.Model):
    """The counter behind references that people can read out: one row a year and a prefix."""

    prefix = models.CharField(_("beginning"), max_length=2)
    year = models.PositiveSmallIntegerField(_("year"))
    last = models.PositiveIntegerField(_("last number"), default=0)

    class Meta:
        verbose_name = _("series of references")
        verbose_name_plural = _("series of references")
        constraints = [models.UniqueConstraint(fields=["prefix", "year"], name="reference_series_once")]

    def __str__(self) -> str:
        return f"{self.prefix}-{self.year}-{self.last:06d}"


def next_reference(prefix: str, year: int) -> str:
    """Return the next reference, such as "AR-2026-004821". To be called inside the transaction that uses it.

    The row stays locked until then, so references come without gaps and two acts never share one.
    """
    with transaction.atomic():
        ReferenceSeries.objects.bulk_create([ReferenceSeries(prefix=prefix, year=year)], ignore_conflicts=True)
        series = ReferenceSeries.objects.select_for_update().get(prefix=prefix, year=year)
        series.last += 1
        series.save(update_fields=["last"])
    return str(series)
