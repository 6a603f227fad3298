"""The letters about role requests: to those who may decide (M4), and to who asked (M5)."""

from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from outbox.models import OutgoingEmail
from roles.models import RoleAssignment, RoleRequest
from roles.models.assignment import Confirmer
from roles.operations.letters import SHORT_NAME, letter_to, role_in_letter
from roles.reasons import on_day
from roles.requesting import PlannedRequest
from roles.rules import deciders_of
from tenants.models import Person
from tenants.periods import local_day


def about_requests(rows: list[RoleRequest], planned: list[PlannedRequest], *, reference: str, now: datetime) -> None:
    """Write to each manager once, about the roles that this manager may decide on."""
    first = rows[0]
    to_decide: dict[Person, list[RoleRequest]] = {}
    for row, one in zip(rows, planned, strict=True):
        for manager in one.deciders:
            to_decide.setdefault(manager, []).append(row)
    letters = []
    for manager, own in to_decide.items():
        letters += letter_to(
            "role_requested",
            manager,
            first.organisation,
            now=now,
            asker=first.requester.full_name,
            asker_short=Truncator(first.requester.full_name).chars(SHORT_NAME),
            asked_at=now.isoformat(),
            motivation=first.motivation,
            decide_before_on=first.decide_before.isoformat(),
            reference=reference,
            roles=[request_in_letter(row, manager) for row in own],
        )
    OutgoingEmail.objects.bulk_create(letters)


def about_approval(row: RoleRequest, given: RoleAssignment, *, now: datetime) -> None:
    """Tell the asker what was given. Where another manager has still to confirm it, that one is asked."""
    decider = row.decided_by
    letters = _decided(row, role_in_letter(given, row.requester, now=now), is_approved=True, given=given, now=now)
    if given.confirmer == Confirmer.MANAGER:
        deciders = deciders_of(row.organisation, day=local_day(now))
        for manager in deciders.for_assignment(given):
            letters += letter_to(
                "confirm_for_manager",
                manager,
                row.organisation,
                now=now,
                giver=decider.full_name if decider else "",
                given_at=now.isoformat(),
                confirm_before_on=given.confirm_before.isoformat() if given.confirm_before else None,
                holders=[row.requester.full_name],
                to_oneself=False,
                roles=[role_in_letter(given, manager, now=now, with_holder=True)],
            )
    OutgoingEmail.objects.bulk_create(letters)


def about_refusal(row: RoleRequest, *, now: datetime) -> None:
    """Tell the asker that the request is refused, and why."""
    letters = _decided(row, request_in_letter(row, row.requester, with_asker=False), is_approved=False, now=now)
    OutgoingEmail.objects.bulk_create(letters)


def about_expiry(row: RoleRequest, *, organisation_stopped: bool = False, now: datetime) -> None:
    """Tell the asker that nobody decided in time, and who could have; or that the organisation stopped before."""
    deciders = deciders_of(row.organisation, day=local_day(now)).managers_for(row.role, besides=row.requester)
    letters = letter_to(
        "request_expired",
        row.requester,
        row.organisation,
        now=now,
        asked_at=row.requested_at.isoformat(),
        decide_before_on=row.decide_before.isoformat(),
        organisation_stopped=organisation_stopped,
        deciders=[person.full_name for person in deciders],
        roles=[request_in_letter(row, row.requester, with_asker=False)],
    )
    OutgoingEmail.objects.bulk_create(letters)


def _decided(
    row: RoleRequest,
    role: dict[str, Any],
    *,
    is_approved: bool,
    now: datetime,
    given: RoleAssignment | None = None,
) -> list[OutgoingEmail]:
    """Return the letter about a decision: who, when, why, and the role as it was given or asked for."""
    starts_on = given.valid_from if given is not None and given.valid_from > local_day(now) else None
    waits_until = given.confirm_before if given is not None and given.confirmed_at is None else None
    if given is not None and given.confirmed_at is not None:
        role = {**role, "confirmer": Confirmer.NOBODY}  # by asking, the holder has confirmed already
    return letter_to(
        "request_decided",
        row.requester,
        row.organisation,
        now=now,
        is_approved=is_approved,
        decided_by=row.decided_by.full_name if row.decided_by else "",
        decided_at=now.isoformat(),
        note=row.decision_note,
        reference=row.reference,
        # Named, and never by its address: letters lead to the portal alone.
        service=row.came_from.name_in(row.requester.language) if row.came_from and row.return_to else "",
        confirm_before_on=waits_until.isoformat() if waits_until else None,
        starts_on=starts_on.isoformat() if starts_on else None,
        roles=[role],
    )


def request_in_letter(row: RoleRequest, reader: Person, *, with_asker: bool = True) -> dict[str, Any]:
    """Return what a letter says of one request, in the reader's language, in the form of an assignment."""
    language = reader.language
    return {
        "holder": row.requester.full_name if with_asker else "",
        "state": "",
        "name": row.role.name_in(language),
        "description": row.role.description_in(language),
        "reference": row.reference,
        "valid_from_on": row.valid_from.isoformat(),
        "valid_until_on": row.valid_until.isoformat() if row.valid_until else None,
        "confirmer": "",
        "properties": _extension_in_words(row, language),
    }


def _extension_in_words(row: RoleRequest, language: str) -> list[dict[str, str]]:
    """Return, as a line under the role, what the request wants to see prolonged."""
    if row.extends is None or row.extends.last_day is None:
        return []
    with translation.override(language):
        about = {"reference": row.extends.reference, "date": on_day(row.extends.last_day)}
        return [{"label": _("Extends"), "answer": _("%(reference)s, until %(date)s") % about}]
