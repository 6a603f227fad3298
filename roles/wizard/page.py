"""The gate of every wizard page: who, which draft, which step; and what becomes of an operation's refusals."""

import uuid
from collections.abc import Callable, Collection
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_http_methods

from roles.errors import DraftChanged, DraftFinished, NotAllowed, Objection
from roles.models import AssignmentDraft, Role
from roles.models.draft import ASSIGNING
from roles.operations.assign import deny
from roles.refusals import not_allowed
from roles.rules import Reason, level_to_manage, may_manage
from roles.wizard.state import STEPS, WizardState
from tenants.http import SeeOther, one_value, refuse_doubles, whole_number
from tenants.middleware import acting_of
from tenants.requirements import requires

STEP_NAMES = {
    "persons": pgettext_lazy("step", "people"),
    "organisation": pgettext_lazy("step", "organisation"),
    "roles": pgettext_lazy("step", "roles"),
    "properties": pgettext_lazy("step", "role properties"),
    "review": pgettext_lazy("step", "check"),
}
View = Callable[..., HttpResponse]
_CHANGED = "_draft_changed"

# Ticks come one by one under the same name; the questions of roles are checked by their own page.
SEVERAL = ("person", "role")
PROPERTY = "property_"


def owned_draft(request: HttpRequest, key: uuid.UUID, variants: Collection[str] = ASSIGNING) -> AssignmentDraft:
    """Return the person’s own draft of these kinds; anything else does not exist for them (404)."""
    acting = acting_of(request)
    mine = AssignmentDraft.objects.of(acting.person).filter(variant__in=variants)
    draft = mine.filter(key=key).select_related("organisation", "came_from").first()
    if draft is None:
        raise Http404
    return draft


def wizard_page(step: str) -> Callable[[View], View]:
    """Make a view a page of the wizard: it is called with the request and the `WizardState`.

    Gone drafts, finished ones, and steps opened too early are answered here; so is what operations refuse.
    """

    def decorate(view: View) -> View:
        @requires(level_to_manage)
        @require_http_methods(["GET", "HEAD", "POST"])
        @wraps(view)
        def page(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
            acting = acting_of(request)
            found = owned_draft(request, draft)
            done = SeeOther(reverse("roles:wizard_done", args=[found.key]))
            if found.submitted_at is not None:
                return done
            if (reason := may_manage(acting)) is not None:
                return not_allowed(request, reason, acting.organisation, roles=roles_of(found))
            now = timezone.now()
            if found.is_gone(now=now):
                return render(request, "410.html", status=410)
            state = WizardState(found, acting, now, request.GET.get("return") == "review")
            if not state.may_open(step):
                return _too_early(request, state, step)
            refuse_doubles(request, besides=[name for name in request.POST if is_repeatable(name)])
            try:
                return view(request, state)
            except DraftFinished:
                return done
            except NotAllowed as refusal:
                return not_allowed(request, refusal.reason, acting.organisation, roles=roles_of(found))
            except DraftChanged:
                # Another tab was faster: show the page again as it is now, and say so (E27).
                return _show_again(request, view, found, acting, step)

        return page

    return decorate


def roles_of(draft: AssignmentDraft) -> list[Role]:
    """Return the roles that a draft is about so far."""
    return [row.role for row in draft.chosen_roles.select_related("role")]


def _show_again(request: HttpRequest, view: View, draft: AssignmentDraft, acting: Any, step: str) -> HttpResponse:
    fresh, now = owned_draft(request, draft.key), timezone.now()
    if fresh.is_gone(now=now):
        return render(request, "410.html", status=410)
    state = WizardState(fresh, acting, now, request.GET.get("return") == "review")
    if not state.may_open(step):
        return _too_early(request, state, step)
    show_latest(request)
    return view(request, state)


def show_latest(request: HttpRequest) -> None:
    """Let the page of a draft be shown again as it is now: another tab was faster (E27)."""
    request.method = "GET"
    setattr(request, _CHANGED, True)


def with_change(request: HttpRequest, errors: list[tuple[str, str]] | None) -> list[tuple[str, str]]:
    """Return the error lines of a step, E27 first where its draft changed in another tab."""
    lines = list(errors or [])
    if getattr(request, _CHANGED, False):
        lines.insert(0, ("", _("This draft changed in another tab. This is the latest version")))
    return lines


def _too_early(request: HttpRequest, state: WizardState, step: str) -> HttpResponse:
    """Lead to the first step without an answer. A last press that comes to this is a refusal, and is recorded."""
    if step == "review" and request.method == "POST":
        lost = Objection(state.first_open_step, Reason.OTHER_ORGANISATION)
        deny([lost], acting=state.acting, organisation=state.draft.organisation)
    return SeeOther(state.url(state.first_open_step))


def is_repeatable(name: str) -> bool:
    """Say whether a form of the wizard may hold this name several times."""
    return name in SEVERAL or name.startswith(PROPERTY)


def seen_version(request: HttpRequest) -> int:
    """Return the version of the draft that the posted page showed; 0, which never wins, for nonsense."""
    return whole_number(one_value(request, "version"), 0)


def render_step(
    request: HttpRequest,
    state: WizardState,
    step: str,
    template: str,
    *,
    errors: list[tuple[str, str]] | None = None,
    **context: Any,
) -> HttpResponse:
    """Render a step with what every step shows. `errors` are pairs of link target and text."""
    errors = with_change(request, errors)
    number = STEPS.index(step) + 1
    context |= {
        "state": state,
        "draft": state.draft,
        "step": step,
        "step_number": number,
        "step_caption": _("Assign a role – step %(number)s of 5: %(name)s")
        % {"number": number, "name": STEP_NAMES[step]},
        "title_step": _("step %(number)s of 5") % {"number": number},
        "back": state.url_before(step),
        "error_list": errors,
        "nav": "tasks",
    }
    return render(request, template, context)
