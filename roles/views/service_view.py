"""What the services of a role will see of an assignment: a part of its page (S9), and as data on a page of its own."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from roles.models import RoleAssignment
from roles.refusals import not_allowed
from roles.rules import Deciders, Reason, level_to_manage
from roles.service_words import received_of, sights_of
from roles.states import CURRENT
from roles.views.visible import visible_assignment
from roles.why import checks_of, facts_of, first_obstacle
from tenants.acting import ActingContext
from tenants.middleware import acting_of


def may_see_service_view(acting: ActingContext, found: RoleAssignment) -> bool:
    """Whether it is this person's to know what a service sees: its holder's, and the access managers'.

    Not of somebody who only has to confirm the role.
    """
    own = acting.appointments_for(found.organisation)
    return found.assignee_id == acting.person.pk or any(row.covers(found.role.domain_id) for row in own)


def service_view_of(found: RoleAssignment, *, why_nothing: str, now: datetime) -> dict[str, Any]:
    """Return what the part of the page prints. `why_nothing` is the reason that the role does not work."""
    return {
        "sights": sights_of(found, now=now),
        "why_nothing": "" if found.is_delivered(now=now) else (why_nothing or _("This person is no longer active.")),
        "is_over": found.state(now=now) not in CURRENT,
    }


@require_safe
def service_view(request: HttpRequest, key: str) -> HttpResponse:
    """Show as data what the services receive of one assignment, today and later."""
    acting, now = acting_of(request), timezone.now()
    found, deciders = visible_assignment(request, key)
    if not may_see_service_view(acting, found):
        raise Http404
    if found.assignee_id != acting.person.pk and acting.level < level_to_manage():
        # Reading about others is a manager's act as well.
        return not_allowed(request, Reason.LEVEL_TOO_LOW, found.organisation)
    seen = service_view_of(found, why_nothing=_why_nothing(found, deciders, now=now), now=now)
    return render(
        request,
        "roles/service_view.html",
        {
            **seen,
            "received": received_of(found, now=now, why_nothing=seen["why_nothing"]),
            "name": found.assignee.full_name,
            "organisation": found.organisation,
            "role": found.role,
            "back": reverse("roles:assignment", args=[found.key]),
            "nav": "my_roles" if found.assignee_id == acting.person.pk else "assignments",
        },
    )


def _why_nothing(found: RoleAssignment, deciders: Deciders, *, now: datetime) -> str:
    """Return the reason that the role does not work, as the page of the assignment gives it."""
    obstacle = first_obstacle(checks_of(found, facts_of(found, confirmers=deciders.for_assignment(found), now=now)))
    return obstacle.sentence if obstacle else ""
