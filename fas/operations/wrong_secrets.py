"""Counting who shows a wrong secret or token, so that nobody can go on trying.

By client and source together: whoever tries from somewhere else does not lock the service out. A secret is 256 random
bits; the lock is there so that an attack is noticed, and costs little.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from audit.record import record
from fas.events import FasEvent
from fas.models import Client
from vault import throttle
from vault.numbers import holds_national_number

log = logging.getLogger(__name__)

# More than there are calls of one service under way at once: each is counted until it turned out right.
WRONG_SECRETS = 20
WRONG_TOKENS = 60
PER_SECRETS, PER_TOKENS = timedelta(minutes=5), timedelta(minutes=1)

_SECRETS, _LOCKS, _TOKENS = "fas.client_secret", "fas.client_lock", "fas.wrong_token"


@dataclass(frozen=True)
class Attempt:
    """One call that shows a secret, counted before it is compared. `retry_at`: it is refused until then."""

    client: Client | None
    source: str
    retry_at: datetime | None
    is_last: bool = False

    @property
    def subject(self) -> str:
        """What is counted. Clients that do not exist count as one, so that invented names fill no table."""
        return f"{self.client.pk if self.client else ''} {self.source}"


def begin(client_id: str, source: str, *, now: datetime) -> Attempt:
    """Count a call that shows the secret of a client. To be called outside transactions."""
    client = Client.objects.filter(client_id=client_id).first() if client_id and "\x00" not in client_id else None
    subject = Attempt(client, source, None).subject
    verdict = _take(_SECRETS, subject, limit=WRONG_SECRETS, per=PER_SECRETS, now=now)
    return Attempt(client, source, verdict.retry_at, is_last=verdict.allowed and not verdict.remaining)


def was_right(attempt: Attempt) -> None:
    """Uncount a call that showed no wrong secret. What was wrong before it goes on counting."""
    throttle.give_back(_SECRETS, attempt.subject)


def was_wrong(attempt: Attempt, *, now: datetime) -> None:
    """Leave the call counted; write down, once for each lock, that it was the last."""
    if attempt.client is None or not attempt.is_last:
        return
    if not throttle.take(_LOCKS, attempt.subject, limit=1, per=PER_SECRETS, now=now).allowed:
        return
    log.warning("Client %s: wrong secrets, refused for some minutes", attempt.client.client_id)
    with transaction.atomic():
        record(
            FasEvent.SECRETS_REFUSED,
            actor=None,
            subject=attempt.client,
            now=now,
            tries=WRONG_SECRETS,
            # By chance the digits of an address look like a national register number, which the trail never holds.
            source="" if holds_national_number(attempt.source) else attempt.source,
        )


def count_wrong_token(source: str, *, now: datetime) -> datetime | None:
    """Count a token that nobody has; return until when more of them are answered with 429, None below the limit.

    A good token is never asked about this: nobody else can lock a service out of the look-up interface.
    """
    return _take(_TOKENS, source, limit=WRONG_TOKENS, per=PER_TOKENS, now=now).retry_at


def _take(scope: str, subject: str, *, limit: int, per: timedelta, now: datetime) -> throttle.Verdict:
    """Count one try. Whoever is locked out makes the database write nothing."""
    verdict = throttle.peek(scope, subject, limit=limit, per=per, now=now)
    return throttle.take(scope, subject, limit=limit, per=per, now=now) if verdict.allowed else verdict
