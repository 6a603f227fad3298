"""S5: where links of service owners arrive, and where a draft begins."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from roles.models import AssignmentDraft, DraftPerson, Role
from roles.models.draft import ASSIGNING
from roles.operations import drafts
from roles.reasons import why_not_role
from roles.refusals import not_allowed
from roles.rules import Reason, deciders_of, level_to_manage, may_assign, may_manage
from roles.wizard.page import owned_draft
from roles.wizard.state import STEPS, WizardState
from tenants.acting import ActingContext
from tenants.http import SeeOther, one_value, query_value, require_POST
from tenants.middleware import acting_of
from tenants.requirements import requires


@requires(level_to_manage)
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_assignment(request: HttpRequest) -> HttpResponse:
    """Show the two ways in (GET), or begin a draft in one of them (POST). Opening the page changes nothing."""
    acting: ActingContext | None = request.acting  # type: ignore[attr-defined]
    code = (one_value(request, "role") if request.method == "POST" else query_value(request, "role"))[:100]
    role = Role.objects.for_page().filter(code=code, is_assignable=True).first() if code else None
    context = {"role": role, "unknown_code": code if code and role is None else "", "nav": "tasks"}
    if acting is None:
        if request.method == "POST":
            return SeeOther(reverse("csam:login", query={"next": reverse("roles:new_assignment")}))
        return render(request, "roles/new_assignment.html", {**context, "next": request.get_full_path()})
    if (reason := may_manage(acting)) is not None:
        return not_allowed(request, reason, acting.organisation, roles=[role] if role else ())
    if request.method == "POST":
        return _begin(request, acting, role)
    return render(request, "roles/new_assignment.html", {**context, **_for_manager(acting, role)})


def _begin(request: HttpRequest, acting: ActingContext, role: Role | None) -> HttpResponse:
    variant = one_value(request, "variant", AssignmentDraft.Variant.SEARCH)
    if variant not in ASSIGNING:
        variant = AssignmentDraft.Variant.SEARCH
    if role is not None and _reason_against(acting, role) is not None:
        role = None
    persons: list[DraftPerson] = []
    if earlier := one_value(request, "persons_of"):
        persons = _persons_of(request, earlier)
    draft = drafts.start_draft(acting=acting, variant=variant, role=role, persons=persons, now=timezone.now())
    return SeeOther(WizardState(draft, acting, timezone.now()).url("persons"))


def _persons_of(request: HttpRequest, key: str) -> list[DraftPerson]:
    """Return the people of one of the person's own drafts: "assign another role to these people"."""
    try:
        earlier = owned_draft(request, uuid.UUID(key))
    except ValueError:
        return []
    return [row for row in earlier.chosen_persons.select_related("person") if row.person.is_active]


def _reason_against(acting: ActingContext, role: Role) -> Reason | None:
    """Say why the role cannot be given in any of the person's organisations, or None."""
    reasons = [may_assign(acting, role, organisation) for organisation in acting.managed]
    return None if None in reasons else reasons[0]


def _for_manager(acting: ActingContext, role: Role | None) -> dict[str, object]:
    now = timezone.now()
    rows = AssignmentDraft.objects.of(acting.person).assigning().open(now=now).prefetch_related("persons", "roles")
    open_drafts = []
    for draft in rows[:5]:
        state = WizardState(draft, acting, now)
        state.__dict__["persons"] = list(draft.persons.all())
        state.__dict__["chosen_roles"] = list(draft.roles.all())
        number = STEPS.index(state.first_open_step) + 1
        open_drafts.append(
            {
                "draft": draft,
                "url": state.url(state.first_open_step),
                "persons": ", ".join(person.full_name for person in state.persons[:5]),
                "step": _("step %(number)s of 5") % {"number": number},
            }
        )
    context: dict[str, object] = {"open_drafts": open_drafts}
    if role is not None and (reason := _reason_against(acting, role)) is not None:
        names: list[str] = []
        if acting.organisation is not None:
            deciders = deciders_of(acting.organisation, day=timezone.localdate(now))
            names = [person.full_name for person in deciders.managers_for(role, besides=acting.person)]
        context |= {
            "why_not_role": why_not_role(reason, role, names),
            "needs_high": reason == Reason.ROLE_NEEDS_HIGH,
        }
    return context


@require_POST
def delete(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    """Delete an open draft."""
    found = owned_draft(request, draft)
    if drafts.delete_draft(found, acting=acting_of(request), now=timezone.now()):
        messages.success(request, _("The draft has been deleted"))
    return SeeOther(reverse("roles:new_assignment"))
