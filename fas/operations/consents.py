"""Agreeing that a service receives something, and taking that back."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from audit.record import record
from csam.models import User
from fas.events import FasEvent
from fas.models import Client, Consent, EndReason, SignOn
from fas.operations.sign_ons import end_sign_ons


def has_agreed(user: User, client: Client, scopes: Collection[str]) -> bool:
    """Say whether the person has agreed that this service receives all of this. One query."""
    row = Consent.objects.filter(user=user, client=client, ended_at__isnull=True).first()
    return row is not None and row.covers(set(scopes))


def agree(user: User, client: Client, scopes: Collection[str], *, acting: Any, now: datetime) -> Consent:
    """Store that the person agrees. What was agreed before is kept beside it: more scopes widen the agreement."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        row = Consent.objects.filter(user=user, client=client, ended_at__isnull=True).first()
        wanted = set(scopes)
        if row is not None and row.covers(wanted):
            return row
        if row is not None:
            wanted |= set(row.scopes.split())
            Consent.objects.filter(pk=row.pk).update(ended_at=now)
        new = Consent.objects.create(user=user, client=client, scopes=" ".join(sorted(wanted)), given_at=now)
        record(FasEvent.CONSENT_GIVEN, actor=acting, subject=client, now=now, scopes=sorted(wanted))
    return new


def withdraw(consent: Consent, *, acting: Any, now: datetime) -> bool:
    """Take an agreement back, and end what the person is signed in at there. False: it had ended before."""
    with transaction.atomic():
        ended = Consent.objects.filter(pk=consent.pk, ended_at__isnull=True).update(ended_at=now)
        if ended:
            record(FasEvent.CONSENT_WITHDRAWN, actor=acting, subject=consent.client, now=now)
            rows = SignOn.objects.filter(user=consent.user_id, client=consent.client_id)
            end_sign_ons(rows, reason=EndReason.WITHDRAWN, acting=acting, now=now)
    return bool(ended)
