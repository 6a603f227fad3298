"""Forgetting, in time, what nobody needs any more. Jobs of the worker.

Codes and tokens go as they run out (`fas.operations.codes`), numbers that counted once (`jti`) with their window
(`vault.throttle`), notes for the feed after 30 days (`fas.operations.changes`). The audit trail keeps what was done.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from fas.models import Consent, DeliveryState, LogoutDelivery, SignOn

AT_ONCE = 1_000  # rows in one transaction
MOST = 100  # transactions in one run; the rest waits for the next


def delete_in_batches(rows: QuerySet[Any], *, by: str = "pk") -> int:
    """Delete rows in the order of `by`, some at a time so that nobody waits for long; return how many."""
    deleted = 0
    for _batch in range(MOST):
        batch = list(rows.order_by(by).values_list("pk", flat=True)[:AT_ONCE])
        if batch:
            # Asked again as it is deleted: what is no longer among them stays.
            deleted += rows.filter(pk__in=batch).order_by().delete()[1].get(rows.model._meta.label, 0)
        if len(batch) < AT_ONCE:
            break
    return deleted


def forget_old_logouts(*, now: datetime) -> int:
    """Delete messages that were received or given up, LOGOUT_LOG_DAYS after their last attempt; return how many."""
    ended = LogoutDelivery.objects.filter(state__in=[DeliveryState.DELIVERED, DeliveryState.FAILED])
    return delete_in_batches(ended.filter(next_at__lt=now - timedelta(days=settings.LOGOUT_LOG_DAYS)))


def forget_old_sign_ons(*, now: datetime) -> int:
    """Delete sign-ons that ended SIGN_ON_DAYS ago, with what they gave; return how many.

    One stays as long as a message about it, and the last one at a service as long as the person's agreement: the
    profile says when it was.
    """
    old = SignOn.objects.filter(ended_at__lt=now - timedelta(days=settings.SIGN_ON_DAYS), logout_delivery__isnull=True)
    here = {"user": OuterRef("user"), "client": OuterRef("client")}
    is_later = Q(last_used_at__gt=OuterRef("last_used_at")) | Q(
        last_used_at=OuterRef("last_used_at"), pk__gt=OuterRef("pk")
    )
    later = SignOn.objects.filter(is_later, **here)
    agreed = Consent.objects.filter(ended_at__isnull=True, **here)
    return delete_in_batches(old.filter(Exists(later) | ~Exists(agreed)))
