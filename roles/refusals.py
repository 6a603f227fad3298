"""S22: a missing right, why it is missing, and who can help. In place of the page, status 403."""

from collections.abc import Collection

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from audit.context import request_id
from roles.models import Role
from roles.operations.denials import record_denial
from roles.reasons import last_day, right_ended, why_not
from roles.rules import Deciders, Reason, deciders_of, level_to_manage
from roles.way_back import WayBack
from tenants.acting import HIGH_FROM, ActingContext
from tenants.middleware import acting_of
from tenants.models import AccessManagerAppointment, Organisation

# Who appoints and ends access managers is not a question of where somebody gives roles.
ABOUT_MANAGERS = (Reason.NOT_REPRESENTATIVE, Reason.NOT_CHIEF, Reason.KEEPS_CHIEF)
# What an access manager whose function is over is told.
RIGHT_IS_MISSING = (
    *(Reason.NOT_LINKED, Reason.NOT_MANAGER, Reason.NOT_CHIEF),
    *(Reason.OTHER_ORGANISATION, Reason.OTHER_DOMAIN),
)


def not_allowed(
    request: HttpRequest,
    reason: Reason,
    organisation: Organisation | None,
    *,
    roles: Collection[Role] = (),
    way_back: WayBack | None = None,
) -> HttpResponse:
    """Render the page for `reason`; the refusal is recorded. Names are given within one's own organisation only.

    `roles` are those that the page is about: only who may give all of them can help. `way_back` leads somebody whom an
    online service sent here back to it.
    """
    acting = acting_of(request)
    record_denial(reason, acting=acting, organisation=organisation, path=request.path)
    is_own = acting.link_to(organisation) is not None
    deciders = deciders_of(organisation, day=timezone.localdate()) if organisation and is_own else Deciders((), ())
    ended = _ended_right(acting, reason, organisation, roles)
    domains = {role.domain_id for role in roles} or {row.domain_id for row in (ended,) if row and row.domain_id}
    return render(
        request,
        "roles/not_allowed.html",
        {
            "reason": str(reason),
            "why": why_not(reason, organisation),
            "ended": right_ended(ended) if ended else "",
            "organisation": organisation,
            "is_own": is_own,
            "helpers": [
                (row.person.full_name, row.title)
                for row in deciders.appointments
                if row.person_id != acting.person.pk and _can_help(row, reason, domains)
            ],
            "has_managers": bool(deciders.appointments),
            "representatives": [person.full_name for person in deciders.representatives],
            "needs_level": HIGH_FROM if reason == Reason.ROLE_NEEDS_HIGH else level_to_manage(),
            "is_about_managers": reason in ABOUT_MANAGERS,
            # Acting for another organisation is no way back to a right that has ended in this one; for one that has
            # stopped nobody can act.
            "elsewhere": []
            if reason in ABOUT_MANAGERS or (ended is not None and organisation is not None)
            else [row for row in acting.managed if row != organisation and not row.is_stopped],
            # Every page that refuses can be asked for again by GET, also where a button was pressed on it.
            "return_to": request.get_full_path(),
            "asked_for": next(iter(roles), None) if len(roles) == 1 else None,
            "keeps_draft": request.resolver_match is not None and "draft" in request.resolver_match.kwargs,
            "way_back": way_back,
            "request_id": request_id.get(),
        },
        status=403,
    )


def _can_help(row: AccessManagerAppointment, reason: Reason, domains: Collection[int]) -> bool:
    """Whether this access manager can do what another could not for `reason`, in all of these domains."""
    if reason in ABOUT_MANAGERS:
        return reason == Reason.NOT_CHIEF and row.kind == row.Kind.CHIEF
    return all(row.covers(domain) for domain in domains)


def _ended_right(
    acting: ActingContext, reason: Reason, organisation: Organisation | None, roles: Collection[Role]
) -> AccessManagerAppointment | None:
    """Return the last function of the person that would have given the right, had it not ended."""
    if reason not in RIGHT_IS_MISSING:
        return None
    over = Q(ended_at__isnull=False) | Q(valid_until__lt=timezone.localdate())
    mine = AccessManagerAppointment.objects.filter(over, person=acting.person).for_page()
    if organisation is not None:
        mine = mine.filter(organisation=organisation)
    would_do = [row for row in mine if _gave_the_right(row, reason, roles)]
    return max(would_do, key=lambda row: (last_day(row), row.pk), default=None)


def _gave_the_right(row: AccessManagerAppointment, reason: Reason, roles: Collection[Role]) -> bool:
    match reason:
        case Reason.NOT_CHIEF:
            return row.kind == row.Kind.CHIEF
        case Reason.OTHER_DOMAIN if not roles:
            return row.covers_all_domains
        case _other:
            return all(row.covers(role.domain_id) for role in roles)
