"""The pages that ask for roles (S13): what they know, and the gate before each of them."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_http_methods

from roles.errors import DraftChanged, DraftFinished, NotAllowed
from roles.models import AssignmentDraft, DraftRole, Role
from roles.reasons import why_not_request
from roles.refusals import not_allowed
from roles.requesting import RequestOrder, can_be_extended, pending_of, why_not_now
from roles.rules import Reason, deciders_of, may_request_for
from roles.way_back import way_back
from roles.wizard.page import SEVERAL, owned_draft, show_latest, with_change
from roles.wizard.role_choice import RoleChoice
from tenants.acting import ActingContext
from tenants.http import SeeOther, refuse_doubles
from tenants.middleware import acting_of
from tenants.models import Organisation
from tenants.periods import local_day

STEPS = ("roles", "reason", "review")
STEP_NAMES = {
    "roles": pgettext_lazy("step", "roles"),
    "reason": pgettext_lazy("step", "validity and reason"),
    "review": pgettext_lazy("step", "check"),
}
VARIANTS = (AssignmentDraft.Variant.REQUEST,)
View = Callable[..., HttpResponse]


@dataclass
class RequestState:
    """A draft as its owner sees it now. Reads lazily, each thing once."""

    draft: AssignmentDraft
    acting: ActingContext
    now: datetime
    return_to_review: bool = False

    @property
    def today(self) -> date:
        """The day in Brussels."""
        return local_day(self.now)

    @property
    def organisation(self) -> Organisation:
        """The organisation whose roles are asked for: the one acted for when the draft began."""
        if self.draft.organisation is None:
            raise RuntimeError("a draft of requests begins with its organisation")
        return self.draft.organisation

    @cached_property
    def chosen(self) -> list[DraftRole]:
        """The roles chosen so far, with what pages show of them."""
        rows = self.draft.chosen_roles.select_related("role", "role__domain")
        return list(rows.prefetch_related("role__services", "role__properties"))

    @property
    def first_open_step(self) -> str:
        """The first step without an answer; "review" when all have one."""
        if not self.chosen:
            return "roles"
        return "review" if self.draft.properties_answered and self.draft.duration else "reason"

    def may_open(self, step: str) -> bool:
        """Whether every step before this one has an answer."""
        return STEPS.index(step) <= STEPS.index(self.first_open_step)

    def url(self, step: str) -> str:
        """Return the address of a step."""
        return reverse(f"roles:request_{step}", args=[self.draft.key])

    def url_after(self, step: str) -> str:
        """Return where "Next step" leads: the next page, or back to the check page."""
        return self.url(self.first_open_step if self.return_to_review else STEPS[STEPS.index(step) + 1])

    def url_before(self, step: str) -> str:
        """Return where "Back" leads."""
        if self.return_to_review:
            return self.url("review")
        return reverse("roles:my_roles") if step == "roles" else self.url(STEPS[STEPS.index(step) - 1])

    def order(self) -> RequestOrder:
        """Return what the draft asks for. Only when every step has an answer."""
        draft = self.draft
        starts_later = draft.start == AssignmentDraft.Start.DATE and draft.valid_from
        return RequestOrder(
            organisation=self.organisation,
            roles=tuple(row.role for row in self.chosen),
            valid_from=draft.valid_from if starts_later and draft.valid_from else self.today,
            valid_until=None if draft.duration == AssignmentDraft.Duration.UNLIMITED else draft.valid_until,
            motivation=draft.message,
            came_from=draft.came_from,
            return_to=draft.return_to,
        )


def arrival(draft: AssignmentDraft) -> str:
    """Return where a person arrives whom a service sent: the page that asks for the organisation, or says why not."""
    return reverse("roles:request_from_service", args=[draft.key])


def requestable(acting: ActingContext, organisation: Organisation, draft: AssignmentDraft, now: datetime) -> RoleChoice:
    """Return the choice among the roles that this person may ask for; what is held may be asked for longer."""
    pending = pending_of(acting.person, organisation, now=now)
    deciders = deciders_of(organisation, day=local_day(now))

    def why(refused: list[tuple[Role, Reason]]) -> list[tuple[Role, str, bool]]:
        asked = {key: row.requested_at for key, row in pending.items()}
        return [(role, why_not_request(reason, asked.get(role.pk)), False) for role, reason in refused]

    return RoleChoice(
        draft=draft,
        organisation=organisation,
        now=now,
        may=lambda role: why_not_now(role, organisation, acting=acting, pending=pending, deciders=deciders),
        why=why,
        persons=[acting.person],
        may_again=lambda row: can_be_extended(row, now=now),
        is_asking=True,
    )


def request_page(step: str) -> Callable[[View], View]:
    """Make a view a page that asks for roles: it is called with the request and the `RequestState`.

    Gone drafts, finished ones, and steps opened too early are answered here; so is what operations refuse.
    """

    def decorate(view: View) -> View:
        @require_http_methods(["GET", "HEAD", "POST"])
        @wraps(view)
        def page(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
            try:
                return _open(request, view, draft, step)
            except DraftFinished:
                return SeeOther(reverse("roles:request_done", args=[draft]))
            except NotAllowed as refusal:
                return not_allowed(request, refusal.reason, refusal.about.get("organisation"))
            except DraftChanged:
                # Another tab was faster: show the page again as it is now, and say so (E27).
                show_latest(request)
                return _open(request, view, draft, step)

        return page

    return decorate


def _open(request: HttpRequest, view: View, key: uuid.UUID, step: str) -> HttpResponse:
    acting, now = acting_of(request), timezone.now()
    draft = owned_draft(request, key, VARIANTS)
    if draft.submitted_at is not None:
        raise DraftFinished
    if draft.organisation is None and draft.came_from is not None:
        return SeeOther(arrival(draft))
    if (reason := may_request_for(acting, draft.organisation)) is not None:
        return not_allowed(request, reason, draft.organisation, way_back=way_back(draft))
    if draft.is_gone(now=now):
        return render(request, "410.html", status=410)
    state = RequestState(draft, acting, now, request.GET.get("return") == "review")
    if not state.may_open(step):
        return SeeOther(state.url(state.first_open_step))
    refuse_doubles(request, besides=SEVERAL)
    return view(request, state)


def render_request_step(
    request: HttpRequest,
    state: RequestState,
    step: str,
    *,
    errors: list[tuple[str, str]] | None = None,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    """Render a step with what every step shows. `errors` are pairs of link target and text."""
    errors = with_change(request, errors)
    number = STEPS.index(step) + 1
    context |= {
        "state": state,
        "draft": state.draft,
        "organisation": state.organisation,
        "came_from": state.draft.came_from,
        "step_caption": _("Ask for a role – step %(number)s of 3: %(name)s")
        % {"number": number, "name": STEP_NAMES[step]},
        "title_step": _("step %(number)s of 3") % {"number": number},
        "back": state.url_before(step),
        "error_list": errors,
        "nav": "my_roles",
    }
    return render(request, f"roles/request/{step}.html", context, status=status)
