"""Where somebody arrives whom an online service sent to ask for a role: for which organisation, or why not now."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from roles.errors import DraftChanged, DraftFinished
from roles.models import RoleAssignment
from roles.operations import drafts
from roles.reasons import why_not_request
from roles.refusals import not_allowed
from roles.requesting import Hindrance, hindrance_to
from roles.rows import AssignmentRow
from roles.rules import Reason, deciders_of, may_request_for
from roles.way_back import way_back
from roles.wizard.asking import VARIANTS, RequestState, arrival
from roles.wizard.page import owned_draft, seen_version
from tenants.http import SeeOther, one_value
from tenants.middleware import acting_of
from tenants.models import Organisation
from tenants.periods import local_day
from tenants.views import SEARCH_ABOVE, matches


@require_http_methods(["GET", "HEAD", "POST"])
def from_service(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    """Lead to the first open step of the request that a service began, unless something is to be said or asked first.

    A request that no service began has nothing to ask here, and goes on where it was.
    """
    acting, now = acting_of(request), timezone.now()
    found = owned_draft(request, draft, VARIANTS)
    if found.submitted_at is not None:
        return SeeOther(reverse("roles:request_done", args=[found.key]))
    reason = may_request_for(acting, found.organisation)
    # An organisation that is still open is asked for below.
    if reason is not None and (found.organisation is not None or reason != Reason.NONE_CHOSEN):
        return not_allowed(request, reason, found.organisation, way_back=way_back(found))
    if found.is_gone(now=now):
        return render(request, "410.html", status=410)
    state = RequestState(found, acting, now)
    if found.organisation is None:
        return _organisation(request, state)
    if (hindrance := _hindrance(state, found.organisation)) is not None:
        return _not_now(request, state, found.organisation, hindrance)
    return SeeOther(state.url(state.first_open_step))


def _hindrance(state: RequestState, organisation: Organisation) -> Hindrance | None:
    """Return what keeps the person from asking for the role that the service sent them for."""
    if state.draft.came_from is None or not state.chosen:
        return None
    return hindrance_to(state.chosen[0].role, organisation, acting=state.acting, now=state.now)


def _organisation(request: HttpRequest, state: RequestState) -> HttpResponse:
    """Ask for which organisation the role is needed. One for which it cannot be asked for is not kept."""
    if request.method != "POST":
        return _show(request, state)
    if one_value(request, "action") == "search":
        return _show(request, state, words=one_value(request, "q")[:100])
    links = {link.organisation.key: link.organisation for link in state.acting.links}
    chosen = links.get(one_value(request, "organisation"))
    if chosen is None or chosen.is_stopped:
        return _show(request, state, error=_("Choose an organisation"))
    if (hindrance := _hindrance(state, chosen)) is not None:
        return _not_now(request, state, chosen, hindrance)
    try:
        with drafts.changing(state.draft, seen_version=seen_version(request), now=state.now) as draft:
            drafts.choose_organisation(draft, chosen)
    except (DraftChanged, DraftFinished):
        return SeeOther(arrival(state.draft))  # another tab was faster: whatever it did is shown
    return SeeOther(state.url(state.first_open_step))


def _show(request: HttpRequest, state: RequestState, *, error: str = "", words: str = "") -> HttpResponse:
    links = [link for link in state.acting.links if not words.strip() or matches(link, words)]
    working = [link.organisation.key for link in links if not link.organisation.is_stopped]
    first_radio = f"#organisation-{working[0]}" if working else "#main-content"
    return _render(
        request,
        state,
        "organisation",
        rows=[link.organisation for link in links],
        words=words,
        has_search=len(state.acting.links) > SEARCH_ABOVE,
        first_radio=first_radio,
        error_list=[(first_radio, error)] if error else [],
    )


def _not_now(
    request: HttpRequest, state: RequestState, organisation: Organisation, hindrance: Hindrance
) -> HttpResponse:
    """Say why the role cannot be asked for, what there is in its place, and the way back to the service."""
    deciders = deciders_of(organisation, day=local_day(state.now))
    return _render(
        request,
        state,
        "not_now",
        organisation=organisation,
        why=why_not_request(hindrance.reason, hindrance.asked.requested_at if hindrance.asked else None),
        asked=hindrance.asked,
        held=_row(hindrance.held, state),
        is_nobody=hindrance.reason == Reason.NOBODY_DECIDES,
        has_managers=bool(deciders.appointments),
        may_give_oneself=bool(state.acting.appointments_for(organisation)),
        representatives=[person.full_name for person in deciders.representatives],
        # Another organisation may do; the one that the service named stays.
        back=arrival(state.draft) if state.draft.organisation is None else "",
    )


def _row(held: RoleAssignment | None, state: RequestState) -> AssignmentRow | None:
    if held is None:
        return None
    row = AssignmentRow(held, now=state.now)
    row.name_confirmers(deciders_of(held.organisation, day=local_day(state.now)))
    return row


def _render(request: HttpRequest, state: RequestState, page: str, **context: Any) -> HttpResponse:
    context |= {
        "draft": state.draft,
        "role": state.chosen[0].role if state.chosen else None,
        "way_back": way_back(state.draft),
        "nav": "my_roles",
    }
    return render(request, f"roles/request/{page}.html", context)
