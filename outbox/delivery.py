"""Sending what is due: claim with a lease, render, send, mark. At least once, never forgotten.

A worker that dies in between leaves letters with a lease that runs out; another worker takes them over. The letter
may then arrive twice, with the same Message-ID.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import formataddr

from django.conf import settings
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from outbox.models import OutgoingEmail, Status
from outbox.rendering import Rendered, render

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
STOP_STARTING_AFTER = timedelta(minutes=2)
"""No letter of a batch is begun later than this after the claim: its lease must outlive a slow server."""

SMTP_TIMEOUT = 10  # seconds, for each step of the conversation

WAITS = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 120, 240)]
LONGEST_WAIT = timedelta(hours=8)
MAX_ATTEMPTS = 12  # about two days after the first


class NotAccepted(Exception):
    """The mail server took the letter for nobody."""


def deliver_due(*, worker: str, now: datetime, limit: int = 20, stopping: Callable[[], bool] = lambda: False) -> int:
    """Send up to `limit` letters that are due, and return how many were sent.

    `worker` names this process; two that run at once need different names. `stopping` is asked before each letter:
    once it says yes, the rest is given back. What cannot be sent is tried again later, and given up after 12
    attempts. Errors of the database are the caller's; the lease then sees to it that nothing is lost.
    """
    claimed = claim(worker=worker, now=now, limit=limit)
    if not claimed:
        return 0
    started = time.monotonic()
    sent = 0
    connection = mail.get_connection(timeout=SMTP_TIMEOUT)
    try:
        for position, row in enumerate(claimed):
            moment = now + timedelta(seconds=time.monotonic() - started)
            if stopping() or moment - now > STOP_STARTING_AFTER:
                _give_back(claimed[position:])
                break
            try:
                connection.open()
            except Exception as error:  # the server is away, for this letter and for the rest
                for waiting in claimed[position:]:
                    _postpone(waiting, error, now=moment)
                break
            sent += _send(row, connection, now=moment)
    finally:
        _close(connection)
    return sent


def claim(*, worker: str, now: datetime, limit: int) -> list[OutgoingEmail]:
    """Take up to `limit` due letters for `worker` until the lease ends, oldest first, and count the attempt."""
    if not _due(now).exists():  # most polls end here, without SQLite's write lock
        return []
    with transaction.atomic():
        # On SQLite the transaction itself is the lock (STACK, section 4.1).
        ids = list(_due(now).select_for_update(skip_locked=True).order_by("id").values_list("id", flat=True)[:limit])
        rows = OutgoingEmail.objects.filter(id__in=ids)
        # Its workers died again and again: perhaps of this letter.
        given_up = rows.filter(attempts__gte=MAX_ATTEMPTS).update(**_failed("LeaseExpired"))
        rows.filter(attempts__lt=MAX_ATTEMPTS).update(
            status=Status.SENDING, leased_by=worker, lease_until=now + LEASE, attempts=F("attempts") + 1
        )
    if given_up:
        log.error("%d letters are given up: no worker survived them", given_up)
    return list(rows.filter(status=Status.SENDING).order_by("id"))


def _due(now: datetime) -> QuerySet[OutgoingEmail]:
    return OutgoingEmail.objects.filter(
        Q(status=Status.QUEUED, not_before__lte=now) | Q(status=Status.SENDING, lease_until__lte=now)
    )


def _send(row: OutgoingEmail, connection: BaseEmailBackend, *, now: datetime) -> int:
    """Send one letter; return 1 if the server has it."""
    try:
        rendered = render(row)
        if not connection.send_messages([message(row, rendered)]):
            raise NotAccepted
    except Exception as error:  # whatever it is, the letter stays and the others go on
        _close(connection)
        _postpone(row, error, now=now)
        return 0
    marked = _ours(row).update(
        status=Status.SENT,
        sent_at=now,
        lease_until=None,
        secrets=None,
        last_error="",
        kept_subject=rendered.subject,
        kept_text=rendered.kept_text,
        demo_text=rendered.text if settings.DEMO_INSTANCE else None,
    )
    if not marked:
        log.warning("Letter %d was sent after its lease had ended; it may arrive twice", row.pk)
    return 1


def sender(language: str) -> str:
    """Return the From line: the portal's name in the reader's language, and the address of this deployment."""
    with translation.override(language):
        name = _("Role management (simulation)") if settings.CSAM_MOCK else _("Role management")
    return formataddr((name, settings.DEFAULT_FROM_EMAIL))


def message(row: OutgoingEmail, rendered: Rendered) -> mail.EmailMultiAlternatives:
    """Return the mail: text, the same words in HTML, and the headers of a letter that a machine wrote."""
    reply_to = settings.REPLY_TO_EMAIL
    letter = mail.EmailMultiAlternatives(
        subject=rendered.subject,
        body=rendered.text,
        from_email=sender(row.language),
        to=[row.to],
        reply_to=[reply_to] if reply_to else None,
        headers={
            "Message-ID": row.message_id,
            "Auto-Submitted": "auto-generated",
            "Content-Language": row.language,
        },
    )
    letter.attach_alternative(rendered.html, "text/html")
    return letter


def _postpone(row: OutgoingEmail, error: Exception, *, now: datetime) -> None:
    """Try again later, or give up. The class of the error is enough: its text may hold an address or a value."""
    name = type(error).__name__
    if row.attempts >= MAX_ATTEMPTS:
        _ours(row).update(**_failed(name))
        log.error("Letter %d (%s) is given up after %d attempts: %s", row.pk, row.name, row.attempts, name)
        return
    wait = WAITS[row.attempts - 1] if row.attempts <= len(WAITS) else LONGEST_WAIT
    _ours(row).update(
        status=Status.QUEUED, lease_until=None, leased_by="", not_before=now + wait, last_error=name[:100]
    )
    log.warning("Letter %d (%s), attempt %d: %s; again in %s", row.pk, row.name, row.attempts, name, wait)


def _failed(error: str) -> dict[str, object]:
    return {"status": Status.FAILED, "lease_until": None, "secrets": None, "last_error": error[:100]}


def _give_back(rows: list[OutgoingEmail]) -> None:
    """Let another worker have letters that were claimed and not begun; the attempt does not count."""
    for row in rows:
        _ours(row).update(status=Status.QUEUED, lease_until=None, leased_by="", attempts=F("attempts") - 1)


def _ours(row: OutgoingEmail) -> QuerySet[OutgoingEmail]:
    """Return the row as long as the claim is still the one we made."""
    return OutgoingEmail.objects.filter(
        pk=row.pk, status=Status.SENDING, leased_by=row.leased_by, attempts=row.attempts
    )


def _close(connection: BaseEmailBackend) -> None:
    try:
        connection.close()
    except Exception as error:  # a server that goes away while we say goodbye
        log.info("The mail server went away: %s", type(error).__name__)
