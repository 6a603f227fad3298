"""Access managers: the mandates by which a person gives roles in an organisation's name."""

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.record import Snapshot
from tenants.keys import new_key
from tenants.models.organisation import Organisation
from tenants.models.person import Person
from tenants.names import NamedInFourLanguages, has_a_name
from tenants.periods import Period, live_on, one_of, period_in_order


class Domain(NamedInFourLanguages):
    """A group of online services for which an organisation can have an access manager of its own."""

    code = models.CharField(_("code"), max_length=30, unique=True)

    class Meta:
        verbose_name = _("domain")
        verbose_name_plural = _("domains")
        ordering = ["code"]
        constraints = [has_a_name("domain_has_a_name")]

    def __str__(self) -> str:
        return self.name


class AppointmentKind(models.TextChoices):
    """The three functions of CSAM."""

    CHIEF = "chief", _("chief access manager")
    CO_CHIEF = "co_chief", _("co-chief access manager")
    DOMAIN = "domain", _("access manager of a domain")


class AppointmentQuerySet(models.QuerySet["AccessManagerAppointment"]):
    """Reads of appointments."""

    def live(self, day: date) -> "AppointmentQuerySet":
        """Return those that give a right on `day`: in their period and not ended."""
        return self.filter(live_on(day), ended_at__isnull=True)

    def standing(self, day: date) -> "AppointmentQuerySet":
        """Return those that give a right on `day` or will give one later: neither ended nor run out."""
        return self.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=day), ended_at__isnull=True)

    def run_out(self, day: date) -> "AppointmentQuerySet":
        """Return those whose last day has passed and that nobody has ended."""
        return self.filter(valid_until__lt=day, ended_at__isnull=True)

    def chiefs(self) -> "AppointmentQuerySet":
        """Return the appointments as chief access manager only."""
        return self.filter(kind=AppointmentKind.CHIEF)

    def for_page(self) -> "AppointmentQuerySet":
        """Return them with what every page shows of them, chiefs first: the kinds sort as they weigh."""
        return self.select_related("person", "organisation", "domain").order_by("kind", "person__last_key", "id")

    def with_place(self) -> "AppointmentQuerySet":
        """Return those of one person, who is known, with what they are for, chiefs first."""
        return self.select_related("organisation", "domain").order_by("kind", "id")


class AccessManagerAppointment(Period):
    """`person` is access manager of `organisation`, for all domains or for one."""

    Kind = AppointmentKind

    key = models.CharField(max_length=22, unique=True, default=new_key, editable=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="appointments", verbose_name=_("organisation")
    )
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="appointments", verbose_name=_("person"))
    kind = models.CharField(_("function"), max_length=10, choices=AppointmentKind)
    domain = models.ForeignKey(Domain, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("domain"))
    appointed_by = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="appointments_made",
        verbose_name=_("appointed by"),
    )
    appointed_at = models.DateTimeField(_("appointed on"), auto_now_add=True)
    ended_at = models.DateTimeField(_("ended on"), null=True, blank=True)
    ended_by = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="appointments_ended",
        verbose_name=_("ended by"),
    )

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("access manager")
        verbose_name_plural = _("access managers")
        constraints = [
            period_in_order("appointment_period_in_order"),
            one_of("kind", AppointmentKind, "appointment_kind_known"),
            models.CheckConstraint(
                condition=Q(kind=AppointmentKind.DOMAIN, domain__isnull=False)
                | (~Q(kind=AppointmentKind.DOMAIN) & Q(domain__isnull=True)),
                name="appointment_domain_only_for_domain_managers",
            ),
            models.UniqueConstraint(
                fields=["organisation"],
                condition=Q(kind=AppointmentKind.CHIEF, ended_at__isnull=True),
                name="appointment_one_chief",
            ),
            models.UniqueConstraint(
                fields=["organisation", "person"],
                condition=Q(kind=AppointmentKind.CO_CHIEF, ended_at__isnull=True),
                name="appointment_co_chief_once",
            ),
            models.UniqueConstraint(
                fields=["organisation", "person", "domain"],
                condition=Q(kind=AppointmentKind.DOMAIN, ended_at__isnull=True),
                name="appointment_domain_manager_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} – {self.title} – {self.organisation.name}"

    @property
    def covers_all_domains(self) -> bool:
        """Whether it gives the right over every role of the organisation."""
        return self.kind in (AppointmentKind.CHIEF, AppointmentKind.CO_CHIEF)

    def covers(self, domain_id: int) -> bool:
        """Whether it gives the right over the roles of this domain."""
        return self.covers_all_domains or self.domain_id == domain_id

    @property
    def title(self) -> str:
        """The function in words, in the language of the page."""
        if self.domain is not None:
            return str(_("access manager for the domain %(domain)s") % {"domain": self.domain.name})
        return str(self.get_kind_display())

    def audit_snapshot(self) -> Snapshot:
        """Return what an audit row keeps of it."""
        return Snapshot("appointment", self.key, f"{self.person.full_name} – {self.kind}")
