"""What staff do with clients, beside editing them: a new secret, and switching one off."""

from datetime import datetime
from typing import Any

from django.db import transaction

from audit.record import record
from fas.events import FasEvent
from fas.hashers import new_secret
from fas.models import AccessToken, Client, EndReason, Grant, SignOn
from fas.operations.sign_ons import end_sign_ons


def renew_secret(client: Client, *, acting: Any, now: datetime) -> str:
    """Give a client a new secret and return it: it can be read this once. The old one ends, with what it opened."""
    secret = new_secret()
    with transaction.atomic():
        row = Client.objects.select_for_update().get(pk=client.pk)
        row.client_secret = secret  # the field keeps its hash
        row.save(update_fields=["client_secret", "updated"])
        _take_back_tokens(row)
        record(FasEvent.CLIENT_SECRET_RENEWED, actor=acting, subject=row, now=now, by_staff=True)
    return secret


def shut_out(client: Client, *, now: datetime) -> int:
    """End what a client that was just switched off still has: sign-ons, codes, tokens; return how many sign-ons.

    Who switched it off stands in the trail with the change; the people who were signed in did nothing.
    """
    with transaction.atomic():
        _take_back_tokens(client)
        return end_sign_ons(SignOn.objects.filter(client=client), reason=EndReason.CLIENT_OFF, acting=None, now=now)


def _take_back_tokens(client: Client) -> None:
    AccessToken.objects.filter(application=client).delete()
    Grant.objects.filter(application=client, used_at__isnull=True).delete()
