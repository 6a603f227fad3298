"""What a page of S17 knows, its gate, and what becomes of an operation's refusals."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
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
from roles.invitations import InvitationOrder
from roles.models import AssignmentDraft, DraftInvitee, DraftRole
from roles.order import OrderedRole
from roles.refusals import not_allowed
from roles.rules import level_to_manage, may_manage_organisation
from roles.wizard.page import is_repeatable, owned_draft, roles_of, show_latest, with_change
from tenants.acting import ActingContext
from tenants.http import SeeOther, refuse_doubles
from tenants.middleware import acting_of
from tenants.models import Organisation
from tenants.periods import local_day
from tenants.requirements import requires

STEPS = ("people", "roles", "properties", "review")
STEP_NAMES = {
    "people": pgettext_lazy("step", "people"),
    "roles": pgettext_lazy("step", "roles"),
    "properties": pgettext_lazy("step", "role properties"),
    "review": pgettext_lazy("step", "check"),
}
View = Callable[..., HttpResponse]


@dataclass
class InviteState:
    """A draft of invitations as its owner sees it now. Reads lazily, each thing once."""

    draft: AssignmentDraft
    acting: ActingContext
    now: datetime
    return_to_review: bool = field(default=False)

    @property
    def today(self) -> date:
        """The day in Brussels."""
        return local_day(self.now)

    @property
    def organisation(self) -> Organisation:
        """The organisation acted for when the draft began."""
        if self.draft.organisation is None:
            raise RuntimeError("a draft of invitations has its organisation from the beginning")
        return self.draft.organisation

    @cached_property
    def invitees(self) -> list[DraftInvitee]:
        """The people to invite."""
        return list(self.draft.invitees.all())

    @cached_property
    def chosen_roles(self) -> list[DraftRole]:
        """The roles, with their answers, services and questions."""
        rows = self.draft.chosen_roles.select_related("role", "role__domain")
        return list(rows.prefetch_related("role__services", "role__properties"))

    @property
    def first_open_step(self) -> str:
        """The first step without an answer; "review" when all have one."""
        if not self.invitees:
            return "people"
        if not self.chosen_roles:
            return "roles"
        return "review" if self.draft.properties_answered and self.draft.duration else "properties"

    def may_open(self, step: str) -> bool:
        """Whether every step before this one has an answer."""
        return STEPS.index(step) <= STEPS.index(self.first_open_step)

    def url(self, step: str) -> str:
        """Return the address of a step."""
        return reverse(f"roles:invite_{step}", args=[self.draft.key])

    def url_after(self, step: str) -> str:
        """Return where "Next step" leads: the next page with a question, or back to the check page."""
        for kept in ("invitees", "chosen_roles"):
            self.__dict__.pop(kept, None)
        return self.url(self.first_open_step if self.return_to_review else STEPS[STEPS.index(step) + 1])

    def url_before(self, step: str) -> str:
        """Return where "Back" leads."""
        if self.return_to_review:
            return self.url("review")
        return self.url(STEPS[STEPS.index(step) - 1]) if step != "people" else reverse("roles:invitations")

    def order(self) -> InvitationOrder:
        """Return what the draft asks for. Only when every step has an answer."""
        draft = self.draft
        return InvitationOrder(
            invitees=tuple(self.invitees),
            organisation=self.organisation,
            roles=tuple(OrderedRole(row.role, row.properties) for row in self.chosen_roles),
            valid_from=draft.valid_from if draft.start == AssignmentDraft.Start.DATE else None,
            valid_until=None if draft.duration == AssignmentDraft.Duration.UNLIMITED else draft.valid_until,
            message=draft.message,
        )


def invite_page(step: str) -> Callable[[View], View]:
    """Make a view a page of S17: it is called with the request and the `InviteState`.

    Gone drafts, finished ones, and steps opened too early are answered here; so is what operations refuse.
    """

    def decorate(view: View) -> View:
        @requires(level_to_manage)
        @require_http_methods(["GET", "HEAD", "POST"])
        @wraps(view)
        def page(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
            acting = acting_of(request)
            found = owned_draft(request, draft, variants=[AssignmentDraft.Variant.INVITATION])
            done = SeeOther(reverse("roles:invite_done", args=[found.key]))
            if found.submitted_at is not None:
                return done
            if (reason := may_manage_organisation(acting, found.organisation)) is not None:
                return not_allowed(request, reason, found.organisation, roles=roles_of(found))
            refuse_doubles(request, besides=[name for name in request.POST if is_repeatable(name)])
            try:
                return _answer(request, view, found, acting, step)
            except DraftFinished:
                return done
            except NotAllowed as refusal:
                return not_allowed(request, refusal.reason, found.organisation, roles=roles_of(found))
            except DraftChanged:
                # Another tab was faster: show the page again as it is now, and say so (E27).
                show_latest(request)
                fresh = owned_draft(request, draft, variants=[AssignmentDraft.Variant.INVITATION])
                return _answer(request, view, fresh, acting, step)

        return page

    return decorate


def _answer(request: HttpRequest, view: View, draft: AssignmentDraft, acting: ActingContext, step: str) -> HttpResponse:
    now = timezone.now()
    if draft.is_gone(now=now):
        return render(request, "410.html", status=410)
    state = InviteState(draft, acting, now, request.GET.get("return") == "review")
    if not state.may_open(step):
        return SeeOther(state.url(state.first_open_step))
    return view(request, state)


def render_step(
    request: HttpRequest,
    state: InviteState,
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
        "step_caption": _("Invite a person – step %(number)s of 4: %(name)s")
        % {"number": number, "name": STEP_NAMES[step]},
        "title_step": _("step %(number)s of 4") % {"number": number},
        "back": state.url_before(step),
        "error_list": errors,
        "nav": "tasks",
    }
    return render(request, f"roles/invite/{step}.html", context, status=status)
