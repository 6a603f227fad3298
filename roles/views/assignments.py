"""S11 "Manage role assignments" as a plain list, and S9: one assignment, its events, confirm or refuse."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audit.models import AuditEntry
from roles.errors import AlreadyAnswered, NotAllowed
from roles.history import event_words
from roles.models import RoleAssignment, name_people
from roles.models.assignment import Confirmer
from roles.operations.confirm import confirm_assignment, refuse_assignment
from roles.operations.letters import properties_in_words
from roles.refusals import not_allowed
from roles.rows import AssignmentRow
from roles.rules import (
    Deciders,
    Reason,
    deciders_of,
    level_to_manage,
    may_confirm,
    may_manage_organisation,
)
from roles.states import State
from tenants.acting import ActingContext
from tenants.http import SeeOther, one_value, query_value
from tenants.middleware import acting_of
from tenants.names import current_language
from tenants.requirements import requires
from vault.numbers import holds_national_number

PAGE = 25
NOTE_LENGTH = 300


@requires(level_to_manage)
@require_safe
def assignments(request: HttpRequest) -> HttpResponse:
    """S11: the organisation's assignments, newest first; a domain manager sees the own domains only."""
    acting = acting_of(request)
    organisation = acting.organisation
    if (reason := may_manage_organisation(acting, organisation)) is not None or organisation is None:
        return not_allowed(request, reason or Reason.NOT_LINKED, organisation)
    own = acting.appointments_for(organisation)
    visible = RoleAssignment.objects.of_organisation(organisation).in_domains(own)
    page = visible
    if after := query_value(request, "after"):
        # An unknown key starts at the first page: lists do not answer 404 for an old bookmark.
        start = visible.filter(key=after).values_list("id", flat=True).first()
        page = visible.filter(id__lt=start) if start else visible
    now = timezone.now()
    found = list(page.select_related("role").order_by("-id")[: PAGE + 1])
    name_people(found)
    rows = [AssignmentRow(row, now=now) for row in found[:PAGE]]
    deciders = deciders_of(organisation, day=timezone.localdate(now))
    for row in rows:
        row.name_confirmers(deciders)
    return render(
        request,
        "roles/assignments.html",
        {
            "organisation": organisation,
            "rows": rows,
            "next_key": found[PAGE - 1].key if len(found) > PAGE else "",
            "is_first": not after,
            "domains": []
            if any(row.covers_all_domains for row in own)
            else [row.domain.name for row in own if row.domain],
            "today": timezone.localdate(now),
            "nav": "assignments",
        },
    )


def visible_assignment(request: HttpRequest, key: str) -> tuple[RoleAssignment, Deciders]:
    """Return an assignment that this person may see, else 404: whether others exist is not revealed.

    Its holder sees it, the access managers of its organisation and domain do, and whoever has to confirm it.
    """
    acting = acting_of(request)
    row = RoleAssignment.objects.for_page().filter(key=key).first() if key.isprintable() else None
    if row is None:
        raise Http404
    name_people([row])
    deciders = deciders_of(row.organisation, day=timezone.localdate())
    manages = any(own.covers(row.role.domain_id) for own in acting.appointments_for(row.organisation))
    if not (row.assignee_id == acting.person.pk or manages or may_confirm(row, acting, deciders)):
        raise Http404
    return row, deciders


@require_safe
def assignment(request: HttpRequest, key: str) -> HttpResponse:
    """S9: facts, events, and what can be done."""
    acting = acting_of(request)
    found, deciders = visible_assignment(request, key)
    if found.assignee_id != acting.person.pk and acting.level < level_to_manage():
        # Reading about others is a manager's act as well.
        return not_allowed(request, Reason.LEVEL_TOO_LOW, found.organisation)
    row, facts = _facts(request, found, deciders)
    entries = AuditEntry.objects.about(found.key)[:50]
    return render(
        request,
        "roles/assignment.html",
        {
            **facts,
            "may_answer": row.state == State.TO_CONFIRM and may_confirm(found, acting, deciders),
            "events": [(entry, event_words(entry)) for entry in entries],
        },
    )


def _facts(request: HttpRequest, found: RoleAssignment, deciders: Deciders) -> tuple[AssignmentRow, dict[str, Any]]:
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
    row, facts = _facts(request, found, deciders)
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
        return not_allowed(request, refusal.reason, found.organisation)
    return SeeOther(reverse("roles:assignment", args=[found.key]))
