"""S18: type the code of an invitation, see what is offered, accept or refuse; and every way in which it can be over."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from roles.errors import AddressedToAnother, CannotAssign, NotAllowed, OwnInvitation, QuotaReached, TooLate
from roles.invitations import bare, invitations_for, is_addressed_to, plan_for_page
from roles.models import Invitation
from roles.models.invitation import InvitationStatus
from roles.operations.answer_invitation import (
    accept_invitation,
    decline_invitation,
    find_by_code,
    record_mismatch,
)
from roles.order import Plan
from roles.reasons import on_day, why_not
from roles.refusals import not_allowed
from roles.rows import AssignmentRow
from roles.rules import Reason
from roles.views.invitations import answers_of, validity_words
from tenants.days import too_many_attempts
from tenants.http import SeeOther, one_value
from tenants.middleware import acting_of
from vault.numbers import holds_national_number

NOTE_LENGTH = 300
TOO_MANY = 429
METHODS = ["GET", "HEAD", "POST"]

# In the session: which invitation this person proved the code of, and of which of its letters. Never the code.
PROVED = "proved_invitation"
PROVED_SENT_AT = "proved_invitation_sent_at"


# What the form would have sent for the answer that was not given.
_OTHER: dict[str, str] = {InvitationStatus.ACCEPTED: "refuse", InvitationStatus.DECLINED: "accept"}


@require_http_methods(METHODS)
def code(request: HttpRequest) -> HttpResponse:
    """Ask for the code of the letter. A right one leads to the invitation."""
    acting, now = acting_of(request), timezone.now()
    if request.method != "POST":
        return _code_page(request)
    typed = one_value(request, "code")
    if not bare(typed):
        return _code_page(request, _("Fill in “%(property)s”") % {"property": _("Invitation code")}, typed=typed)
    try:
        found = find_by_code(typed, acting=acting, now=now)
    except QuotaReached as quota:
        return _code_page(request, too_many_attempts(quota.retry_at), typed=typed, status=TOO_MANY)
    except AddressedToAnother as refusal:
        return _for_another(request, refusal.invitation)
    if found is None:
        error = _("We cannot find an invitation with this code. Check the code in the e-mail")
        return _code_page(request, error, typed=typed)
    request.session[PROVED], request.session[PROVED_SENT_AT] = found.key, found.sent_at.isoformat()
    return SeeOther(reverse("roles:answer"))


def _code_page(request: HttpRequest, error: str = "", *, typed: str = "", status: int = 200) -> HttpResponse:
    waiting = invitations_for(acting_of(request).person, now=timezone.now()).select_related("invited_by")
    context = {
        "error_list": [("#id_code", error)] if error else [],
        "code_error": error,
        "typed": typed[:100],
        "waiting": list(waiting.select_related("organisation").order_by("answer_before", "id")[:5]),
        "nav": "tasks",
        "back": reverse("roles:home"),
    }
    return render(request, "roles/answer/code.html", context, status=status)


@dataclass(frozen=True)
class _Proved:
    """The invitation whose code this session proved, and the sending that the code came with."""

    invitation: Invitation
    sent_at: datetime


def _proved(request: HttpRequest) -> _Proved | None:
    key, sent_at = request.session.get(PROVED), request.session.get(PROVED_SENT_AT)
    if not (key and sent_at):
        return None
    found = Invitation.objects.for_page().filter(key=key).first()
    return _Proved(found, datetime.fromisoformat(sent_at)) if found is not None else None


@require_http_methods(METHODS)
def answer(request: HttpRequest) -> HttpResponse:
    """Show the invitation, take the answer, and afterwards show what came of it."""
    acting, now = acting_of(request), timezone.now()
    proved = _proved(request)
    if proved is None:
        return SeeOther(reverse("roles:answer_code"))
    row = proved.invitation
    if not is_addressed_to(row, acting.person):
        record_mismatch(row, acting=acting, now=now)
        return _for_another(request, row)
    if row.status in (InvitationStatus.ACCEPTED, InvitationStatus.DECLINED) and row.answered_by_id == acting.person.pk:
        if request.method == "POST" and one_value(request, "answer") == _OTHER[InvitationStatus(row.status)]:
            messages.info(request, _("You have answered before: your first answer stands, the second did not count"))
            return SeeOther(reverse("roles:answer"))
        return _result(request, row, now=now)
    if (closed := _why_closed(proved, acting.person.pk, now=now)) is not None:
        return _over(request, row, closed)
    try:
        plan = plan_for_page(row, acting.person, now=now)
    except CannotAssign as refusal:
        return _over(request, row, _why_not_given(row, refusal))
    if request.method != "POST":
        return _show(request, row, plan)
    chosen, note = one_value(request, "answer"), " ".join(one_value(request, "note").split())
    if errors := _errors(chosen, note):
        return _show(request, row, plan, errors, chosen=chosen, note=note)
    return _answer(request, proved, chosen, note, now=now)


def _errors(chosen: str, note: str) -> list[tuple[str, str]]:
    errors = []
    if chosen not in ("accept", "refuse"):
        errors.append(("#answer-accept", _("Choose “accept” or “refuse”")))
    if len(note) > NOTE_LENGTH:
        about = {"field": _("Reason for refusing"), "count": NOTE_LENGTH}
        errors.append(("#id_note", _("“%(field)s” can have at most %(count)s characters") % about))
    elif holds_national_number(note):
        errors.append(("#id_note", _("Take the national register number out of the text")))
    return errors


def _answer(request: HttpRequest, proved: _Proved, chosen: str, note: str, *, now: datetime) -> HttpResponse:
    """Carry the answer out. Whatever came in between, the page after it says what is true now."""
    acting, row = acting_of(request), proved.invitation
    try:
        if chosen == "accept":
            accept_invitation(row, seen_sent_at=proved.sent_at, acting=acting, now=now)
            messages.success(request, _("You accepted the invitation"))
        else:
            decline_invitation(row, seen_sent_at=proved.sent_at, note=note, acting=acting, now=now)
            messages.success(request, _("You refused the invitation"))
    except (TooLate, OwnInvitation, AddressedToAnother, CannotAssign):
        messages.info(request, _("Your answer changed nothing: something came in between"))
    except NotAllowed as refusal:
        return not_allowed(request, refusal.reason, None)
    return SeeOther(reverse("roles:answer"))


def _show(
    request: HttpRequest,
    row: Invitation,
    plan: Plan,
    errors: list[tuple[str, str]] | None = None,
    *,
    chosen: str = "",
    note: str = "",
) -> HttpResponse:
    context: dict[str, Any] = {
        "invitation": row,
        "validity": validity_words(row),
        "roles": [ordered.role for ordered in plan.order.roles],
        "held": plan.held,
        "answers": answers_of(row),
        "chosen": chosen,
        "note": note,
        "note_length": NOTE_LENGTH,
        "error_list": errors or [],
        "answer_error": dict(errors or []).get("#answer-accept", ""),
        "note_error": dict(errors or []).get("#id_note", ""),
        "nav": "tasks",
        "back": reverse("roles:answer_code"),
    }
    return render(request, "roles/answer/answer.html", context)


def _result(request: HttpRequest, row: Invitation, *, now: datetime) -> HttpResponse:
    """Show what came of the answer: the roles as they are now."""
    invited = list(row.invited_roles.select_related("role", "assignment", "assignment__role", "assignment__assignee"))
    made = [AssignmentRow(role.assignment, now=now) for role in invited if role.assignment is not None]
    context = {
        "invitation": row,
        "is_accepted": row.status == InvitationStatus.ACCEPTED,
        "rows": made,
        "held": [role.role for role in invited if role.assignment is None],
        "nav": "tasks",
        "back": reverse("roles:home"),
    }
    return render(request, "roles/answer/result.html", context)


@dataclass(frozen=True)
class _Closed:
    """Why an invitation cannot be answered: a heading, a sentence, and what to do."""

    title: str
    why: str
    advice: str = ""
    status: int = 200


def _ask(row: Invitation) -> str:
    return _("Ask %(name)s for a new invitation.") % {"name": row.invited_by.full_name}


def _why_closed(proved: _Proved, person: int, *, now: datetime) -> _Closed | None:
    row = proved.invitation
    name, ask = row.invited_by.full_name, _ask(row)
    if row.invited_by_id == person:
        why = _("You sent this invitation yourself. Another person must answer it.")
        return _Closed(_("You cannot answer your own invitation"), why, status=403)
    match row.status_now(now=now):
        case InvitationStatus.ACCEPTED | InvitationStatus.DECLINED:
            why = _("Somebody has answered the invitation of %(name)s with this code already.") % {"name": name}
            return _Closed(_("This invitation was used"), why, ask)
        case InvitationStatus.CANCELLED:
            who = row.cancelled_by.full_name if row.cancelled_by else name
            return _Closed(_("This invitation was cancelled"), _("%(name)s cancelled it.") % {"name": who}, ask)
        case InvitationStatus.EXPIRED if row.ended_with_organisation:
            return _Closed(_("This invitation no longer works"), why_not(Reason.ORGANISATION_STOPPED, row.organisation))
        case InvitationStatus.EXPIRED:
            about = {"name": name, "date": on_day(row.answer_before)}
            why = _("The invitation of %(name)s had to be answered before %(date)s.") % about
            return _Closed(_("This invitation has expired"), why, ask)
    if row.sent_at != proved.sent_at:
        why = _("%(name)s has sent the invitation again. Enter the code of the newest e-mail.") % {"name": name}
        return _Closed(_("This code no longer works"), why)
    return None


def _why_not_given(row: Invitation, refusal: CannotAssign) -> _Closed:
    title, organisation = _("This invitation no longer works"), row.organisation
    if any(objection.code == Reason.ORGANISATION_STOPPED for objection in refusal.objections):
        return _Closed(title, why_not(Reason.ORGANISATION_STOPPED, organisation))
    why = _("%(name)s can no longer assign this role.") % {"name": row.invited_by.full_name}
    ask = _("Ask an access manager of %(organisation)s for a new invitation.") % {"organisation": organisation.name}
    return _Closed(title, why, ask)


def _over(request: HttpRequest, row: Invitation, closed: _Closed) -> HttpResponse:
    context = {"closed": closed, "invitation": row, "nav": "tasks", "back": reverse("roles:home")}
    return render(request, "roles/answer/over.html", context, status=closed.status)


def _for_another(request: HttpRequest, row: Invitation) -> HttpResponse:
    """Say whose name the invitation bears, and nothing of what it offers."""
    person = acting_of(request).person
    closed = _Closed(
        _("This invitation is for somebody else"),
        _("This invitation is in the name of %(invitee)s. You are signed in as %(name)s.")
        % {"invitee": row.full_name, "name": person.full_name},
        # Whoever tries out a code of an own invitation has nobody to ask.
        "" if row.invited_by_id == person.pk else _ask(row),
        status=403,
    )
    return _over(request, row, closed)
