"""Step 1: who gets a role, found by name (W1) or by national register number (W1b)."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from roles.errors import QuotaReached
from roles.operations import drafts, lookups
from roles.reasons import wrong_number
from roles.wizard.page import render_step, seen_version, wizard_page
from roles.wizard.role_choice import page_buttons
from roles.wizard.state import WizardState
from tenants.days import too_many_attempts
from tenants.http import SeeOther, many_values, one_value, whole_number
from tenants.identifiers import (
    IdentifierError,
    looks_like_national_number,
    mask_national_number,
    parse_national_number,
)
from tenants.models import Employment, Person
from tenants.search import LONGEST, MOST, is_too_short, persons_in_order
from vault.numbers import holds_national_number

PAGE = 20
Errors = list[tuple[str, str]]


@dataclass(frozen=True)
class FoundPerson:
    """A row of the results, or of the people chosen. `about` is what tells people of one name apart."""

    person: Person
    about: str
    is_chosen: bool


def masked_email(address: str) -> str:
    """Return an address by which its owner is recognised and nobody else can write: a•••@exemple.be."""
    name, at, host = address.partition("@")
    return f"{name[:1]}•••@{host}" if at else ""


def described(persons: list[Person], state: WizardState) -> dict[int, str]:
    """Return where each person works, and the masked address: "Boulangerie Dubois SRL, Bruxelles · a•••@exemple.be".

    Nobody whom the search by name would not find is in it. One query.
    """
    jobs = Employment.objects.filter(person__in=persons).live(state.today).select_related("organisation")
    places: dict[int, list[str]] = {}
    employers: dict[int, set[int]] = {}
    for job in jobs.order_by("id"):
        place = ", ".join(filter(None, (job.organisation.name, job.organisation.municipality)))
        employers.setdefault(job.person_id, set()).add(job.organisation_id)
        names = places.setdefault(job.person_id, [])
        if place not in names:
            names.append(place)
    if lookups.scope_is_colleagues():
        own = {organisation.pk for organisation in state.acting.managed}
        persons = [person for person in persons if not own.isdisjoint(employers.get(person.pk, ()))]
    return {
        person.pk: " · ".join(
            filter(None, (*(places.get(person.pk) or [_("No organisation")]), masked_email(person.email)))
        )
        for person in persons
    }


def chosen_people(state: WizardState, about: dict[int, str]) -> list[FoundPerson]:
    """Return the people chosen; those found by number without what only the search by name shows."""
    return [
        FoundPerson(row.person, "" if row.by_number else about.get(row.person_id, ""), is_chosen=True)
        for row in state.chosen_persons
    ]


@wizard_page("persons")
def persons(request: HttpRequest, state: WizardState) -> HttpResponse:
    """W1. Every button first stores the ticks of the page (SCREENS 4)."""
    if request.method != "POST":
        return _show(request, state)
    words = " ".join(one_value(request, "q").split())
    action = one_value(request, "action") or ("page" if "page" in request.POST else "remove")
    if action == "search" and looks_like_national_number(words):
        # A number is not searched for and not stored: the next page asks to look it up.
        _store_ticks(request, state)
        return show_number(request, state, typed=words, was_carried=True)
    errors = _search_errors(words) if action == "search" else []
    if action == "search" and not errors:
        try:
            lookups.count_search(words, acting=state.acting, now=state.now)
        except QuotaReached as quota:
            errors = [("#id_q", too_many_attempts(quota.retry_at))]
    _store_ticks(request, state, words if action == "search" and not errors else None)
    if errors:
        return _show(request, state, errors=errors, typed=words)
    here = request.get_full_path()
    if action in ("search", "page"):
        return SeeOther(f"{here}#results")
    if action == "add" and not ("person" in request.POST or "myself" in request.POST):
        return _show(request, state, errors=[("#results", _("Choose at least one person"))])
    if action in ("add", "remove"):
        return SeeOther(f"{here}#chosen")
    if action == "number":
        query = "?return=review" if state.return_to_review else ""
        return SeeOther(reverse("roles:wizard_number", args=[state.draft.key]) + query)
    if not state.persons:
        return _show(request, state, errors=[("#id_q", _("Choose at least one person"))])
    return SeeOther(state.url_after("persons"))


def _search_errors(words: str) -> Errors:
    if is_too_short(words):
        return [("#id_q", _("Enter at least 3 characters"))]
    if len(words) > LONGEST:
        limit = {"field": _("Name, first name, e-mail address or organisation"), "count": LONGEST}
        return [("#id_q", _("“%(field)s” can have at most %(count)s characters") % limit)]
    if holds_national_number(words):
        return [("#id_q", _("Search by name. Look up a national register number on its own page"))]
    return []


def _store_ticks(request: HttpRequest, state: WizardState, words: str | None = None) -> None:
    """Store what is ticked, taken off, searched for or paged to; the state then reads the people anew."""
    keys = set(many_values(request, "person"))
    if "myself" in request.POST:
        keys.add(state.acting.person.key)
    with drafts.changing(state.draft, seen_version=seen_version(request), now=state.now) as draft:
        drafts.add_persons(draft, keys, acting=state.acting, now=state.now)
        if "remove" in request.POST:
            drafts.remove_person(draft, one_value(request, "remove"))
        if words is not None:
            draft.person_query, draft.person_page = words, 1
        elif "page" in request.POST:
            draft.person_page = whole_number(one_value(request, "page"), 1, high=MOST // PAGE)
    state.forget_persons()


def _show(
    request: HttpRequest, state: WizardState, *, errors: Errors | None = None, typed: str | None = None
) -> HttpResponse:
    words = state.draft.person_query
    context: dict[str, Any] = {"typed": words if typed is None else typed, "words": words}
    context["scope_is_colleagues"] = lookups.scope_is_colleagues()
    shown: list[Person] = []
    if words:
        found = lookups.search(words, acting=state.acting, now=state.now)
        pages = max(1, -(-len(found.ids) // PAGE))
        number = min(state.draft.person_page, pages)
        shown = persons_in_order(found.ids[(number - 1) * PAGE : number * PAGE])
        context["count_words"] = _count_words(len(found.ids), found.has_more, words)
        context["is_long"] = found.has_more or len(found.ids) > PAGE
        context["page"] = page_buttons(number, pages)
    about = described([*shown, *state.persons], state)
    chosen = {person.pk for person in state.persons}
    context["rows"] = [FoundPerson(person, about.get(person.pk, ""), person.pk in chosen) for person in shown]
    context["can_add"] = any(not row.is_chosen for row in context["rows"])
    context["chosen"] = chosen_people(state, about)
    context["has_myself"] = any(person.pk == state.acting.person.pk for person in state.persons)
    return render_step(request, state, "persons", "roles/wizard/persons.html", errors=errors, **context)


def _count_words(count: int, has_more: bool, words: str) -> str:
    if has_more:
        return _("More than %(count)s people found for “%(words)s”") % {"count": MOST, "words": words}
    return ngettext("%(count)s person found for “%(words)s”", "%(count)s people found for “%(words)s”", count) % {
        "count": count,
        "words": words,
    }


@wizard_page("persons")
def number(request: HttpRequest, state: WizardState) -> HttpResponse:
    """W1b. The number is looked up and dropped; the draft holds only the person."""
    if request.method != "POST":
        return show_number(request, state)
    typed = one_value(request, "number").strip()
    action = one_value(request, "action") or "remove"
    here = request.get_full_path()
    if action == "remove":
        with drafts.changing(state.draft, seen_version=seen_version(request), now=state.now) as draft:
            drafts.remove_person(draft, one_value(request, "remove"))
        return SeeOther(f"{here}#chosen")
    if action == "next" and not typed:
        if state.persons:
            return SeeOther(state.url_after("persons"))
        return show_number(request, state, error=_("Enter a national register number"))
    # A number left in the field is added first: the name must be seen before going on.
    person, error = _look_up(typed, state)
    if person is None or error:
        return show_number(request, state, typed=typed, error=error, is_unknown=_is_unknown(error))
    with drafts.changing(state.draft, seen_version=seen_version(request), now=state.now) as draft:
        drafts.add_persons(draft, [person.key], by_number=True, acting=state.acting, now=state.now)
    return SeeOther(f"{here}#chosen")


def _look_up(typed: str, state: WizardState) -> tuple[Person | None, str]:
    """Return the person with the number typed, or None, with what is wrong."""
    try:
        checked = parse_national_number(typed[:100], today=state.today)
    except IdentifierError as wrong:
        return None, wrong_number(wrong.code)
    try:
        person = lookups.look_up_number(checked.digits, acting=state.acting, now=state.now)
    except QuotaReached as quota:
        return None, too_many_attempts(quota.retry_at)
    if person is None:
        return None, _("We cannot find anyone with this number. Check it or send an invitation")
    if any(person.pk == chosen.pk for chosen in state.persons):
        return person, _("%(name)s is already in the list") % {"name": person.full_name}
    return person, ""


def _is_unknown(error: str) -> bool:
    return error == _("We cannot find anyone with this number. Check it or send an invitation")


def show_number(
    request: HttpRequest,
    state: WizardState,
    *,
    typed: str = "",
    error: str = "",
    was_carried: bool = False,
    is_unknown: bool = False,
) -> HttpResponse:
    """Show W1b, perhaps with a number that was typed into the search by name.

    Each person chosen stands there as they were found: by number with it, masked, by name with what the search shows.
    """
    found_by_name = [row.person for row in state.chosen_persons if not row.by_number]
    about = described(found_by_name, state) if found_by_name else {}
    return render_step(
        request,
        state,
        "persons",
        "roles/wizard/number.html",
        errors=[("#id_number", error)] if error else [],
        number_error=error,
        typed=typed,
        was_carried=was_carried,
        is_unknown=is_unknown,
        chosen=[
            (
                row.person,
                mask_national_number(row.person.national_number) if row.by_number else "",
                about.get(row.person_id, ""),
                row.person_id == state.acting.person.pk,
            )
            for row in state.chosen_persons
        ],
    )
