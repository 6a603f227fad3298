"""The letters about what becomes of an assignment: ended (M9), extended, asked again to confirm, ending soon (M8)."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from outbox.models import OutgoingEmail
from roles.models import RoleAssignment
from roles.models.assignment import Confirmer
from roles.operations.letters import leaves_at, letter_to, letters_to_managers, role_in_letter
from roles.order import pass_of
from roles.states import State
from tenants.models import Person


def _by_holder(rows: Iterable[RoleAssignment]) -> list[tuple[Person, list[RoleAssignment]]]:
    """Return the rows per holder, in the order of the rows."""
    found: dict[int, list[RoleAssignment]] = {}
    for row in rows:
        found.setdefault(row.assignee_id, []).append(row)
    return [(own[0].assignee, own) for own in found.values()]


def _said(row: RoleAssignment, reader: Person, *, now: datetime, with_holder: bool = False) -> dict[str, Any]:
    """Return the block of a role whose waiting, if any, is no longer of interest."""
    return {**role_in_letter(row, reader, now=now, with_holder=with_holder), "confirmer": Confirmer.NOBODY}


def about_end(rows: list[RoleAssignment], *, ended_by: Person | None, note: str, now: datetime) -> None:
    """Tell each holder, once, which roles have ended or will, who did it and why."""
    letters = []
    for person, own in _by_holder(rows):
        ends_at = own[0].ended_at or now
        letters += letter_to(
            "role_ended",
            person,
            own[0].organisation,
            now=now,
            not_before=max(leaves_at(row, now=now) for row in own),
            batch=_one_act(own),
            ended_by=ended_by.full_name if ended_by else "",
            by_oneself=ended_by is not None and ended_by.pk == person.pk,
            organisation_stopped=own[0].end_reason == RoleAssignment.EndReason.ORGANISATION_STOPPED,
            done_at=now.isoformat(),
            last_on=own[0].last_day.isoformat() if ends_at > now and own[0].last_day else None,
            note=note,
            roles=[{**_said(row, person, now=now), "valid_until_on": _last_day(row, now=now)} for row in own],
        )
    OutgoingEmail.objects.bulk_create(letters)


def _one_act(rows: list[RoleAssignment]) -> str:
    """Return the act that all these rows come from. A letter that tells of several stands when one is undone."""
    acts = {pass_of(row) for row in rows}
    return acts.pop() if len(acts) == 1 else ""


def _last_day(row: RoleAssignment, *, now: datetime) -> str | None:
    """Return the last day a letter names: that before the end; as it was meant for what never worked."""
    last = row.valid_until if row.state(now=now) == State.CANCELLED else row.last_day
    return last.isoformat() if last else None


def about_extension(rows: list[RoleAssignment], new: list[RoleAssignment], *, giver: Person, now: datetime) -> None:
    """Tell each holder how long the roles last now; and who has to confirm, where somebody has to.

    Never before the letters of the grants that `rows` come from.
    """
    letters = []
    leaves = max(leaves_at(row, now=now) for row in rows)
    for person, own in _by_holder(new):
        waits = any(row.confirmer == Confirmer.ASSIGNEE for row in own)
        letters += letter_to(
            "role_to_confirm" if waits else "role_extended",
            person,
            own[0].organisation,
            now=now,
            not_before=leaves,
            batch=_one_act(own),
            giver=giver.full_name,
            given_at=now.isoformat(),
            confirm_before_on=_first_deadline(own),
            message="",
            to_oneself=person.pk == giver.pk,
            waits_for_manager=all(row.confirmer == Confirmer.MANAGER for row in own),
            works_until_on=_works_until(own),
            roles=[role_in_letter(row, person, now=now) for row in own],
        )
    letters += letters_to_managers(new, giver=giver, now=now, not_before=leaves, batch=_one_act(new), is_extension=True)
    OutgoingEmail.objects.bulk_create(letters)


def _works_until(rows: list[RoleAssignment]) -> str | None:
    """Return the day before the extensions begin: the last one of what they go on from."""
    return (min(row.valid_from for row in rows) - timedelta(days=1)).isoformat()


def _first_deadline(rows: list[RoleAssignment]) -> str | None:
    days = [row.confirm_before for row in rows if row.confirm_before]
    return min(days).isoformat() if days else None


def about_waiting(rows: list[RoleAssignment], *, now: datetime, dedup: str = "") -> list[OutgoingEmail]:
    """Return letters, unsaved, that ask again for the confirmations these rows of one organisation wait for.

    One per person, to the holder or to the managers who may confirm. With `dedup`, a word for the occasion, a letter
    is written once for each act, person, kind of letter and occasion.
    """
    letters = []
    for person, own in _by_holder(row for row in rows if row.confirmer == Confirmer.ASSIGNEE):
        letters += _once(
            letter_to(
                "role_to_confirm",
                person,
                own[0].organisation,
                now=now,
                giver=own[0].assigned_by.full_name,
                given_at=own[0].assigned_at.isoformat(),
                confirm_before_on=_first_deadline(own),
                message="",
                is_reminder=True,
                works_until_on=_works_until(own) if all(row.replaces_id for row in own) else None,
                to_oneself=own[0].assigned_by_id == person.pk,
                waits_for_manager=False,
                roles=[role_in_letter(row, person, now=now) for row in own],
            ),
            own[0],
            dedup,
        )
    by_giver: dict[Person, list[RoleAssignment]] = {}
    for row in rows:
        by_giver.setdefault(row.assigned_by, []).append(row)
    for giver, given in by_giver.items():
        letters += _once(
            letters_to_managers(given, giver=giver, now=now, is_extension=all(row.replaces_id for row in given)),
            given[0],
            dedup,
        )
    return letters


def _once(letters: list[OutgoingEmail], row: RoleAssignment, dedup: str) -> list[OutgoingEmail]:
    for one in letters if dedup else ():
        # The kind: who confirms for himself and for another is asked for both.
        # An address may be longer than a key: its digest stands for it.
        receiver = hashlib.sha256(one.to.encode()).hexdigest()[:16]
        one.dedup_key = f"{dedup}:{one.name}:{pass_of(row)}:{receiver}"
    return letters


def about_last_day(rows: list[RoleAssignment], *, now: datetime, dedup: str) -> list[OutgoingEmail]:
    """Return letters, unsaved, that tell holders that roles of theirs end soon (M8). The rows end on the same day."""
    letters = []
    for person, own in _by_holder(rows):
        letters += _once(
            letter_to(
                "role_ends_soon",
                person,
                own[0].organisation,
                now=now,
                last_on=own[0].last_day.isoformat() if own[0].last_day else None,
                roles=[_said(row, person, now=now) for row in own],
            ),
            own[0],
            dedup,
        )
    return letters
