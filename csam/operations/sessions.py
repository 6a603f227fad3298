"""Ending sessions: all of a login, or one of them."""

from datetime import datetime
from typing import Any

from django.contrib.sessions.models import Session
from django.db import transaction

from audit.record import record
from csam.events import SignInEvent
from csam.models import OpenSession, User
from csam.operations.attempts import end_attempts_of


def end_all_sessions(user: User, *, acting: Any, now: datetime) -> int:
    """End every session of a login, on all devices; return how many were open.

    The value all of them were made from is renewed, so one that nobody listed ends with them.
    """
    with transaction.atomic():
        user.set_unusable_password()
        user.save(update_fields=["password"])
        rows = OpenSession.objects.filter(user=user, session__expire_date__gt=now)
        keys = list(rows.values_list("session_id", flat=True))
        Session.objects.filter(session_key__in=keys).delete()
        end_attempts_of(user.person, now=now)
        record(SignInEvent.SIGNED_OUT, actor=acting, subject=user.person, now=now, everywhere=True)
    return len(keys)


def end_session(session: OpenSession, *, acting: Any, now: datetime) -> bool:
    """End one session. Returns False when it had ended before, and then changes nothing."""
    with transaction.atomic():
        deleted, _per_model = Session.objects.filter(session_key=session.session_id).delete()
        if deleted:
            record(SignInEvent.SESSION_ENDED, actor=acting, subject=session.user.person, now=now, device=session.device)
    return bool(deleted)
