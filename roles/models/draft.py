"""An assignment in preparation. It holds keys, words and dates: never a right, never a national number."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from roles.models.came_from import CameFrom, returns_to_a_service
from roles.models.catalogue import Role
from tenants.fields import FoldedKeyField
from tenants.folding import clean_name, fold_email
from tenants.models import Organisation, Person
from tenants.periods import one_of


class Variant(models.TextChoices):
    """What the draft leads to: an assignment, in one of the two ways that the guides describe, or something else."""

    SEARCH = "search", _("by search")
    NUMBER = "number", _("by national register number")
    REQUEST = "request", _("role request")
    INVITATION = "invitation", _("invitation")


ASSIGNING = (Variant.SEARCH, Variant.NUMBER)


class Duration(models.TextChoices):
    """The answers to "how long?"."""

    UNLIMITED = "unlimited", _("Unlimited duration")
    ONE_YEAR = "one_year", _("Limited duration: one year")
    UNTIL = "until", _("Limited duration: until another date")


class Start(models.TextChoices):
    """The answers to "from when?"."""

    TODAY = "today", _("Today")
    DATE = "date", _("On a date")


class DraftQuerySet(models.QuerySet["AssignmentDraft"]):
    """Reads of drafts: always of one owner."""

    def of(self, person: Person) -> "DraftQuerySet":
        """Return the person's own."""
        return self.filter(owner=person)

    def assigning(self) -> "DraftQuerySet":
        """Return those of the assignment wizard."""
        return self.filter(variant__in=ASSIGNING)

    def open(self, *, now: datetime) -> "DraftQuerySet":
        """Return those that can be resumed: neither finished, deleted nor older than a day."""
        return self.filter(
            submitted_at__isnull=True, deleted_at__isnull=True, updated_at__gt=now - draft_life()
        ).order_by("-updated_at")


def draft_life() -> timedelta:
    """Return how long a draft is kept after its last change."""
    return timedelta(hours=settings.DRAFT_HOURS)


class AssignmentDraft(CameFrom):
    """One pass through the wizard, or through the pages that ask for roles or invite people.

    `version` rises with every change; the last button wins only on the newest.
    """

    Variant = Variant
    Duration = Duration
    Start = Start
    MESSAGE_LENGTH = 300

    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="assignment_drafts", verbose_name=_("owner")
    )
    variant = models.CharField(_("variant"), max_length=10, choices=Variant, default=Variant.SEARCH)
    version = models.PositiveIntegerField(_("version"), default=1)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("organisation")
    )
    person_query = models.CharField(max_length=100, blank=True)
    person_page = models.PositiveSmallIntegerField(default=1)
    role_query = models.CharField(max_length=100, blank=True)
    role_page = models.PositiveSmallIntegerField(default=1)
    duration = models.CharField(_("duration"), max_length=10, choices=Duration, blank=True)
    valid_until = models.DateField(_("end date"), null=True, blank=True)
    start = models.CharField(_("start"), max_length=10, choices=Start, default=Start.TODAY)
    valid_from = models.DateField(_("start date"), null=True, blank=True)
    properties_answered = models.BooleanField(default=False)
    message = models.CharField(_("message"), max_length=MESSAGE_LENGTH, blank=True)
    created_at = models.DateTimeField(_("created on"))
    updated_at = models.DateTimeField(_("changed on"))
    submitted_at = models.DateTimeField(_("finished on"), null=True, blank=True)
    deleted_at = models.DateTimeField(_("deleted on"), null=True, blank=True)
    reference = models.CharField(_("reference"), max_length=20, blank=True)
    persons: Any = models.ManyToManyField(Person, through="DraftPerson", related_name="+")
    roles: Any = models.ManyToManyField(Role, through="DraftRole", related_name="+")

    objects = DraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        indexes = [models.Index(fields=["owner", "-updated_at"], name="draft_of_owner")]
        constraints = [
            one_of("variant", Variant, "draft_variant_known"),
            one_of("start", Start, "draft_start_known"),
            models.CheckConstraint(
                condition=Q(duration__in=["", *sorted(Duration.values)]), name="draft_duration_known"
            ),
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=True, reference="")
                | (Q(submitted_at__isnull=False, deleted_at__isnull=True) & ~Q(reference="")),
                name="draft_finished_has_reference",
            ),
            models.UniqueConstraint(fields=["reference"], condition=~Q(reference=""), name="draft_reference_once"),
            returns_to_a_service("draft_returns_to_a_service"),
        ]

    def __str__(self) -> str:
        return str(self.key)

    def is_gone(self, *, now: datetime) -> bool:
        """Whether it was deleted, or is older than drafts are kept."""
        return self.submitted_at is None and (self.deleted_at is not None or self.updated_at <= now - draft_life())


class DraftPerson(models.Model):
    """A person chosen in step 1, in the order of choosing."""

    draft = models.ForeignKey(
        AssignmentDraft, on_delete=models.CASCADE, related_name="chosen_persons", verbose_name=_("draft")
    )
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("person"))
    # Whoever was found so is shown by name and masked number only, never with what the search by name shows.
    by_number = models.BooleanField(_("by national register number"), default=False)

    class Meta:
        verbose_name = _("chosen person")
        verbose_name_plural = _("chosen people")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["draft", "person"], name="draft_person_once")]

    def __str__(self) -> str:
        return str(self.person)


class DraftInvitee(models.Model):
    """Somebody to invite, as the inviter wrote them down, in the order of writing."""

    draft = models.ForeignKey(
        AssignmentDraft, on_delete=models.CASCADE, related_name="invitees", verbose_name=_("draft")
    )
    given_name = models.CharField(_("first name"), max_length=100)
    family_name = models.CharField(_("last name"), max_length=100)
    email = models.EmailField(_("e-mail address"))
    email_key = FoldedKeyField(max_length=254, editable=False)
    language = models.CharField(_("language"), max_length=2, choices=Person.Language)

    class Meta:
        verbose_name = _("person to invite")
        verbose_name_plural = _("people to invite")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["draft", "email_key"], name="draft_invitee_once"),
            one_of("language", Person.Language, "draft_invitee_language_known"),
        ]

    def __str__(self) -> str:
        return f"{self.given_name} {self.family_name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store the names clean, with the folded address beside the address."""
        self.given_name, self.family_name = clean_name(self.given_name), clean_name(self.family_name)
        self.email = self.email.strip()
        self.email_key = fold_email(self.email)
        super().save(*args, **kwargs)


class DraftRole(models.Model):
    """A role chosen in step 3, with the answers of step 4."""

    draft = models.ForeignKey(
        AssignmentDraft, on_delete=models.CASCADE, related_name="chosen_roles", verbose_name=_("draft")
    )
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="+", verbose_name=_("role"))
    properties = models.JSONField(_("role properties"), default=dict, blank=True)

    class Meta:
        verbose_name = _("chosen role")
        verbose_name_plural = _("chosen roles")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["draft", "role"], name="draft_role_once")]

    def __str__(self) -> str:
        return str(self.role)
