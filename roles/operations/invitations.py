"""Inviting: send, send again, cancel, let expire. Answering stands in `answer_invitation`."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from audit.record import record
from outbox.compose import withdraw
from outbox.models import OutgoingEmail
from roles.errors import CannotAssign, DraftChanged, DraftFinished, NotAllowed, OwnInvitation, QuotaReached, TooLate
from roles.events import RoleEvent
from roles.invitations import (
    InvitationOrder,
    answer_before,
    is_own_address,
    may_follow_up,
    new_code,
    objections_to_giving,
    objections_to_inviting,
    roles_for_trail,
)
from roles.models import AssignmentDraft, Invitation, InvitedRole, Role
from roles.models.assignment import next_reference
from roles.models.invitation import InvitationStatus, code_index
from roles.operations import drafts
from roles.operations import invitation_letters as letters
from roles.order import OrderedRole
from roles.rules import Reason, may_manage_organisation
from tenants.acting import ActingContext, links_of
from tenants.folding import fold_email
from tenants.models import Organisation, Person
from tenants.operations import lock_organisation
from tenants.periods import local_day
from vault import throttle

DAY = timedelta(days=1)
EXPIRED_AT_ONCE = 200  # letters in one run of the job; the next minute goes on

_BY_PERSON, _TO_ADDRESS = "roles.invitations_by", "roles.invitations_to"


def start_invitation(*, acting: ActingContext, organisation: Organisation, now: datetime) -> AssignmentDraft:
    """Begin a draft of invitations for an organisation. Raises NotAllowed for anybody but its access managers."""
    if (reason := may_manage_organisation(acting, organisation)) is not None:
        raise NotAllowed(reason, organisation=organisation)
    with transaction.atomic():
        draft = drafts.start_draft(acting=acting, variant=AssignmentDraft.Variant.INVITATION, now=now)
        draft.organisation = organisation
        draft.save(update_fields=["organisation"])
    return draft


def send_invitations(
    order: InvitationOrder, *, acting: ActingContext, draft: AssignmentDraft, seen_version: int, now: datetime
) -> str:
    """Invite everybody in the order, each with a letter and a code of their own; return the reference of the whole.

    All or nothing. Raises QuotaReached when the day's invitations are used up, DraftFinished when this draft has been
    sent already, DraftChanged when it changed since the page was shown, NotAllowed when the inviter was switched off,
    and CannotAssign, with reasons, when a right, a role or the organisation has changed meanwhile.
    """
    _take_quota([invitee.email_key for invitee in order.invitees], acting=acting, now=now)
    today = local_day(now)
    with transaction.atomic():
        organisation = lock_organisation(order.organisation.pk)
        _win(draft, acting=acting, seen_version=seen_version)
        acting = _as_of_now(acting, today)
        order = replace(order, organisation=organisation, roles=_locked(order.roles))
        if objections := objections_to_inviting(order, acting=acting, today=today):
            raise CannotAssign(objections)
        reference = next_reference("IN", today.year)
        AssignmentDraft.objects.filter(pk=draft.pk).update(submitted_at=now, reference=reference)
        written = []
        for number, invitee in enumerate(order.invitees, start=1):
            code = new_code()
            row = Invitation.objects.create(
                reference=f"{reference}-{number}",
                organisation=organisation,
                given_name=invitee.given_name,
                family_name=invitee.family_name,
                email=invitee.email,
                language=invitee.language,
                valid_from=order.valid_from,
                valid_until=order.valid_until,
                message=order.message,
                invited_by=acting.person,
                invited_at=now,
                sent_at=now,
                code_index=code_index(code),
                answer_before=answer_before(today, order.valid_until),
                draft=draft,
            )
            InvitedRole.objects.bulk_create(
                InvitedRole(invitation=row, role=ordered.role, properties=ordered.properties) for ordered in order.roles
            )
            _record(RoleEvent.INVITATION_SENT, row, acting=acting, now=now, level=acting.level)
            written.append(letters.invitation(row, code, now=now))
        OutgoingEmail.objects.bulk_create(written)
    return reference


def resend_invitation(
    invitation: Invitation, *, seen_sent_at: datetime, acting: ActingContext, now: datetime
) -> Invitation:
    """Send an open or expired invitation again: a new code, and the days to answer begin anew.

    The code before it stops working. Whoever sends it again is the inviter from now on: it is their right that the
    answer will be measured by. `seen_sent_at` is when it was last sent, as the page showed it. Raises QuotaReached,
    NotAllowed or CannotAssign as `send_invitations`; OwnInvitation for one to oneself; TooLate when it was answered,
    cancelled or sent again meanwhile.
    """
    _take_quota([invitation.email_key], acting=acting, now=now)
    today = local_day(now)
    with transaction.atomic():
        row, acting = _load(invitation, acting=acting, now=now)
        if is_own_address(row.email_key, acting.person):
            raise OwnInvitation
        objections = objections_to_giving(
            row.organisation,
            _locked([OrderedRole(invited.role, invited.properties) for invited in row.invited_roles.all()]),
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            acting=acting,
            today=today,
        )
        if objections:
            raise CannotAssign(objections)
        code = new_code()
        change = {
            "status": InvitationStatus.SENT,
            "closed_at": None,
            "sent_at": now,
            "code_index": code_index(code),
            "answer_before": answer_before(today, row.valid_until),
            "invited_by": acting.person,
        }
        can_go_again = Q(status__in=(InvitationStatus.SENT, InvitationStatus.EXPIRED), sent_at=seen_sent_at)
        if not Invitation.objects.filter(can_go_again, pk=row.pk).update(**change):
            raise TooLate
        row = Invitation.objects.for_page().get(pk=row.pk)
        withdraw(letters.batch_of(row))  # a letter still in the outbox would carry a dead code
        _record(RoleEvent.INVITATION_RESENT, row, acting=acting, now=now, level=acting.level)
        OutgoingEmail.objects.bulk_create([letters.invitation(row, code, now=now)])
    return row


def cancel_invitation(invitation: Invitation, *, acting: ActingContext, now: datetime) -> Invitation:
    """Cancel an open invitation: its code stops working, and whoever was written to is told.

    Possible also where the organisation has stopped. Raises NotAllowed for anybody but its managers, TooLate when it
    was answered or cancelled, or has expired.
    """
    with transaction.atomic():
        row, acting = _load(invitation, acting=acting, now=now, may=may_follow_up)
        open_still = Invitation.objects.open(now=now).filter(pk=row.pk)
        if not open_still.update(status=InvitationStatus.CANCELLED, closed_at=now, cancelled_by=acting.person):
            raise TooLate
        row.refresh_from_db()
        _record(RoleEvent.INVITATION_CANCELLED, row, acting=acting, now=now)
        withdraw(letters.batch_of(row))
        if letters.has_left(row):
            OutgoingEmail.objects.bulk_create([letters.cancellation(row, now=now)])
    return row


def expire_invitations(*, now: datetime) -> int:
    """Close what nobody answered in time and tell the inviters; return how many. A periodic job of the worker.

    Several machines may run it at once: of two, one closes a row and writes its letter.
    """
    today = local_day(now)
    late = Q(status=InvitationStatus.SENT, answer_before__lte=today)
    rows = Invitation.objects.filter(late).order_by("answer_before", "id").values_list("pk", flat=True)
    closed = 0
    for pk in list(rows[:EXPIRED_AT_ONCE]):
        with transaction.atomic():
            won = Invitation.objects.filter(late, pk=pk).update(status=InvitationStatus.EXPIRED, closed_at=now)
            if won:
                row = Invitation.objects.for_page().get(pk=pk)
                _record(RoleEvent.INVITATION_EXPIRED, row, acting=None, now=now)
                OutgoingEmail.objects.bulk_create(letters.about_expiry(row, now=now))
        closed += won
    return closed


def _take_quota(addresses: list[str], *, acting: ActingContext, now: datetime) -> None:
    """Count these invitations of the person, and to these addresses, or none of them. Raises QuotaReached.

    Counted on its own and before anything else, so that no rollback gives it back.
    """
    wanted = [(_BY_PERSON, acting.person.key, settings.INVITATION_QUOTA, len(addresses))]
    wanted += [(_TO_ADDRESS, fold_email(key), settings.INVITATION_QUOTA_PER_ADDRESS, 1) for key in addresses]
    for scope, subject, limit, times in wanted:
        room = throttle.peek(scope, subject, limit=limit - times + 1, per=DAY, now=now)
        if not room.allowed:
            raise QuotaReached(room.retry_at)
    for scope, subject, limit, times in wanted:
        for _again in range(times):
            verdict = throttle.take(scope, subject, limit=limit, per=DAY, now=now)
            if not verdict.allowed:
                raise QuotaReached(verdict.retry_at)


def _win(draft: AssignmentDraft, *, acting: ActingContext, seen_version: int) -> None:
    """Take the draft: of all presses of the last button, one statement decides."""
    mine = AssignmentDraft.objects.filter(
        pk=draft.pk,
        owner=acting.person,
        version=seen_version,
        submitted_at__isnull=True,
        deleted_at__isnull=True,
    )
    if not mine.update(version=seen_version + 1):
        current = AssignmentDraft.objects.get(pk=draft.pk)
        raise DraftFinished if current.submitted_at is not None else DraftChanged


def _as_of_now(acting: ActingContext, today: date) -> ActingContext:
    """Return who acts with today's rights, the person locked."""
    person = Person.objects.select_for_update(no_key=True).get(pk=acting.person.pk)
    if not person.is_active:
        raise NotAllowed(Reason.PERSON_INACTIVE)
    return replace(acting, person=person, links=links_of(person, today))


def _locked(roles: list[OrderedRole] | tuple[OrderedRole, ...]) -> tuple[OrderedRole, ...]:
    """Return the roles as they are now; one that is being withdrawn at this moment waits, or is seen as withdrawn."""
    locked = Role.objects.select_for_update(of=("self",), no_key=True).order_by("pk").for_page()
    fresh = locked.in_bulk([ordered.role.pk for ordered in roles])
    return tuple(OrderedRole(fresh[ordered.role.pk], ordered.properties) for ordered in roles)


def _load(
    invitation: Invitation,
    *,
    acting: ActingContext,
    now: datetime,
    may: Callable[[ActingContext, Organisation], Reason | None] = may_manage_organisation,
) -> tuple[Invitation, ActingContext]:
    """Return the row and who acts, the organisation locked, after asking again whether this person manages it."""
    organisation = lock_organisation(invitation.organisation_id)
    acting = _as_of_now(acting, local_day(now))
    if (reason := may(acting, organisation)) is not None:
        raise NotAllowed(reason, organisation=organisation)
    row = Invitation.objects.for_page().get(pk=invitation.pk)
    own = acting.appointments_for(organisation)
    domains = [invited.role.domain_id for invited in row.invited_roles.all()]
    if not all(any(mine.covers(domain) for mine in own) for domain in domains):
        raise NotAllowed(Reason.OTHER_DOMAIN, organisation=organisation)
    return row, acting


def _record(event: RoleEvent, row: Invitation, *, acting: ActingContext | None, now: datetime, **data: object) -> None:
    actor = acting.person if acting else None
    record(event, actor=actor, subject=row, organisation=row.organisation, now=now, **roles_for_trail(row), **data)
