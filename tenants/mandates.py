"""Who appoints and ends access managers (DOMAIN 3.2): pure questions, answered with reasons.

Views ask them to show what is possible; operations ask them again, under lock, on what they loaded themselves.
"""

from datetime import date
from enum import StrEnum

from tenants.acting import ActingContext, OrganisationLink, level_to_manage
from tenants.models import AccessManagerAppointment, Organisation
from tenants.models.appointment import AppointmentKind


class Obstacle(StrEnum):
    """Why somebody cannot appoint or end an access manager. `roles.reasons` has the words, under the same names."""

    NOT_LINKED = "not_linked"
    NOT_REPRESENTATIVE = "not_representative"
    NOT_CHIEF = "not_chief"
    KEEPS_CHIEF = "keeps_chief"
    ORGANISATION_STOPPED = "organisation_stopped"
    LEVEL_TOO_LOW = "level_too_low"


class NotEntitled(Exception):
    """The person has not (or no longer) the right to appoint or end this access manager; `obstacle` says why."""

    def __init__(self, obstacle: Obstacle, organisation: Organisation) -> None:
        super().__init__(str(obstacle))
        self.obstacle = obstacle
        self.organisation = organisation


def is_chief(link: OrganisationLink) -> bool:
    """Whether the person is the chief access manager today."""
    return any(row.kind == AppointmentKind.CHIEF for row in link.appointments)


def may_appoint(acting: ActingContext, organisation: Organisation, kind: str) -> Obstacle | None:
    """Say why the person cannot appoint an access manager of this kind for the organisation, or None.

    A legal representative appoints the chief, himself too; the chief appoints all others.
    """
    link = acting.link_to(organisation)
    if link is None:
        return Obstacle.NOT_LINKED
    if kind == AppointmentKind.CHIEF and not link.is_representative:
        return Obstacle.NOT_REPRESENTATIVE
    if kind != AppointmentKind.CHIEF and not is_chief(link):
        return Obstacle.NOT_CHIEF
    if organisation.is_stopped:
        return Obstacle.ORGANISATION_STOPPED
    return _level_obstacle(acting)


def may_appoint_anybody(
    acting: ActingContext, organisation: Organisation, *, wanted: str = AppointmentKind.CO_CHIEF
) -> Obstacle | None:
    """Say why the person cannot appoint any access manager for the organisation, or None.

    Where no function is the person's to give, the answer is the one for the function that was `wanted`.
    """
    answers = [may_appoint(acting, organisation, kind) for kind in (AppointmentKind.CO_CHIEF, AppointmentKind.CHIEF)]
    if None in answers:
        return None
    # Where one function is the person's to give, what stands in its way says more than a right that is missing.
    return next(
        (answer for answer in answers if answer not in _MISSING_RIGHTS), may_appoint(acting, organisation, wanted)
    )


_MISSING_RIGHTS = (Obstacle.NOT_CHIEF, Obstacle.NOT_REPRESENTATIVE)


def may_end(acting: ActingContext, appointment: AccessManagerAppointment, *, day: date) -> Obstacle | None:
    """Say why the person cannot end this appointment on `day`, or None.

    Everybody may end the own one; but a chief leaves only with a successor or by a legal representative (E38), for no
    act of anybody else leaves an organisation that has a chief without one. A stopped organisation hinders nobody.
    """
    link = acting.link_to(appointment.organisation)
    is_own = appointment.person_id == acting.person.pk
    if link is None and not is_own:
        return Obstacle.NOT_LINKED
    if appointment.kind == AppointmentKind.CHIEF:
        if link is None or not link.is_representative:
            if not is_own:
                return Obstacle.NOT_REPRESENTATIVE
            if appointment.holds_on(day):
                return Obstacle.KEEPS_CHIEF
    elif not is_own and (link is None or not is_chief(link)):
        return Obstacle.NOT_CHIEF
    return _level_obstacle(acting)


def is_last_right(acting: ActingContext, appointment: AccessManagerAppointment) -> bool:
    """Whether the person gives roles for the organisation today by this own appointment alone."""
    own = acting.appointments_for(appointment.organisation)
    return [row.pk for row in own] == [appointment.pk]


def wrong_period(valid_from: date, valid_until: date | None, *, day: date) -> str:
    """Return what is wrong with a period chosen on `day` (E16 to E18): a code, or nothing."""
    if valid_from < day:
        return "starts_in_the_past"
    if valid_until is not None and valid_until <= day:
        return "ends_in_the_past"
    if valid_until is not None and valid_until < valid_from:
        return "ends_before_start"
    return ""


def _level_obstacle(acting: ActingContext) -> Obstacle | None:
    return Obstacle.LEVEL_TOO_LOW if acting.level < level_to_manage() else None
