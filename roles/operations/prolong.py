"""Extending assignments, as an access manager does it: several of one organisation in one act, or none."""

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction

from roles.errors import CannotAssign, NotAllowed, Objection
from roles.models import RoleAssignment
from roles.operations import life_letters
from roles.operations.actors import reread
from roles.operations.ending import reload_rows
from roles.operations.extend import extend_row
from roles.rules import may_assign, may_manage_assignment
from tenants.acting import ActingContext
from tenants.operations import lock_organisation


def extend_assignments(
    assignments: Collection[RoleAssignment], *, valid_until: date | None, acting: ActingContext, now: datetime
) -> list[RoleAssignment]:
    """Let assignments of one organisation last until `valid_until` (None: without end); return the new rows.

    Raises NotAllowed for whoever may not give one of these roles, TooLate when one of them no longer works, and
    CannotAssign, with reasons, when one of them cannot last that long; then nothing is written.
    """
    if not assignments:
        raise ValueError("nothing to extend")
    with transaction.atomic():
        organisation = lock_organisation(next(iter(assignments)).organisation_id)
        rows = reload_rows(assignments)
        acting = reread(acting, now=now)
        new = []
        objections: list[Objection] = []
        for row in rows:
            if row.organisation_id != organisation.pk:
                raise ValueError("assignments of several organisations are extended one organisation after the other")
            reason = may_manage_assignment(acting, row) or may_assign(acting, row.role, organisation)
            if reason is not None:
                raise NotAllowed(reason, organisation=organisation, role=row.role)
            try:
                new.append(extend_row(row, valid_until=valid_until, acting=acting, now=now))
            except CannotAssign as refusal:
                objections += refusal.objections
        if objections:
            raise CannotAssign(objections)
        life_letters.about_extension(rows, new, giver=acting.person, now=now)
    return new
