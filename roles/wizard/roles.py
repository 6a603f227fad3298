"""Step 3: which roles, found by code, name, description, service or synonym."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from roles.models import Role
from roles.reasons import why_not_role
from roles.rows import first_names_in_a_row
from roles.rules import Reason, deciders_of, may_assign
from roles.wizard.page import render_step, wizard_page
from roles.wizard.role_choice import FEW, Errors, RoleChoice, choose_roles
from roles.wizard.state import WizardState
from tenants.acting import ActingContext
from tenants.models import Employment, Organisation
from tenants.periods import local_day


def assignable(acting: ActingContext, organisation: Organisation, **values: Any) -> RoleChoice:
    """Return the choice among the roles that this person may give for the organisation."""
    choice = RoleChoice(
        organisation=organisation,
        may=lambda role: may_assign(acting, role, organisation),
        why=lambda refused: _why(refused, acting=acting, organisation=organisation, now=choice.now),
        **values,
    )
    return choice


def _why(
    refused: list[tuple[Role, Reason]], *, acting: ActingContext, organisation: Organisation, now: Any
) -> list[tuple[Role, str, bool]]:
    """Return why each role is not this manager's to give, who can, and whether a surer key would do."""
    deciders = deciders_of(organisation, day=local_day(now))
    result = []
    for role, reason in refused:
        names: list[str] = []
        if reason == Reason.OTHER_DOMAIN:
            names = [person.full_name for person in deciders.managers_for(role, besides=acting.person)]
        result.append((role, why_not_role(reason, role, names), reason == Reason.ROLE_NEEDS_HIGH))
    return result


@wizard_page("roles")
def roles(request: HttpRequest, state: WizardState) -> HttpResponse:
    """W3."""
    choice = assignable(
        state.acting, state.chosen_organisation, draft=state.draft, now=state.now, persons=state.persons
    )

    def show(errors: Errors, typed: str | None) -> HttpResponse:
        context = {**choice.context(typed=typed), **strangers_in_short(state)}
        return render_step(request, state, "roles", "roles/wizard/roles.html", errors=errors, **context)

    def onward() -> str:
        state.__dict__.pop("chosen_roles", None)
        return state.url_after("roles")

    return choose_roles(request, choice, show=show, onward=onward)


def strangers_in_short(state: WizardState) -> dict[str, Any]:
    """Return what the template prints of strangers: a line for each of a few; of more the first names, in one line."""
    found = strangers(state)
    if len(found) <= FEW:
        return {"strangers": found}
    return {"stranger_names": first_names_in_a_row([row["person"] for row in found], FEW)}


def strangers(state: WizardState) -> list[dict[str, Any]]:
    """Return the chosen people who do not work for the organisation, with where they do. Allowed, but said."""
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
            result.append({"person": person, "name": person.full_name, "works_at": names})
    return result
