"""Pure questions about rights, answered with reasons. They read what they are given and change nothing.

Views ask them to show what is possible; operations ask them again, under lock, on what they loaded themselves.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from roles.models import ConfirmationRule, Role, RoleAssignment, RoleRequest
from roles.models.assignment import Confirmer
from tenants.acting import HIGH_FROM, ActingContext, level_to_manage
from tenants.models import AccessManagerAppointment, Employment, Organisation, Person


class Reason(StrEnum):
    """Why something cannot be done. The words to show stand in `roles.reasons`."""

    NOT_LINKED = "not_linked"
    NOT_MANAGER = "not_manager"
    OTHER_ORGANISATION = "other_organisation"
    OTHER_DOMAIN = "other_domain"
    NOT_REPRESENTATIVE = "not_representative"
    NOT_CHIEF = "not_chief"
    KEEPS_CHIEF = "keeps_chief"
    LEVEL_TOO_LOW = "level_too_low"
    ROLE_NEEDS_HIGH = "role_needs_high"
    ROLE_IS_DERIVED = "role_is_derived"
    ROLE_WITHDRAWN = "role_withdrawn"
    ORGANISATION_STOPPED = "organisation_stopped"
    PERSON_INACTIVE = "person_inactive"
    NONE_CHOSEN = "none_chosen"
    NOT_REQUESTABLE = "not_requestable"
    NOBODY_DECIDES = "nobody_decides"
    ALREADY_ASKED = "already_asked"
    HELD_ALREADY = "held_already"
    OWN_REQUEST = "own_request"
    NOT_THE_ASKER = "not_the_asker"


def may_manage(acting: ActingContext) -> Reason | None:
    """Say why the person cannot give roles at all, or None when they can in at least one organisation."""
    if not acting.managed:
        return Reason.NOT_MANAGER if acting.links else Reason.NOT_LINKED
    if all(organisation.is_stopped for organisation in acting.managed):
        return Reason.ORGANISATION_STOPPED
    if acting.level < level_to_manage():
        return Reason.LEVEL_TOO_LOW
    return None


def may_manage_organisation(acting: ActingContext, organisation: Organisation | None) -> Reason | None:
    """Say why the person cannot give roles for this organisation, or None."""
    if organisation is None or not acting.appointments_for(organisation):
        if organisation is None and acting.managed and all(row.is_stopped for row in acting.managed):
            return Reason.ORGANISATION_STOPPED
        if acting.managed:
            return Reason.OTHER_ORGANISATION
        return Reason.NOT_MANAGER if acting.links else Reason.NOT_LINKED
    if organisation.is_stopped:
        return Reason.ORGANISATION_STOPPED
    if acting.level < level_to_manage():
        return Reason.LEVEL_TOO_LOW
    return None


def may_assign(acting: ActingContext, role: Role, organisation: Organisation) -> Reason | None:
    """Say why this person, now, cannot give this role for this organisation; None when it can be given."""
    if (reason := may_manage_organisation(acting, organisation)) is not None:
        return reason
    if role.is_derived:
        return Reason.ROLE_IS_DERIVED
    if not role.is_assignable:
        return Reason.ROLE_WITHDRAWN
    if not any(row.covers(role.domain_id) for row in acting.appointments_for(organisation)):
        return Reason.OTHER_DOMAIN
    if acting.level < role.minimum_level:
        return Reason.ROLE_NEEDS_HIGH
    return None


def may_manage_assignment(acting: ActingContext, assignment: RoleAssignment) -> Reason | None:
    """Say why this person cannot end, prolong or follow up this assignment as an access manager, or None.

    An organisation that has stopped stands in the way of giving, never of ending.
    """
    own = acting.appointments_for(assignment.organisation)
    if not own:
        return Reason.NOT_MANAGER
    if not any(row.covers(assignment.role.domain_id) for row in own):
        return Reason.OTHER_DOMAIN
    if acting.level < level_to_manage():
        return Reason.LEVEL_TOO_LOW
    return None


def may_end(acting: ActingContext, assignment: RoleAssignment) -> Reason | None:
    """Say why this person cannot end this assignment, or None. Everybody may give up an own role."""
    if assignment.assignee_id == acting.person.pk:
        return None
    return may_manage_assignment(acting, assignment)


def may_request_for(acting: ActingContext, organisation: Organisation | None) -> Reason | None:
    """Say why the person cannot ask for roles of this organisation, or None: whoever belongs to it today may."""
    if organisation is None and acting.links:
        if all(link.organisation.is_stopped for link in acting.links):
            return Reason.ORGANISATION_STOPPED
        return Reason.NONE_CHOSEN
    if organisation is None or acting.link_to(organisation) is None:
        return Reason.NOT_LINKED
    return Reason.ORGANISATION_STOPPED if organisation.is_stopped else None


def may_request(acting: ActingContext, role: Role, organisation: Organisation) -> Reason | None:
    """Say why this person, now, cannot ask for this role of this organisation, or None."""
    if (reason := may_request_for(acting, organisation)) is not None:
        return reason
    if role.is_derived:
        return Reason.ROLE_IS_DERIVED
    if not role.is_assignable:
        return Reason.ROLE_WITHDRAWN
    return None if role.is_requestable else Reason.NOT_REQUESTABLE


def may_decide(acting: ActingContext, role_request: RoleRequest) -> Reason | None:
    """Say why this person, now, cannot approve or refuse the request, or None. Nobody decides on an own one."""
    if role_request.requester_id == acting.person.pk:
        return Reason.OWN_REQUEST
    return may_assign(acting, role_request.role, role_request.organisation)


def needs_high_key(role: Role) -> bool:
    """Whether only an eID or itsme reaches the level the role asks of its giver."""
    return role.minimum_level >= HIGH_FROM


@dataclass(frozen=True)
class Deciders:
    """Who, besides the giver, could confirm in an organisation: loaded once, asked per role."""

    appointments: tuple[AccessManagerAppointment, ...]
    representatives: tuple[Person, ...]

    def managers_for(self, role: Role, *, besides: Person, giver: Person | None = None) -> list[Person]:
        """Return the access managers who may give this role, without one person (and the giver); chiefs first."""
        found = {
            row.person_id: row.person
            for row in self.appointments
            if row.covers(role.domain_id) and _is_neither(row.person, besides, giver)
        }
        return list(found.values())

    def for_role(self, role: Role, *, besides: Person, giver: Person | None = None) -> list[Person]:
        """Return who confirms in place of `besides`: other managers, else legal representatives, else nobody.

        Whoever gave the role (`giver`) is no second person either.
        """
        return self.managers_for(role, besides=besides, giver=giver) or [
            person for person in self.representatives if _is_neither(person, besides, giver)
        ]

    def for_assignment(self, assignment: RoleAssignment) -> list[Person]:
        """Return who may confirm an assignment that waits for another manager."""
        return self.for_role(assignment.role, besides=assignment.assignee, giver=assignment.assigned_by)


def _is_neither(person: Person, besides: Person, giver: Person | None) -> bool:
    return person.pk != besides.pk and (giver is None or person.pk != giver.pk)


def deciders_of(organisation: Organisation, *, day: date) -> Deciders:
    """Read who may confirm in an organisation on `day`: people who are active. Three queries at most.

    A join of the representatives with their persons would be planned for far more of them than there are.
    """
    appointments = AccessManagerAppointment.objects.filter(organisation=organisation).live(day).for_page()
    employments = (
        Employment.objects.filter(organisation=organisation)
        .live(day)
        .representatives()
        .prefetch_related("person")
        .order_by("last_key", "id")
    )
    return Deciders(
        tuple(row for row in appointments if row.person.is_active),
        tuple(job.person for job in employments if job.person.is_active),
    )


def confirmation_table() -> dict[tuple[str, bool], str]:
    """Read the table that staff can change: (status, to oneself) to confirmer. One query."""
    return {(row.organisation_status, row.to_oneself): row.confirmer for row in ConfirmationRule.objects.all()}


def wanted_confirmer(
    role: Role, organisation: Organisation, *, to_oneself: bool, table: dict[tuple[str, bool], str]
) -> str:
    """Return who should confirm by the table; a role may ask for more, and a missing row is the strict answer."""
    strict = Confirmer.MANAGER if to_oneself else Confirmer.ASSIGNEE
    confirmer = table.get((organisation.status, to_oneself), strict)
    return strict if confirmer == Confirmer.NOBODY and role.always_confirm else confirmer


def confirmer_for(
    role: Role,
    organisation: Organisation,
    *,
    giver: Person,
    assignee: Person,
    table: dict[tuple[str, bool], str],
    deciders: Deciders,
) -> str:
    """Return who has to confirm this assignment: a value of `Confirmer`.

    What `wanted_confirmer` says; but where nobody else could confirm, the assignee does (DOMAIN 4.2).
    """
    confirmer = wanted_confirmer(role, organisation, to_oneself=giver.pk == assignee.pk, table=table)
    if confirmer == Confirmer.MANAGER and not deciders.for_role(role, besides=assignee, giver=giver):
        return Confirmer.ASSIGNEE
    return confirmer


def may_confirm(assignment: RoleAssignment, acting: ActingContext, deciders: Deciders) -> bool:
    """Whether this person is the one whose confirmation the assignment waits for.

    Answering for oneself needs no access manager's level; answering for another is an act of a manager, whose level
    the view and the operation ask for separately.
    """
    if assignment.confirmer == Confirmer.ASSIGNEE:
        return assignment.assignee_id == acting.person.pk
    if assignment.confirmer == Confirmer.MANAGER:
        return any(person.pk == acting.person.pk for person in deciders.for_assignment(assignment))
    return False
