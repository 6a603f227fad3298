"""S20: the history of the organisation acted for, for its access managers."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit.models import AuditEntry
from roles import trail
from roles.exports import csv_answer
from roles.history import file_head, file_line, history_rows
from roles.operations.exports import record_history_export
from roles.refusals import not_allowed
from roles.rules import Reason, level_to_manage, may_manage_organisation
from tenants.http import SeeOther, one_value, query_value, refuse_doubles, whole_number
from tenants.identifiers import looks_like_national_number
from tenants.middleware import acting_of
from tenants.models import Organisation
from tenants.requirements import requires
from tenants.search import LONGEST, is_too_short
from vault.numbers import holds_national_number

MOST_LINES = 5_000
WORDS = "history_words"
BIGGEST = 10**9 - 1


@requires(level_to_manage)
@require_http_methods(["GET", "HEAD", "POST"])
def history(request: HttpRequest) -> HttpResponse:
    """Show who did what and when, newest first; a POST filters by person, and the words stay in the session."""
    acting = acting_of(request)
    organisation = acting.organisation
    if (reason := may_manage_organisation(acting, organisation)) is not None or organisation is None:
        return not_allowed(request, reason or Reason.NOT_LINKED, organisation)
    if request.method == "POST":
        return _filter(request, organisation)
    if request.method == "GET" and query_value(request, "format") == "csv":
        return _file(request, organisation)
    return _show(request, organisation, trail.month_from(query_value(request, "month")))


def _filter(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    """Keep the words by which to filter, or none; a number or too little is said at the field."""
    refuse_doubles(request)
    month = trail.month_from(one_value(request, "month"))
    typed = "" if one_value(request, "action") == "clear" else " ".join(one_value(request, "person").split())
    if error := _error_of(typed):
        return _show(request, organisation, month, typed=typed, error=error)
    request.session[WORDS] = [organisation.key, typed]
    query = {"month": _address_of(month)} if month else None
    return SeeOther(reverse("roles:history", query=query, fragment="results"))


def _error_of(typed: str) -> str:
    if not typed:
        return ""
    if looks_like_national_number(typed) or holds_national_number(typed):
        return _("Search by name. The number cannot be used as a filter")
    if len(typed) > LONGEST:
        limit = {"field": _("Person"), "count": LONGEST}
        return _("“%(field)s” can have at most %(count)s characters") % limit
    return _("Enter at least 3 characters") if is_too_short(typed) else ""


def _words_for(request: HttpRequest, organisation: Organisation) -> str:
    """Return the filter that was set for this organisation; that of another one is forgotten."""
    key, words = request.session.get(WORDS, ["", ""])
    return words if key == organisation.key else ""


def _show(
    request: HttpRequest, organisation: Organisation, month: date | None, *, typed: str | None = None, error: str = ""
) -> HttpResponse:
    acting, words = acting_of(request), _words_for(request, organisation)
    codes = trail.roles_seen(acting, organisation)
    visible = trail.visible_trail(acting, organisation, codes)
    chosen, has_more_people = _chosen(visible, organisation, month, words)
    after = whole_number(query_value(request, "after"), 0, high=BIGGEST)
    entries, has_more = trail.newest([chosen], after=after)
    before, behind = trail.months_around(visible, month) if month else (trail.newest_month(visible), None)
    return render(
        request,
        "roles/history.html",
        {
            "organisation": organisation,
            "rows": history_rows(entries, linked=_openable(entries, codes)),
            "next_after": entries[-1].pk if has_more else None,
            "is_first": not after,
            "month": month,
            "month_before": before,
            "month_behind": behind,
            "words": words,
            "typed": words if typed is None else typed,
            "error_list": [("#id_person", error)] if error else [],
            "person_error": error,
            "has_more_people": has_more_people,
            "domains": [row.domain.name for row in acting.appointments_for(organisation) if row.domain]
            if codes is not None
            else [],
            "most_lines": MOST_LINES,
            "nav": "tasks",
            "back": reverse("roles:home"),
        },
    )


def _chosen(
    visible: trail.Trail, organisation: Organisation, month: date | None, words: str
) -> tuple[trail.Trail, bool]:
    """Return what the filters leave, and whether more people have the name than could be asked for."""
    chosen = trail.in_month(visible, month) if month else visible
    if not words:
        return chosen, False
    persons, has_more = trail.persons_named(words, organisation)
    return trail.about_persons(chosen, persons, organisation), has_more


def _openable(entries: list[AuditEntry], codes: frozenset[str] | None) -> set[str] | None:
    """Return the keys of what this reader may open: of a domain, only what is about its roles and no others."""
    if codes is None:
        return None
    return {entry.subject_key for entry in entries if codes.issuperset(_codes_of(entry))}


def _codes_of(entry: AuditEntry) -> list[str]:
    """Return the codes of the roles that an entry is about; an invitation may be to several."""
    return entry.data.get("roles") or [entry.data.get("role", "")]


def _file(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    """Return what the page shows, without its pages, as a file; who took it is recorded."""
    acting, month = acting_of(request), trail.month_from(query_value(request, "month"))
    visible = trail.visible_trail(acting, organisation, trail.roles_seen(acting, organisation))
    chosen, _more = _chosen(visible, organisation, month, _words_for(request, organisation))
    entries, _more = trail.newest([chosen], most=MOST_LINES)
    name = f"history-{_address_of(month)}.csv" if month else "history.csv"
    answer = csv_answer(name, file_head(), map(file_line, history_rows(entries)))
    record_history_export(organisation, month=month, lines=len(entries), acting=acting, now=timezone.now())
    return answer


def _address_of(month: date) -> str:
    """Return a month as it stands in addresses."""
    return month.strftime("%Y-%m")
