"""The letters about assignments: one function per occasion, one set of templates per letter (SCREENS 8).

Texts that depend on the reader's language are taken in that language here; dates stay dates until the letter is
rendered.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import translation

from outbox.compose import compose
from roles.models import RoleAssignment
from roles.models.assignment import Confirmer
from roles.order import Plan
from roles.rules import deciders_of
from tenants.models import Organisation, Person
from tenants.periods import local_day


def about_new_assignments(
    plan: Plan, rows: list[RoleAssignment], *, giver: Person, reference: str, now: datetime
) -> None:
    """Write to everybody who got a role, to the managers who have to confirm one, and a receipt to the giver."""
    deciders = deciders_of(plan.order.organisation, day=local_day(now))
    for person in plan.receivers:
        own = [row for row in rows if row.assignee_id == person.pk]
        waiting = [row for row in own if row.confirmer == Confirmer.ASSIGNEE]
        _write(
            "role_to_confirm" if waiting else "role_given",
            person,
            plan.order.organisation,
            now=now,
            giver=giver.full_name,
            given_at=now.isoformat(),
            message=plan.order.message,
            roles=[_role(row, person) for row in own],
            confirm_before_on=plan.confirm_before.isoformat(),
        )
    managers: dict[Person, list[RoleAssignment]] = {}
    for row in rows:
        if row.confirmer == Confirmer.MANAGER:
            for manager in deciders.for_role(row.role, besides=row.assignee):
                managers.setdefault(manager, []).append(row)
    for manager, waiting in managers.items():
        _write(
            "confirm_for_manager",
            manager,
            plan.order.organisation,
            now=now,
            giver=giver.full_name,
            holder=waiting[0].assignee.full_name,
            given_at=now.isoformat(),
            roles=[_role(row, manager) for row in waiting],
            confirm_before_on=plan.confirm_before.isoformat(),
        )
    _write(
        "assignment_receipt",
        giver,
        plan.order.organisation,
        now=now,
        reference=reference,
        given_at=now.isoformat(),
        roles=[{**_role(row, giver), "holder": row.assignee.full_name} for row in rows],
        confirm_before_on=plan.confirm_before.isoformat(),
    )


def about_confirmation(row: RoleAssignment, *, now: datetime) -> None:
    """Tell the holder that another manager has confirmed the role."""
    _write(
        "role_given",
        row.assignee,
        row.organisation,
        now=now,
        giver=row.assigned_by.full_name,
        given_at=row.assigned_at.isoformat(),
        message="",
        roles=[{**_role(row, row.assignee), "confirmer": Confirmer.NOBODY}],
        confirm_before_on=None,
    )


def about_refusal(row: RoleAssignment, *, refused_by: Person, note: str, now: datetime) -> None:
    """Tell the giver, and the holder where a manager refused, that the role will not work."""
    for person in {row.assigned_by, row.assignee} - {refused_by}:
        _write(
            "role_refused",
            person,
            row.organisation,
            now=now,
            refused_by=refused_by.full_name,
            refused_at=now.isoformat(),
            note=note,
            roles=[{**_role(row, person), "holder": row.assignee.full_name}],
        )


def _write(name: str, person: Person, organisation: Organisation, *, now: datetime, **context: Any) -> None:
    """Compose one letter to a person. Without an e-mail address there is none; the done page says so."""
    if not person.email:
        return
    compose(
        name,
        to=person.email,
        language=person.language,
        context={
            "receiver": person.full_name,
            "organisation": organisation.name_in(person.language),
            "organisation_number": organisation.formatted_number,
            **context,
        },
        now=now,
    )


def _role(row: RoleAssignment, reader: Person) -> dict[str, Any]:
    """Return what a letter says of one assignment, in the reader's language."""
    language = reader.language
    return {
        "name": row.role.name_in(language),
        "description": row.role.description_in(language),
        "reference": row.reference,
        "valid_from_on": row.valid_from.isoformat(),
        "valid_until_on": row.valid_until.isoformat() if row.valid_until else None,
        "confirmer": row.confirmer,
        "properties": properties_in_words(row, language),
    }


def properties_in_words(row: RoleAssignment, language: str) -> list[dict[str, str]]:
    """Return the answers to the role's properties as pairs of label and words."""
    with translation.override(language):
        pairs: Iterable[tuple[str, str]] = (
            (
                question.label_in(language),
                question.answer_in_words(row.properties.get(question.code), language),
            )
            for question in row.role.properties.all()
        )
        return [{"label": label, "answer": answer} for label, answer in pairs if answer]
