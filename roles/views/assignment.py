"""S9: one assignment, why it works or not, its events, and what can be done; confirm or refuse."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audit.models import AuditEntry
from roles.errors import AlreadyAnswered, NotAllowed
from roles.history import event_words
from roles.models import RoleAssignment
from roles.models.assignment import Confirmer
from roles.operations.confirm import confirm_assignment, refuse_assignment
from roles.operations.letters import properties_in_words
from roles.operations.reminders import first_letter_leaves
from roles.operations.undo import undo_until
from roles.refusals import not_allowed
from roles.rows import AssignmentRow
from roles.rules import (
    Deciders,
    Reason,
    level_to_manage,
    may_confirm,
    may_end,
    may_manage_assignment,
)
from roles.states import CURRENT, State
from roles.views.service_view import may_see_service_view, service_view_of
from roles.views.visible import visible_assignment
from roles.why import checks_of, facts_of, first_obstacle
from tenants.acting import ActingContext
from tenants.http import SeeOther, one_value
from tenants.middleware import acting_of
from tenants.names import current_language
from vault.numbers import holds_national_number

NOTE_LENGTH = 300


@require_safe
def assignment(request: HttpRequest, key: str) -> HttpResponse:
    """S9: facts, events, and what can be done."""
    acting = acting_of(request)
    found, deciders = visible_assignment(request, key)
    if found.assignee_id != acting.person.pk and acting.level < level_to_manage():
        # Reading about others is a manager's act as well.
        return not_allowed(request, Reason.LEVEL_TOO_LOW, found.organisation)
    row, facts = facts_for_page(request, found, deciders)
    now = timezone.now()
    checks = checks_of(found, facts_of(found, confirmers=deciders.for_assignment(found), now=now))
    obstacle = first_obstacle(checks)
    entries = AuditEntry.objects.about(found.key)[:50]
    return render(
        request,
        "roles/assignment.html",
        {
            **facts,
            "checks": checks,
            "obstacle": obstacle if row.state != State.ACTIVE else None,
            "seen": service_view_of(found, why_nothing=obstacle.sentence if obstacle else "", now=now)
            if may_see_service_view(acting, found)
            else None,
            "actions": _actions(row, acting, deciders, now=now),
            # Whoever holds a role of somebody else's organisation cannot ask for it, and finds no access manager named.
            "is_elsewhere": facts["is_holder"] and acting.link_to(found.organisation) is None,
            "earlier": found.replaces,
            "later": found.extensions.order_by("-id").first(),
            "events": [(entry, event_words(entry)) for entry in entries],
        },
    )


def _actions(row: AssignmentRow, acting: ActingContext, deciders: Deciders, *, now: datetime) -> dict[str, Any]:
    """Return what this person can do with the assignment now, and why something cannot be done."""
    found = row.assignment
    is_current = row.state in CURRENT
    manages = may_manage_assignment(acting, found) is None
    undo = undo_until(found.draft) if found.draft is not None and found.draft.owner_id == acting.person.pk else None
    may_undo = manages and is_current and undo is not None and now < undo and found.ended_at is None
    waits = row.state == State.TO_CONFIRM
    return {
        "answer": waits and may_confirm(found, acting, deciders),
        "end": is_current and may_end(acting, found) is None,
        "extend": manages and row.state == State.ACTIVE and found.last_day is not None,
        "undo": undo if may_undo else None,
        "undo_count": RoleAssignment.objects.filter(draft=found.draft).current(now=now).count() if may_undo else 0,
        "remind": waits and manages,
        "letter_leaves": first_letter_leaves(found, now=now) if waits and manages else None,
    }


def facts_for_page(
    request: HttpRequest, found: RoleAssignment, deciders: Deciders
) -> tuple[AssignmentRow, dict[str, Any]]:
    acting = acting_of(request)
    row = AssignmentRow(found, now=timezone.now())
    row.name_confirmers(deciders)
    is_holder = found.assignee_id == acting.person.pk
    return row, {
        "row": row,
        "assignment": found,
        "is_holder": is_holder,
        "services": list(found.role.services.all()),
        "answers": properties_in_words(found, current_language()),
        "today": row.today,
        "nav": "my_roles" if is_holder else "assignments",
        "back": reverse(_page_before(is_holder, acting)),
    }


def _page_before(is_holder: bool, acting: ActingContext) -> str:
    """Return the page on which the assignment is listed for this person."""
    if is_holder:
        return "roles:my_roles"
    return "roles:assignments" if acting.is_manager else "roles:home"


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, key: str) -> HttpResponse:
    """Confirm or refuse a role that waits for it. A link in a letter leads here; only the button acts."""
    acting = acting_of(request)
    found, deciders = visible_assignment(request, key)
    row, facts = facts_for_page(request, found, deciders)
    here = reverse("roles:assignment", args=[found.key])
    if row.state != State.TO_CONFIRM:
        messages.info(request, _("This role no longer waits for an answer"))
        return SeeOther(here)
    if not may_confirm(found, acting, deciders):
        return SeeOther(here)
    if found.confirmer == Confirmer.MANAGER and acting.level < level_to_manage():
        return not_allowed(request, Reason.LEVEL_TOO_LOW, found.organisation)
    answer, note, error_list = "", "", []
    if request.method == "POST":
        answer, note = one_value(request, "answer"), " ".join(one_value(request, "note").split())
        error_list = _answer_errors(answer, note)
        if not error_list:
            return _answer(request, found, answer, note)
    return render(
        request,
        "roles/confirm.html",
        {
            **facts,
            "back": here,
            "answer": answer,
            "note": note,
            "note_length": NOTE_LENGTH,
            "error_list": error_list,
            "answer_error": dict(error_list).get("#answer-confirm", ""),
            "note_error": dict(error_list).get("#id_note", ""),
        },
    )


def _answer_errors(answer: str, note: str) -> list[tuple[str, str]]:
    errors = []
    if answer not in ("confirm", "refuse"):
        errors.append(("#answer-confirm", _("Choose “confirm” or “refuse”")))
    if len(note) > NOTE_LENGTH:
        about = {"field": _("Reason for refusing"), "count": NOTE_LENGTH}
        errors.append(("#id_note", _("“%(field)s” can have at most %(count)s characters") % about))
    elif holds_national_number(note):
        errors.append(("#id_note", _("Take the national register number out of the text")))
    return errors


def _answer(request: HttpRequest, found: RoleAssignment, answer: str, note: str) -> HttpResponse:
    acting, now = acting_of(request), timezone.now()
    try:
        if answer == "confirm":
            confirm_assignment(found, acting=acting, now=now)
            messages.success(request, _("The role is confirmed"))
        else:
            refuse_assignment(found, note=note, acting=acting, now=now)
            messages.success(request, _("The role is refused"))
    except AlreadyAnswered:
        messages.info(request, _("This role no longer waits for an answer"))
    except NotAllowed as refusal:
        return not_allowed(request, refusal.reason, found.organisation, roles=[found.role])
    return SeeOther(reverse("roles:assignment", args=[found.key]))
