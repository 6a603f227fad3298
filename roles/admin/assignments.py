"""Assignments in the administration: to look at. They are given, confirmed and ended in the portal (DESIGN 7.12)."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from roles.models import ReferenceSeries, RoleAssignment
from roles.rules import deciders_of
from roles.why import Verdict, checks_of, facts_of
from tenants.staff_search import MOST, organisation_ids, person_ids
from vault.admin_base import ReadOnlyAdmin


@admin.register(RoleAssignment)
class RoleAssignmentAdmin(ReadOnlyAdmin):
    """Read-only."""

    list_display = ("reference", "role", "assignee", "organisation", "state_now", "valid_from", "valid_until")
    list_select_related = ("role", "assignee", "organisation")
    list_filter = ("origin", "confirmer")
    search_fields = ("=reference",)
    search_help_text = _("A reference, a name, the beginning of an enterprise number, or a key in full")
    fields = (
        "reference",
        "portal_page",
        "state_now",
        "conditions",
        "role",
        "organisation",
        "assignee",
        "valid_from",
        "valid_until",
        "properties",
        "origin",
        "assigned_by",
        "assigned_at",
        "confirmer",
        "confirm_before",
        "confirmed_at",
        "confirmed_by",
        "refused_at",
        "refused_by",
        "refusal_note",
        "ended_at",
        "ended_by",
        "end_reason",
        "end_note",
        "replaces",
        "draft",
        "public_key",
    )
    readonly_fields = ("portal_page", "state_now", "conditions", "public_key")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Bring along what one page shows."""
        people = ("assigned_by", "confirmed_by", "refused_by", "ended_by", "draft", "replaces")
        rows = super().get_queryset(request)
        return rows.select_related("role", "assignee", "organisation", *people) if self._is_one(request) else rows

    @staticmethod
    def _is_one(request: HttpRequest) -> bool:
        match = request.resolver_match
        return match is not None and "object_id" in match.kwargs

    @admin.display(description=_("status"))
    def state_now(self, obj: RoleAssignment) -> str:
        """Show the state, computed now from the facts."""
        return str(obj.state(now=timezone.now()).label)

    @admin.display(description=_("Why it works, or does not"))
    def conditions(self, obj: RoleAssignment) -> str:
        """Show the same checks as its holder and the access managers see."""
        now = timezone.now()
        deciders = deciders_of(obj.organisation, day=timezone.localdate(now))
        checks = checks_of(obj, facts_of(obj, confirmers=deciders.for_assignment(obj), now=now))
        marks = {Verdict.MET: "✓", Verdict.WAITS: "…", Verdict.NOT_MET: "✗"}
        lines = ((marks[check.verdict], check.sentence, check.advice) for check in checks)
        return format_html_join(mark_safe("<br>"), "{} {} {}", lines)

    @admin.display(description=_("In the portal"))
    def portal_page(self, obj: RoleAssignment) -> str:
        """Lead to the page that its holder and the access managers see; whoever is neither finds nothing there."""
        return format_html(
            '<a href="{}">{}</a>',
            reverse("roles:assignment", args=[obj.key]),
            _("View in the portal, as its holder or an access manager"),
        )

    def find(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        """Find by reference, by key, by holder or by organisation: each a short range of an index."""
        ids: set[int] = set()
        for condition in (
            Q(reference=words.upper()),
            Q(draft__reference=words.upper()),
            Q(key=words),
            Q(assignee_id__in=person_ids(words)),
            Q(organisation_id__in=organisation_ids(words)),
        ):
            rows = RoleAssignment.objects.filter(condition).order_by("-pk")
            ids.update(rows.values_list("pk", flat=True)[:MOST])
        return queryset.filter(pk__in=ids)


@admin.register(ReferenceSeries)
class ReferenceSeriesAdmin(ReadOnlyAdmin):
    """The counters behind the references."""

    list_display = ("prefix", "year", "last")
    fields = ("prefix", "year", "last")
    search_fields = ("=prefix", "=year")
