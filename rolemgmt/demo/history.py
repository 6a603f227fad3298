"""Turns the list of demo assignments into rows, with the audit entries their story would have left."""

import hashlib
from base64 import urlsafe_b64encode
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from audit.models import AuditEntry
from audit.record import entry
from rolemgmt.demo.assignments import ASSIGNMENTS, DemoAssignment
from rolemgmt.demo.cast import DemoPerson
from roles.events import RoleEvent
from roles.models import Role, RoleAssignment
from roles.models.assignment import EndReason, next_reference
from tenants.models import Organisation, Person
from tenants.periods import local_day

_OFFICE_HOURS = time(9, 40)
_ENDS = {
    "ended": EndReason.MANAGER,
    "withdrawn": EndReason.MANAGER,
    "handed_back": EndReason.HOLDER,
    "extended": EndReason.EXTENDED,
    "lapsed": EndReason.LAPSED,
    "stopped": EndReason.ORGANISATION_STOPPED,
}

_ENDING = {
    EndReason.MANAGER: RoleEvent.ASSIGNMENT_ENDED,
    EndReason.HOLDER: RoleEvent.ASSIGNMENT_ENDED,
    EndReason.EXTENDED: RoleEvent.ASSIGNMENT_EXTENDED,
    EndReason.LAPSED: RoleEvent.ASSIGNMENT_LAPSED,
    EndReason.ORGANISATION_STOPPED: RoleEvent.ASSIGNMENT_STOPPED,
}


def stable_key(text: str) -> str:
    """Return a public key that is the same on every run, by which a seeded row is found again."""
    return urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:16]).decode().rstrip("=")


def missing_assignments(
    people: list[DemoPerson],
    persons: dict[str, Person],
    organisations: dict[str, Organisation],
    *,
    now: datetime,
) -> int:
    """Insert the demo assignments that are not there, oldest first, and return how many that were."""
    keys = {stable_key(demo.slug): demo for demo in ASSIGNMENTS}
    stored = set(RoleAssignment.objects.filter(key__in=keys).values_list("key", flat=True))
    holders: dict[str, Person] = {}
    for person in people:
        holders.setdefault(person.email.partition("@")[0], persons[person.digits])
    roles = {role.code: role for role in Role.objects.all()}
    builder = _Builder(holders, organisations, roles, now)
    missing = sorted(((key, demo) for key, demo in keys.items() if key not in stored), key=lambda pair: -pair[1].given)
    rows = RoleAssignment.objects.bulk_create(
        builder.row(key, demo, minute) for minute, (key, demo) in enumerate(missing)
    )
    _link_extensions({demo.slug: row for (_, demo), row in zip(missing, rows, strict=True)})
    extensions = {row.replaces_id: row for row in rows if row.replaces_id}
    entries = [found for row in rows for found in _entries(row, extensions.get(row.pk))]
    AuditEntry.objects.bulk_create(sorted(entries, key=lambda found: found.occurred_at))
    return len(rows)


class _Builder:
    """Knows the people, organisations and roles by the names the list uses."""

    def __init__(
        self,
        holders: dict[str, Person],
        organisations: dict[str, Organisation],
        roles: dict[str, Role],
        now: datetime,
    ) -> None:
        self.holders = holders
        self.organisations = organisations
        self.roles = roles
        self.now = now
        self.today = local_day(now)

    def row(self, key: str, demo: DemoAssignment, minute: int) -> RoleAssignment:
        """Return the unsaved row of one demo assignment; `minute` keeps those of one day in their order."""
        given_on = self.today - timedelta(days=demo.given)
        waits = demo.confirmer != "nobody"
        return RoleAssignment(
            key=key,
            reference=f"{next_reference('AR', given_on.year)}-1",
            role=self.roles[demo.role],
            organisation=self.organisations[demo.organisation],
            assignee=self.holders[demo.holder],
            valid_from=given_on if demo.start is None else self.today + timedelta(days=demo.start),
            valid_until=None if demo.last is None else self.today + timedelta(days=demo.last),
            properties=demo.properties,
            assigned_by=self.holders[demo.giver],
            assigned_at=self.moment(demo.given) + timedelta(minutes=minute),
            confirmer=demo.confirmer,
            confirm_before=given_on + timedelta(days=settings.CONFIRM_DAYS) if waits else None,
            **self.outcome(demo),
        )

    def outcome(self, demo: DemoAssignment) -> dict[str, Any]:
        """Return the facts of what became of it."""
        if demo.outcome in ("none", "waiting"):
            return {}
        moment = self.moment(demo.given - demo.after)
        by = self.holders[demo.by] if demo.by else None
        if demo.outcome == "confirmed":
            return {"confirmed_at": moment, "confirmed_by": by}
        if demo.outcome == "refused":
            return {"refused_at": moment, "refused_by": by, "refusal_note": demo.note}
        return {
            "ended_at": moment,
            "ended_on": local_day(moment),
            "ended_by": by,
            "end_reason": _ENDS[demo.outcome],
            "end_note": demo.note,
        }

    def moment(self, days_ago: int) -> datetime:
        """Return a moment in office hours of a day that has passed."""
        day = self.today - timedelta(days=days_ago)
        return timezone.make_aware(datetime.combine(day, _OFFICE_HOURS), timezone.get_default_timezone())


def _link_extensions(rows: dict[str, RoleAssignment]) -> None:
    """Tie each extension to the row it replaces."""
    for slug, row in rows.items():
        replaced = rows.get(slug.removesuffix(" extension"))
        if replaced is not None and replaced is not row:
            row.replaces = replaced
            row.save(update_fields=["replaces"])


def _entries(row: RoleAssignment, extension: RoleAssignment | None) -> list[AuditEntry]:
    """Return what the portal would have recorded about a row, which `extension` goes on from, if there is one."""
    about: dict[str, Any] = {
        "subject": row,
        "organisation": row.organisation,
        "assignee": row.assignee.key,
        "role": row.role.code,
    }
    entries = [
        entry(
            RoleEvent.ASSIGNMENT_GRANTED,
            actor=row.assigned_by,
            now=row.assigned_at,
            valid_from=row.valid_from.isoformat(),
            valid_until=row.valid_until.isoformat() if row.valid_until else None,
            properties=row.properties,
            confirmer=row.confirmer,
            **about,
        )
    ]
    if row.confirmed_at is not None:
        entries.append(entry(RoleEvent.ASSIGNMENT_CONFIRMED, actor=row.confirmed_by, now=row.confirmed_at, **about))
    if row.refused_at is not None:
        entries.append(entry(RoleEvent.ASSIGNMENT_REFUSED, actor=row.refused_by, now=row.refused_at, **about))
    if row.ended_at is not None:
        entries.append(
            entry(
                _ENDING[EndReason(row.end_reason)],
                actor=row.ended_by,
                now=row.ended_at,
                **_end(row, extension),
                **about,
            )
        )
    return entries


def _end(row: RoleAssignment, extension: RoleAssignment | None) -> dict[str, Any]:
    """Return what the entry about an end says of it."""
    if row.end_reason in (EndReason.MANAGER, EndReason.HOLDER):
        return {"reason": row.end_reason, "last_day": None, "note": row.end_note}
    if row.end_reason == EndReason.EXTENDED and extension is not None:
        until = extension.valid_until
        return {"by": extension.reference, "valid_until": until.isoformat() if until else None}
    return {}
