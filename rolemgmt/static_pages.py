"""Help, accessibility and privacy: pages for everybody, signed in or not (SCREENS, P1 to P3)."""

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from roles.models import Role
from tenants.folding import fold

# When the accessibility statement was last gone through; it is looked at again every year.
STATEMENT_REVIEWED_ON = date(2026, 11, 21)


@dataclass(frozen=True)
class OwnedRoles:
    """The roles of one service owner."""

    owner: str
    roles: tuple[Role, ...]


def role_catalogue() -> list[OwnedRoles]:
    """Return the roles that managers assign, by owner, both in the order of the alphabet. Two queries."""
    found = Role.objects.filter(is_assignable=True).prefetch_related("services")
    ordered = sorted(found, key=lambda role: (fold(role.owner), role.owner, fold(role.name), role.code))
    return [OwnedRoles(owner, tuple(roles)) for owner, roles in groupby(ordered, key=lambda role: role.owner)]


@login_not_required
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """Answer the questions people ask, and say whom to ask the others."""
    return render(request, "help.html", {"catalogue": role_catalogue()})


@login_not_required
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """State how accessible the portal is."""
    return render(request, "accessibility.html", {"reviewed_on": STATEMENT_REVIEWED_ON})


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Say what is kept of people, why, for how long and who sees it."""
    return render(request, "privacy.html")
