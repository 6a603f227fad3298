"""My activity: what a person did, and what others did about this person, looking up included (TRUST, promises)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from roles import trail
from roles.exports import csv_answer
from roles.history import file_head, file_line, history_rows
from roles.models import RoleAssignment
from roles.operations.exports import record_activity_export
from roles.views.history import BIGGEST, MOST_LINES
from tenants.http import query_value, whole_number
from tenants.middleware import acting_of


@require_safe
def activity(request: HttpRequest) -> HttpResponse:
    """Show one's own trail, newest first. Who looked a person up appears by name, whatever the organisation."""
    acting = acting_of(request)
    readings = trail.trail_of(acting.person)
    if request.method == "GET" and query_value(request, "format") == "csv":
        entries, _more = trail.newest(readings, most=MOST_LINES)
        answer = csv_answer("activity.csv", file_head(), map(file_line, history_rows(entries)))
        record_activity_export(lines=len(entries), acting=acting, now=timezone.now())
        return answer
    after = whole_number(query_value(request, "after"), 0, high=BIGGEST)
    entries, has_more = trail.newest(readings, after=after)
    keys = [entry.subject_key for entry in entries if entry.subject_type == "assignment"]
    own = set(RoleAssignment.objects.filter(assignee=acting.person, key__in=keys).values_list("key", flat=True))
    return render(
        request,
        "roles/activity.html",
        {
            "rows": history_rows(entries, linked=own),
            "next_after": entries[-1].pk if has_more else None,
            "is_first": not after,
            "most_lines": MOST_LINES,
            "nav": "profile",
            "back": reverse("csam:profile"),
        },
    )
