"""Step 5: the last look, the one POST that writes, and the record of what was done."""

import uuid
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from roles.errors import CannotAssign, Objection
from roles.models import AssignmentDraft, RoleAssignment, name_people
from roles.models.assignment import Confirmer, EndReason
from roles.operations import drafts
from roles.operations.assign import assign_roles, deny
from roles.operations.letters import properties_in_words
from roles.operations.undo import undo_until
from roles.order import LARGE, Plan
from roles.planning import make_plan
from roles.reasons import objection_words
from roles.refusals import not_allowed
from roles.rows import AssignmentRow, confirmer_names, names_in_a_row
from roles.rules import Reason, deciders_of, may_manage_assignment, may_manage_organisation
from roles.service_words import planned_received, planned_sights
from roles.wizard.page import owned_draft, render_step, seen_version, wizard_page
from roles.wizard.roles import strangers
from roles.wizard.state import STEPS, WizardState
from tenants.acting import ActingContext
from tenants.http import SeeOther, one_value
from tenants.middleware import acting_of
from tenants.names import current_language
from vault.numbers import holds_national_number

Errors = list[tuple[str, str]]


@wizard_page("review")
def review(request: HttpRequest, state: WizardState) -> HttpResponse:
    """W5. Nothing is done before the last button; that one does all of what the page showed, or nothing."""
    if request.method != "POST":
        return _show(request, state)
    action = one_value(request, "action")
    if action == "delete":
        if not drafts.delete_draft(state.draft, acting=state.acting, now=state.now):
            # Another press was faster: what it did stands, and its page says what that is.
            messages.info(request, _("This draft was finished before it could be deleted"))
            return SeeOther(reverse("roles:wizard_done", args=[state.draft.key]))
        messages.success(request, _("The draft has been deleted"))
        return SeeOther(reverse("roles:home"))
    message = " ".join(one_value(request, "message").split())
    if errors := _message_errors(message):
        return _show(request, state, errors, typed=one_value(request, "message"))
    if action not in ("finish", "confirm_large"):
        _keep(request, state, message)
        return SeeOther(_ways_on(state).get(action, state.url("review")))
    # The message travels with the order; the operation stores it with everything else.
    state.draft.message = message
    shown = one_value(request, "shown")
    try:
        if len(state.persons) > LARGE and action != "confirm_large":
            plan = make_plan(state.order(), acting=state.acting, now=state.now)
            if plan.fingerprint() == shown:
                return _ask_again(request, state, plan)
        assign_roles(
            state.order(),
            acting=state.acting,
            draft=state.draft,
            seen_version=seen_version(request),
            shown=shown,
            now=state.now,
        )
    except CannotAssign as refusal:
        deny(refusal.objections, acting=state.acting, organisation=state.organisation)
        state.draft.refresh_from_db(fields=["message"])
        _keep(request, state, message)
        return _show(request, state, _objection_errors(refusal.objections, state))
    return SeeOther(reverse("roles:wizard_done", args=[state.draft.key]))


def _ways_on(state: WizardState) -> dict[str, str]:
    """Return where the other buttons of the form lead, by what they send: to one step, or to what services see."""
    steps = {step: f"{state.url(step)}?return=review" for step in STEPS[:-1]}
    return {**steps, "data": reverse("roles:wizard_service_view", args=[state.draft.key])}


def _keep(request: HttpRequest, state: WizardState, message: str) -> None:
    """Store the message typed, before another page is shown. An unchanged one is no change of the draft."""
    if message != state.draft.message:
        with drafts.changing(state.draft, seen_version=seen_version(request), now=state.now) as draft:
            draft.message = message


def _message_errors(message: str) -> Errors:
    if len(message) > AssignmentDraft.MESSAGE_LENGTH:
        about = {"field": _("Message to these people"), "count": AssignmentDraft.MESSAGE_LENGTH}
        return [("#id_message", _("“%(field)s” can have at most %(count)s characters") % about)]
    if holds_national_number(message):
        return [("#id_message", _("Take the national register number out of the text"))]
    return []


def _objection_errors(objections: list[Objection], state: WizardState) -> Errors:
    """Return the error list: each line leads to the page where it is mended."""
    errors: Errors = []
    for objection in objections:
        if objection.code == Reason.ROLE_NEEDS_HIGH:
            # A surer key mends it; the draft waits meanwhile.
            href = reverse("csam:login_high", query={"next": state.url("review")})
        elif objection.step == "review":
            href = "#new-title"
        else:
            href = _ways_on(state)[objection.step]
        line = (href, objection_words(objection))
        if line not in errors:
            errors.append(line)
    return errors


def _show(
    request: HttpRequest, state: WizardState, errors: Errors | None = None, typed: str | None = None
) -> HttpResponse:
    plan: Plan | None = None
    errors = list(errors or [])
    try:
        plan = make_plan(state.order(), acting=state.acting, now=state.now)
    except CannotAssign as refusal:
        errors += [line for line in _objection_errors(refusal.objections, state) if line not in errors]
    if plan is not None and not plan.new:
        nothing = ("#held-title", _("These people already hold these roles. There is nothing to assign"))
        errors = [nothing]
    message_error = next((text for href, text in errors if href == "#id_message"), "")
    return render_step(
        request,
        state,
        "review",
        "roles/wizard/review.html",
        errors=errors,
        order=state.order(),
        plan=plan,
        message_error=message_error,
        typed=state.draft.message if typed is None else typed,
        message_length=AssignmentDraft.MESSAGE_LENGTH,
        answers=_answers(state),
        ways_on=_ways_on(state),
        strangers=strangers(state),
        **(_plan_words(plan, state) if plan is not None else {}),
    )


def _answers(state: WizardState) -> list[dict[str, Any]]:
    """Return the answers to the properties, per role that has any."""
    language = current_language()
    rows = []
    for row in state.chosen_roles:
        shell = RoleAssignment(role=row.role, properties=row.properties)
        if answers := properties_in_words(shell, language):
            rows.append({"role": row.role, "answers": answers})
    return rows


def _plan_words(plan: Plan, state: WizardState) -> dict[str, Any]:
    """Return the sentences about what the button will do."""
    count, receivers = len(plan.new), [person for person in plan.receivers if person.email]
    deciders = deciders_of(plan.order.organisation, day=state.today)
    waiting: dict[tuple[str, bool], None] = {}
    for planned in plan.to_confirm():
        if planned.confirmer == Confirmer.MANAGER:
            names = confirmer_names(
                deciders.for_role(planned.role, besides=planned.assignee, giver=state.acting.person)
            )
        else:
            names = planned.assignee.full_name
        waiting[(names, planned.assignee.pk == state.acting.person.pk)] = None
    return {
        "count_words": ngettext(
            "%(count)s assignment will be created.", "%(count)s assignments will be created.", count
        )
        % {"count": count},
        "mail_words": ngettext(
            "%(names)s will receive an e-mail.", "%(names)s will each receive an e-mail.", len(receivers)
        )
        % {"names": names_in_a_row(receivers)},
        "has_mail": bool(receivers),
        "without_mail": [person.full_name for person in plan.receivers if not person.email],
        "waiting": [
            {"names": names, "to_oneself": to_oneself, "status": plan.order.organisation.status}
            for names, to_oneself in waiting
        ],
        "fingerprint": plan.fingerprint(),
        "seen": _sight_words(plan, state) if plan.new else None,
    }


def _sight_words(plan: Plan, state: WizardState) -> dict[str, Any]:
    """Return what the services will see, of the first person; and of how many others."""
    return {"sights": planned_sights(plan, today=state.today), "others_count": len(plan.receivers) - 1}


@require_safe
@wizard_page("review")
def service_view(request: HttpRequest, state: WizardState) -> HttpResponse:
    """Show as data what the services will receive, should the assignment be finished as it is now."""
    try:
        plan = make_plan(state.order(), acting=state.acting, now=state.now)
    except CannotAssign:
        return SeeOther(state.url("review"))  # what stands in the way is said there
    if not plan.new:
        return SeeOther(state.url("review"))
    return render(
        request,
        "roles/service_view.html",
        {
            **_sight_words(plan, state),
            "received": planned_received(plan),
            "is_planned": True,
            "name": plan.receivers[0].full_name,
            "organisation": plan.order.organisation,
            "back": state.url("review"),
            "nav": "tasks",
        },
    )


def _ask_again(request: HttpRequest, state: WizardState, plan: Plan) -> HttpResponse:
    """Interrupt once when many people are concerned."""
    return render_step(
        request,
        state,
        "review",
        "roles/wizard/many.html",
        plan=plan,
        person_count=len(plan.order.assignees),
        fingerprint=plan.fingerprint(),
    )


def _undo_until(
    draft: AssignmentDraft, rows: list[AssignmentRow], acting: ActingContext, *, now: datetime
) -> datetime | None:
    """Return until when the button that takes everything back is shown, or None."""
    until = undo_until(draft)
    left = [row for row in rows if row.is_current and row.assignment.ended_at is None]
    if until is None or now >= until or not left:
        return None
    allowed = all(may_manage_assignment(acting, row.assignment) is None for row in left)
    return until if allowed else None


@require_safe
def done(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    """W6. A page of its own with a permanent address, for the owner of the draft."""
    found = owned_draft(request, draft)
    now = timezone.now()
    if found.submitted_at is None:
        if found.is_gone(now=now):
            return render(request, "410.html", status=410)
        return SeeOther(reverse("roles:wizard_review", args=[found.key]))
    assignments = list(RoleAssignment.objects.filter(draft=found).for_page().order_by("id"))
    name_people(assignments)
    rows = [AssignmentRow(row, now=now) for row in assignments]
    organisation = rows[0].assignment.organisation
    acting = acting_of(request)
    if any(row.assignment.assignee_id != acting.person.pk for row in rows):
        # Reading about others is an act of an access manager, also on a page that one made oneself.
        reason = may_manage_organisation(acting, organisation)
        if reason not in (None, Reason.ORGANISATION_STOPPED):
            return not_allowed(request, reason, organisation)
    deciders = deciders_of(organisation, day=timezone.localdate(now))
    for row in rows:
        row.name_confirmers(deciders)
    return render(
        request,
        "roles/wizard/done.html",
        {
            "draft": found,
            "rows": rows,
            "organisation": organisation,
            "undo_until": _undo_until(found, rows, acting, now=now),
            "is_undone": any(row.assignment.end_reason == EndReason.UNDONE for row in rows)
            and not any(row.is_current for row in rows),
            "is_over": not any(row.is_current for row in rows),
            "is_later": timezone.localdate(found.submitted_at) != timezone.localdate(now),
            "services": list({s.pk: s for row in rows for s in row.assignment.role.services.all()}.values()),
            "without_mail": sorted(
                {row.assignment.assignee.full_name for row in rows if not row.assignment.assignee.email}
            ),
            "nav": "tasks",
        },
    )
