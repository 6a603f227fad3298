"""S10: ending and extending, one assignment or several; undoing a grant; asking again for a confirmation."""

import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from roles.errors import CannotAssign, NotAllowed, QuotaReached, TooLate
from roles.models import RoleAssignment, name_people
from roles.operations.ending import end_assignments, followers
from roles.operations.prolong import extend_assignments
from roles.operations.reminders import remind_confirmer
from roles.operations.undo import undo_assignments
from roles.reasons import objection_words
from roles.refusals import not_allowed
from roles.rows import AssignmentRow, names_in_a_row
from roles.rules import Reason, level_to_manage, may_end, may_manage_assignment, may_manage_organisation
from roles.states import CURRENT, State
from roles.views.assignment import facts_for_page
from roles.views.forms import EndForm, ExtendForm
from roles.views.manage import manage_page
from roles.views.visible import visible_assignment
from roles.wizard.page import owned_draft
from tenants.days import too_many_attempts
from tenants.http import SeeOther, refuse_doubles, require_POST
from tenants.middleware import acting_of
from tenants.models import Organisation
from tenants.requirements import requires

MOST_AT_ONCE = 25
Form = EndForm | ExtendForm


@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, key: str) -> HttpResponse:
    """End one assignment; its holder may do so as well."""
    found, deciders = visible_assignment(request, key)
    row, facts = facts_for_page(request, found, deciders)
    here = reverse("roles:assignment", args=[found.key])
    if (reason := may_end(acting_of(request), found)) is not None:
        return not_allowed(request, reason, found.organisation)
    if row.state not in CURRENT:
        return _over_already(request, found)
    refuse_doubles(request)
    form = EndForm(request.POST if request.method == "POST" else None, today=row.today)
    if form.is_bound and form.is_valid():
        answer = _end(request, [found], form, back=here)
        if answer is not None:
            return answer
    context = {**facts, "form": form, "back": here, "only_holder": only_holders([found]), "is_planned": found.ended_at}
    context["followers"] = followers([found], now=timezone.now())
    return render(request, "roles/end.html", context)


@requires(level_to_manage)
@require_http_methods(["GET", "HEAD", "POST"])
def extend(request: HttpRequest, key: str) -> HttpResponse:
    """Let one assignment last longer."""
    found, deciders = visible_assignment(request, key)
    row, facts = facts_for_page(request, found, deciders)
    here = reverse("roles:assignment", args=[found.key])
    acting = acting_of(request)
    reason = may_manage_assignment(acting, found) or may_manage_organisation(acting, found.organisation)
    if reason is not None:
        return not_allowed(request, reason, found.organisation)
    if row.state not in CURRENT:
        return _over_already(request, found)
    if row.state != State.ACTIVE or found.last_day is None:
        messages.info(request, _("Only a role that works and has an end date can be extended"))
        return SeeOther(here)
    refuse_doubles(request)
    form = ExtendForm(request.POST if request.method == "POST" else None, rows=[found], today=row.today)
    if form.is_bound and form.is_valid():
        answer = _extend(request, [found], form, back="")
        if answer is not None:
            return answer
    return render(request, "roles/extend.html", {**facts, "form": form, "back": here, "last_day": found.last_day})


def _over_already(request: HttpRequest, found: RoleAssignment) -> HttpResponse:
    """Lead to what is true now: the assignment that goes on from this one, or this one as it ended."""
    later = found.extensions.order_by("-id").first() if found.end_reason == RoleAssignment.EndReason.EXTENDED else None
    if later is not None:
        messages.info(request, _("That assignment was extended. This is the one that goes on from it"))
        return SeeOther(reverse("roles:assignment", args=[later.key]))
    messages.info(request, _("This role is over already"))
    return SeeOther(reverse("roles:assignment", args=[found.key]))


@requires(level_to_manage)
@require_http_methods(["GET", "HEAD", "POST"])
def bulk(request: HttpRequest) -> HttpResponse:
    """End or extend what was ticked in the list: a page that asks, then all of it or nothing."""
    acting = acting_of(request)
    organisation = acting.organisation
    if (reason := may_manage_organisation(acting, organisation)) is not None or organisation is None:
        return not_allowed(request, reason or Reason.NOT_LINKED, organisation)
    values = request.POST if request.method == "POST" else request.GET
    refuse_doubles(request, besides=("key",))
    action = values.get("action", "")
    if action not in ("end", "extend"):
        raise Http404
    rows = _ticked(request, values.getlist("key"), organisation)
    if not rows:
        return manage_page(request, organisation, errors=[("#results", _("Choose at least one assignment"))])
    now = timezone.now()
    shown = [AssignmentRow(row, now=now) for row in rows]
    over = [row for row in shown if not _can(action, row)]
    back = reverse("roles:assignments")
    form: Form
    data = request.POST if request.method == "POST" else None
    if action == "end":
        form = EndForm(data, today=timezone.localdate(now))
    else:
        form = ExtendForm(data, rows=rows, today=timezone.localdate(now))
    if form.is_bound and not over and form.is_valid():
        act: Callable[..., HttpResponse | None] = _end if action == "end" else _extend
        answer = act(request, rows, form, back=back)
        if answer is not None:
            return answer
    context = {
        "organisation": organisation,
        "rows": shown,
        "over": over,
        "fit_query": _query(action, [row.assignment for row in shown if row not in over]) if over else "",
        # With it the address of a page with errors can be opened: for Back, Reload, another language.
        "query": _query(action, rows),
        "action": action,
        "form": form,
        "only_holder": only_holders(rows) if action == "end" else [],
        "today": timezone.localdate(now),
        "back": back,
        "nav": "assignments",
    }
    return render(request, "roles/bulk.html", context)


def _ticked(request: HttpRequest, keys: list[str], organisation: Organisation) -> list[RoleAssignment]:
    """Return the ticked assignments, all of them one's own to manage; one that is not does not exist (404)."""
    if len(keys) > MOST_AT_ONCE or not all(key.isprintable() for key in keys):
        raise Http404
    own = acting_of(request).appointments_for(organisation)
    visible = RoleAssignment.objects.of_organisation(organisation).in_domains(own).for_page()
    rows = list(visible.filter(key__in=keys).order_by("id"))
    if len(rows) != len(set(keys)):
        raise Http404
    name_people(rows)
    return rows


def _query(action: str, rows: list[RoleAssignment]) -> str:
    """Return the query string that asks about these rows, nothing for none."""
    return "?" + urlencode({"action": action, "key": [row.key for row in rows]}, doseq=True) if rows else ""


def _can(action: str, row: AssignmentRow) -> bool:
    if action == "end":
        return row.state in CURRENT
    return row.state == State.ACTIVE and row.assignment.last_day is not None


def only_holders(rows: list[RoleAssignment]) -> list[dict[str, Any]]:
    """Return each role that nobody of the organisation holds any more once these rows end, with who holds it now."""
    now = timezone.now()
    active = [row for row in rows if row.state(now=now) == State.ACTIVE]
    held = RoleAssignment.objects.in_state(State.ACTIVE, now=now).filter(
        organisation__in={row.organisation_id for row in active}, role__in={row.role_id for row in active}
    )
    others = set(held.exclude(pk__in=[row.pk for row in active]).values_list("role_id", flat=True))
    found: dict[int, dict[str, Any]] = {}
    for row in active:
        if row.role_id not in others:
            entry = found.setdefault(row.role_id, {"role": row.role, "organisation": row.organisation, "people": []})
            entry["people"].append(row.assignee)
    return [{**entry, "names": names_in_a_row(entry["people"])} for entry in found.values()]


def _end(request: HttpRequest, rows: list[RoleAssignment], form: Any, *, back: str) -> HttpResponse | None:
    """End them and lead on; None where the form is to be shown again, with what is in the way."""
    last_day: date | None = form.cleaned_data["last_day"]
    try:
        end_assignments(
            rows, last_day=last_day, note=form.cleaned_data["note"], acting=acting_of(request), now=timezone.now()
        )
    except CannotAssign as refusal:
        for objection in refusal.objections:
            form.add_error("until" if objection.step == "date" else "when", objection_words(objection))
        return None
    except TooLate:
        messages.info(request, _("Something changed meanwhile. Nothing was ended; look at it again"))
        return SeeOther(back)
    except NotAllowed as refusal:
        return not_allowed(request, refusal.reason, rows[0].organisation)
    count = len(rows)
    if last_day is None:
        words = ngettext("The assignment has ended", "%(count)s assignments have ended", count)
    else:
        words = ngettext("The end of the assignment is planned", "The end of %(count)s assignments is planned", count)
    messages.success(request, words % {"count": count})
    return SeeOther(back)


def _extend(request: HttpRequest, rows: list[RoleAssignment], form: Any, *, back: str) -> HttpResponse | None:
    """Extend them and lead on; None where the form is to be shown again."""
    try:
        new = extend_assignments(
            rows, valid_until=form.cleaned_data["valid_until"], acting=acting_of(request), now=timezone.now()
        )
    except CannotAssign as refusal:
        for objection in refusal.objections:
            form.add_error(form.date_field_name(), objection_words(objection))
        return None
    except TooLate:
        messages.info(request, _("Something changed meanwhile. Nothing was extended; look at it again"))
        return SeeOther(back or reverse("roles:assignment", args=[rows[0].key]))
    except NotAllowed as refusal:
        return not_allowed(request, refusal.reason, rows[0].organisation)
    if any(row.confirm_before for row in new):
        words = ngettext(
            "The extension waits for a confirmation", "%(count)s extensions wait for a confirmation", len(new)
        )
    else:
        words = ngettext("The assignment is extended", "%(count)s assignments are extended", len(new))
    messages.success(request, words % {"count": len(new)})
    return SeeOther(back or reverse("roles:assignment", args=[new[0].key]))


@requires(level_to_manage)
@require_POST
def undo(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    """Take back what was given with this draft a moment ago."""
    found = owned_draft(request, draft)
    if found.submitted_at is None:
        raise Http404
    try:
        rows = undo_assignments(found, acting=acting_of(request), now=timezone.now())
    except TooLate:
        left = RoleAssignment.objects.current(now=timezone.now()).filter(draft=found).exists()
        if left:
            messages.info(request, _("This can no longer be undone. You can still end the assignments"))
        else:
            messages.info(request, _("Nothing is left of this assignment to undo"))
    except NotAllowed as refusal:
        return not_allowed(request, refusal.reason, acting_of(request).organisation)
    else:
        words = ngettext("The assignment is undone", "%(count)s assignments are undone", len(rows))
        messages.success(request, words % {"count": len(rows)})
    return SeeOther(reverse("roles:wizard_done", args=[found.key]))


@requires(level_to_manage)
@require_POST
def remind(request: HttpRequest, key: str) -> HttpResponse:
    """Send the letter that asks for a confirmation once more."""
    found, _deciders = visible_assignment(request, key)
    here = reverse("roles:assignment", args=[found.key])
    try:
        names = remind_confirmer(found, acting=acting_of(request), now=timezone.now())
    except TooLate:
        messages.info(request, _("No e-mail was sent: nothing waits, or the first e-mail has not left yet"))
    except QuotaReached as quota:
        messages.info(request, too_many_attempts(quota.retry_at))
    except NotAllowed as refusal:
        return not_allowed(request, refusal.reason, found.organisation)
    else:
        if names:
            messages.success(request, _("An e-mail is on its way to %(names)s") % {"names": ", ".join(names)})
        else:
            messages.info(request, _("Nobody who could confirm has an e-mail address here. Tell them yourself"))
    return SeeOther(here)
