"""The letters about invitations: to the mailbox that was invited (M6), to the inviter (M7, M7b), to the new holder."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.text import Truncator
from django.utils.translation import override, pgettext

from outbox.compose import letter
from outbox.models import OutgoingEmail, Status
from roles.invitations import spaced
from roles.models import Invitation, InvitedRole, RoleAssignment
from roles.models.assignment import Confirmer
from roles.operations.letters import SHORT_NAME, letter_to, properties_in_words, role_in_letter
from roles.order import Plan
from roles.rules import deciders_of
from tenants.models import Person
from tenants.periods import local_day

SHORTER_NAME = 20  # the German subject of M6 has no room for more


def batch_of(invitation: Invitation) -> str:
    """Return what the letters with a code of this invitation have in common."""
    return f"invitation:{invitation.key}"


def has_left(invitation: Invitation) -> bool:
    """Whether any letter with a code may have reached the mailbox."""
    return OutgoingEmail.objects.filter(batch=batch_of(invitation)).exclude(status=Status.WITHDRAWN).exists()


def invitation(row: Invitation, code: str, *, now: datetime) -> OutgoingEmail:
    """Return M6, unsaved, in the language that the inviter chose. The code is sealed until the letter is sent."""
    return _to_mailbox(
        "invitation",
        row,
        now=now,
        secrets={"code": spaced(code)},
        batch=batch_of(row),
        message=row.message,
        valid_from_on=row.valid_from.isoformat() if row.valid_from else None,
        valid_until_on=row.valid_until.isoformat() if row.valid_until else None,
        answer_before_on=row.answer_before.isoformat(),
        roles=[_invited_in_letter(invited, row.language) for invited in row.invited_roles.select_related("role")],
    )


def cancellation(row: Invitation, *, now: datetime) -> OutgoingEmail:
    """Return the letter, unsaved, by which the mailbox learns that its code no longer works."""
    who = row.cancelled_by or row.invited_by
    return _to_mailbox("invitation_cancelled", row, now=now, cancelled_by=who.full_name, cancelled_at=now.isoformat())


def _to_mailbox(
    name: str,
    row: Invitation,
    *,
    now: datetime,
    secrets: dict[str, str] | None = None,
    batch: str = "",
    **context: Any,
) -> OutgoingEmail:
    giver = row.invited_by.full_name
    return letter(
        name,
        to=row.email,
        language=row.language,
        context={
            "receiver": row.full_name,
            "giver": giver,
            "giver_short": Truncator(giver).chars(SHORTER_NAME),
            "sent_at": row.sent_at.isoformat(),
            "language": row.language,
            "organisation": row.organisation.name_in(row.language),
            "organisation_number": row.organisation.formatted_number,
            "reference": row.reference,
            **context,
        },
        secrets=secrets,
        batch=batch,
        now=now,
    )


def _invited_in_letter(invited: InvitedRole, language: str) -> dict[str, Any]:
    shell = RoleAssignment(role=invited.role, properties=invited.properties)
    return {
        "name": invited.role.name_in(language),
        "description": invited.role.description_in(language),
        "properties": properties_in_words(shell, language),
    }


def about_acceptance(row: Invitation, plan: Plan, made: Sequence[RoleAssignment], *, now: datetime) -> None:
    """Tell the new holder what they hold, the inviter that it was accepted, and managers what they have to confirm."""
    person = plan.order.assignees[0]
    letters = []
    common: dict[str, Any] = {
        "giver": row.invited_by.full_name,
        "given_at": now.isoformat(),
        "confirm_before_on": plan.confirm_before.isoformat(),
        "to_oneself": False,
    }
    if made:
        letters += letter_to(
            "role_given",
            person,
            row.organisation,
            now=now,
            **common,
            message="",
            waits_for_manager=all(role.confirmer == Confirmer.MANAGER for role in made),
            roles=[_answered(role, role_in_letter(role, person, now=now)) for role in made],
        )
    deciders = deciders_of(row.organisation, day=local_day(now))
    waiting: dict[Person, list[RoleAssignment]] = {}
    for role in made:
        for manager in deciders.for_assignment(role) if role.confirmer == Confirmer.MANAGER else ():
            waiting.setdefault(manager, []).append(role)
    for manager, rows in waiting.items():
        letters += letter_to(
            "confirm_for_manager",
            manager,
            row.organisation,
            now=now,
            **common,
            holders=[person.full_name],
            roles=[role_in_letter(role, manager, now=now, with_holder=True) for role in rows],
        )
    inviter = row.invited_by
    roles = [_answered(role, role_in_letter(role, inviter, now=now)) for role in made]
    roles += [_held_in_letter(held, inviter, now=now) for held in plan.held]
    letters += _to_inviter(row, person, roles, accepted=True, note="", now=now)
    OutgoingEmail.objects.bulk_create(letters)


def about_refusal(row: Invitation, person: Person, *, note: str, now: datetime) -> None:
    """Tell the inviter that the invitation was refused, with the reason given."""
    language = row.invited_by.language
    roles = [{"name": invited.role.name_in(language), "state": ""} for invited in row.invited_roles.all()]
    OutgoingEmail.objects.bulk_create(_to_inviter(row, person, roles, accepted=False, note=note, now=now))


def about_expiry(row: Invitation, *, organisation_stopped: bool = False, now: datetime) -> list[OutgoingEmail]:
    """Return M7b, unsaved: nobody answered, in time or before the organisation stopped."""
    language = row.invited_by.language
    return letter_to(
        "invitation_expired",
        row.invited_by,
        row.organisation,
        now=now,
        invitee=row.full_name,
        invitee_short=Truncator(row.full_name).chars(SHORT_NAME),
        email=row.email,
        sent_at=row.sent_at.isoformat(),
        answer_before_on=row.answer_before.isoformat(),
        organisation_stopped=organisation_stopped,
        reference=row.reference,
        roles=[{"name": invited.role.name_in(language), "state": ""} for invited in row.invited_roles.all()],
    )


def _to_inviter(
    row: Invitation, person: Person, roles: list[dict[str, Any]], *, accepted: bool, note: str, now: datetime
) -> list[OutgoingEmail]:
    return letter_to(
        "invitation_answered",
        row.invited_by,
        row.organisation,
        now=now,
        invitee=person.full_name,
        invitee_short=Truncator(person.full_name).chars(SHORT_NAME),
        email=row.email,
        accepted=accepted,
        answered_at=now.isoformat(),
        note=note,
        reference=row.reference,
        roles=roles,
    )


def _answered(row: RoleAssignment, words: dict[str, Any]) -> dict[str, Any]:
    """Say no longer that the holder has to confirm: accepting was it."""
    return {**words, "confirmer": Confirmer.NOBODY} if row.confirmer == Confirmer.ASSIGNEE else words


def _held_in_letter(row: RoleAssignment, reader: Person, *, now: datetime) -> dict[str, Any]:
    with override(reader.language):
        state = pgettext("role", "held already")
    return {"name": row.role.name_in(reader.language), "state": state}
