"""S17, step 4: the last look, the POST that sends, and the page that says what was sent."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from roles.errors import CannotAssign, Objection, QuotaReached
from roles.invitations import answer_before, objections_to_inviting
from roles.models import AssignmentDraft, Invitation, RoleAssignment
from roles.models.invitation import INVITATION_COLOURS
from roles.operations import drafts
from roles.operations.assign import deny
from roles.operations.invitations import send_invitations
from roles.operations.letters import properties_in_words
from roles.reasons import objection_words, on_day
from roles.refusals import not_allowed
from roles.rules import Reason, may_manage_organisation
from roles.wizard.invite.page import InviteState, invite_page, render_step
from roles.wizard.page import owned_draft, seen_version
from tenants.days import too_many_attempts
from tenants.http import SeeOther, one_value
from tenants.middleware import acting_of
from tenants.names import current_language

Errors = list[tuple[str, str]]
TOO_MANY = 429


@invite_page("review")
def review(request: HttpRequest, state: InviteState) -> HttpResponse:
    """Nothing is sent before the last button; that one sends all, or nothing."""
    if request.method != "POST":
        return _show(request, state, _standing_errors(state))
    action = one_value(request, "action")
    if action == "delete":
        if not drafts.delete_draft(state.draft, acting=state.acting, now=state.now):
            messages.info(request, _("This draft was finished before it could be deleted"))
            return SeeOther(reverse("roles:invite_done", args=[state.draft.key]))
        messages.success(request, _("The draft has been deleted"))
        return SeeOther(reverse("roles:invitations"))
    if action != "send":
        return SeeOther(state.url("review"))
    try:
        send_invitations(
            state.order(), acting=state.acting, draft=state.draft, seen_version=seen_version(request), now=state.now
        )
    except CannotAssign as refusal:
        deny(refusal.objections, acting=state.acting, organisation=state.organisation)
        return _show(request, state, _objection_errors(refusal.objections, state))
    except QuotaReached as quota:
        return _show(request, state, [("", too_many_attempts(quota.retry_at))], status=TOO_MANY)
    return SeeOther(reverse("roles:invite_done", args=[state.draft.key]))


def _standing_errors(state: InviteState) -> Errors:
    """Return what already stands in the way, so that nobody presses a button for nothing."""
    found = objections_to_inviting(state.order(), acting=state.acting, today=state.today)
    return _objection_errors(found, state)


def _objection_errors(objections: list[Objection], state: InviteState) -> Errors:
    """Return the error list: each line leads to the page where it is mended."""
    errors: Errors = []
    for objection in objections:
        href = ""
        if objection.code == Reason.ROLE_NEEDS_HIGH:
            href = reverse("csam:login_high", query={"next": state.url("review")})
        elif objection.step in ("people", "roles", "properties"):
            href = f"{state.url(objection.step)}?return=review"
        line = (href, objection_words(objection))
        if line not in errors:
            errors.append(line)
    return errors


def _show(request: HttpRequest, state: InviteState, errors: Errors, status: int = 200) -> HttpResponse:
    order = state.order()
    before = answer_before(state.today, order.valid_until)
    return render_step(
        request,
        state,
        "review",
        errors=errors,
        status=status,
        order=order,
        answers=answers_of(state),
        letters=[
            _("%(name)s receives an e-mail with a code at %(email)s, in this language: %(language)s")
            % {"name": str(invitee), "email": invitee.email, "language": invitee.get_language_display()}
            for invitee in state.invitees
        ],
        answer_words=_("Each code works once. The answer must come before %(date)s.") % {"date": on_day(before)},
    )


def answers_of(state: InviteState) -> list[dict[str, Any]]:
    """Return the answers to the properties, per role that has any."""
    language = current_language()
    rows = [(row.role, RoleAssignment(role=row.role, properties=row.properties)) for row in state.chosen_roles]
    found = [{"role": role, "answers": properties_in_words(shell, language)} for role, shell in rows]
    return [row for row in found if row["answers"]]


@require_safe
def done(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    """What was sent to whom, with the status of today. For the owner of the draft, permanently."""
    found = owned_draft(request, draft, variants=[AssignmentDraft.Variant.INVITATION])
    acting, now = acting_of(request), timezone.now()
    if found.submitted_at is None:
        if found.is_gone(now=now):
            return render(request, "410.html", status=410)
        return SeeOther(reverse("roles:invite_review", args=[found.key]))
    reason = may_manage_organisation(acting, found.organisation)
    if reason not in (None, Reason.ORGANISATION_STOPPED):
        # Reading about others is an act of an access manager, also on a page that one made oneself.
        return not_allowed(request, reason, found.organisation)
    rows = [(row, row.status_now(now=now)) for row in Invitation.objects.filter(draft=found).order_by("id")]
    return render(
        request,
        "roles/invite/done.html",
        {
            "draft": found,
            "organisation": found.organisation,
            "rows": [(row, status.label, INVITATION_COLOURS[status]) for row, status in rows],
            "answer_words": _("Each code works once. The answer must come before %(date)s.")
            % {"date": on_day(min(row.answer_before for row, _status in rows))},
            "nav": "tasks",
        },
    )
