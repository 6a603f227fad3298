"""Step 2: for which organisation. It answers itself when there is one."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from roles.operations import drafts
from roles.wizard.page import render_step, seen_version, wizard_page
from roles.wizard.state import WizardState
from tenants.folding import fold
from tenants.http import SeeOther, one_value
from tenants.models import Organisation

SEARCH_ABOVE = 10


@wizard_page("organisation")
def organisation(request: HttpRequest, state: WizardState) -> HttpResponse:
    """W2. Only organisations the person manages; a stopped one is shown with the reason, without a radio."""
    if state.has_one_organisation and state.organisation is not None:
        return SeeOther(state.url_after("organisation"))
    if request.method != "POST":
        errors = []
        if state.has_lost_organisation:
            errors = [(_first_radio(state), _("You can no longer assign roles for the organisation chosen before"))]
        return _show(request, state, errors)
    if one_value(request, "action") == "search":
        return _show(request, state, words=one_value(request, "q")[:100])
    key = one_value(request, "organisation")
    chosen = next((row for row in state.manageable if row.key == key), None)
    if chosen is None:
        return _show(request, state, [(_first_radio(state), _("Choose an organisation"))])
    with drafts.changing(state.draft, seen_version=seen_version(request), now=state.now) as draft:
        drafts.choose_organisation(draft, chosen)
    return SeeOther(state.url_after("organisation"))


def _matches(organisation: Organisation, words: str) -> bool:
    """Say whether all the words stand in a name, or what was typed is a part of the number, with dots or without."""
    names = fold(" ".join((organisation.name_fr, organisation.name_nl, organisation.name_de, organisation.name_en)))
    number = "".join(words.replace(".", "").split())
    if number.isascii() and number.isdigit() and number in organisation.enterprise_number:
        return True
    return all(word in names for word in fold(words).split())


def _first_radio(state: WizardState) -> str:
    """Return where an error about the organisation leads."""
    return f"#organisation-{state.manageable[0].key}" if state.manageable else "#main-content"


def _show(
    request: HttpRequest, state: WizardState, errors: list[tuple[str, str]] | None = None, words: str = ""
) -> HttpResponse:
    rows = list(state.acting.managed)
    if words.strip():
        rows = [row for row in rows if _matches(row, words)]
    chosen = state.organisation or state.acting.organisation
    return render_step(
        request,
        state,
        "organisation",
        "roles/wizard/organisation.html",
        errors=errors,
        rows=rows,
        words=words,
        first_radio=_first_radio(state),
        has_search=len(state.acting.managed) > SEARCH_ABOVE,
        chosen_key=chosen.key if chosen else "",
    )
