"""Who acts, for whom, with what right, how surely known. Read from the database for every request, never cached."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import IntEnum

from django.conf import settings

from audit.record import Snapshot
from tenants.models import AccessManagerAppointment, Employment, Organisation, Person


class Level(IntEnum):
    """How surely a digital key shows who someone is (DOMAIN 6; TRUST 4)."""

    LOW = 300
    SUBSTANTIAL = 400
    ITSME = 450
    HIGH = 500


# eID and itsme are one tier: FAS calls both "high".
HIGH_FROM = Level.ITSME
SELF = "self"

# Contact data and keys change only this soon after the person showed who they are (ASVS 7.5.1).
FRESH_FOR = timedelta(minutes=5)


def level_to_manage() -> int:
    """Return the level a session needs before any act of a manager (TRUST 4)."""
    return Level.SUBSTANTIAL if settings.REQUIRE_STEP_UP_TO_MANAGE else Level.LOW


@dataclass(frozen=True)
class OrganisationLink:
    """One organisation a person belongs to, and in which functions."""

    organisation: Organisation
    appointments: tuple[AccessManagerAppointment, ...] = ()
    employments: tuple[Employment, ...] = ()

    @property
    def is_representative(self) -> bool:
        """Whether the person represents the organisation by law."""
        return any(job.kind == Employment.Kind.LEGAL_REPRESENTATIVE for job in self.employments)


@dataclass(frozen=True)
class ActingContext:
    """The person of this request, the organisation acted for, and the mandates that hold today."""

    person: Person
    organisation: Organisation | None = None
    links: tuple[OrganisationLink, ...] = ()
    level: int = Level.LOW
    signed_in_at: datetime | None = None
    has_chosen: bool = field(default=False)
    # When the person last showed who they are; a real provider may remember that from before, or not tell.
    proved_at: datetime | None = None

    def is_fresh(self, now: datetime) -> bool:
        """Say whether the person showed who they are within the last five minutes."""
        return self.proved_at is not None and timedelta(0) <= now - self.proved_at < FRESH_FOR

    def has_shown_since(self, moment: datetime) -> bool:
        """Say whether the person showed who they are at that moment or later."""
        return self.proved_at is not None and self.proved_at >= moment

    @property
    def appointments(self) -> tuple[AccessManagerAppointment, ...]:
        """All appointments that hold today, in every organisation."""
        return tuple(appointment for link in self.links for appointment in link.appointments)

    def link_to(self, organisation: Organisation | None) -> OrganisationLink | None:
        """Return how the person belongs to `organisation`, if at all."""
        if organisation is None:
            return None
        return next((link for link in self.links if link.organisation.pk == organisation.pk), None)

    def appointments_for(self, organisation: Organisation | None) -> tuple[AccessManagerAppointment, ...]:
        """Return the person's appointments in `organisation`."""
        link = self.link_to(organisation)
        return link.appointments if link else ()

    @property
    def managed(self) -> tuple[Organisation, ...]:
        """The organisations of which the person is an access manager."""
        return tuple(link.organisation for link in self.links if link.appointments)

    @property
    def is_manager(self) -> bool:
        """Whether the person is an access manager of the organisation acted for."""
        return bool(self.appointments_for(self.organisation))

    @property
    def is_high(self) -> bool:
        """Whether the person signed in with an eID or itsme."""
        return self.level >= HIGH_FROM

    @property
    def can_change(self) -> bool:
        """Whether there is another organisation to act for."""
        return len(self.links) > 1

    @property
    def must_choose(self) -> bool:
        """Whether the person has several organisations and has not said yet for which one to act."""
        return self.can_change and not self.has_chosen

    def audit_snapshot(self) -> Snapshot:
        """Return the person's snapshot: who acts is a person."""
        return self.person.audit_snapshot()


def links_of(person: Person, day: date) -> tuple[OrganisationLink, ...]:
    """Return the organisations a person belongs to on `day`, those managed first. Two queries."""
    # Every request asks this: nothing is joined that is known.
    appointments = list(AccessManagerAppointment.objects.filter(person=person).live(day).with_place())
    employments = list(Employment.objects.filter(person=person).live(day).select_related("organisation"))
    for appointment in appointments:
        appointment.person = person
    for job in employments:
        job.person = person
    organisations = {row.organisation_id: row.organisation for row in employments}
    organisations |= {row.organisation_id: row.organisation for row in appointments}
    links = [
        OrganisationLink(
            organisation,
            tuple(row for row in appointments if row.organisation_id == key),
            tuple(row for row in employments if row.organisation_id == key),
        )
        for key, organisation in organisations.items()
    ]
    return tuple(sorted(links, key=_weight))


def _weight(link: OrganisationLink) -> tuple[int, str]:
    """Return the order of organisations: those managed in whole first, then in part, then the others."""
    if any(appointment.covers_all_domains for appointment in link.appointments):
        return 0, link.organisation.enterprise_number
    return 1 if link.appointments else 2, link.organisation.enterprise_number


def acting_context(
    person: Person,
    *,
    day: date,
    level: int,
    acting_for: str = "",
    signed_in_at: datetime | None = None,
    proved_at: datetime | None = None,
) -> ActingContext:
    """Build the context of a request.

    `acting_for` is the key of the chosen organisation, `SELF`, or empty when nothing was chosen; a choice that is not
    (or no longer) the person's counts as none. With one organisation the choice makes itself.
    """
    links = links_of(person, day)
    chosen = next((link for link in links if link.organisation.key == acting_for), None)
    if chosen is not None and chosen.organisation.is_stopped:
        chosen = None
    has_chosen = chosen is not None or acting_for == SELF
    if chosen is None and acting_for != SELF:
        # Until the person has said otherwise, the first one that works: every page has something to show.
        chosen = next((link for link in links if not link.organisation.is_stopped), None)
    return ActingContext(
        person=person,
        organisation=chosen.organisation if chosen else None,
        links=links,
        level=level,
        signed_in_at=signed_in_at,
        has_chosen=has_chosen or len(links) < 2,
        proved_at=proved_at,
    )
