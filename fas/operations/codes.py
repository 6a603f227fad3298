"""Codes and tokens: given, taken once, taken back. The database holds their hashes only."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from oauth2_provider.models import set_token_value

from audit.record import record
from csam.models import User
from fas.events import FasEvent
from fas.models import AccessToken, Client, Grant, IDToken, SignOn
from fas.operations.sign_ons import lasts
from fas.operations.tidying import delete_in_batches

CODE_LIVES = timedelta(seconds=60)
TOKEN_LIVES = timedelta(seconds=300)
# How long a used code is remembered, so that a second use is known for one; then nothing it gave is left.
REMEMBERED = timedelta(hours=1)


def hash_of(secret: str) -> str:
    """Return what is kept of a code or a token: both are random, so one SHA-256 is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def give_code(code: str, sign_on: SignOn, *, now: datetime, **values: Any) -> Grant:
    """Store a new code for 60 seconds."""
    return Grant.objects.create(
        code=hash_of(code),
        sign_on=sign_on,
        user=sign_on.user,
        application=sign_on.client,
        expires=now + CODE_LIVES,
        **values,
    )


def find_code(code: str, client: Client, *, now: datetime) -> Grant | None:
    """Return the code if `client` may use it now, locked until the transaction ends; None otherwise.

    One that was used before takes back what it gave (RFC 6749, 4.1.2): somebody else had it. To be called within a
    transaction that is committed whatever the answer.
    """
    rows = Grant.objects.select_for_update(of=("self",)).filter(code=hash_of(code), application=client)
    grant = rows.select_related("sign_on__user__person", "sign_on__organisation").first()
    if grant is None:
        return None
    if grant.used_at is not None:
        take_back(grant, now=now)
        return None
    return grant if now < grant.expires and lasts(grant.sign_on) else None


def use_code(grant: Grant, *, now: datetime) -> bool:
    """Mark a code as used. False: it was used already."""
    return bool(Grant.objects.filter(pk=grant.pk, used_at__isnull=True).update(used_at=now))


def take_back(grant: Grant, *, now: datetime) -> None:
    """Delete the tokens that a code gave, and write down that it came a second time."""
    with transaction.atomic():
        deleted, _per_model = AccessToken.objects.filter(grant=grant).delete()
        record(
            FasEvent.CODE_REUSED,
            actor=None,
            subject=grant.application,
            now=now,
            person=grant.user.person.key,
            tokens=deleted,
        )


def give_access_token(
    token: str,
    client: Client,
    *,
    scope: str,
    now: datetime,
    grant: Grant | None = None,
    id_token: IDToken | None = None,
) -> AccessToken:
    """Store a new access token for 300 seconds: of the sign-on of a code, or of the client alone."""
    row = AccessToken(
        application=client,
        user=grant.user if grant else None,
        sign_on=grant.sign_on if grant else None,
        grant=grant,
        id_token=id_token,
        scope=scope,
        expires=now + TOKEN_LIVES,
    )
    set_token_value(row, token)
    row.save(force_insert=True)
    return row


def find_access_token(token: str) -> AccessToken | None:
    """Return an access token with what its sign-on says, or None. It may have run out. One query, without numbers."""
    related = ("application__service", "sign_on__client__service", "sign_on__organisation", "sign_on__user__person")
    rows = AccessToken.objects.select_related(*related).defer("sign_on__user__person__national_number")
    return rows.filter(token_checksum=hash_of(token)).first()


def is_good(token: AccessToken, *, now: datetime) -> bool:
    """Say whether a token counts now: not run out, of a client that is switched on and a sign-on that lasts."""
    if now >= token.expires or token.application is None or not token.application.is_enabled:
        return False
    return token.sign_on is None or lasts(token.sign_on)


def revoke_token(token: str, client: Client, *, now: datetime) -> bool:
    """Delete an access token of this client; one of another client stays. Say whether there was one."""
    with transaction.atomic():
        row = AccessToken.objects.filter(token_checksum=hash_of(token), application=client).first()
        if row is None:
            return False
        person: User | None = row.user
        row.delete()
        record(
            FasEvent.TOKEN_REVOKED,
            actor=None,
            subject=client,
            now=now,
            person=person.person.key if person else "",
        )
    return True


def forget_old_tokens(*, now: datetime) -> int:
    """Delete the codes and tokens that have run out; return how many. A job of the worker.

    A code that nobody used goes at once: it is refused like one that never was.
    """
    deleted = 0
    for rows in (
        AccessToken.objects.filter(expires__lt=now),
        IDToken.objects.filter(expires__lt=now, access_token__isnull=True),
        Grant.objects.filter(expires__lt=now, used_at__isnull=True),
        Grant.objects.filter(expires__lt=now - REMEMBERED),
    ):
        deleted += delete_in_batches(rows)
    return deleted
