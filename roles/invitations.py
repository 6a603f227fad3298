"""Invitations without a write: codes, whose name is meant, who sees which, and what answering one would do."""

import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef

from audit.models import AuditEntry
from roles.errors import CannotAssign, Objection
from roles.events import RoleEvent
from roles.models import DraftInvitee, Invitation, InvitedRole, Role
from roles.models.invitation import InvitationQuerySet
from roles.order import AssignmentOrder, OrderedRole, Plan
from roles.planning import make_plan, objections_to
from roles.rules import Reason, level_to_manage, may_manage_organisation
from tenants.acting import ActingContext, links_of
from tenants.folding import clean_name, fold, without_particles
from tenants.models import Organisation, Person
from tenants.periods import local_day

# Thirty-two letters and digits without 0, O, 1 and I: eight of them are 40 bits, a million million codes. Five tries
# an hour and a person, and a family name that has to fit, leave nothing to guess.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LENGTH = 8

MOST_INVITEES = 20  # in one pass


# --- Codes -------------------------------------------------------------------------------------------------------


def new_code() -> str:
    """Return a random code, bare, that no invitation has or had."""
    while True:
        code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
        if not Invitation.objects.with_code(code).exists():
            return code


def spaced(code: str) -> str:
    """Return a bare code as letters print it: K7QD-3MXP."""
    return f"{code[:4]}-{code[4:]}"


def bare(typed: str) -> str:
    """Return what was typed as a bare code, whatever its dashes, spaces and case; it may still be none."""
    return "".join(character for character in typed.upper() if character.isalnum())[:100]


# --- Whom it is for ----------------------------------------------------------------------------------------------


def is_addressed_to(invitation: Invitation, person: Person) -> bool:
    """Whether the person's family name, from the register, is the one that the inviter wrote.

    Accents, case, hyphens, spaces and particles ("de", "van den") do not matter.
    """
    written, known = _spellings(invitation.family_name), _spellings(person.family_name)
    return not written.isdisjoint(known)


def _spellings(name: str) -> set[str]:
    folded = fold(name)
    if not folded:  # a name without a letter of our alphabet folds to nothing, and nothing equals nothing
        return {clean_name(name).casefold()}
    return {folded.replace(" ", ""), without_particles(folded).replace(" ", "")}


def invitations_for(person: Person, *, now: datetime) -> InvitationQuerySet:
    """Return the open invitations sent to the person's own address by others."""
    if not person.email_key:
        return Invitation.objects.none()
    return Invitation.objects.open(now=now).filter(email_key=person.email_key).exclude(invited_by=person)


# --- Who sees which ----------------------------------------------------------------------------------------------


def visible_invitations(acting: ActingContext, organisation: Organisation) -> InvitationQuerySet:
    """Return the organisation's invitations that the person manages: a domain manager those of own domains only."""
    appointments = acting.appointments_for(organisation)
    rows = Invitation.objects.filter(organisation=organisation)
    if any(row.covers_all_domains for row in appointments):
        return rows
    domains = [row.domain_id for row in appointments]
    elsewhere = InvitedRole.objects.filter(invitation=OuterRef("pk")).exclude(role__domain__in=domains)
    return rows.filter(~Exists(elsewhere)) if domains else rows.none()


def may_follow_up(acting: ActingContext, organisation: Organisation | None) -> Reason | None:
    """Say why the person cannot look at or cancel the organisation's invitations, or None.

    An organisation that has stopped stands in the way of inviting, never of cancelling.
    """
    reason = may_manage_organisation(acting, organisation)
    if reason != Reason.ORGANISATION_STOPPED:
        return reason
    return Reason.LEVEL_TOO_LOW if acting.level < level_to_manage() else None


def roles_for_trail(invitation: Invitation) -> dict[str, Any]:
    """Return the roles as an audit row keeps them.

    `role`, by which a domain manager reads the row, is there only where all of them are of one domain: a mixed
    invitation is for those who manage every domain.
    """
    roles = [invited.role for invited in invitation.invited_roles.all()]
    codes = [role.code for role in roles]
    if len({role.domain_id for role in roles}) > 1:
        return {"roles": codes}
    return {"role": codes[0], "roles": codes}


# --- Sending -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class InvitationOrder:
    """Everybody in `invitees` is invited to hold every role. Without `valid_from`: from the day of the answer."""

    invitees: tuple[DraftInvitee, ...]
    organisation: Organisation
    roles: tuple[OrderedRole, ...]
    valid_from: date | None
    valid_until: date | None
    message: str = ""


def objections_to_inviting(order: InvitationOrder, *, acting: ActingContext, today: date) -> list[Objection]:
    """Return everything that stands in the way of sending these invitations, each with the step to mend it."""
    found = []
    if not order.invitees:
        found.append(Objection("people", "no_persons"))
    if any(is_own_address(invitee.email_key, acting.person) for invitee in order.invitees):
        found.append(Objection("people", "own_address"))
    return found + objections_to_giving(
        order.organisation,
        order.roles,
        valid_from=order.valid_from,
        valid_until=order.valid_until,
        acting=acting,
        today=today,
    )


def objections_to_giving(
    organisation: Organisation,
    roles: Iterable[OrderedRole],
    *,
    valid_from: date | None,
    valid_until: date | None,
    acting: ActingContext,
    today: date,
) -> list[Objection]:
    """Return why this person, now, could not give these roles for this period to whoever answers."""
    order = AssignmentOrder((), organisation, tuple(roles), first_day(valid_from, today), valid_until)
    # Who will hold them is not known yet; everything else is asked as when assigning.
    return [row for row in objections_to(order, acting=acting, today=today) if row.step != "persons"]


def is_own_address(email_key: str, person: Person) -> bool:
    """Whether an address (folded) is the person's own."""
    return bool(email_key) and email_key == person.email_key


def first_day(valid_from: date | None, today: date) -> date:
    """Return the first day of the roles when answered today: never one that has passed."""
    return max(valid_from or today, today)


def answer_before(today: date, valid_until: date | None) -> date:
    """Return the first day on which it is too late to answer: roles that end sooner are not worth an answer."""
    latest = today + timedelta(days=settings.INVITATION_DAYS)
    return latest if valid_until is None else min(latest, valid_until)


# --- Answering ---------------------------------------------------------------------------------------------------


def giver_of(invitation: Invitation, *, day: date) -> ActingContext:
    """Return the inviter with the rights of today, and the level shown when the invitation was sent."""
    sent = AuditEntry.objects.about(invitation.key).filter(
        event__in=(RoleEvent.INVITATION_SENT, RoleEvent.INVITATION_RESENT)
    )
    newest = sent.order_by("-id").first()
    level = newest.data.get("level", level_to_manage()) if newest else level_to_manage()
    inviter = Person.objects.get(pk=invitation.invited_by_id)
    return ActingContext(inviter, invitation.organisation, links_of(inviter, day), level)


def order_of(invitation: Invitation, person: Person, roles: Collection[Role], *, today: date) -> AssignmentOrder:
    """Return what the person would be given by accepting today. `roles` are those of the invitation, as they are."""
    by_id = {role.pk: role for role in roles}
    invited = invitation.invited_roles.all()
    return AssignmentOrder(
        (person,),
        invitation.organisation,
        tuple(OrderedRole(by_id[row.role_id], row.properties) for row in invited),
        first_day(invitation.valid_from, today),
        invitation.valid_until,
        invitation.message,
    )


def plan_of(order: AssignmentOrder, *, giver: ActingContext, now: datetime) -> Plan:
    """Return what accepting does now. Raises CannotAssign when the inviter can no longer give one of the roles."""
    if not giver.person.is_active:
        raise CannotAssign([Objection("organisation", Reason.PERSON_INACTIVE, {"person": giver.person})])
    return make_plan(order, acting=giver, now=now)


def plan_for_page(invitation: Invitation, person: Person, *, now: datetime) -> Plan:
    """Return the plan that a page shows; the operation makes it anew under its locks. Raises as `plan_of`."""
    today = local_day(now)
    roles = Role.objects.for_page().filter(pk__in=[row.role_id for row in invitation.invited_roles.all()])
    order = order_of(invitation, person, list(roles), today=today)
    return plan_of(order, giver=giver_of(invitation, day=today), now=now)
