"""S15: one role request, to decide on or to follow."""

from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from roles.errors import CannotAssign, NotAllowed, Objection, TooLate
from roles.models import RoleRequest
from roles.operations.assign import deny
from roles.operations.requests import Granted, approve_request, refuse_request, withdraw_request
from roles.reasons import objection_words, why_not_role
from roles.refusals import not_allowed
from roles.request_rows import RequestRow
from roles.requesting import can_be_extended
from roles.rules import Reason, deciders_of, level_to_manage, may_decide
from roles.views.requests import DECIDED, MINE, TO_DECIDE
from roles.wizard.page import is_repeatable
from roles.wizard.request_forms import DecisionForm
from tenants.acting import links_of
from tenants.http import SeeOther, many_values, one_value, refuse_doubles, require_POST
from tenants.middleware import acting_of
from tenants.models import AccessManagerAppointment
from tenants.periods import local_day


class _OnceManaged(Exception):
    """Somebody who could decide once and cannot any more: told why, not that the page does not exist."""

    def __init__(self, row: RoleRequest) -> None:
        super().__init__(row.reference)
        self.row = row


def _visible(request: HttpRequest, key: str) -> RoleRequest:
    """Return a request that this person may see, else 404: whether others exist is not revealed.

    Whoever asked sees it, and the access managers of its organisation and domain do.
    """
    acting = acting_of(request)
    row = RoleRequest.objects.for_page().filter(key=key).first() if key.isprintable() else None
    if row is None:
        raise Http404
    manages = any(own.covers(row.role.domain_id) for own in acting.appointments_for(row.organisation))
    if row.requester_id == acting.person.pk or manages:
        return row
    once = AccessManagerAppointment.objects.filter(organisation=row.organisation, person=acting.person)
    if any(own.covers(row.role.domain_id) for own in once):
        raise _OnceManaged(row)
    raise Http404


@require_http_methods(["GET", "HEAD", "POST"])
def role_request(request: HttpRequest, key: str) -> HttpResponse:
    """S15: the facts, and the decision of whoever may take it."""
    acting, now = acting_of(request), timezone.now()
    try:
        found = _visible(request, key)
    except _OnceManaged as refusal:
        return not_allowed(request, Reason.NOT_MANAGER, refusal.row.organisation, roles=[refusal.row.role])
    is_own = found.requester_id == acting.person.pk
    if not is_own and acting.level < level_to_manage():
        # Reading about others is a manager's act as well.
        return not_allowed(request, Reason.LEVEL_TOO_LOW, found.organisation)
    row = RequestRow(found, now=now)
    reason = may_decide(acting, found)
    form = None
    if request.method == "POST":
        if not row.is_pending:
            return _too_late(request, found)
        if reason is not None:
            return not_allowed(request, reason, found.organisation, roles=[found.role])
    if row.is_pending and reason is None:
        form = _form(request, found, now=now)
        if form.is_bound and form.is_valid() and (answer := _decide(request, found, form, now=now)) is not None:
            return answer
    return _show(request, row, form, reason, now=now)


def _show(
    request: HttpRequest, row: RequestRow, form: DecisionForm | None, reason: Reason | None, *, now: datetime
) -> HttpResponse:
    found, day = row.request, local_day(now)
    is_own = found.requester_id == acting_of(request).person.pk
    deciders = deciders_of(found.organisation, day=day)
    row.name_deciders(deciders)
    here = found.organisation_id
    is_linked = form is None or any(link.organisation.pk == here for link in links_of(found.requester, day))
    list_before = MINE if is_own else (TO_DECIDE if row.is_pending else DECIDED)
    return render(
        request,
        "roles/request.html",
        {
            "row": row,
            "role_request": found,
            "form": form,
            "is_own": is_own,
            "has_tasks": found.role.tasks != [found.role.description],
            "is_linked": is_linked,
            "needs_high": reason == Reason.ROLE_NEEDS_HIGH,
            "why_not": why_not_role(reason, found.role, []) if reason and row.is_pending and not is_own else "",
            "has_managers": bool(deciders.appointments),
            "representatives": [person.full_name for person in deciders.representatives],
            "nav": "my_roles" if is_own else "tasks",
            "back": reverse("roles:requests", query={"status": list_before}),
        },
    )


def _form(request: HttpRequest, found: RoleRequest, *, now: datetime) -> DecisionForm:
    """Return the form, filled in with what was sent, or with what was asked for."""
    data = request.POST if request.method == "POST" else None
    extends = found.extends if found.extends and can_be_extended(found.extends, now=now) else None
    form = DecisionForm(data, role_request=found, extends=extends, today=local_day(now))
    if data is not None:
        refuse_doubles(request, besides=[name for name in request.POST if is_repeatable(name)])
        for name in form.questions:
            many_values(request, name) if form.takes_several(name) else one_value(request, name)
    return form


def _decide(request: HttpRequest, found: RoleRequest, form: DecisionForm, *, now: datetime) -> HttpResponse | None:
    """Carry the decision out. None where the form has to be shown again, with what stands in the way."""
    acting, cleaned = acting_of(request), form.cleaned_data
    name = {"name": found.requester.full_name, "role": found.role.name}
    try:
        if form.is_approval:
            first = cleaned["valid_from"] or local_day(now)
            granted = Granted(first, cleaned["valid_until"], cleaned["answers"].get(found.role_id, {}))
            approve_request(found, granted, note=cleaned["note"], acting=acting, now=now)
            messages.success(request, _("The request of %(name)s for %(role)s is approved") % name)
        else:
            refuse_request(found, note=cleaned["note"], acting=acting, now=now)
            messages.success(request, _("The request of %(name)s for %(role)s is refused") % name)
    except TooLate:
        return _too_late(request, found)
    except NotAllowed as refusal:
        return not_allowed(request, refusal.reason, found.organisation, roles=[found.role])
    except CannotAssign as refusal:
        deny(refusal.objections, acting=acting, organisation=found.organisation)
        for objection in refusal.objections:
            form.add_error(_field_of(objection, form), objection_words(objection))
        return None
    return SeeOther(reverse("roles:request", args=[found.key]))


def _field_of(objection: Objection, form: DecisionForm) -> str:
    """Return the field at which an objection is mended."""
    if objection.code in ("starts_in_the_past", "starts_before_asked") and "start" in form.fields:
        return "starting" if form.cleaned_data.get("starting") else "start"
    if objection.step == "properties" or objection.code == "not_longer":
        return "until" if form.cleaned_data.get("until") else "duration"
    return "decision"


def _too_late(request: HttpRequest, found: RoleRequest) -> HttpResponse:
    messages.info(request, _("This request no longer waits for a decision. Nothing was changed"))
    return SeeOther(reverse("roles:request", args=[found.key]))


@require_POST
def withdraw(request: HttpRequest, key: str) -> HttpResponse:
    """Take back an own request."""
    acting = acting_of(request)
    found = RoleRequest.objects.filter(key=key, requester=acting.person).first() if key.isprintable() else None
    if found is None:
        raise Http404
    try:
        withdraw_request(found, acting=acting, now=timezone.now())
    except TooLate:
        return _too_late(request, found)
    messages.success(request, _("Your request is withdrawn"))
    return SeeOther(reverse("roles:request", args=[found.key]))
