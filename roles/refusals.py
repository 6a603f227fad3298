"""S22: a missing right, why it is missing, and who can help. In place of the page, status 403."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from audit.context import request_id
from roles.operations.denials import record_denial
from roles.reasons import why_not
from roles.rules import Reason, deciders_of, level_to_manage
from tenants.acting import HIGH_FROM
from tenants.middleware import acting_of
from tenants.models import AccessManagerAppointment, Organisation

# Who appoints and ends access managers is not a question of where somebody gives roles.
ABOUT_MANAGERS = (Reason.NOT_REPRESENTATIVE, Reason.NOT_CHIEF, Reason.KEEPS_CHIEF)


def not_allowed(request: HttpRequest, reason: Reason, organisation: Organisation | None) -> HttpResponse:
    """Render the page for `reason`; the refusal is recorded. Names are given within one's own organisation only."""
    acting = acting_of(request)
    record_denial(reason, acting=acting, organisation=organisation, path=request.path)
    link = acting.link_to(organisation)
    helpers = []
    if link is not None and organisation is not None:
        deciders = deciders_of(organisation, day=timezone.localdate())
        helpers = [(row.person.full_name, row.title) for row in deciders.appointments if _can_help(row, reason)]
        representatives = [person.full_name for person in deciders.representatives]
    else:
        representatives = []
    return render(
        request,
        "roles/not_allowed.html",
        {
            "reason": str(reason),
            "why": why_not(reason, organisation),
            "organisation": organisation,
            "helpers": helpers,
            "representatives": representatives,
            "needs_level": HIGH_FROM if reason == Reason.ROLE_NEEDS_HIGH else level_to_manage(),
            "is_about_managers": reason in ABOUT_MANAGERS,
            "elsewhere": []
            if reason in ABOUT_MANAGERS
            else [row for row in acting.managed if organisation is None or row.pk != organisation.pk],
            # Every page that refuses can be asked for again by GET, also where a button was pressed on it.
            "return_to": request.get_full_path(),
            "keeps_draft": request.resolver_match is not None and "draft" in request.resolver_match.kwargs,
            "request_id": request_id.get(),
        },
        status=403,
    )


def _can_help(row: AccessManagerAppointment, reason: Reason) -> bool:
    """Whether this access manager can do what another could not for `reason`."""
    if reason in ABOUT_MANAGERS:
        return reason == Reason.NOT_CHIEF and row.kind == row.Kind.CHIEF
    return True
