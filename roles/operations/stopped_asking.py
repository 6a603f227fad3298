"""What follows when an organisation stops: what was asked for and offered there has come to nothing. A periodic job."""

from datetime import datetime

from django.db import transaction

from audit.record import record
from outbox.compose import withdraw
from outbox.models import OutgoingEmail
from roles.events import RoleEvent
from roles.invitations import roles_for_trail
from roles.models import Invitation, RoleRequest
from roles.models.invitation import InvitationStatus
from roles.models.request import RequestStatus
from roles.operations import invitation_letters, request_letters
from roles.rules import Reason
from tenants.models import Organisation
from tenants.operations import lock_organisation

AT_ONCE = 200  # of each kind, in one transaction; the next minute goes on
WHY = str(Reason.ORGANISATION_STOPPED)


def close_of_stopped(*, now: datetime) -> int:
    """Let the open requests and invitations of stopped organisations expire; return how many were closed now.

    The asker and the inviter are told why; whoever was invited is not. Safe on several machines: the organisation is
    locked, and what is closed is not closed again. What is late anyhow is left to the jobs that close what is late.
    """
    stopped = Organisation.objects.filter(status=Organisation.Status.STOPPED)
    requests = RoleRequest.objects.pending(now=now).filter(organisation__in=stopped)
    invitations = Invitation.objects.open(now=now).filter(organisation__in=stopped)
    places = {key for rows in (requests, invitations) for key in rows.values_list("organisation", flat=True)}
    return sum(_close_all_of(key, now=now) for key in sorted(places))


def _close_all_of(organisation_id: int, *, now: datetime) -> int:
    with transaction.atomic():
        organisation = lock_organisation(organisation_id)
        if not organisation.is_stopped:
            return 0
        requests = RoleRequest.objects.pending(now=now).filter(organisation=organisation).for_page()
        invitations = Invitation.objects.open(now=now).filter(organisation=organisation).for_page()
        closed = sum(_close_request(row, now=now) for row in requests.order_by("id")[:AT_ONCE])
        return closed + sum(_close_invitation(row, now=now) for row in invitations.order_by("id")[:AT_ONCE])


def _close_request(row: RoleRequest, *, now: datetime) -> int:
    open_still = RoleRequest.objects.pending(now=now).filter(pk=row.pk)
    closed = open_still.update(status=RequestStatus.EXPIRED, decided_at=now)
    if closed:
        place, role = row.organisation, row.role.code
        record(RoleEvent.REQUEST_EXPIRED, actor=None, subject=row, organisation=place, now=now, role=role, reason=WHY)
        request_letters.about_expiry(row, organisation_stopped=True, now=now)
    return closed


def _close_invitation(row: Invitation, *, now: datetime) -> int:
    open_still = Invitation.objects.open(now=now).filter(pk=row.pk)
    closed = open_still.update(status=InvitationStatus.EXPIRED, closed_at=now)
    if closed:
        about = {**roles_for_trail(row), "reason": WHY}
        record(RoleEvent.INVITATION_EXPIRED, actor=None, subject=row, organisation=row.organisation, now=now, **about)
        withdraw(invitation_letters.batch_of(row))  # a letter still in the outbox would carry a dead code
        letters = invitation_letters.about_expiry(row, organisation_stopped=True, now=now)
        OutgoingEmail.objects.bulk_create(letters)
    return closed
