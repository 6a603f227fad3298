"""What follows when an organisation stops: nobody can act for it any more, so the roles end. A periodic job."""

from datetime import datetime

from django.db import transaction

from roles.events import RoleEvent
from roles.models import RoleAssignment
from roles.models.assignment import EndReason
from roles.operations import letters, life_letters
from roles.operations.closing import record_about, write_end
from roles.operations.ending import reload_rows
from tenants.models import Organisation
from tenants.operations import lock_organisation

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
        write_end(rows, at=now, by=None, reason=EndReason.ORGANISATION_STOPPED, now=now)
        record_about(RoleEvent.ASSIGNMENT_STOPPED, rows, actor=None, now=now)
        letters.take_back_news(rows, now=now)
        life_letters.about_end(rows, ended_by=None, note="", now=now)
    return len(rows)
