"""Who is signed in at which service, and what people agreed that a service receives."""

from django.contrib.sessions.models import Session
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from audit.record import Snapshot
from csam.models import User
from fas.models.client import Client
from fas.scopes import acr_of
from tenants.acting import Level
from tenants.keys import new_key
from tenants.models import Organisation
from tenants.periods import one_of


class EndReason(models.TextChoices):
    """Why a sign-on is over; empty while it lasts."""

    NOT_ENDED = "", _("not ended")
    SIGNED_OUT = "signed_out", _("signed out")
    SESSION_OVER = "session_over", _("the session at the portal is over")
    WITHDRAWN = "withdrawn", _("ended on the profile page")
    ROLE_LOST = "role_lost", _("a role that the service had seen works no more")
    PERSON_OFF = "person_off", _("the person was switched off")
    CLIENT_OFF = "client_off", _("the client was switched off")


class SignOnQuerySet(models.QuerySet["SignOn"]):
    """Reads of sign-ons."""

    def open(self) -> "SignOnQuerySet":
        """Return those that nobody has ended. Whether the portal's session still lasts is another question."""
        return self.filter(ended_at__isnull=True)


class SignOn(models.Model):
    """One person signed in at one client, through one session of the portal, for one organisation or for nobody.

    `sid` is what the service knows it by, `sub` what the service knows the person by. `browser` is the key that the
    portal's session holds for its sign-ons: it outlives a step-up, which gives the session another id and so empties
    `session` (see `fas.operations.sign_ons`).
    """

    EndReason = EndReason

    sid = models.CharField(max_length=22, unique=True, default=new_key, editable=False)
    sub = models.CharField(max_length=43, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_ons", verbose_name=_("login"))
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="sign_ons", verbose_name=_("client"))
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("organisation")
    )
    browser = models.CharField(max_length=22, editable=False)
    session = models.ForeignKey(
        Session, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("open session")
    )
    level = models.PositiveSmallIntegerField(_("level"))
    amr = models.JSONField(_("method"), default=list)
    auth_time = models.DateTimeField(_("identity shown on"))
    started_at = models.DateTimeField(_("signed in on"))
    # A sign-on goes on under its `sid` each time the person comes back; which one was the last, this says.
    last_used_at = models.DateTimeField(_("last used on"))
    number_given_at = models.DateTimeField(_("national register number given on"), null=True, blank=True)
    # A mark of each right that the service has seen (see `fas.operations.lost_roles`); the roles themselves stay out.
    told_roles = models.JSONField(_("marks of the roles told"), default=list, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    end_reason = models.CharField(_("reason of the end"), max_length=12, choices=EndReason, blank=True, default="")

    objects = SignOnQuerySet.as_manager()

    class Meta:
        verbose_name = _("sign-on at a service")
        verbose_name_plural = _("sign-ons at services")
        ordering = ["-started_at", "-id"]
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["browser"], name="sign_on_of_browser"),
            models.Index(fields=["user", "-started_at"], name="sign_on_of_person"),
            models.Index(fields=["client", "sub"], name="sign_on_of_subject"),
            models.Index(fields=["ended_at"], name="sign_on_by_end"),
            models.Index(fields=["id"], name="sign_on_open", condition=Q(ended_at__isnull=True)),
        ]
        constraints = [
            one_of("end_reason", EndReason, "sign_on_end_reason_known"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, end_reason="") | (Q(ended_at__isnull=False) & ~Q(end_reason="")),
                name="sign_on_end_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")), name="sign_on_ends_later"
            ),
            models.CheckConstraint(condition=Q(level__in=[int(level) for level in Level]), name="sign_on_level_known"),
            models.CheckConstraint(condition=~Q(sub="") & ~Q(browser=""), name="sign_on_of_somebody_somewhere"),
            models.UniqueConstraint(
                fields=["browser", "client", "organisation"],
                condition=Q(ended_at__isnull=True, organisation__isnull=False),
                name="sign_on_open_once",
            ),
            models.UniqueConstraint(
                fields=["browser", "client"],
                condition=Q(ended_at__isnull=True, organisation__isnull=True),
                name="sign_on_open_once_for_nobody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.client} – {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def acr(self) -> str:
        """The level as FAS names it."""
        return acr_of(self.level)

    def audit_snapshot(self) -> Snapshot:
        """Return what an audit row keeps of it."""
        return Snapshot("sign_on", self.sid, str(self.client))


class Consent(models.Model):
    """A person agreed that a service receives what these scopes bring; ended by the person, on the profile page."""

    key = models.CharField(max_length=22, unique=True, default=new_key, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="consents", verbose_name=_("login"))
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="consents", verbose_name=_("client"))
    scopes = models.CharField(_("scopes"), max_length=200)
    given_at = models.DateTimeField(_("agreed on"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("agreement with a service")
        verbose_name_plural = _("agreements with services")
        ordering = ["-given_at", "-id"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["user", "client"], condition=Q(ended_at__isnull=True), name="consent_open_once"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("given_at")), name="consent_ends_later"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.client} – {self.given_at:%Y-%m-%d %H:%M}"

    def covers(self, scopes: set[str]) -> bool:
        """Say whether it was given for all of these scopes."""
        return self.ended_at is None and scopes <= set(self.scopes.split())
