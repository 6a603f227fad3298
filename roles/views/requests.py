"""S14 "Role requests": what waits for a decision, what was decided, one's own; and the task that leads there."""

from datetime import datetime

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from roles.models import RoleRequest
from roles.models.request import RequestStatus, RoleRequestQuerySet
from roles.refusals import not_allowed
from roles.request_rows import RequestRow
from roles.rows import names_in_a_row
from roles.rules import Deciders, Reason, may_manage_organisation, may_request_for
from roles.views.tasks import Task
from tenants.acting import ActingContext
from tenants.http import query_value
from tenants.middleware import acting_of
from tenants.models import Organisation, Person
from tenants.periods import local_day

PAGE = 25
NAMED = 5
TO_DECIDE, DECIDED, MINE = LISTS = ("to_decide", "decided", "mine")


def visible_to_manager(acting: ActingContext, organisation: Organisation) -> RoleRequestQuerySet:
    """Return the organisation's requests of the domains that this person manages."""
    rows = RoleRequest.objects.filter(organisation=organisation)
    own = acting.appointments_for(organisation)
    if any(appointment.covers_all_domains for appointment in own):
        return rows
    return rows.filter(role__domain__in=[appointment.domain_id for appointment in own])


def _to_decide(acting: ActingContext, organisation: Organisation, *, now: datetime) -> RoleRequestQuerySet:
    """Return what waits for this person: never an own request."""
    open_still = Q(status=RequestStatus.PENDING, decide_before__gt=local_day(now))
    return visible_to_manager(acting, organisation).filter(open_still).exclude(requester=acting.person)


def _decided(acting: ActingContext, organisation: Organisation, *, now: datetime) -> RoleRequestQuerySet:
    over = ~Q(status=RequestStatus.PENDING) | Q(decide_before__lte=local_day(now))
    return visible_to_manager(acting, organisation).filter(over)


def request_tasks(acting: ActingContext, deciders: Deciders | None, *, now: datetime) -> list[Task]:
    """Return the task "Approve or refuse the role requests", for access managers for whom some wait."""
    organisation = acting.organisation
    reason = may_manage_organisation(acting, organisation)
    if organisation is None or reason not in (None, Reason.LEVEL_TOO_LOW):
        return []
    waiting = _to_decide(acting, organisation, now=now)
    count = waiting.count()
    if not count:
        return []
    names = ""
    if reason is None:  # who asks is for access managers to read, and so for a session of their level
        askers = Person.objects.filter(pk__in=waiting.values("requester")).order_by("last_key", "id")
        names = names_in_a_row(list(askers.defer("national_number")[:NAMED]))
    return [
        Task(
            _("Approve or refuse the role requests"),
            reverse("roles:requests", query={"status": TO_DECIDE}),
            ngettext("%(count)s request", "%(count)s requests", count) % {"count": count},
            "indigo",
            _("Asked by %(names)s") % {"names": names} if names else "",
        )
    ]


@require_safe
def requests(request: HttpRequest) -> HttpResponse:
    """S14: what waits for a decision, what was decided, and one's own requests."""
    acting, now = acting_of(request), timezone.now()
    organisation = acting.organisation
    reason = may_manage_organisation(acting, organisation)
    status = query_value(request, "status")
    if status not in LISTS:
        status = TO_DECIDE if reason is None else MINE
    if status == MINE or organisation is None:
        rows = RoleRequest.objects.filter(requester=acting.person)
    elif reason is not None:
        return not_allowed(request, reason, organisation)
    else:
        rows = {TO_DECIDE: _to_decide, DECIDED: _decided}[status](acting, organisation, now=now)
    shown, next_key = _page(rows, query_value(request, "after"), oldest_first=status == TO_DECIDE)
    own = acting.appointments_for(organisation)
    return render(
        request,
        "roles/requests.html",
        {
            "organisation": organisation if status != MINE else None,
            "status": status if organisation else MINE,
            "is_manager": reason is None,
            "to_decide_count": _to_decide(acting, organisation, now=now).count()
            if reason is None and organisation
            else 0,
            "domains": []
            if status == MINE or any(row.covers_all_domains for row in own)
            else [row.domain.name for row in own if row.domain],
            "rows": [RequestRow(row, now=now) for row in shown],
            "next_key": next_key,
            "is_first": not query_value(request, "after"),
            "may_ask": may_request_for(acting, organisation) in (None, Reason.NONE_CHOSEN),
            "nav": "my_roles" if status == MINE else "tasks",
        },
    )


def _page(rows: RoleRequestQuerySet, after: str, *, oldest_first: bool) -> tuple[list[RoleRequest], str]:
    """Return a page of the list, after the row with a key, and the key to go on from."""
    if after:
        # An unknown key starts at the first page: lists do not answer 404 for an old bookmark.
        start = rows.filter(key=after).values_list("id", flat=True).first()
        if start:
            rows = rows.filter(id__gt=start) if oldest_first else rows.filter(id__lt=start)
    related = rows.select_related(
        *("role", "organisation", "requester", "decided_by", "extends", "assignment", "came_from")
    )
    found = list(related.order_by("id" if oldest_first else "-id")[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].key if len(found) > PAGE else ""
