"""S13 "Ask for a role": which roles, how long and why, a last look, and what happens next."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from roles.errors import CannotAssign, DraftChanged, Objection, QuotaReached
from roles.models import AssignmentDraft, DraftRole, Role, RoleRequest
from roles.operations import drafts
from roles.operations.requests import ask_for_roles
from roles.reasons import objection_words
from roles.refusals import not_allowed
from roles.request_rows import RequestRow
from roles.requesting import RequestOrder, plan_requests
from roles.rows import confirmer_names, names_in_a_row, period_words
from roles.rules import Reason, deciders_of, may_request_for
from roles.wizard.asking import VARIANTS, RequestState, render_request_step, request_page, requestable
from roles.wizard.forms import stored_in
from roles.wizard.page import owned_draft, seen_version
from roles.wizard.request_forms import WishForm
from roles.wizard.role_choice import Errors, RoleChoice, choose_roles
from tenants.days import too_many_attempts
from tenants.http import SeeOther, one_value, query_value
from tenants.middleware import acting_of

TOO_MANY = 429


@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """Show the roles of the organisation acted for (GET), or begin a draft with what was pressed there (POST)."""
    acting, now = acting_of(request), timezone.now()
    organisation = acting.organisation
    if (reason := may_request_for(acting, organisation)) is not None or organisation is None:
        return not_allowed(request, reason or Reason.NOT_LINKED, organisation)
    if request.method == "POST":
        draft = drafts.start_draft(acting=acting, variant=VARIANTS[0], organisation=organisation, now=now)
        state = RequestState(draft, acting, now)
        try:
            return _choose(request, state)
        except DraftChanged:  # a form that did not come from our page: the draft has begun all the same
            return SeeOther(state.url("roles"))
    draft = AssignmentDraft(owner=acting.person, variant=VARIANTS[0], organisation=organisation)
    choice = requestable(acting, organisation, draft, now)
    wanted, why_not = _wanted(query_value(request, "role"), choice)
    # Nothing is stored by looking: the role of a link is carried by the form until a button is pressed.
    choice.__dict__["chosen"] = [DraftRole(role=wanted)] if wanted else []
    deciders = deciders_of(organisation, day=timezone.localdate(now))
    return render_request_step(
        request,
        RequestState(draft, acting, now),
        "roles",
        **choice.context(),
        carried_roles=choice.chosen,
        why_not_wanted=why_not,
        is_beginning=True,
        has_managers=any(row.person_id != acting.person.pk for row in deciders.appointments),
        may_give_oneself=bool(acting.appointments_for(organisation)),
        representatives=[person.full_name for person in deciders.representatives],
    )


def _wanted(code: str, choice: RoleChoice) -> tuple[Role | None, str]:
    """Return the role that a link names where it can be asked for, else why it cannot."""
    role = Role.objects.for_page().filter(code=code).first() if code else None
    if role is None:
        return None, ""
    if (reason := choice.may(role)) is not None:
        ((_role, words, _needs_high),) = choice.why([(role, reason)])
        return None, words
    if choice.is_held_by_all(role):
        return None, _("You already hold this role")
    return role, ""


@request_page("roles")
def roles(request: HttpRequest, state: RequestState) -> HttpResponse:
    """Choose roles."""
    return _choose(request, state)


def _choose(request: HttpRequest, state: RequestState) -> HttpResponse:
    choice = requestable(state.acting, state.organisation, state.draft, state.now)
    choice.address = state.url("roles") + ("?return=review" if state.return_to_review else "")

    def show(errors: Errors, typed: str | None) -> HttpResponse:
        return render_request_step(
            request, state, "roles", errors=errors, has_managers=True, **choice.context(typed=typed)
        )

    def onward() -> str:
        state.__dict__.pop("chosen", None)
        return state.url_after("roles")

    return choose_roles(request, choice, show=show, onward=onward)


@request_page("reason")
def reason(request: HttpRequest, state: RequestState) -> HttpResponse:
    """Say how long, from when, and why."""
    data = request.POST if request.method == "POST" else None
    stored = {**stored_in(state.draft), "motivation": state.draft.message}
    form = WishForm(data, stored=stored, chosen=state.chosen, today=state.today)
    if data is not None and form.is_valid() and _days_suit(form, state):
        cleaned = form.cleaned_data
        with drafts.changing(state.draft, seen_version=seen_version(request), now=state.now) as draft:
            draft.duration, draft.start = cleaned["duration"], cleaned["start"]
            draft.valid_from, draft.valid_until = cleaned["valid_from"], cleaned["valid_until"]
            draft.message = cleaned["motivation"]
            draft.properties_answered = True
        return SeeOther(state.url_after("reason"))
    return render_request_step(request, state, "reason", form=form)


def _days_suit(form: WishForm, state: RequestState) -> bool:
    """Ask already here what sending will ask of the days: a role that is held can only be asked for longer."""
    cleaned = form.cleaned_data
    chosen = tuple(row.role for row in state.chosen)
    order = RequestOrder(
        state.organisation, chosen, cleaned["valid_from"] or state.today, cleaned["valid_until"], cleaned["motivation"]
    )
    try:
        plan_requests(order, acting=state.acting, now=state.now)
    except CannotAssign as refusal:
        field = "until" if cleaned["duration"] == AssignmentDraft.Duration.UNTIL else "duration"
        for objection in refusal.objections:
            if objection.step == "reason":
                form.add_error(field, objection_words(objection))
    return not form.errors


@request_page("review")
def review(request: HttpRequest, state: RequestState) -> HttpResponse:
    """Look once more. Nothing is asked before the last button."""
    action = one_value(request, "action") if request.method == "POST" else ""
    if action == "delete":
        if not drafts.delete_draft(state.draft, acting=state.acting, now=state.now):
            messages.info(request, _("This draft was finished before it could be deleted"))
            return SeeOther(reverse("roles:request_done", args=[state.draft.key]))
        messages.success(request, _("The draft has been deleted"))
        return SeeOther(reverse("roles:my_roles"))
    if action != "send":
        return _show_review(request, state)
    try:
        ask_for_roles(
            state.order(), draft=state.draft, seen_version=seen_version(request), acting=state.acting, now=state.now
        )
    except CannotAssign as refusal:
        return _show_review(request, state, refusal.objections)
    except QuotaReached as quota:
        return _show_review(request, state, wait=too_many_attempts(quota.retry_at))
    return SeeOther(reverse("roles:request_done", args=[state.draft.key]))


def _show_review(
    request: HttpRequest, state: RequestState, objections: list[Objection] | None = None, *, wait: str = ""
) -> HttpResponse:
    order, planned = state.order(), []
    objections = list(objections or [])
    try:
        planned = plan_requests(order, acting=state.acting, now=state.now)
    except CannotAssign as refusal:
        objections = refusal.objections
    errors = [(f"{state.url(each.step)}?return=review", objection_words(each)) for each in objections]
    if wait:
        errors.insert(0, ("", wait))
    people = {person.pk: person for one in planned for person in one.deciders}
    return render_request_step(
        request,
        state,
        "review",
        errors=list(dict.fromkeys(errors)),
        status=TOO_MANY if wait else 200,
        order=order,
        validity=period_words(order.valid_from, order.valid_until),
        planned=[(one, confirmer_names(list(one.deciders))) for one in planned],
        readers=names_in_a_row([person for person in people.values() if person.email]),
        without_mail=[person.full_name for person in people.values() if not person.email],
    )


@require_safe
def done(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    """Say what was sent and what happens next. A page of its own with a permanent address."""
    found, now = owned_draft(request, draft, VARIANTS), timezone.now()
    if found.submitted_at is None:
        if found.is_gone(now=now):
            return render(request, "410.html", status=410)
        return SeeOther(reverse("roles:request_review", args=[found.key]))
    requests = RoleRequest.objects.filter(draft=found).for_page().order_by("id")
    rows = [RequestRow(row, now=now) for row in requests]
    if found.organisation is None or not rows:
        raise Http404
    deciders = deciders_of(found.organisation, day=timezone.localdate(now))
    for row in rows:
        row.name_deciders(deciders)
    context = {
        "draft": found,
        "organisation": found.organisation,
        "rows": rows,
        "is_pending": any(row.is_pending for row in rows),
        "decide_before": rows[0].request.decide_before,
        "nav": "my_roles",
    }
    return render(request, "roles/request/done.html", context)
