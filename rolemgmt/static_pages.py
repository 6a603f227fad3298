"""Help, accessibility and privacy: pages for everybody, signed in or not (SCREENS, P1 to P3)."""

from datetime import date

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from rolemgmt.measured import measured_rows

# When the accessibility statement was written and last gone through. It is looked at again every year.
STATEMENT_WRITTEN_ON = date(2026, 11, 21)
STATEMENT_REVIEWED_ON = date(2026, 11, 21)


@login_not_required
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """Answer the questions people ask, and say whom to ask the others."""
    return render(request, "help.html")


@login_not_required
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """State how accessible the portal is, with the numbers that were measured."""
    context = {
        "rows": measured_rows(),
        "written_on": STATEMENT_WRITTEN_ON,
        "reviewed_on": STATEMENT_REVIEWED_ON,
    }
    return render(request, "accessibility.html", context)


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Say what is kept of people, why, for how long and who sees it."""
    return render(request, "privacy.html")
