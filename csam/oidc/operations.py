"""How a return from the provider ends: the attempt confirmed, or refused and written down."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from csam.keys import KeyName
from csam.models import LoginTicket
from csam.oidc.config import Provider
from csam.oidc.exchange import Shown
from csam.oidc.refusals import SignInRefused, Why
from csam.oidc.wire import TOTAL_SECONDS
from csam.operations import confirm_attempt, end_attempt, person_of_record, record_failure
from tenants.models import Person

# Beyond what all requests to the provider may take together.
LONGEST_EXCHANGE = timedelta(seconds=TOTAL_SECONDS + 5)

logger = logging.getLogger("csam.oidc")


def confirm_shown(ticket: LoginTicket, shown: Shown, provider: Provider, *, now: datetime) -> None:
    """Confirm the attempt with the person whose number the provider sent, made known where that is allowed.

    Raises SignInRefused when the portal does not know the person and may not, or the attempt ended meanwhile; then
    nothing has changed.
    """
    with transaction.atomic():
        person, is_new = Person.objects.with_number(shown.record.digits).first(), False
        if person is None:
            if not provider.accepts_new_persons:
                raise SignInRefused(Why.UNKNOWN, "unknown_person")
            if not shown.record.given_name or not shown.record.family_name:
                raise SignInRefused(Why.NO_NAME, "name_missing")
            person, is_new = person_of_record(shown.record, now=now)
        confirmed = confirm_attempt(
            ticket, person=person, level=shown.level, proved_at=shown.proved_at, made_known=is_new, now=now
        )
        if not confirmed:
            raise SignInRefused(Why.OVER, "attempt_over")


def claim_attempt(ticket: LoginTicket, *, now: datetime) -> bool:
    """Take the exchange of this attempt's answer. False: another request of this browser is at it.

    One that takes longer than an exchange may has died; the next one takes over.
    """
    is_free = Q(claimed_at__isnull=True) | Q(claimed_at__lte=now - LONGEST_EXCHANGE)
    return bool(LoginTicket.objects.filter(is_free, pk=ticket.pk, confirmed_at__isnull=True).update(claimed_at=now))


def refuse_attempt(ticket: LoginTicket, refused: SignInRefused, *, now: datetime) -> None:
    """End the attempt and write down why, once: whoever comes back with it again finds it over.

    What this browser did not ask for is written down, and ends nothing.
    """
    with transaction.atomic():
        if refused.is_foreign or end_attempt(ticket, now=now):
            record_failure(subject=None, key=KeyName.OIDC.value, reason=refused.reason, now=now)
    logger.warning("A sign-in with the provider was refused: %s", refused.reason)
