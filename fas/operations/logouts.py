"""Telling services that a sign-on is over: queued in the transaction of its end, sent by a worker until received.

At least once, never two workers at the same time. A worker that dies in between leaves the message with a lease that
runs out; another one takes it over.
"""

import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Q, QuerySet

from audit.record import record
from fas.events import FasEvent
from fas.keys import sign
from fas.models import DeliveryState, LogoutDelivery, SignOn, Trouble
from fas.outbound import Answer, post_form

LEASE = timedelta(seconds=20)  # longer than an attempt (fas.outbound), short enough for the minute that is promised
TOKEN_LIVES = timedelta(minutes=2)
WAITS = [timedelta(seconds=seconds) for seconds in (2, 5, 10, 30, 60, 300, 900, 3600)]
LONGEST_WAIT = timedelta(hours=2)
GIVEN_UP_AFTER = timedelta(hours=24)

EVENT = "http://schemas.openid.net/event/backchannel-logout"
RECEIVED = (200, 204)
NEVER_AGAIN = 400  # the service has read the message and does not want it (Back-Channel Logout 1.0, 2.8)


def queue_logouts(ended: Iterable[SignOn], *, now: datetime) -> int:
    """Queue a message for each of these ended sign-ons whose client takes such messages; return how many.

    Their clients are to be loaded with them.
    """
    rows = [
        LogoutDelivery(sign_on=row, client=row.client, queued_at=now, next_at=now)
        for row in ended
        if row.client.backchannel_logout_uri
    ]
    LogoutDelivery.objects.bulk_create(rows)
    return len(rows)


def send_again(delivery: LogoutDelivery, *, acting: Any, now: datetime) -> bool:
    """Put a message into the queue again, received or given up; staff do it by hand. False: it waits there already."""
    settled = LogoutDelivery.objects.filter(pk=delivery.pk, state__in=[DeliveryState.DELIVERED, DeliveryState.FAILED])
    with transaction.atomic():
        queued = settled.update(
            state=DeliveryState.QUEUED, attempts=0, queued_at=now, next_at=now, delivered_at=None, leased_by=""
        )
        if queued:
            record(FasEvent.LOGOUT_SENT_AGAIN, actor=acting, subject=delivery, now=now, by_staff=True)
    return bool(queued)


def due_by_client(*, now: datetime) -> dict[int, int]:
    """Return how many messages are due for each client that has some. One query."""
    return dict(_due(now).order_by().values_list("client").annotate(Count("pk")))


def claim(client: int, *, worker: str, now: datetime) -> LogoutDelivery | None:
    """Take the oldest due message of a client until the lease ends, and count the attempt. None: nothing is due."""
    with transaction.atomic():
        due = _due(now).filter(client=client).select_for_update(skip_locked=True)
        pk = due.order_by("pk").values_list("pk", flat=True).first()
        if pk is None:
            return None
        LogoutDelivery.objects.filter(pk=pk).update(
            state=DeliveryState.SENDING, leased_by=worker, lease_until=now + LEASE, attempts=F("attempts") + 1
        )
    return LogoutDelivery.objects.select_related("sign_on", "client").get(pk=pk)


def deliver(row: LogoutDelivery, *, now: datetime) -> bool:
    """Send a message that was claimed, and store what became of it. Say whether the service has it."""
    address, started = row.client.backchannel_logout_uri, time.monotonic()
    answer = post_form(address, {"logout_token": logout_token(row.sign_on, now=now)}) if address else NOWHERE
    return _store(row, answer, now=now + timedelta(seconds=time.monotonic() - started))


NOWHERE = Answer(None, Trouble.NO_ADDRESS)


def logout_token(sign_on: SignOn, *, now: datetime) -> str:
    """Return a signed message that this sign-on is over (Back-Channel Logout 1.0, 2.4), with a number of its own."""
    claims = {
        "iss": settings.FAS_ISSUER,
        "sub": sign_on.sub,
        "aud": sign_on.client.client_id,
        "iat": int(now.timestamp()),
        "exp": int((now + TOKEN_LIVES).timestamp()),
        "jti": str(uuid4()),
        "events": {EVENT: {}},
        "sid": sign_on.sid,
    }
    return sign(claims, kind="logout+jwt")


def _store(row: LogoutDelivery, answer: Answer, *, now: datetime) -> bool:
    """Write down the answer, unless the lease has ended meanwhile and somebody else has taken the message."""
    ours = LogoutDelivery.objects.filter(
        pk=row.pk, state=DeliveryState.SENDING, leased_by=row.leased_by, attempts=row.attempts
    )
    told: dict[str, Any] = {"lease_until": None, "last_answer": answer.status, "last_trouble": answer.trouble}
    if answer.status in RECEIVED:
        ours.update(**told, state=DeliveryState.DELIVERED, delivered_at=now)
        return True
    if answer.trouble == Trouble.NONE:
        told["last_trouble"] = Trouble.REFUSED if answer.status == NEVER_AGAIN else Trouble.OTHER_ANSWER
    again_at = now + (WAITS[row.attempts - 1] if row.attempts <= len(WAITS) else LONGEST_WAIT)
    hopeless = answer.status == NEVER_AGAIN or answer.trouble == Trouble.NO_ADDRESS
    if hopeless or again_at > row.queued_at + GIVEN_UP_AFTER:
        ours.update(**told, state=DeliveryState.FAILED)
    else:
        ours.update(**told, state=DeliveryState.QUEUED, next_at=again_at, leased_by="")
    return False


def _due(now: datetime) -> QuerySet[LogoutDelivery]:
    return LogoutDelivery.objects.filter(
        Q(state=DeliveryState.QUEUED, next_at__lte=now) | Q(state=DeliveryState.SENDING, lease_until__lte=now)
    )
