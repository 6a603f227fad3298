"""Choosing roles (SCREENS 4): search, tick, add, take off. The same for assigning, asking and inviting."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from roles.errors import Objection
from roles.matching import words_of
from roles.models import AssignmentDraft, DraftRole, Role, RoleAssignment
from roles.operations import drafts
from roles.reasons import objection_words, on_day
from roles.rows import first_names_in_a_row
from roles.rules import Reason, needs_high_key
from roles.wizard.page import seen_version
from tenants.folding import fold
from tenants.http import SeeOther, many_values, one_value, whole_number
from tenants.models import Organisation, Person
from tenants.search import LONGEST

PAGE = 20
FEW = 3  # people named in a line of their own
Errors = list[tuple[str, str]]
Held = dict[int, dict[int, RoleAssignment]]


@dataclass
class OfferedRole:
    """A row of the list: the role, notes under it, and whether it can be ticked."""

    role: Role
    group: str
    notes: list[str] = field(default_factory=list)
    is_chosen: bool = False
    is_held_by_all: bool = False


@dataclass
class RoleChoice:
    """The roles of the catalogue for one draft: which can be chosen, which not and why.

    `may` says why a role cannot be chosen, or None; `why` puts that into words, with a flag for a surer key. `persons`
    are those who would hold the roles: what they hold already is shown, and what all of them hold is not offered.
    """

    draft: AssignmentDraft
    organisation: Organisation
    now: datetime
    may: Callable[[Role], Reason | None]
    why: Callable[[list[tuple[Role, Reason]]], list[tuple[Role, str, bool]]]
    persons: list[Person] = field(default_factory=list)
    # Whether a role that somebody holds may be chosen all the same: a request for a longer time.
    may_again: Callable[[RoleAssignment], bool] = lambda row: False
    # Whether the reader asks for roles to hold: the list then speaks to one person, and of nobody's confirmation.
    is_asking: bool = False
    # Where the form is sent; the address of the page unless said otherwise.
    address: str = ""

    @cached_property
    def chosen(self) -> list[DraftRole]:
        """The roles chosen so far."""
        return list(self.draft.chosen_roles.select_related("role"))

    @cached_property
    def held(self) -> Held:
        """What the persons hold here now or later, per role and person."""
        rows = RoleAssignment.objects.current(now=self.now).filter(
            organisation=self.organisation, assignee__in=self.persons
        )
        found: Held = {}
        for row in rows.select_related("assignee").order_by("valid_from", "id"):
            found.setdefault(row.role_id, {})[row.assignee_id] = row
        return found

    def is_held_by_all(self, role: Role) -> bool:
        """Whether everybody holds it already, and nobody could hold it longer."""
        holders = self.held.get(role.pk, {})
        return (
            bool(self.persons)
            and len(holders) == len(self.persons)
            and not any(self.may_again(row) for row in holders.values())
        )

    def store(self, request: HttpRequest, words: str | None) -> Errors:
        """Store what is ticked, taken off, searched for or paged to. Returns errors for roles that cannot be chosen."""
        refused: list[Objection] = []

        def allowed(role: Role) -> bool:
            reason = self.may(role)
            if reason is None:
                return True
            refused.append(Objection("roles", reason, {"role": role, "organisation": self.organisation}))
            return False

        with drafts.changing(self.draft, seen_version=seen_version(request), now=self.now) as draft:
            drafts.add_roles(draft, many_values(request, "role"), allowed=allowed)
            if "remove" in request.POST:
                drafts.remove_role(draft, one_value(request, "remove"))
            if words is not None:
                draft.role_query, draft.role_page = words, 1
            elif "page" in request.POST:
                draft.role_page = whole_number(one_value(request, "page"), 1, high=100)
        self.__dict__.pop("chosen", None)
        return [("#results", objection_words(objection)) for objection in refused]

    def context(self, *, typed: str | None = None) -> dict[str, Any]:
        """Return what the template roles/parts/role_choice.html prints."""
        words = self.draft.role_query
        catalogue = list(Role.objects.for_page())
        verdicts = {role.pk: self.may(role) for role in catalogue}
        offered = self._offered([role for role in catalogue if verdicts[role.pk] is None], words)
        pages = max(1, -(-len(offered) // PAGE))
        number = min(self.draft.role_page, pages)
        shown = offered[(number - 1) * PAGE : number * PAGE]
        tokens = words_of(words)
        refused = [
            (role, reason)
            for role in catalogue
            if (reason := verdicts[role.pk]) is not None and (not tokens or role.matches(tokens))
        ]
        return {
            "typed": words if typed is None else typed,
            "words": words,
            "rows": shown,
            "chosen_roles": self.chosen,
            "can_add": any(not row.is_chosen and not row.is_held_by_all for row in shown),
            "count_words": _count_words(len(offered), words),
            "has_any": any(reason is None for reason in verdicts.values()),
            "page": page_buttons(number, pages),
            "others": sorted(self.why(refused), key=lambda entry: fold(entry[0].name)) if refused else [],
            "is_asking": self.is_asking,
            "form_address": self.address,
        }

    def _offered(self, roles: list[Role], words: str) -> list[OfferedRole]:
        """Return the roles to show: those used here before first, then by owner and name."""
        tokens = words_of(words)
        # One look into the index per role of the catalogue, however many assignments the organisation has.
        here_too = RoleAssignment.objects.filter(organisation=self.organisation, role=OuterRef("pk"))
        used = set(Role.objects.filter(Exists(here_too)).values_list("pk", flat=True))
        chosen = {row.role_id for row in self.chosen}
        here = _("Already used in this organisation")
        rows = []
        for role in roles:
            if tokens and not role.matches(tokens):
                continue
            row = OfferedRole(role, here if role.pk in used else role.owner, is_chosen=role.pk in chosen)
            row.is_held_by_all = self.is_held_by_all(role)
            row.notes = _held_notes(list(self.held.get(role.pk, {}).values()), self.is_asking)
            if role.always_confirm and not self.is_asking:
                row.notes.append(_("Needs a confirmation"))
            if needs_high_key(role) and not self.is_asking:
                row.notes.append(_("Needs a key with eID or itsme"))
            rows.append(row)
        return sorted(rows, key=lambda row: (row.role.pk not in used, fold(row.group), fold(row.role.name)))


def choose_roles(
    request: HttpRequest,
    choice: RoleChoice,
    *,
    show: Callable[[Errors, str | None], HttpResponse],
    onward: Callable[[], str],
) -> HttpResponse:
    """Answer the page: GET shows it, every button of a POST first stores the ticks of the page (SCREENS 4)."""
    if request.method != "POST":
        return show([], None)
    words = " ".join(one_value(request, "q").split())
    action = one_value(request, "action") or ("page" if "page" in request.POST else "remove")
    if action == "search" and len(words) > LONGEST:
        limit = {"field": _("Search for a role"), "count": LONGEST}
        return show([("#id_q", _("“%(field)s” can have at most %(count)s characters") % limit)], words)
    errors = choice.store(request, words if action == "search" else None)
    here = choice.address or request.get_full_path()
    if errors:
        return show(errors, None)
    if action in ("search", "page"):
        return SeeOther(f"{here}#results")
    if action == "add" and "role" not in request.POST:
        return show([("#results", _("Choose at least one role"))], None)
    if action in ("add", "remove"):
        return SeeOther(f"{here}#chosen")
    if not choice.chosen:
        return show([("#id_q", _("Choose at least one role"))], None)
    return SeeOther(onward())


def page_buttons(number: int, pages: int) -> Page:
    """Return what the page buttons need: the page with this number of so many."""
    return Paginator(range(pages), 1).get_page(number)


def _count_words(count: int, words: str) -> str:
    if not words:
        return ngettext("%(count)s role available", "%(count)s roles available", count) % {"count": count}
    return ngettext("%(count)s role found for “%(words)s”", "%(count)s roles found for “%(words)s”", count) % {
        "count": count,
        "words": words,
    }


def _held_notes(rows: list[RoleAssignment], is_own: bool) -> list[str]:
    """Return who holds a role already: a line for each of a few, one for more. The check page names them all."""
    if len(rows) <= FEW:
        return [_held_note(row, is_own) for row in rows]
    names = first_names_in_a_row([row.assignee for row in rows], FEW)
    if len({row.valid_until for row in rows}) == 1:
        return [_held_by(names, rows[0].valid_until)]
    return [_("Already assigned to %(names)s. The validity differs") % {"names": names}]


def _held_note(row: RoleAssignment, is_own: bool) -> str:
    if is_own and row.last_day is None:
        return _("You hold it without an end date")
    if is_own:
        return _("You hold it until %(date)s") % {"date": on_day(row.last_day)}
    return _held_by(row.assignee.full_name, row.valid_until)


def _held_by(names: str, valid_until: date | None) -> str:
    if valid_until is None:
        return _("Already assigned to %(name)s, no end date") % {"name": names}
    return _("Already assigned to %(name)s until %(date)s") % {"name": names, "date": on_day(valid_until)}
