"""Noticing that a role which a service has seen works no more, whatever the reason: ended, refused, run out, stopped.

`roles` knows nothing of services that rely on the portal, and no job writes that a last day has passed. So what works
now is compared, every few seconds, with what the services have been told.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from fas.models import EndReason, SignOn
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


@dataclass(frozen=True)
class _Told:
    """What a service has seen through one sign-on, and of whom."""

    sign_on: int
    service: int
    person: int
    organisation: int
    marks: frozenset[str]


def end_of_lost_roles(*, now: datetime) -> int:
    """End the sign-ons through which a service has seen a right that works no more; return how many.

    Only services that want to be told: the others see it when they ask, and keep a token that they can ask with. A
    right that was changed is another one: the service has to ask anew. One query for the sign-ons, and one for each
    service (or 400 sign-ons) with roles that were told.
    """
    by_service: dict[int, list[_Told]] = defaultdict(list)
    for told in _everything_told():
        by_service[told.service].append(told)
    lost = [told.sign_on for rows in by_service.values() for told in _lost(rows, now=now)]
    if not lost:
        return 0
    return end_sign_ons(SignOn.objects.filter(pk__in=lost), reason=EndReason.ROLE_LOST, acting=None, now=now)


def _everything_told() -> Iterator[_Told]:
    rows = SignOn.objects.open().filter(organisation__isnull=False).exclude(told_roles=[])
    rows = rows.exclude(client__backchannel_logout_uri="").order_by("pk")
    columns = ("pk", "client__service", "user__person", "organisation", "told_roles")
    for sign_on, service, person, organisation, marks in rows.values_list(*columns):
        yield _Told(sign_on, service, person, organisation, frozenset(marks))


def _lost(rows: list[_Told], *, now: datetime) -> Iterator[_Told]:
    """Yield the sign-ons at one service that have lost something."""
    for start in range(0, len(rows), CHUNK):
        part = rows[start : start + CHUNK]
        working = _working(part, now=now)
        yield from (told for told in part if not told.marks <= working[told.person, told.organisation])


def _working(rows: list[_Told], *, now: datetime) -> dict[tuple[int, int], set[str]]:
    """Return the marks of what works now at one service, by person and organisation. One query."""
    seen = RoleAssignment.objects.seen_by(rows[0].service, now=now).filter(
        assignee__in={told.person for told in rows}, organisation__in={told.organisation for told in rows}
    )
    found: dict[tuple[int, int], set[str]] = defaultdict(set)
    for assignment in seen:
        found[assignment.assignee_id, assignment.organisation_id].update(map(mark_of, entries([assignment])))
    return found
