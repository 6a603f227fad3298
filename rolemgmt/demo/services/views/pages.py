"""What a person sees: the start, what they may do here, or that they may not yet."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_POST, require_safe

from rolemgmt.demo.services import visits
from rolemgmt.demo.services.figures import findings_of, months_of, tiles_of
from rolemgmt.demo.services.problems import Problem
from rolemgmt.demo.services.role_requests import request_address
from rolemgmt.demo.services.sites import FLUVIUS, SITES, Site
from rolemgmt.demo.services.views.errors import show


@require_safe
def both(request: HttpRequest) -> HttpResponse:
    """Say which services are here."""
    return render(request, "services/both.html", {"sites": SITES.values()})


@require_safe
def start(request: HttpRequest, site: Site) -> HttpResponse:
    """Show what the person may do here; to whoever is not signed in, how to.

    Nothing is asked of the portal: when it ends a sign-in it says so itself (back-channel logout).
    """
    visit = visits.current(request, site)
    if visit is None:
        if visits.was_ended(request, site):
            return show(request, site, Problem.ENDED)
        return render(request, "services/start.html", {"site": site})
    said, visit.said = visit.said, ""
    if said:
        visits.update(visit)
    number = visit.enterprise_number
    context = {"site": site, "visit": visit, "said": said, "number": number, "organisation": visit.enterprise_name}
    entry = visit.role(site.role)
    if entry is None:
        return render(request, "services/no_access.html", context, status=HTTPStatus.FORBIDDEN)
    context |= {"entry": entry, "tiles": tiles_of(site, number), "is_energy": site is FLUVIUS}
    if site is FLUVIUS:
        context["months"] = months_of(number, today=timezone.localdate())
    else:
        context["findings"] = findings_of()
    return render(request, "services/inside.html", context)


@require_POST
def request_role(request: HttpRequest, site: Site) -> HttpResponse:
    """Lead to the portal with a request for this site's role, made at this moment: it is good once."""
    visit = visits.current(request, site)
    if visit is None:
        return redirect(site.path())
    address = request_address(site, enterprise_number=visit.enterprise_number, language=get_language() or "en")
    return redirect(address)
