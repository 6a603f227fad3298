"""Step 3: which roles, found by code, name, description, service or synonym."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from roles.errors import Objection
from roles.models import Role, RoleAssignment
from roles.operations import drafts
from roles.reasons import objection_words, on_day, why_not_role
from roles.rules import Reason, deciders_of, may_assign, needs_high_key
from roles.wizard.page import render_step, seen_version, wizard_page
from roles.wizard.persons import PAGE, _pages
from roles.wizard.state import WizardState
from tenants.folding import fold
from tenants.http import SeeOther, many_values, one_value, whole_number
from tenants.search import LONGEST


@dataclass
class OfferedRole:
    """A row of the list: the role, notes under it, and whether it can be ticked."""

    role: Role
    group: str
    notes: list[str] = field(default_factory=list)
    is_chosen: bool = False
    is_held_by_all: bool = False
    is_ticked: bool = False


@wizard_page("roles")
def roles(request: HttpRequest, state: WizardState) -> HttpResponse:
    """W3. Every button first stores the ticks of the page."""
    if request.method != "POST":
        return _show(request, state)
    words = " ".join(one_value(request, "q").split())
    action = one_value(request, "action") or ("page" if "page" in request.POST else "remove")
    if action == "search" and len(words) > LONGEST:
        limit = {"field": _("Search for a role"), "count": LONGEST}
        text = _("“%(field)s” can have at most %(count)s characters") % limit
        return _show(request, state, errors=[("#id_q", text)], typed=words)
    errors = _store_ticks(request, state, words if action == "search" else None)
    here = request.get_full_path()
    if errors:
        return _show(request, state, errors=errors)
    if action in ("search", "page"):
        return SeeOther(f"{here}#results")
    if action == "add" and "role" not in request.POST:
        return _show(request, state, errors=[("#results", _("Choose at least one role"))])
    if action in ("add", "remove"):
        return SeeOther(f"{here}#chosen")
    if not state.chosen_roles:
        return _show(request, state, errors=[("#id_q", _("Choose at least one role"))])
    return SeeOther(state.url_after("roles"))


def _store_ticks(request: HttpRequest, state: WizardState, words: str | None) -> list[tuple[str, str]]:
    """Store what is ticked, taken off, searched for or paged to. Returns errors for roles that cannot be chosen."""
    organisation = state.chosen_organisation
    refused: list[Objection] = []

    def allowed(role: Role) -> bool:
        if (reason := may_assign(state.acting, role, organisation)) is None:
            return True
        refused.append(Objection("roles", reason, {"role": role, "organisation": organisation}))
        return False

    with drafts.changing(state.draft, seen_version=seen_version(request), now=state.now) as draft:
        drafts.add_roles(draft, many_values(request, "role"), allowed=allowed)
        if "remove" in request.POST:
            drafts.remove_role(draft, one_value(request, "remove"))
        if words is not None:
            draft.role_query, draft.role_page = words, 1
        elif "page" in request.POST:
            draft.role_page = whole_number(one_value(request, "page"), 1, high=100)
    state.__dict__.pop("chosen_roles", None)
    return [("#results", objection_words(objection)) for objection in refused]


def _show(
    request: HttpRequest,
    state: WizardState,
    *,
    errors: list[tuple[str, str]] | None = None,
    typed: str | None = None,
) -> HttpResponse:
    organisation = state.chosen_organisation
    words = state.draft.role_query
    catalogue = list(Role.objects.for_page())
    verdicts = {role.pk: may_assign(state.acting, role, organisation) for role in catalogue}
    offered = _offered(state, [role for role in catalogue if verdicts[role.pk] is None], words)
    pages = max(1, -(-len(offered) // PAGE))
    number = min(state.draft.role_page, pages)
    shown = offered[(number - 1) * PAGE : number * PAGE]
    return render_step(
        request,
        state,
        "roles",
        "roles/wizard/roles.html",
        errors=errors,
        typed=words if typed is None else typed,
        words=words,
        rows=shown,
        can_add=any(not row.is_chosen and not row.is_held_by_all for row in shown),
        count_words=_count_words(len(offered), words),
        has_any=any(reason is None for reason in verdicts.values()),
        page=_pages(number, pages),
        others=_others(state, catalogue, verdicts, words),
        strangers=strangers(state),
    )


def _count_words(count: int, words: str) -> str:
    if not words:
        return ngettext("%(count)s role available", "%(count)s roles available", count) % {"count": count}
    return ngettext("%(count)s role found for “%(words)s”", "%(count)s roles found for “%(words)s”", count) % {
        "count": count,
        "words": words,
    }


def _offered(state: WizardState, roles: list[Role], words: str) -> list[OfferedRole]:
    """Return the roles to show: those used here before first, then by owner and name."""
    tokens = fold(words).split()
    # One look into the index per role of the catalogue, however many assignments the organisation has.
    here_too = RoleAssignment.objects.filter(organisation=state.organisation, role=OuterRef("pk"))
    used = set(Role.objects.filter(Exists(here_too)).values_list("pk", flat=True))
    held = _held(state)
    chosen = {row.role_id for row in state.chosen_roles}
    here = _("Already used in this organisation")
    rows = []
    for role in roles:
        if tokens and not role.matches(tokens):
            continue
        row = OfferedRole(role, here if role.pk in used else role.owner, is_chosen=role.pk in chosen)
        holders = held.get(role.pk, {})
        row.is_held_by_all = bool(state.persons) and len(holders) == len(state.persons)
        row.notes = [_held_note(assignment) for assignment in holders.values()]
        if role.always_confirm:
            row.notes.append(_("Needs a confirmation"))
        if needs_high_key(role):
            row.notes.append(_("Needs a key with eID or itsme"))
        rows.append(row)
    return sorted(rows, key=lambda row: (row.role.pk not in used, fold(row.group), fold(row.role.name)))


def _held(state: WizardState) -> dict[int, dict[int, RoleAssignment]]:
    """Return, per role and person, what the chosen people hold here now or later."""
    rows = (
        RoleAssignment.objects.current(now=state.now)
        .filter(organisation=state.organisation, assignee__in=state.persons)
        .select_related("assignee")
        .order_by("valid_from")
    )
    found: dict[int, dict[int, RoleAssignment]] = {}
    for row in rows:
        found.setdefault(row.role_id, {})[row.assignee_id] = row
    return found


def _held_note(row: RoleAssignment) -> str:
    if row.valid_until is None:
        return _("Already assigned to %(name)s, no end date") % {"name": row.assignee.full_name}
    return _("Already assigned to %(name)s until %(date)s") % {
        "name": row.assignee.full_name,
        "date": on_day(row.valid_until),
    }


def _others(
    state: WizardState, catalogue: list[Role], verdicts: dict[int, Reason | None], words: str
) -> list[tuple[Role, str, bool]]:
    """Return the roles that are not this manager's to give, with why, who can, and whether a surer key would do."""
    organisation = state.chosen_organisation
    tokens = fold(words).split()
    refused = [
        (role, reason)
        for role in catalogue
        if (reason := verdicts[role.pk]) is not None and (not tokens or role.matches(tokens))
    ]
    deciders = deciders_of(organisation, day=state.today) if refused else None
    result = []
    for role, reason in refused:
        names: list[str] = []
        if deciders is not None and reason == Reason.OTHER_DOMAIN:
            names = [person.full_name for person in deciders.managers_for(role, besides=state.acting.person)]
        result.append((role, why_not_role(reason, role, names), reason == Reason.ROLE_NEEDS_HIGH))
    return sorted(result, key=lambda pair: fold(pair[0].name))


def strangers(state: WizardState) -> list[dict[str, Any]]:
    """Return the chosen people who do not work for the organisation, with where they do. Allowed, but said."""
    from tenants.models import Employment

    jobs = Employment.objects.filter(person__in=state.persons).live(state.today).select_related("organisation")
    places: dict[int, list[Any]] = {}
    for job in jobs.order_by("id"):
        places.setdefault(job.person_id, []).append(job.organisation)
    organisation = state.chosen_organisation
    result = []
    for person in state.persons:
        works_at = places.get(person.pk, [])
        if all(place.pk != organisation.pk for place in works_at):
            names = ", ".join(dict.fromkeys(place.name for place in works_at))
            result.append({"name": person.full_name, "works_at": names})
    return result
