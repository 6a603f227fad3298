"""Changes to a draft. Each stores what a page asked, once, on the version that page showed (STACK 2.2)."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction

from audit.models import AuditEntry
from audit.record import entry, record
from roles.errors import DraftChanged, DraftFinished
from roles.events import RoleEvent
from roles.models import AssignmentDraft, DraftInvitee, DraftPerson, DraftRole, Role
from tenants.acting import ActingContext
from tenants.folding import fold_email
from tenants.models import Organisation, Person


def start_draft(
    *,
    acting: ActingContext,
    variant: str,
    role: Role | None = None,
    persons: Iterable[DraftPerson] = (),
    organisation: Organisation | None = None,
    now: datetime,
) -> AssignmentDraft:
    """Begin a draft, with a role that a link named, people of an earlier one and an organisation, if any."""
    with transaction.atomic():
        draft = AssignmentDraft.objects.create(
            owner=acting.person, variant=variant, organisation=organisation, created_at=now, updated_at=now
        )
        if role is not None:
            DraftRole.objects.create(draft=draft, role=role)
        DraftPerson.objects.bulk_create(
            DraftPerson(draft=draft, person=row.person, by_number=row.by_number) for row in persons
        )
        code = role.code if role else None
        record(RoleEvent.DRAFT_STARTED, actor=acting.person, now=now, variant=variant, role=code)
    return draft


@contextmanager
def changing(draft: AssignmentDraft, *, seen_version: int, now: datetime) -> Iterator[AssignmentDraft]:
    """Open a change of a draft that was shown at `seen_version`; fields set on it inside are stored at the end.

    Raises DraftFinished when it was submitted meanwhile, DraftChanged when another tab was faster.
    """
    with transaction.atomic():
        won = AssignmentDraft.objects.filter(
            pk=draft.pk, version=seen_version, submitted_at__isnull=True, deleted_at__isnull=True
        ).update(version=seen_version + 1, updated_at=now)
        if not won:
            draft.refresh_from_db()
            raise DraftFinished if draft.submitted_at is not None else DraftChanged
        draft.version, draft.updated_at = seen_version + 1, now
        yield draft
        draft.save()


def add_persons(
    draft: AssignmentDraft, keys: Iterable[str], *, by_number: bool = False, acting: ActingContext, now: datetime
) -> None:
    """Add active persons by their keys, each once; unknown keys are ignored. Inside `changing`.

    `by_number` says that they were found by national register number.
    Recorded for each but oneself: people may know who chose them ("My activity").
    """
    chosen = set(draft.chosen_persons.values_list("person_id", flat=True))
    people = Person.objects.defer("national_number").filter(key__in=set(keys), is_active=True)
    added = [person for person in people.order_by("last_key", "id") if person.pk not in chosen]
    DraftPerson.objects.bulk_create(DraftPerson(draft=draft, person=person, by_number=by_number) for person in added)
    AuditEntry.objects.bulk_create(
        entry(RoleEvent.PERSON_CHOSEN, actor=acting.person, subject=person, organisation=acting.organisation, now=now)
        for person in added
        if person.pk != acting.person.pk
    )


def remove_person(draft: AssignmentDraft, key: str) -> None:
    """Take a person off the list. Inside `changing`."""
    draft.chosen_persons.filter(person__key=key).delete()


def add_invitee(draft: AssignmentDraft, *, given_name: str, family_name: str, email: str, language: str) -> None:
    """Write down somebody to invite, each address once. Inside `changing`."""
    row = DraftInvitee(draft=draft, given_name=given_name, family_name=family_name, email=email, language=language)
    if not draft.invitees.filter(email_key=fold_email(email)).exists():
        row.save()


def remove_invitee(draft: AssignmentDraft, number: int) -> None:
    """Take somebody off the list by the row's number; others' rows are not touched. Inside `changing`."""
    draft.invitees.filter(pk=number).delete()


def choose_organisation(draft: AssignmentDraft, organisation: Organisation) -> None:
    """Set the organisation. Inside `changing`."""
    draft.organisation = organisation


def add_roles(draft: AssignmentDraft, codes: Iterable[str], *, allowed: Callable[[Role], bool]) -> None:
    """Add roles by their codes, each once; those that are not `allowed` are ignored. Inside `changing`."""
    chosen = set(draft.chosen_roles.values_list("role_id", flat=True))
    roles = Role.objects.for_page().filter(code__in=set(codes))
    added = [role for role in roles if role.pk not in chosen and allowed(role)]
    DraftRole.objects.bulk_create(DraftRole(draft=draft, role=role) for role in added)
    if added:
        # New roles may ask questions of their own, or limit the period: step 4 has to be seen again.
        draft.properties_answered = False


def remove_role(draft: AssignmentDraft, code: str) -> None:
    """Take a role off the list. Inside `changing`."""
    draft.chosen_roles.filter(role__code=code).delete()


def set_properties(draft: AssignmentDraft, answers: dict[int, dict[str, Any]]) -> None:
    """Store the answers per role (by id) and mark step 4 as answered. Inside `changing`."""
    rows = list(draft.chosen_roles.all())
    for row in rows:
        row.properties = answers.get(row.role_id, {})
    DraftRole.objects.bulk_update(rows, ["properties"])
    draft.properties_answered = True


def delete_draft(draft: AssignmentDraft, *, acting: ActingContext, now: datetime) -> bool:
    """Delete a draft that was not finished. Returns False, changing nothing, for any other."""
    with transaction.atomic():
        deleted = AssignmentDraft.objects.filter(
            pk=draft.pk, submitted_at__isnull=True, deleted_at__isnull=True
        ).update(deleted_at=now)
        if deleted:
            record(RoleEvent.DRAFT_DELETED, actor=acting.person, now=now)
    return bool(deleted)
