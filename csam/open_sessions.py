"""The open sessions of whoever asks, as the profile shows them."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest

from csam.keys import KeyName
from csam.models import OpenSession
from csam.operations import SEEN_AT, SIGN_IN_KEY
from tenants.middleware import SIGNED_IN_AT


@dataclass(frozen=True)
class SessionRow:
    """One session: which browser, with which key, since when, last used, and whether it is this one."""

    key: str
    device: str
    key_name: str
    signed_in_at: datetime
    seen_at: datetime
    is_this: bool


def sessions_of(request: HttpRequest, *, now: datetime) -> list[SessionRow]:
    """Return the sessions that have not run out, this one first, then by last use. One query."""
    rows = OpenSession.objects.filter(user=request.user.pk, session__expire_date__gt=now).select_related("session")
    found = [_row(row, request.session.session_key or "") for row in rows]
    ends = now - settings.SESSION_IDLE
    alive = [row for row in found if row is not None and (row.is_this or row.seen_at > ends)]
    return sorted(alive, key=lambda row: (row.is_this, row.seen_at), reverse=True)


def _row(row: OpenSession, here: str) -> SessionRow | None:
    kept = row.session.get_decoded()
    try:
        signed_in_at = datetime.fromisoformat(kept[SIGNED_IN_AT])
        seen_at = datetime.fromisoformat(kept.get(SEEN_AT) or kept[SIGNED_IN_AT])
    except (KeyError, TypeError, ValueError):
        return None
    name = kept.get(SIGN_IN_KEY, "")
    label = KeyName(name).label if name in KeyName.values else ""
    return SessionRow(row.key, row.device, str(label), signed_in_at, seen_at, row.session_id == here)
