"""Step 4: how long, and the properties of the roles that have them."""

from django.http import HttpRequest, HttpResponse

from roles.operations import drafts
from roles.wizard.forms import PropertiesForm, stored_in
from roles.wizard.page import render_step, seen_version, wizard_page
from roles.wizard.state import WizardState
from tenants.http import SeeOther, many_values, one_value


@wizard_page("properties")
def properties(request: HttpRequest, state: WizardState) -> HttpResponse:
    """W4."""
    data = request.POST if request.method == "POST" else None
    form = PropertiesForm(data, stored=stored_in(state.draft), chosen=state.chosen_roles, today=state.today)
    for name in form.questions if data is not None else ():
        many_values(request, name) if form.takes_several(name) else one_value(request, name)
    if data is not None and form.is_valid():
        cleaned = form.cleaned_data
        with drafts.changing(state.draft, seen_version=seen_version(request), now=state.now) as draft:
            draft.duration, draft.start = cleaned["duration"], cleaned["start"]
            draft.valid_from, draft.valid_until = cleaned["valid_from"], cleaned["valid_until"]
            drafts.set_properties(draft, cleaned["answers"])
        return SeeOther(state.url_after("properties"))
    return render_step(request, state, "properties", "roles/wizard/properties.html", form=form)
