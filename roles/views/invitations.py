"""S16: the organisation's invitations, one of them, send it again, cancel it; and where new ones begin."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audit.models import AuditEntry
from roles.errors import CannotAssign, NotAllowed, OwnInvitation, QuotaReached, TooLate
from roles.history import event_words
from roles.invitations import is_own_address, may_follow_up, visible_invitations
from roles.models import AssignmentDraft, Invitation, RoleAssignment
from roles.models.invitation import INVITATION_COLOURS, InvitationStatus
from roles.operations.invitations import cancel_invitation, resend_invitation, start_invitation
from roles.operations.letters import properties_in_words
from roles.reasons import objection_words, on_day
from roles.refusals import not_allowed
from roles.rows import period_words
from roles.rules import Reason, level_to_manage, may_manage_organisation
from tenants.days import too_many_attempts
from tenants.http import SeeOther, one_value, query_value
from tenants.middleware import acting_of
from tenants.names import current_language
from tenants.requirements import requires

PAGE = 25
MOST_DRAFTS = 5
GONE_ON = (InvitationStatus.SENT, InvitationStatus.EXPIRED)  # what can be sent again


class InvitationRow:
    """One invitation at one moment, with what templates print of it."""

    def __init__(self, invitation: Invitation, *, now: datetime) -> None:
        self.invitation = invitation
        self.status = invitation.status_now(now=now)
        self.label = str(self.status.label)
        self.colour = INVITATION_COLOURS[self.status]
        self.roles = [invited.role for invited in invitation.invited_roles.all()]

    @property
    def meaning(self) -> str:
        """The status in a sentence."""
        row = self.invitation
        answered_by = row.answered_by.full_name if row.answered_by else ""
        match self.status:
            case InvitationStatus.SENT:
                return _("The answer must come before %(date)s") % {"date": on_day(row.answer_before)}
            case InvitationStatus.ACCEPTED:
                return _("%(name)s accepted on %(date)s") % {"name": answered_by, "date": _closed_on(row)}
            case InvitationStatus.DECLINED:
                return _("%(name)s refused on %(date)s") % {"name": answered_by, "date": _closed_on(row)}
            case InvitationStatus.CANCELLED if row.cancelled_by is not None:
                about = {"name": row.cancelled_by.full_name, "date": _closed_on(row)}
                return _("%(name)s cancelled it on %(date)s") % about
            case InvitationStatus.EXPIRED if row.ended_with_organisation:
                return _("It expired on %(date)s, because the organisation has stopped") % {"date": _closed_on(row)}
            case _other:
                return _("Nobody answered before %(date)s") % {"date": on_day(row.answer_before)}

    @property
    def validity(self) -> str:
        """The period in words: from a day, or from the day of the answer."""
        return validity_words(self.invitation)


def validity_words(row: Invitation) -> str:
    """Return the period of the roles in words."""
    if row.valid_from is not None:
        return period_words(row.valid_from, row.valid_until)
    if row.valid_until is None:
        return _("From the day of the answer, no end date")
    return _("From the day of the answer to %(end)s") % {"end": on_day(row.valid_until)}


def answers_of(row: Invitation) -> list[dict[str, str]]:
    """Return the answers to the questions of all its roles, as pairs of label and words."""
    language = current_language()
    return [
        answer
        for invited in row.invited_roles.all()
        for answer in properties_in_words(RoleAssignment(role=invited.role, properties=invited.properties), language)
    ]


def _closed_on(row: Invitation) -> str:
    return on_day(timezone.localdate(row.closed_at)) if row.closed_at else ""


@requires(level_to_manage)
@require_safe
def invitations(request: HttpRequest) -> HttpResponse:
    """S16: newest first; a domain manager sees those whose roles are all of the own domains."""
    acting, now = acting_of(request), timezone.now()
    organisation = acting.organisation
    if (reason := may_manage_organisation(acting, organisation)) is not None or organisation is None:
        return not_allowed(request, reason or Reason.NOT_LINKED, organisation)
    visible = visible_invitations(acting, organisation)
    page = visible
    if after := query_value(request, "after"):
        # An unknown key starts at the first page: lists do not answer 404 for an old bookmark.
        start = visible.filter(key=after).values_list("id", flat=True).first()
        page = visible.filter(id__lt=start) if start else visible
    found = list(page.for_page().order_by("-id")[: PAGE + 1])
    own = acting.appointments_for(organisation)
    drafts = AssignmentDraft.objects.of(acting.person).open(now=now).prefetch_related("invitees")
    drafts = drafts.filter(variant=AssignmentDraft.Variant.INVITATION, organisation=organisation)
    return render(
        request,
        "roles/invitations/list.html",
        {
            "organisation": organisation,
            "rows": [InvitationRow(row, now=now) for row in found[:PAGE]],
            "next_key": found[PAGE - 1].key if len(found) > PAGE else "",
            "is_first": not after,
            "domains": []
            if any(row.covers_all_domains for row in own)
            else [row.domain.name for row in own if row.domain],
            # One that was opened without writing anybody down leaves nothing to finish.
            "drafts": [
                (draft, ", ".join(map(str, people)))
                for draft in drafts.filter(invitees__isnull=False).distinct()[:MOST_DRAFTS]
                if (people := draft.invitees.all())
            ],
            "nav": "tasks",
            "back": reverse("roles:home"),
        },
    )


@requires(level_to_manage)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Begin a draft (POST). Whoever comes by GET, after signing in for instance, finds the button on the list."""
    acting = acting_of(request)
    organisation = acting.organisation
    if (reason := may_manage_organisation(acting, organisation)) is not None or organisation is None:
        return not_allowed(request, reason or Reason.NOT_LINKED, organisation)
    if request.method != "POST":
        return SeeOther(reverse("roles:invitations"))
    draft = start_invitation(acting=acting, organisation=organisation, now=timezone.now())
    return SeeOther(reverse("roles:invite_people", args=[draft.key]))


def _visible(request: HttpRequest, key: str) -> Invitation:
    """Return an invitation that this person manages, else 404: whether others exist is not revealed."""
    row = Invitation.objects.for_page().filter(key=key).first() if key.isprintable() else None
    if row is None or not visible_invitations(acting_of(request), row.organisation).filter(pk=row.pk).exists():
        raise Http404
    return row


@requires(level_to_manage)
@require_safe
def invitation(request: HttpRequest, key: str) -> HttpResponse:
    """One invitation: facts, what happened, and what can be done."""
    found = _visible(request, key)
    if (reason := may_follow_up(acting_of(request), found.organisation)) is not None:
        return not_allowed(request, reason, found.organisation)
    return _show(request, found)


def _show(
    request: HttpRequest, found: Invitation, errors: list[tuple[str, str]] | None = None, status: int = 200
) -> HttpResponse:
    row = InvitationRow(found, now=timezone.now())
    is_own = is_own_address(found.email_key, acting_of(request).person)
    context: dict[str, Any] = {
        "row": row,
        "invitation": found,
        "answers": answers_of(found),
        "language_name": found.get_language_display(),
        "events": [(entry, event_words(entry)) for entry in AuditEntry.objects.about(found.key)[:50]],
        "made": [invited.assignment for invited in found.invited_roles.select_related("assignment__role")],
        "may_send_again": row.status in GONE_ON and not is_own and not found.organisation.is_stopped,
        "may_cancel": row.status == InvitationStatus.SENT,
        "error_list": errors or [],
        "nav": "tasks",
        "back": reverse("roles:invitations"),
    }
    return render(request, "roles/invitations/invitation.html", context, status=status)


@requires(level_to_manage)
@require_http_methods(["GET", "HEAD", "POST"])
def send_again(request: HttpRequest, key: str) -> HttpResponse:
    """Send it again, by POST: a new code, the old one stops working."""
    acting, found = acting_of(request), _visible(request, key)
    here = reverse("roles:invitation", args=[found.key])
    if (reason := may_manage_organisation(acting, found.organisation)) is not None:
        return not_allowed(request, reason, found.organisation)
    if request.method != "POST":
        return SeeOther(here)
    try:
        seen = datetime.fromisoformat(one_value(request, "sent_at")).astimezone(UTC)
        resend_invitation(found, seen_sent_at=seen, acting=acting, now=timezone.now())
        messages.success(request, _("A new e-mail with a new code goes to %(email)s") % {"email": found.email})
    except (ValueError, OverflowError, TooLate):  # a form without the moment is one of a page that has changed
        messages.info(request, _("This invitation has changed meanwhile. Nothing was sent"))
    except OwnInvitation:
        messages.info(request, _("This is your own address. You cannot invite yourself"))
    except QuotaReached as quota:
        return _show(request, found, [("", too_many_attempts(quota.retry_at))], status=429)
    except CannotAssign as refusal:
        return _show(request, found, [("", objection_words(row)) for row in refusal.objections])
    except NotAllowed as refusal:
        return not_allowed(request, refusal.reason, found.organisation)
    return SeeOther(here)


@requires(level_to_manage)
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, key: str) -> HttpResponse:
    """Ask once whether to cancel (GET), and cancel (POST)."""
    acting, found = acting_of(request), _visible(request, key)
    here = reverse("roles:invitation", args=[found.key])
    if (reason := may_follow_up(acting, found.organisation)) is not None:
        return not_allowed(request, reason, found.organisation)
    row = InvitationRow(found, now=timezone.now())
    if request.method != "POST" and row.status == InvitationStatus.SENT:
        context = {"row": row, "invitation": found, "nav": "tasks", "back": here}
        return render(request, "roles/invitations/cancel.html", context)
    try:
        if request.method == "POST":
            cancel_invitation(found, acting=acting, now=timezone.now())
            messages.success(request, _("The invitation is cancelled. Its code no longer works"))
    except TooLate:
        messages.info(request, _("This invitation no longer waits for an answer"))
    except NotAllowed as refusal:
        return not_allowed(request, refusal.reason, found.organisation)
    return SeeOther(here)
