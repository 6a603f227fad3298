"""Noticing that a role which a service has seen works no more, whatever the reason: ended, refused, run out, stopped.

`roles` knows nothing of services that rely on the portal, and no job writes that a last day has passed. So what works
now is compared, every few seconds, with what the services have been told.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db import transaction

from fas.models import Client, EndReason, SignOn
from fas.operations.sign_ons import end_sign_ons
from roles.models import RoleAssignment
from roles.service_view import Entry, entries

CHUNK = 400  # sign-ons that one query asks about


def mark_of(entry: Entry) -> str:
    """Return the mark of a right: the role, for whom, and the answers. Its days and its reference may change."""
    right = json.dumps([entry["role"], entry["enterpriseNumber"], entry["properties"]], sort_keys=True)
    return hashlib.sha256(right.encode()).hexdigest()[:16]


def note_told(sign_on: SignOn, told: Iterable[Entry]) -> None:
    """Remember which rights the service has now seen. It writes only where there is something new."""
    marks = {mark_of(entry) for entry in told}
    if marks <= set(sign_on.told_roles):
        return
    with transaction.atomic():
        row = SignOn.objects.select_for_update().only("told_roles").get(pk=sign_on.pk)
        SignOn.objects.filter(pk=sign_on.pk).update(told_roles=sorted(marks | set(row.told_roles)))


def end_of_lost_roles(*, now: datetime) -> int:
    """End the sign-ons through which a service has seen a right that works no more; return how many.

    A right that was changed is another one: the service has to ask anew. One query for the sign-ons, and one for each
    client (or 400 sign-ons) with roles that were told.
    """
    told = SignOn.objects.open().filter(organisation__isnull=False).exclude(told_roles=[])
    by_client: dict[int, list[SignOn]] = defaultdict(list)
    for row in told.select_related("client", "user").order_by("pk"):
        by_client[row.client_id].append(row)
    lost = [row.pk for rows in by_client.values() for row in _lost(rows, now=now)]
    if not lost:
        return 0
    return end_sign_ons(SignOn.objects.filter(pk__in=lost), reason=EndReason.ROLE_LOST, acting=None, now=now)


def _lost(rows: list[SignOn], *, now: datetime) -> Iterator[SignOn]:
    """Yield the sign-ons of one client that have lost something."""
    for start in range(0, len(rows), CHUNK):
        part = rows[start : start + CHUNK]
        working = _working(part[0].client, part, now=now)
        for row in part:
            if not set(row.told_roles) <= working[row.user.person_id, row.organisation_id]:
                yield row


def _working(client: Client, rows: list[SignOn], *, now: datetime) -> dict[tuple[int, int | None], set[str]]:
    """Return the marks of what works now, by person and organisation. One query."""
    seen = RoleAssignment.objects.seen_by(client.service_id, now=now).filter(
        assignee__in={row.user.person_id for row in rows}, organisation__in={row.organisation_id for row in rows}
    )
    found: dict[tuple[int, int | None], set[str]] = defaultdict(set)
    for assignment in seen:
        found[assignment.assignee_id, assignment.organisation_id].update(map(mark_of, entries([assignment])))
    return found
