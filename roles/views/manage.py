"""S11 "Manage role assignments": who holds what in one organisation; filtered, sorted, paged by key, as a file."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from roles.exports import csv_answer
from roles.models import Role, RoleAssignment, name_people
from roles.operations.exports import record_assignments_export
from roles.reasons import on_day
from roles.refusals import not_allowed
from roles.rows import AssignmentRow
from roles.rules import Reason, deciders_of, level_to_manage, may_manage_organisation
from roles.states import State, current_condition
from tenants.acting import ActingContext
from tenants.date_field import DateTripleField
from tenants.folding import fold, prefix_range
from tenants.http import SeeOther, one_value, query_value, refuse_doubles
from tenants.middleware import acting_of
from tenants.models import Organisation
from tenants.requirements import requires
from vault.numbers import holds_national_number

PAGE = 25
MOST_IN_FILE = 5000
LONGEST = 100
WORDS = "manage_words"  # in the session: names of people never stand in an address
CURRENT = "current"
_FAR = date.max

SORTS = {
    "newest": gettext_lazy("Newest first"),
    "person": gettext_lazy("Person"),
    "role": gettext_lazy("Role"),
    "ends": gettext_lazy("End date"),
}


@dataclass(frozen=True)
class Filters:
    """What the list shows, and in which order. Words come from the session, the rest from the address."""

    name: str = ""
    role: str = ""
    status: str = ""
    ends: date | None = None
    sort: str = "newest"

    @property
    def is_any(self) -> bool:
        """Whether anything is left out."""
        return bool(self.name or self.role or self.status or self.ends)

    def query(self, **changes: str) -> str:
        """Return the query string of the address for these filters, with changes; words are never in it."""
        values = {
            "status": self.status,
            "ends": self.ends.isoformat() if self.ends else "",
            "sort": self.sort if self.sort != "newest" else "",
            **changes,
        }
        text = urlencode({name: value for name, value in values.items() if value})
        return f"?{text}" if text else ""

    def chosen(self) -> list[tuple[str, str]]:
        """Return each filter in words, with what takes it off: an address for what stands in one, else a name."""
        found = []
        if self.name:
            found.append((_("Name: %(words)s") % {"words": self.name}, "name"))
        if self.role:
            found.append((_("Role or service: %(words)s") % {"words": self.role}, "role"))
        if self.status:
            found.append((_("Status: %(status)s") % {"status": status_label(self.status)}, "status"))
        if self.ends:
            found.append((_("Ends before %(date)s") % {"date": on_day(self.ends)}, "ends"))
        return found


def status_label(status: str) -> str:
    """Return the words for a value of the status filter."""
    return _("Current roles") if status == CURRENT else str(State(status).label)


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


@dataclass
class Listing:
    """The assignments of an organisation that this person manages, as the filters leave them."""

    organisation: Organisation
    acting: ActingContext
    filters: Filters
    now: datetime

    @cached_property
    def visible(self) -> QuerySet[RoleAssignment]:
        """All that the person manages here."""
        own = self.acting.appointments_for(self.organisation)
        return RoleAssignment.objects.of_organisation(self.organisation).in_domains(own)

    def found(self) -> QuerySet[RoleAssignment]:
        """What the filters leave, in order."""
        filters = self.filters
        rows = self.visible
        for word in fold(filters.name).split():
            low, high = prefix_range(word)
            rows = rows.filter(
                Q(assignee__last_key__gte=low, assignee__last_key__lt=high)
                | Q(assignee__first_key__gte=low, assignee__first_key__lt=high)
                | Q(assignee__last_key__contains=f" {word}")
                | Q(assignee__first_key__contains=f" {word}")
            )
        if tokens := fold(filters.role).split():
            roles = [role.pk for role in Role.objects.for_page() if role.matches(tokens)]
            rows = rows.filter(role__in=roles)
        if filters.status == CURRENT:
            rows = rows.filter(current_condition(now=self.now))
        elif filters.status:
            rows = rows.in_state(State(filters.status), now=self.now)  # type: ignore[attr-defined]
        if filters.ends is not None:
            rows = rows.filter(Q(valid_until__lt=filters.ends) | Q(ended_on__lte=filters.ends))
        return self._sorted(rows)

    def _sorted(self, rows: QuerySet[RoleAssignment]) -> QuerySet[RoleAssignment]:
        return rows.annotate(**self._keys()).order_by(*self._keys(), "-id")

    def _keys(self) -> dict[str, Any]:
        """Return what the rows are ordered by, before the newest first."""
        match self.filters.sort:
            case "person":
                return {"sort_1": F("assignee__last_key"), "sort_2": F("assignee__first_key")}
            case "role":
                return {"sort_1": F("role__code")}
            case "ends":
                return {"sort_1": Coalesce("valid_until", _FAR)}
            case _newest:
                return {}

    def after(self, rows: QuerySet[RoleAssignment], key: str) -> QuerySet[RoleAssignment]:
        """Return what follows a row in the order. An unknown key starts at the first page, as an old bookmark may."""
        start = self.visible.filter(key=key).annotate(**self._keys()).first() if key else None
        if start is None:
            return rows
        names = list(self._keys())
        follows = Q(**{name: getattr(start, name) for name in names}, id__lt=start.pk)
        for number, name in enumerate(names):
            same = {earlier: getattr(start, earlier) for earlier in names[:number]}
            follows |= Q(**same, **{f"{name}__gt": getattr(start, name)})
        return rows.filter(follows)


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
@require_POST
def filter_assignments(request: HttpRequest) -> HttpResponse:
    """Keep the words in the session and put the rest into the address; a name is never in it."""
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
