"""The assignments of an organisation as an access manager lists them: filters, orders, pages by key."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from roles.matching import words_of
from roles.models import Role, RoleAssignment
from roles.reasons import on_day
from roles.states import State, current_condition
from tenants.acting import ActingContext
from tenants.folding import fold, prefix_range
from tenants.models import Organisation

CURRENT = "current"
_FAR = date.max

SORTS = {
    "newest": gettext_lazy("Newest first"),
    "person": gettext_lazy("Person"),
    "role": gettext_lazy("Role"),
    "ends": gettext_lazy("End date"),
}


@dataclass(frozen=True)
class Filters:
    """What the list shows, and in which order. Words come from the session, the rest from the address."""

    name: str = ""
    role: str = ""
    status: str = ""
    ends: date | None = None
    sort: str = "newest"

    @property
    def is_any(self) -> bool:
        """Whether anything is left out."""
        return bool(self.name or self.role or self.status or self.ends)

    def query(self, **changes: str) -> str:
        """Return the query string of the address for these filters, with changes; words are never in it."""
        values = {
            "status": self.status,
            "ends": self.ends.isoformat() if self.ends else "",
            "sort": self.sort if self.sort != "newest" else "",
            **changes,
        }
        text = urlencode({name: value for name, value in values.items() if value})
        return f"?{text}" if text else ""

    def chosen(self) -> list[tuple[str, str]]:
        """Return each filter in words, with what takes it off: an address for what stands in one, else a name."""
        found = []
        if self.name:
            found.append((_("Name: %(words)s") % {"words": self.name}, "name"))
        if self.role:
            found.append((_("Role or service: %(words)s") % {"words": self.role}, "role"))
        if self.status:
            found.append((_("Status: %(status)s") % {"status": status_label(self.status)}, "status"))
        if self.ends:
            found.append((_("Ends before %(date)s") % {"date": on_day(self.ends)}, "ends"))
        return found


def status_label(status: str) -> str:
    """Return the words for a value of the status filter."""
    return _("Current roles") if status == CURRENT else str(State(status).label)


@dataclass
class Listing:
    """The assignments of an organisation that this person manages, as the filters leave them."""

    organisation: Organisation
    acting: ActingContext
    filters: Filters
    now: datetime

    @cached_property
    def visible(self) -> QuerySet[RoleAssignment]:
        """All that the person manages here."""
        own = self.acting.appointments_for(self.organisation)
        return RoleAssignment.objects.of_organisation(self.organisation).in_domains(own)

    def found(self) -> QuerySet[RoleAssignment]:
        """What the filters leave, in order."""
        filters = self.filters
        rows = self.visible
        for word in fold(filters.name).split():
            low, high = prefix_range(word)
            rows = rows.filter(
                Q(assignee__last_key__gte=low, assignee__last_key__lt=high)
                | Q(assignee__first_key__gte=low, assignee__first_key__lt=high)
                | Q(assignee__last_key__contains=f" {word}")
                | Q(assignee__first_key__contains=f" {word}")
            )
        if tokens := words_of(filters.role):
            roles = [role.pk for role in Role.objects.for_page() if role.matches(tokens)]
            rows = rows.filter(role__in=roles)
        if filters.status == CURRENT:
            rows = rows.filter(current_condition(now=self.now))
        elif filters.status:
            rows = rows.in_state(State(filters.status), now=self.now)  # type: ignore[attr-defined]
        if filters.ends is not None:
            rows = rows.filter(Q(valid_until__lt=filters.ends) | Q(ended_on__lte=filters.ends))
        return self._sorted(rows)

    def _sorted(self, rows: QuerySet[RoleAssignment]) -> QuerySet[RoleAssignment]:
        return rows.annotate(**self._keys()).order_by(*self._keys(), "-id")

    def _keys(self) -> dict[str, Any]:
        """Return what the rows are ordered by, before the newest first."""
        match self.filters.sort:
            case "person":
                return {"sort_1": F("assignee__last_key"), "sort_2": F("assignee__first_key")}
            case "role":
                return {"sort_1": F("role__code")}
            case "ends":
                return {"sort_1": Coalesce("valid_until", _FAR)}
            case _newest:
                return {}

    def after(self, rows: QuerySet[RoleAssignment], key: str) -> QuerySet[RoleAssignment]:
        """Return what follows a row in the order. An unknown key starts at the first page, as an old bookmark may."""
        start = self.visible.filter(key=key).annotate(**self._keys()).first() if key else None
        if start is None:
            return rows
        names = list(self._keys())
        follows = Q(**{name: getattr(start, name) for name in names}, id__lt=start.pk)
        for number, name in enumerate(names):
            same = {earlier: getattr(start, earlier) for earlier in names[:number]}
            follows |= Q(**same, **{f"{name}__gt": getattr(start, name)})
        return rows.filter(follows)
