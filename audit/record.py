"""The only way to write an audit entry. Called by operations, inside their transaction."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.utils import timezone

from audit.context import request_id
from audit.models import LABEL_LENGTH, AuditEntry
from vault.numbers import holds_national_number

EVENT_GRAMMAR = re.compile(r"[a-z_]+:[a-z_]+")


@dataclass(frozen=True)
class Snapshot:
    """What an entry keeps of a person or thing: its kind, its public key, and how it was called that day."""

    type: str
    key: str
    label: str


class Auditable(Protocol):
    """Whatever can tell what an entry should keep of it."""

    def audit_snapshot(self) -> Snapshot:
        """Return kind, key and label."""
        ...


def record(
    event: str,
    *,
    actor: Auditable | None,
    subject: Auditable | None = None,
    organisation: Auditable | None = None,
    now: datetime | None = None,
    **data: Any,
) -> AuditEntry:
    """Write one entry into the running transaction and return it.

    `event` is `noun:verb` in lower case, a member of the caller's StrEnum. `actor` None is the portal itself or
    somebody unknown. `now` is the moment of the act, by default the clock's. `data` holds JSON values only.
    Raises ValueError for another event grammar, for values that are not JSON, and for a national register number
    anywhere in data or labels.
    """
    new = entry(event, actor=actor, subject=subject, organisation=organisation, now=now, **data)
    new.save(force_insert=True)
    return new


def entry(
    event: str,
    *,
    actor: Auditable | None,
    subject: Auditable | None = None,
    organisation: Auditable | None = None,
    now: datetime | None = None,
    **data: Any,
) -> AuditEntry:
    """Return the entry that `record` would write, unsaved: for an act on many things, which saves them in bulk."""
    if not EVENT_GRAMMAR.fullmatch(event):
        raise ValueError(f"An audit event is noun:verb in lower case, not {event!r}")
    by, about, within = (_snapshot(thing) for thing in (actor, subject, organisation))
    for text in (by.label, about.label, within.label, by.key, about.key, within.key, *_texts(data)):
        if holds_national_number(text):
            raise ValueError(f"A national register number must not enter the audit trail ({event})")
    return AuditEntry(
        occurred_at=now or timezone.now(),
        event=str(event),
        actor_key=by.key,
        actor_label=_short(by.label),
        organisation_key=within.key,
        subject_type=about.type,
        subject_key=about.key,
        subject_label=_short(about.label),
        data=data,
        request_id=request_id.get(),
    )


def _snapshot(thing: Auditable | None) -> Snapshot:
    return Snapshot("", "", "") if thing is None else thing.audit_snapshot()


def _short(label: str) -> str:
    return label if len(label) <= LABEL_LENGTH else label[: LABEL_LENGTH - 1] + "…"


def _texts(value: Any) -> Iterator[str]:
    """Yield every text and number in a JSON value, keys too. Raises ValueError for anything else."""
    match value:
        case None | bool():
            return
        case str() | int() | float():
            yield str(value)
        case dict():
            for key, inner in value.items():
                if not isinstance(key, str):
                    raise ValueError("Keys of audit data are text")
                yield key
                yield from _texts(inner)
        case list() | tuple():
            for inner in value:
                yield from _texts(inner)
        case _:
            raise ValueError(f"Audit data holds JSON values only, not {type(value).__name__}")
