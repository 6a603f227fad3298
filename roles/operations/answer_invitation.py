"""Answering an invitation: prove the code, then accept or refuse."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from audit.record import record
from roles.errors import AddressedToAnother, NotAllowed, OwnInvitation, QuotaReached, TooLate
from roles.events import RoleEvent
from roles.invitations import bare, giver_of, is_addressed_to, order_of, plan_of, roles_for_trail
from roles.models import Invitation, InvitedRole, Role, RoleAssignment
from roles.models.assignment import Origin, next_reference
from roles.models.invitation import InvitationStatus
from roles.operations import invitation_letters as letters
from roles.operations.closing import record_about
from roles.operations.making import close_lapsed, make_assignments
from roles.order import AssignmentOrder
from roles.rules import Reason
from tenants.acting import ActingContext
from tenants.models import Person
from tenants.operations import change_address, lock_organisation
from tenants.periods import local_day
from vault import throttle

TRIES = 5  # wrong codes of one person, within:
PER = timedelta(hours=1)

_WRONG = "roles.invitation_codes"


def find_by_code(typed: str, *, acting: ActingContext, now: datetime) -> Invitation | None:
    """Return the invitation with the code that was typed, whatever became of it; None when there is none.

    The try is counted before anything is compared; one that was right is given back. Raises QuotaReached after five
    wrong ones in an hour, and AddressedToAnother when the invitation names somebody else. Both kinds of failure are
    recorded, never with the code.
    """
    verdict = throttle.take(_WRONG, acting.person.key, limit=TRIES, per=PER, now=now)
    if not verdict.allowed:
        raise QuotaReached(verdict.retry_at)
    found = Invitation.objects.with_code(bare(typed)).for_page().first()
    if found is None:
        with transaction.atomic():
            record(RoleEvent.INVITATION_CODE_FAILED, actor=acting.person, now=now, tries_left=verdict.remaining)
        return None
    if not is_addressed_to(found, acting.person):
        # Counted as wrong: a forwarded code is no key to try names with.
        record_mismatch(found, acting=acting, now=now)
        raise AddressedToAnother(found)
    throttle.give_back(_WRONG, acting.person.key)
    return found


def record_mismatch(invitation: Invitation, *, acting: ActingContext, now: datetime) -> None:
    """Record that somebody with another name came with the code of an invitation."""
    with transaction.atomic():
        record(
            RoleEvent.INVITATION_MISMATCH,
            actor=acting.person,
            subject=invitation,
            organisation=invitation.organisation,
            now=now,
            **roles_for_trail(invitation),
        )


def accept_invitation(
    invitation: Invitation, *, seen_sent_at: datetime, acting: ActingContext, now: datetime
) -> Invitation:
    """Give the person the roles of the invitation, confirmed by this answer, and bind the mailbox to the person.

    What the person holds already is left as it is. `seen_sent_at` is the sending whose code the person proved. Raises
    AddressedToAnother, OwnInvitation; TooLate when it was answered, cancelled or sent again meanwhile, or has expired;
    CannotAssign, with reasons, when the inviter can no longer give a role, or the organisation has stopped.
    """
    today = local_day(now)
    with transaction.atomic():
        row, person = _load(invitation, acting=acting)
        _close(row, person, InvitationStatus.ACCEPTED, seen_sent_at=seen_sent_at, now=now)
        order = _locked_order(row, person, today=today)
        close_lapsed(order, now=now)
        giver = giver_of(row, day=today)
        plan = plan_of(order, giver=giver, now=now)
        made: list[RoleAssignment] = []
        if plan.new:
            reference = next_reference("AR", today.year)
            made = make_assignments(
                plan, acting=giver, reference=reference, now=now, origin=Origin.INVITATION, is_answered=True
            )
            _record_confirmations(made, person, now=now)
            _link(row, made)
        is_bound = _bind_mailbox(row, person, acting=acting, now=now)
        _record(
            RoleEvent.INVITATION_ACCEPTED,
            row,
            person,
            now=now,
            assignments=[assignment.reference for assignment in made],
            held=[held.reference for held in plan.held],
            mailbox=row.email,
            became_address=is_bound,
            level=acting.level,
        )
        letters.about_acceptance(row, plan, made, now=now)
    return row


def decline_invitation(
    invitation: Invitation, *, seen_sent_at: datetime, note: str = "", acting: ActingContext, now: datetime
) -> Invitation:
    """Refuse an invitation; the inviter is told, with the reason if there is one. Raises as `accept_invitation`."""
    with transaction.atomic():
        row, person = _load(invitation, acting=acting)
        _close(row, person, InvitationStatus.DECLINED, seen_sent_at=seen_sent_at, now=now, note=note)
        _record(RoleEvent.INVITATION_DECLINED, row, person, now=now, mailbox=row.email)
        letters.about_refusal(row, person, note=note, now=now)
    return row


def _load(invitation: Invitation, *, acting: ActingContext) -> tuple[Invitation, Person]:
    """Return the row and the person who answers; the organisation, the person and the inviter are locked."""
    organisation = lock_organisation(invitation.organisation_id)
    row = Invitation.objects.for_page().get(pk=invitation.pk)
    row.organisation = organisation
    # In one order, so that two who answer each other's invitations do not wait for each other.
    locked = Person.objects.select_for_update(no_key=True).order_by("pk")
    person = locked.in_bulk({acting.person.pk, row.invited_by_id})[acting.person.pk]
    if not person.is_active:
        raise NotAllowed(Reason.PERSON_INACTIVE)
    if not is_addressed_to(row, person):
        raise AddressedToAnother(row)
    if row.invited_by_id == person.pk:
        raise OwnInvitation
    return row, person


def _close(
    row: Invitation,
    person: Person,
    status: InvitationStatus,
    *,
    seen_sent_at: datetime,
    now: datetime,
    note: str = "",
) -> None:
    """Write the answer where none stands yet: of several at once, one statement wins."""
    open_still = Invitation.objects.open(now=now).filter(pk=row.pk, sent_at=seen_sent_at)
    if not open_still.update(status=status, closed_at=now, answered_by=person, answer_note=note):
        raise TooLate
    row.status, row.closed_at, row.answered_by, row.answer_note = status, now, person, note


def _locked_order(row: Invitation, person: Person, *, today: date) -> AssignmentOrder:
    """Return what is to be given; the roles locked, so that one that is being withdrawn waits or is seen."""
    locked = Role.objects.select_for_update(of=("self",), no_key=True).order_by("pk").for_page()
    roles = locked.filter(pk__in=[invited.role_id for invited in row.invited_roles.all()])
    return order_of(row, person, list(roles), today=today)


def _record_confirmations(made: Sequence[RoleAssignment], person: Person, *, now: datetime) -> None:
    confirmed = [one for one in made if one.confirmed_at is not None]
    record_about(RoleEvent.ASSIGNMENT_CONFIRMED, confirmed, actor=person, now=now)


def _link(row: Invitation, made: Sequence[RoleAssignment]) -> None:
    """Remember which assignment came of which role of the invitation."""
    by_role = {assignment.role_id: assignment for assignment in made}
    answered = [invited for invited in row.invited_roles.all() if invited.role_id in by_role]
    for invited in answered:
        invited.assignment = by_role[invited.role_id]
    InvitedRole.objects.bulk_update(answered, ["assignment"])


def _bind_mailbox(row: Invitation, person: Person, *, acting: ActingContext, now: datetime) -> bool:
    """Make the mailbox the person's where the person has none and nobody else has it: the code came from there."""
    if person.email or Person.objects.filter(email_key=row.email_key).exists():
        return False
    try:
        change_address(person, email=row.email, acting=acting.person, now=now)
    except ValidationError:  # somebody was faster at this very moment; that it failed is recorded
        return False
    return True


def _record(event: RoleEvent, row: Invitation, person: Person, *, now: datetime, **data: object) -> None:
    record(event, actor=person, subject=row, organisation=row.organisation, now=now, **roles_for_trail(row), **data)
