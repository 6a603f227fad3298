"""Where a service sends a person whom it cannot let in: on to the portal's own request for the role."""

import uuid
from dataclasses import replace

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from fas.language import speak
from fas.models import Client
from fas.role_requests import NotARequest, find, keep, read_role_request, use_role_request
from fas.views.gate import for_provider
from roles.models import Role
from roles.operations.from_service import start_request_for_service
from roles.refusals import not_allowed
from roles.rules import Reason, may_request_for
from roles.way_back import WayBack
from tenants.acting import ActingContext
from tenants.http import SeeOther, require_safe
from tenants.middleware import acting_of
from tenants.models import Organisation
from tenants.requirements import Requirement, requires_by_address


@login_not_required
@for_provider
@require_safe
def arrive(request: HttpRequest) -> HttpResponse:
    """Check the service's signed request and keep it, in the session: nothing else happens yet.

    HEAD is no arrival: it must not use the request up.
    """
    tokens, now = request.GET.getlist("request"), timezone.now()
    try:
        if len(tokens) != 1:
            raise NotARequest("parameter")
        asked = read_role_request(tokens[0], now=now)
        if request.method == "HEAD":
            return HttpResponse()
        asked = use_role_request(asked, request.session, now=now)
    except NotARequest:
        return render(request, "fas/no_role_request.html", status=400)
    speak(request)
    return SeeOther(reverse("fas:request_role", args=[asked.key]))


def _requirement(asked: str) -> Requirement:
    return Requirement(asks_organisation=True)  # the service has said for which, or the request asks


@requires_by_address(_requirement)
@for_provider
@require_http_methods(["GET", "HEAD", "POST"])
def request_role(request: HttpRequest, asked: str) -> HttpResponse:
    """Say who sent the person and for what; with the button begin the request, of which nothing is sent yet."""
    now = timezone.now()
    found = find(request.session, asked, now=now)
    client = Client.objects.select_related("service").filter(client_id=found.client_id).first() if found else None
    if found is None or client is None or not client.is_enabled:
        return render(request, "fas/role_request_over.html", status=404)
    if found.draft:
        return SeeOther(reverse("roles:request_from_service", args=[uuid.UUID(found.draft)]))
    role = Role.objects.filter(code=found.role, services=client.service).first()
    if role is None or not client.request_return_uri_allowed(found.return_to):  # taken away meanwhile
        return render(request, "fas/role_request_over.html", status=404)
    acting = acting_of(request)
    own = _own(acting, found.enterprise_number)
    reason = may_request_for(acting, own)
    # An organisation that is still open is asked for on the page after this one.
    if reason is not None and reason != Reason.NONE_CHOSEN:
        return not_allowed(request, reason, own, way_back=WayBack(found.return_to, client.service.name))
    if request.method != "POST":
        context = {
            "client": client,
            "role": role,
            "organisation": own,
            "number": found.enterprise_number,
            "person": acting.person,
        }
        return render(request, "fas/request_role.html", context)
    draft = start_request_for_service(
        acting,
        role=role,
        enterprise_number=found.enterprise_number,
        service=client.service,
        return_to=found.return_to,
        now=now,
    )
    keep(request.session, replace(found, draft=str(draft.key)), now=now)
    return SeeOther(reverse("roles:request_from_service", args=[draft.key]))


def _own(acting: ActingContext, number: str) -> Organisation | None:
    """Return the person's organisation of this number. Nobody reads the name of another: numbers could be tried out."""
    return next((link.organisation for link in acting.links if link.organisation.enterprise_number == number), None)
