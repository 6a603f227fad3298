"""The one act of the project itself: making the first admin."""

from datetime import datetime
from enum import StrEnum

from django.db import transaction

from audit.record import record
from csam.models import User
from tenants.models import Person


class PortalEvent(StrEnum):
    """What this floor writes into the audit trail."""

    ADMIN_MADE = "admin:made"


def make_admin(person: Person, *, now: datetime) -> bool:
    """Let a person open the administration, who then signs in with a digital key.

    Returns False, and changes nothing, when the person is an admin already. The trail names no actor: whoever can
    run commands on the server does it.
    """
    with transaction.atomic():
        user = User.objects.select_for_update().filter(person=person).first()
        if user is not None and user.is_active and user.is_staff and user.is_superuser:
            return False
        if user is None:
            User.objects.create_for(person, is_staff=True, is_superuser=True)
        else:
            user.is_active = user.is_staff = user.is_superuser = True
            user.save(update_fields=["is_active", "is_staff", "is_superuser"])
        record(PortalEvent.ADMIN_MADE, actor=None, subject=person, now=now)
    return True
