"""S8: "My role assignments"."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from roles.models import Role, RoleAssignment
from roles.rows import AssignmentRow, explained_states, period_words
from roles.rules import deciders_of
from roles.states import State
from tenants.acting import ActingContext
from tenants.middleware import acting_of
from tenants.models import Employment

MOST = 200


@require_safe
def my_roles(request: HttpRequest) -> HttpResponse:
    """Show what the person holds: first what waits, then what works; past roles behind a link."""
    acting = acting_of(request)
    now = timezone.now()
    shows_past = request.GET.get("status") == "past"
    mine = RoleAssignment.objects.filter(assignee=acting.person)
    current = mine.current(now=now)
    chosen = mine.past(now=now) if shows_past else current
    found = list(chosen.select_related("role", "organisation").order_by("-id")[:MOST])
    for assignment in found:
        assignment.assignee = acting.person
    rows = [AssignmentRow(assignment, now=now) for assignment in found]
    order = list(State)
    rows.sort(key=lambda row: order.index(row.state))
    count = len(rows) if len(rows) < MOST else current.count()
    past_count = 0 if shows_past else mine.count() - count
    return render(
        request,
        "roles/my_roles.html",
        {
            "rows": rows,
            "derived": [] if shows_past else _derived(acting),
            "shows_past": shows_past,
            "past_count": past_count,
            "today": timezone.localdate(now),
            "states": explained_states(),
            "helpers": _helpers(acting) if not rows else [],
            "nav": "my_roles",
        },
    )


def _derived(acting: ActingContext) -> list[dict[str, object]]:
    """Return the roles that follow from the Crossroads Bank: nobody gives them, nobody can end them."""
    functions = [
        (link, job)
        for link in acting.links
        for job in link.employments
        if job.kind == Employment.Kind.LEGAL_REPRESENTATIVE and not link.organisation.is_stopped
    ]
    if not functions:
        return []
    return [
        {
            "role": role,
            "organisation": link.organisation,
            "valid_from": job.valid_from,
            "valid_until": job.valid_until,
            "validity": period_words(job.valid_from, job.valid_until),
        }
        for role in Role.objects.filter(is_derived=True)
        for link, job in functions
    ]


def _helpers(acting: ActingContext) -> list[tuple[str, str]]:
    if acting.organisation is None:
        return []
    deciders = deciders_of(acting.organisation, day=timezone.localdate())
    return [(row.person.full_name, row.title) for row in deciders.appointments]
