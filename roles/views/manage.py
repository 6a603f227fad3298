"""S11 "Manage role assignments": who holds what in one organisation; filtered, sorted, paged by key, as a file."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from roles.exports import csv_answer
from roles.listing import CURRENT, SORTS, Filters, Listing
from roles.models import RoleAssignment, name_people
from roles.operations.exports import record_assignments_export
from roles.refusals import not_allowed
from roles.rows import AssignmentRow
from roles.rules import Reason, deciders_of, level_to_manage, may_manage_organisation
from roles.states import State
from tenants.date_field import DateTripleField
from tenants.http import SeeOther, one_value, query_value, refuse_doubles
from tenants.middleware import acting_of
from tenants.models import Organisation
from tenants.requirements import requires
from vault.numbers import holds_national_number

PAGE = 25
MOST_IN_FILE = 5000
LONGEST = 100
WORDS = "manage_words"  # in the session: names of people never stand in an address


def filters_of(request: HttpRequest) -> Filters:
    """Read the filters of a request; nonsense counts as not chosen."""
    words = request.session.get(WORDS, {})
    status, sort = query_value(request, "status"), query_value(request, "sort")
    return Filters(
        name=words.get("name", ""),
        role=words.get("role", ""),
        status=status if status == CURRENT or status in State.values else "",
        ends=_day(query_value(request, "ends")),
        sort=sort if sort in SORTS else "newest",
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


@requires(level_to_manage)
@require_safe
def assignments(request: HttpRequest) -> HttpResponse:
    """S11. A domain manager sees the own domains only."""
    acting = acting_of(request)
    organisation = acting.organisation
    if (reason := may_manage_organisation(acting, organisation)) is not None or organisation is None:
        return not_allowed(request, reason or Reason.NOT_LINKED, organisation)
    if query_value(request, "format") == "csv":
        return _file(request, organisation)
    return manage_page(request, organisation)


def manage_page(
    request: HttpRequest,
    organisation: Organisation,
    *,
    errors: list[tuple[str, str]] | None = None,
    typed: dict[str, Any] | None = None,
) -> HttpResponse:
    """Show the list, perhaps with what was wrong in its filter or in what was ticked."""
    now = timezone.now()
    filters = filters_of(request)
    listing = Listing(organisation, acting_of(request), filters, now)
    after = query_value(request, "after")
    page = listing.after(listing.found(), after).select_related("role", "draft")
    found = list(page[: PAGE + 1])
    name_people(found)
    rows = [AssignmentRow(row, now=now) for row in found[:PAGE]]
    deciders = deciders_of(organisation, day=timezone.localdate(now))
    for row in rows:
        row.name_confirmers(deciders)
    own = acting_of(request).appointments_for(organisation)
    domains = [] if any(row.covers_all_domains for row in own) else [row.domain.name for row in own if row.domain]
    errors = errors or []
    context = {
        "organisation": organisation,
        "rows": rows,
        "can_choose": any(row.is_current for row in rows),
        "filters": filters,
        "chosen": [(words, name, filters.query(**{name: ""})) for words, name in filters.chosen()],
        "statuses": [("", _("All")), (CURRENT, _("Current roles")), *((str(s.value), str(s.label)) for s in State)],
        "sorts": [(name, str(label), filters.query(sort=name)) for name, label in SORTS.items()],
        "next_query": filters.query(after=found[PAGE - 1].key) if len(found) > PAGE else "",
        "first_query": filters.query() if after else None,
        "file_query": filters.query(format="csv"),
        "domains": domains,
        "today": timezone.localdate(now),
        "nav": "assignments",
        "error_list": errors,
        "errors": dict(errors),
        "typed": typed or _typed(filters),
    }
    return render(request, "roles/assignments.html", context)


def _typed(filters: Filters) -> dict[str, Any]:
    day = filters.ends
    return {
        "name": filters.name,
        "role": filters.role,
        "status": filters.status,
        "ends_day": str(day.day) if day else "",
        "ends_month": str(day.month) if day else "",
        "ends_year": str(day.year) if day else "",
    }


@requires(level_to_manage)
@require_http_methods(["GET", "HEAD", "POST"])
def filter_assignments(request: HttpRequest) -> HttpResponse:
    """Keep the words in the session and put the rest into the address; a name is never in it.

    A page with an error has this address; whoever then asks for it in another language gets the list.
    """
    if request.method != "POST":
        return SeeOther(reverse("roles:assignments"))
    acting = acting_of(request)
    organisation = acting.organisation
    if (reason := may_manage_organisation(acting, organisation)) is not None or organisation is None:
        return not_allowed(request, reason or Reason.NOT_LINKED, organisation)
    refuse_doubles(request)
    here = reverse("roles:assignments")
    if clear := one_value(request, "clear"):
        kept = {name: text for name, text in request.session.get(WORDS, {}).items() if name != clear and clear != "all"}
        request.session[WORDS] = kept
        filters = filters_of(request)
        return SeeOther(here + (filters.query() if clear != "all" else "") + "#results")
    names = ("name", "role", "status", "ends_day", "ends_month", "ends_year")
    typed = {name: " ".join(one_value(request, name).split()) for name in names}
    errors, ends = _filter_errors(typed)
    if errors:
        return manage_page(request, organisation, errors=errors, typed=typed)
    request.session[WORDS] = {name: typed[name] for name in ("name", "role") if typed[name]}
    status = typed["status"] if typed["status"] == CURRENT or typed["status"] in State.values else ""
    sort = one_value(request, "sort")
    filters = Filters(status=status, ends=ends, sort=sort if sort in SORTS else "newest")
    return SeeOther(here + filters.query() + "#results")


def _filter_errors(typed: dict[str, str]) -> tuple[list[tuple[str, str]], date | None]:
    errors = []
    for name, label in (("name", _("Name")), ("role", _("Role or service"))):
        if len(typed[name]) > LONGEST:
            limit = {"field": label, "count": LONGEST}
            errors.append((f"#id_{name}", _("“%(field)s” can have at most %(count)s characters") % limit))
        elif holds_national_number(typed[name]):
            errors.append((f"#id_{name}", _("Search by name. The number cannot be used as a filter")))
    ends = None
    try:
        ends = DateTripleField(required=False).clean([typed["ends_day"], typed["ends_month"], typed["ends_year"]])
    except ValidationError as wrong:
        errors.append(("#id_ends_day", wrong.messages[0]))
    return errors, ends


def _file(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    """Return what the filters leave as a file; whoever takes a list away is recorded."""
    now = timezone.now()
    listing = Listing(organisation, acting_of(request), filters_of(request), now)
    rows = list(listing.found().select_related("role")[:MOST_IN_FILE])
    name_people(rows)
    record_assignments_export(organisation, lines=len(rows), acting=acting_of(request), now=now)
    head = [_("Person"), _("Role"), _("Code"), _("Status")]
    head += [_("Start date"), _("End date"), _("Assigned by"), _("Reference")]
    return csv_answer("role-assignments.csv", head, (_cells(row, now=now) for row in rows))


def _cells(row: RoleAssignment, *, now: datetime) -> list[str]:
    last = row.last_day
    return [
        row.assignee.full_name,
        row.role.name,
        row.role.code,
        str(row.state(now=now).label),
        row.valid_from.isoformat(),
        last.isoformat() if last else "",
        row.assigned_by.full_name,
        row.reference,
    ]
