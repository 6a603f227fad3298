"""Pages about what went wrong."""

import logging
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from rolemgmt.demo.services.problems import Problem, Refused
from rolemgmt.demo.services.sites import SITES, Site

log = logging.getLogger(__name__)


def show(request: HttpRequest, site: Site, problem: Problem, *, status: int | None = None) -> HttpResponse:
    """Show what stands in the way, and what one can do."""
    words = problem.value
    context = {"site": site, "words": words, "wide": problem is Problem.FORGED}
    return render(request, "services/problem.html", context, status=status or words.status)


def show_refusal(request: HttpRequest, site: Site, refused: Refused) -> HttpResponse:
    """Show a refusal, and write down what exactly was wrong."""
    if refused.problem in (Problem.FORGED, Problem.UNTRUSTED, Problem.CLOCKS, Problem.UNREACHABLE):
        log.warning("%s: sign-in refused: %s", site.slug, refused.reason)
    return show(request, site, refused.problem)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form without the right token."""
    site = SITES.get(request.path.strip("/").partition("/")[0])
    if site is None:
        return not_found(request)
    return show(request, site, Problem.TOO_OLD)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer an address that leads nowhere."""
    return render(request, "services/not_found.html", status=HTTPStatus.NOT_FOUND)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer what no browser sends."""
    return render(request, "services/not_found.html", status=HTTPStatus.BAD_REQUEST)


def broken(request: HttpRequest) -> HttpResponse:
    """Answer when something here is broken."""
    return render(request, "services/broken.html", status=HTTPStatus.INTERNAL_SERVER_ERROR)
