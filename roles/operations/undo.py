"""Taking back a grant: for a quarter of an hour, by the one who gave it, with one button and without a letter."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from outbox.compose import withdraw
from roles.errors import NotAllowed, TooLate
from roles.events import RoleEvent
from roles.models import AssignmentDraft, RoleAssignment
from roles.models.assignment import EndReason
from roles.operations import life_letters
from roles.operations.actors import reread
from roles.operations.closing import record_about, write_end
from roles.operations.ending import followers, reload_rows
from roles.order import pass_of
from roles.rules import may_manage_assignment
from roles.states import CURRENT
from tenants.acting import ActingContext
from tenants.operations import lock_organisation


def undo_until(draft: AssignmentDraft) -> datetime | None:
    """Return the moment from which a finished pass can no longer be undone; None where none was finished."""
    if draft.submitted_at is None:
        return None
    return draft.submitted_at + timedelta(minutes=settings.UNDO_MINUTES)


def undo_assignments(draft: AssignmentDraft, *, acting: ActingContext, now: datetime) -> list[RoleAssignment]:
    """Take back everything of a pass that still counts, with its extensions and letters. Return what was taken back.

    A letter that has left all the same, or a holder who has confirmed already, is told that the role has ended.
    Raises TooLate after the time, or when nothing of the pass counts any more; NotAllowed for anybody but the giver,
    and for one who is no longer an access manager.
    """
    until = undo_until(draft)
    if until is None or draft.owner_id != acting.person.pk or now >= until:
        raise TooLate
    given = list(RoleAssignment.objects.filter(draft=draft))
    with transaction.atomic():
        organisation = lock_organisation(given[0].organisation_id)
        rows = [row for row in reload_rows(given) if row.state(now=now) in CURRENT]
        # What was extended in these minutes is part of what is taken back.
        rows += [row for row in followers(given, now=now) if row.pk not in {one.pk for one in rows}]
        if not rows:
            raise TooLate
        acting = reread(acting, now=now)
        for row in rows:
            if (reason := may_manage_assignment(acting, row)) is not None:
                raise NotAllowed(reason, organisation=organisation)
        # An end that is only planned does not keep a grant from being taken back.
        write_end(rows, at=now, by=acting.person, reason=EndReason.UNDONE, now=now)
        record_about(RoleEvent.ASSIGNMENT_UNDONE, rows, actor=acting.person, now=now, level=acting.level)
        not_told = withdraw(draft.reference)
        for act in {pass_of(row) for row in rows} - {draft.reference}:
            withdraw(act)
        told = [row for row in rows if row.assignee.email not in not_told or row.confirmed_by_id == row.assignee_id]
        life_letters.about_end(told, ended_by=acting.person, note="", now=now)
    return rows
