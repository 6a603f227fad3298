"""The letters about assignments: one function per occasion, one set of templates per letter (SCREENS 8).

Texts that depend on the reader's language are taken in that language here; dates stay dates until the letter is
rendered.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Max
from django.utils import translation
from django.utils.text import Truncator

from outbox.compose import letter, withdraw
from outbox.models import OutgoingEmail, Status
from roles.models import RoleAssignment
from roles.models.assignment import Confirmer
from roles.order import Plan, pass_of
from roles.rules import deciders_of
from tenants.models import Organisation, Person
from tenants.periods import local_day

SHORT_NAME = 24


def about_new_assignments(
    plan: Plan, rows: list[RoleAssignment], *, giver: Person, reference: str, now: datetime
) -> None:
    """Write to everybody who got a role, to the managers who have to confirm one, and a receipt to the giver.

    The letters leave when the pass can no longer be undone.
    """
    organisation = plan.order.organisation
    waits_until = now + timedelta(minutes=settings.UNDO_MINUTES)
    act: dict[str, Any] = {"now": now, "not_before": waits_until, "batch": reference}
    common: dict[str, Any] = {
        "giver": giver.full_name,
        "given_at": now.isoformat(),
        "confirm_before_on": plan.confirm_before.isoformat(),
    }
    letters = []
    for person, own in _by(rows, lambda row: [row.assignee]).items():
        waits = any(row.confirmer == Confirmer.ASSIGNEE for row in own)
        letters += letter_to(
            "role_to_confirm" if waits else "role_given",
            person,
            organisation,
            **act,
            **common,
            message=plan.order.message,
            to_oneself=person == giver,
            waits_for_manager=all(row.confirmer == Confirmer.MANAGER for row in own),
            starts_on=_starts_later(own, now=now),
            roles=[role_in_letter(row, person, now=now) for row in own],
        )
    letters += letters_to_managers(rows, giver=giver, **act)
    letters += letter_to(
        "assignment_receipt",
        giver,
        organisation,
        **act,
        **common,
        reference=reference,
        roles=[role_in_letter(row, giver, now=now, with_holder=True) for row in rows],
    )
    # One INSERT for all: a pass may reach a hundred people.
    OutgoingEmail.objects.bulk_create(letters)


def _starts_later(rows: list[RoleAssignment], *, now: datetime) -> str | None:
    """Return the first day of roles that all begin later, None where one works from today."""
    first = min(row.valid_from for row in rows)
    return first.isoformat() if first > local_day(now) else None


def letters_to_managers(
    rows: Iterable[RoleAssignment],
    *,
    giver: Person,
    now: datetime,
    not_before: datetime | None = None,
    batch: str = "",
    is_extension: bool = False,
) -> list[OutgoingEmail]:
    """Return a letter, unsaved, to each manager who may confirm those of the rows that wait for a second manager.

    The rows are of one organisation and wait until the same day.
    """
    waiting = [row for row in rows if row.confirmer == Confirmer.MANAGER]
    if not waiting:
        return []
    organisation = waiting[0].organisation
    deciders = deciders_of(organisation, day=local_day(now))
    letters = []
    for manager, own in _by(waiting, deciders.for_assignment).items():
        letters += letter_to(
            "confirm_for_manager",
            manager,
            organisation,
            now=now,
            not_before=not_before,
            batch=batch,
            giver=giver.full_name,
            given_at=own[0].assigned_at.isoformat(),
            confirm_before_on=own[0].confirm_before.isoformat() if own[0].confirm_before else None,
            is_extension=is_extension,
            holders=list(dict.fromkeys(row.assignee.full_name for row in own)),
            to_oneself=all(row.assignee_id == giver.pk for row in own),
            roles=[role_in_letter(row, manager, now=now, with_holder=True) for row in own],
        )
    return letters


def leaves_at(row: RoleAssignment, *, now: datetime) -> datetime:
    """Return when a letter about an assignment leaves: never before the letters of its grant, which may wait."""
    waiting = OutgoingEmail.objects.filter(batch=pass_of(row), status=Status.QUEUED)
    last = waiting.aggregate(last=Max("not_before"))["last"]
    return max(now, last) if last else now


def withdraw_request_to_confirm(row: RoleAssignment, *, now: datetime) -> None:
    """Take back the letter that asks the holder to confirm, once it has nothing to say any more.

    It stays while another role of its pass waits for him, and where it is the one letter that tells him of another.
    """
    batch = pass_of(row)
    same_pass = RoleAssignment.objects.filter(reference__startswith=f"{batch}-", assignee=row.assignee)
    others = same_pass.exclude(pk=row.pk)
    needed = others.awaiting(row.assignee, now=now) | others.exclude(confirmer=Confirmer.ASSIGNEE)
    if row.assignee.email and not needed.exists():
        withdraw(batch, to=row.assignee.email, name="role_to_confirm")


def withdraw_news_of_grant(row: RoleAssignment, *, now: datetime) -> None:
    """Take back the letter that tells the holder of a grant, once nothing of what it tells of counts any more."""
    batch = pass_of(row)
    same_pass = RoleAssignment.objects.filter(reference__startswith=f"{batch}-", assignee=row.assignee)
    if row.assignee.email and not same_pass.current(now=now).exists():
        for name in ("role_given", "role_to_confirm", "role_extended"):
            withdraw(batch, to=row.assignee.email, name=name)


def take_back_news(rows: Iterable[RoleAssignment], *, now: datetime) -> None:
    """Take back, of rows that have just ended, the letters that still say otherwise: of a grant, or that it waits."""
    for row in rows:
        withdraw_news_of_grant(row, now=now)
        if row.confirmer == Confirmer.ASSIGNEE and row.confirmed_at is None:
            withdraw_request_to_confirm(row, now=now)
        elif row.confirmer == Confirmer.MANAGER and row.confirmed_at is None:
            withdraw_requests_to_managers(row, now=now)


def withdraw_requests_to_managers(row: RoleAssignment, *, now: datetime) -> None:
    """Take back the letters that ask managers to confirm, once nothing of the pass waits for one of them any more."""
    batch = pass_of(row)
    same_pass = RoleAssignment.objects.filter(reference__startswith=f"{batch}-").exclude(pk=row.pk)
    if not same_pass.awaiting_a_manager(now=now).exists():
        withdraw(batch, name="confirm_for_manager")


def _by(
    rows: list[RoleAssignment], readers_of: Callable[[RoleAssignment], list[Person]]
) -> dict[Person, list[RoleAssignment]]:
    """Return the rows by who reads about them, in the order of the rows."""
    found: dict[Person, list[RoleAssignment]] = {}
    for row in rows:
        for reader in readers_of(row):
            found.setdefault(reader, []).append(row)
    return found


def about_confirmation(row: RoleAssignment, *, now: datetime) -> None:
    """Tell the holder that another manager has confirmed the role."""
    letters = letter_to(
        "role_given",
        row.assignee,
        row.organisation,
        now=now,
        not_before=leaves_at(row, now=now),
        batch=pass_of(row),
        giver=row.assigned_by.full_name,
        given_at=row.assigned_at.isoformat(),
        message="",
        to_oneself=row.assignee_id == row.assigned_by_id,
        confirmed_by=row.confirmed_by.full_name if row.confirmed_by else "",
        confirmed_at=now.isoformat(),
        waits_for_manager=False,
        starts_on=_starts_later([row], now=now),
        roles=[{**role_in_letter(row, row.assignee, now=now), "confirmer": Confirmer.NOBODY}],
        confirm_before_on=None,
    )
    OutgoingEmail.objects.bulk_create(letters)


def about_refusal(row: RoleAssignment, *, refused_by: Person, note: str, now: datetime) -> None:
    """Tell the giver, and the holder where a manager refused, that the role will not work."""
    letters = []
    for person in dict.fromkeys((row.assigned_by, row.assignee)):
        if person == refused_by:
            continue
        # Why it waited is no longer of interest.
        role = {**role_in_letter(row, person, now=now), "confirmer": Confirmer.NOBODY, "holder": row.assignee.full_name}
        letters += letter_to(
            "role_refused",
            person,
            row.organisation,
            now=now,
            not_before=leaves_at(row, now=now),
            batch=pass_of(row),
            refused_by=refused_by.full_name,
            refused_at=now.isoformat(),
            note=note,
            roles=[role],
        )
    OutgoingEmail.objects.bulk_create(letters)


def letter_to(
    name: str,
    person: Person,
    organisation: Organisation,
    *,
    now: datetime,
    not_before: datetime | None = None,
    batch: str = "",
    **context: Any,
) -> list[OutgoingEmail]:
    """Return one letter to a person, unsaved. Without an e-mail address there is none; the done page says so."""
    if not person.email:
        return []
    row = letter(
        name,
        to=person.email,
        language=person.language,
        context={
            "receiver": person.full_name,
            "organisation": organisation.name_in(person.language),
            # In subjects: a long name must not push the verb out of sixty characters.
            "organisation_short": Truncator(organisation.name_in(person.language)).chars(SHORT_NAME),
            "organisation_number": organisation.formatted_number,
            **context,
        },
        now=now,
        not_before=not_before,
        batch=batch,
    )
    return [row]


def role_in_letter(row: RoleAssignment, reader: Person, *, now: datetime, with_holder: bool = False) -> dict[str, Any]:
    """Return what a letter says of one assignment, in the reader's language; its holder where others read it."""
    language = reader.language
    with translation.override(language):
        state = str(row.state(now=now).label)
    return {
        "holder": row.assignee.full_name if with_holder else "",
        "state": state,
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
    if not row.properties:
        return []  # without a look at the questions: a pass may write two thousand of these
    with translation.override(language):
        pairs: Iterable[tuple[str, str]] = (
            (
                question.label_in(language),
                question.answer_in_words(row.properties.get(question.code), language),
            )
            for question in row.role.properties.all()
        )
        return [{"label": label, "answer": answer} for label, answer in pairs if answer]
