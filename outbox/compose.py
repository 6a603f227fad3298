"""Writing a letter: one row in the caller's transaction. Nothing is rendered or sent here."""

import json
import re
import uuid
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from outbox.context import RESERVED, to_json
from outbox.models import OutgoingEmail, Status

_NAME = re.compile(r"[a-z][a-z0-9_]*")


def compose(
    name: str,
    *,
    to: str,
    language: str,
    context: dict[str, Any],
    secrets: dict[str, str] | None = None,
    dedup_key: str | None = None,
    now: datetime,
    not_before: datetime | None = None,
    batch: str = "",
) -> OutgoingEmail:
    """Put a letter into the outbox, in the running transaction, and return its row.

    `name` is that of its templates, `emails/<name>.txt` and `emails/<name>.subject.txt`. `context` holds JSON
    values (days under keys ending in `_on`, moments under `_at`); `secrets` holds codes, which only the receiver
    sees. With a `dedup_key` that a letter already has, that letter is returned and nothing is written.
    It leaves at once, or at `not_before`; until then `withdraw` takes back all letters of a `batch`.
    Raises ValueError for an unknown language, an address that is none, or a context that is not JSON.
    """
    row = letter(
        name,
        to=to,
        language=language,
        context=context,
        secrets=secrets,
        dedup_key=dedup_key,
        now=now,
        not_before=not_before,
        batch=batch,
    )
    if dedup_key is None:
        row.save(force_insert=True)
        return row
    fields = [field.attname for field in row._meta.concrete_fields if not field.primary_key]
    values = {name: getattr(row, name) for name in fields}
    return OutgoingEmail.objects.get_or_create(dedup_key=dedup_key, defaults=values)[0]


def letter(
    name: str,
    *,
    to: str,
    language: str,
    context: dict[str, Any],
    secrets: dict[str, str] | None = None,
    dedup_key: str | None = None,
    now: datetime,
    not_before: datetime | None = None,
    batch: str = "",
) -> OutgoingEmail:
    """Return the row that `compose` would write, unsaved: for an act with many letters, which saves them in bulk."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"No letter can be called {name!r}")
    if language not in dict(settings.LANGUAGES):
        raise ValueError(f"The portal does not write in {language!r}")
    try:
        validate_email(to)
    except ValidationError:
        raise ValueError("A letter needs the address of its receiver") from None
    codes = secrets or {}
    if not all(isinstance(code, str) for code in codes.values()):
        raise ValueError("Codes are text")
    if twice := RESERVED & context.keys() | codes.keys() & (context.keys() | RESERVED):
        raise ValueError(f"These names are taken in the letter {name}: {', '.join(sorted(twice))}")
    return OutgoingEmail(
        name=name,
        to=to,
        language=language,
        context=to_json(context),
        secrets=json.dumps(codes) if codes else None,
        dedup_key=dedup_key,
        message_id=f"<{uuid.uuid4().hex}@{urlsplit(settings.PORTAL_BASE_URL).hostname}>",
        not_before=not_before or now,
        batch=batch,
        created_at=now,
    )


def withdraw(batch: str, *, to: str | None = None, name: str | None = None) -> set[str]:
    """Take back the letters of an act that have not left; return who would have received one that was never tried.

    One that a mail server has refused for a while is taken back too, but may have arrived all the same. `to` and
    `name` narrow it down to one receiver, or to one kind of letter. In the running transaction: a worker
    that is about to take a letter waits, and then finds it withdrawn.
    """
    if not batch:
        raise ValueError("letters without a batch belong to no act that can be undone")
    waiting = OutgoingEmail.objects.filter(batch=batch, status=Status.QUEUED)
    if to is not None:
        waiting = waiting.filter(to=to)
    if name is not None:
        waiting = waiting.filter(name=name)
    rows = list(waiting.select_for_update().order_by("id").values_list("id", "to", "attempts"))
    ids = [number for number, _to, _attempts in rows]
    OutgoingEmail.objects.filter(id__in=ids).update(status=Status.WITHDRAWN, secrets=None)
    return {receiver for _id, receiver, attempts in rows if attempts == 0}
