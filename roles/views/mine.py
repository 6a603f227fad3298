"""S8: "My role assignments"."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from roles.exports import csv_answer
from roles.models import Role, RoleAssignment
from roles.rows import AssignmentRow, explained_states, period_words
from roles.rules import deciders_of
from roles.states import CURRENT, State
from tenants.acting import ActingContext
from tenants.http import query_value
from tenants.middleware import acting_of
from tenants.models import Employment, Person
from tenants.names import LANGUAGES

MOST = 200
# What a row prints, and what its state follows from: half of the time of reading whole rows.
_SHOWN = (
    *("key", "valid_from", "valid_until", "confirmer", "confirm_before", "confirmed_at", "refused_at"),
    *("ended_at", "ended_on", "end_reason", "assignee", "assigned_by", "role", "organisation"),
    "role__code",
    "role__code",
    *(f"{related}__name_{language}" for related in ("role", "organisation") for language in LANGUAGES),
)


@require_safe
def my_roles(request: HttpRequest) -> HttpResponse:
    """Show what the person holds: first what waits, then what works; past roles behind a link."""
    acting = acting_of(request)
    now = timezone.now()
    shows_past = request.GET.get("status") == "past"
    rows, others = _held(acting.person, shows_past=shows_past, now=now)
    if query_value(request, "format") == "csv":
        return _file(rows)
    return render(
        request,
        "roles/my_roles.html",
        {
            "rows": rows,
            "givers": _givers(rows, acting),
            "derived": [] if shows_past else _derived(acting),
            "shows_past": shows_past,
            "past_count": 0 if shows_past else others,
            "today": timezone.localdate(now),
            "states": explained_states(),
            "helpers": _helpers(acting) if not rows else [],
            "nav": "my_roles",
        },
    )


def _file(rows: list[AssignmentRow]) -> HttpResponse:
    """Return what the page shows as a file. It is the person's own, so that nobody needs to know of it."""
    head = [_("Role"), _("Code"), _("Organisation"), _("Status"), _("Start date"), _("End date")]
    return csv_answer("my-roles.csv", head, (_cells(row) for row in rows))


def _cells(row: AssignmentRow) -> list[str]:
    held, last = row.assignment, row.bar_end
    start, end = held.valid_from.isoformat(), last.isoformat() if last else ""
    return [held.role.name, held.role.code, held.organisation.name, row.label, start, end]


def _held(person: Person, *, shows_past: bool, now: datetime) -> tuple[list[AssignmentRow], int]:
    """Return the current (or the past) assignments, what waits first, and how many of the others there are.

    One query; for the few who have held more than a page shows, the database sorts current from past in three.
    """
    mine = RoleAssignment.objects.filter(assignee=person)
    shown = mine.select_related("role", "organisation").only(*_SHOWN).order_by("-id")
    found = list(shown[: MOST + 1])
    others = 0
    if len(found) > MOST:
        chosen = shown.past(now=now) if shows_past else shown.current(now=now)
        found, others = list(chosen[:MOST]), mine.count() - chosen.count()
    for assignment in found:
        assignment.assignee = person
    rows = [AssignmentRow(assignment, now=now) for assignment in found]
    chosen_rows = [row for row in rows if (row.state in CURRENT) is not shows_past]
    order = list(State)
    chosen_rows.sort(key=lambda row: order.index(row.state))
    return chosen_rows, others + len(rows) - len(chosen_rows)


def _givers(rows: list[AssignmentRow], acting: ActingContext) -> dict[str, str]:
    """Return who gave what ends soon, by key, where the person cannot ask for it again: for organisations of others.

    One query, and none for those who hold roles of their own organisations only.
    """
    own = {link.organisation.pk for link in acting.links}
    far = [row.assignment for row in rows if row.ends_soon and row.assignment.organisation_id not in own]
    people = Person.objects.defer("national_number").in_bulk({held.assigned_by_id for held in far})
    return {held.key: people[held.assigned_by_id].full_name for held in far}


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
