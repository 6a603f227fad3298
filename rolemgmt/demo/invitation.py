"""One open invitation, to somebody who has never signed in: its letter, with the code, waits in the demo mailbox."""

from datetime import datetime

from rolemgmt.demo.people import register_only
from roles.invitations import InvitationOrder
from roles.models import Invitation, Role
from roles.operations import drafts
from roles.operations.invitations import send_invitations, start_invitation
from roles.order import OrderedRole
from roles.rules import may_manage_organisation
from tenants.acting import Level, acting_context
from tenants.models import Organisation, Person
from tenants.periods import local_day

_NEWCOMER = "Mathéo"
_ROLE = "FLUVIUS_ENERGY_PORTAL_ADMIN"
_MESSAGE = "Bienvenue chez nous ! Avec ce rôle, vous suivez nos compteurs."


def missing_invitation(organisation: Organisation, inviter: Person, *, now: datetime) -> int:
    """Send the invitation as its inviter would, unless it was sent before; return how many were sent.

    Outside any transaction: invitations are counted before they are sent.
    """
    newcomer = next(person for person in register_only() if person.given_name == _NEWCOMER)
    if Invitation.objects.filter(organisation=organisation, email=newcomer.email).exists():
        return 0
    acting = acting_context(inviter, day=local_day(now), level=Level.HIGH, acting_for=organisation.key)
    if may_manage_organisation(acting, organisation) is not None:
        return 0  # somebody ended that right since: what people did stays
    draft = start_invitation(acting=acting, organisation=organisation, now=now)
    with drafts.changing(draft, seen_version=draft.version, now=now) as open_draft:
        drafts.add_invitee(
            open_draft,
            given_name=newcomer.given_name,
            family_name=newcomer.family_name,
            email=newcomer.email,
            language=newcomer.language,
        )
        drafts.add_roles(open_draft, [_ROLE], allowed=lambda role: True)
        open_draft.duration, open_draft.message = open_draft.Duration.UNLIMITED, _MESSAGE
        drafts.set_properties(open_draft, {})
    order = InvitationOrder(
        invitees=tuple(draft.invitees.all()),
        organisation=organisation,
        roles=(OrderedRole(Role.objects.for_page().get(code=_ROLE)),),
        valid_from=None,
        valid_until=None,
        message=_MESSAGE,
    )
    send_invitations(order, acting=acting, draft=draft, seen_version=draft.version, now=now)
    return 1
