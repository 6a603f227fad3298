"""What follows when an organisation stops: nobody can act for it any more, so the roles end. A periodic job."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from audit.models import AuditEntry
from audit.record import entry
from roles.events import RoleEvent
from roles.models import RoleAssignment
from roles.models.assignment import EndReason
from roles.operations import letters, life_letters
from roles.operations.ending import reload_rows
from tenants.models import Organisation
from tenants.operations import lock_organisation
from tenants.periods import local_day

AT_ONCE = 500  # assignments in one transaction


def end_roles_of_stopped(*, now: datetime) -> int:
    """End what people still hold for organisations that have stopped; return how many assignments ended now.

    Safe on several machines: the organisation is locked, and a row that has ended is not ended again.
    """
    held = RoleAssignment.objects.current(now=now).filter(organisation__status=Organisation.Status.STOPPED)
    ended = 0
    for organisation_id in held.order_by().values_list("organisation", flat=True).distinct():
        ended += _end_roles_of(organisation_id, now=now)
    return ended


def _end_roles_of(organisation_id: int, *, now: datetime) -> int:
    with transaction.atomic():
        organisation = lock_organisation(organisation_id)
        if not organisation.is_stopped:
            return 0
        rows = reload_rows(
            RoleAssignment.objects.current(now=now).of_organisation(organisation).order_by("id")[:AT_ONCE]
        )
        open_still = Q(refused_at__isnull=True) & (Q(ended_at__isnull=True) | Q(ended_at__gt=now))
        change = {
            "ended_at": now,
            "ended_on": local_day(now),
            "ended_by": None,
            "end_reason": EndReason.ORGANISATION_STOPPED,
            "end_note": "",
        }
        RoleAssignment.objects.filter(open_still, pk__in=[row.pk for row in rows]).update(**change)
        for row in rows:
            for field, value in change.items():
                setattr(row, field, value)
        AuditEntry.objects.bulk_create(
            entry(
                RoleEvent.ASSIGNMENT_STOPPED,
                actor=None,
                subject=row,
                organisation=organisation,
                now=now,
                role=row.role.code,
                assignee=row.assignee.key,
            )
            for row in rows
        )
        letters.take_back_news(rows, now=now)
        life_letters.about_end(rows, ended_by=None, note="", now=now)
    return len(rows)
