"""S17, steps 2 and 3: which roles, and for how long; the parts of the wizard, with the words of inviting."""

from django.http import HttpRequest, HttpResponse

from roles.operations import drafts
from roles.wizard.forms import stored_in
from roles.wizard.invite.forms import InvitePropertiesForm
from roles.wizard.invite.page import InviteState, invite_page, render_step
from roles.wizard.page import seen_version
from roles.wizard.role_choice import Errors, choose_roles
from roles.wizard.roles import assignable
from tenants.http import SeeOther, many_values, one_value


@invite_page("roles")
def roles(request: HttpRequest, state: InviteState) -> HttpResponse:
    """Choose among the roles that the inviter may give."""
    choice = assignable(state.acting, state.organisation, draft=state.draft, now=state.now)

    def show(errors: Errors, typed: str | None) -> HttpResponse:
        return render_step(request, state, "roles", errors=errors, **choice.context(typed=typed))

    return choose_roles(request, choice, show=show, onward=lambda: state.url_after("roles"))


@invite_page("properties")
def properties(request: HttpRequest, state: InviteState) -> HttpResponse:
    """How long, from when, the questions of the roles, and the message of the letter."""
    data = request.POST if request.method == "POST" else None
    form = InvitePropertiesForm(
        data, stored=stored_in(state.draft), chosen=state.chosen_roles, today=state.today, message=state.draft.message
    )
    if data is not None:
        one_value(request, "message")
        for name in form.questions:
            many_values(request, name) if form.takes_several(name) else one_value(request, name)
    if data is not None and form.is_valid():
        cleaned = form.cleaned_data
        with drafts.changing(state.draft, seen_version=seen_version(request), now=state.now) as draft:
            draft.duration, draft.start = cleaned["duration"], cleaned["start"]
            draft.valid_from, draft.valid_until = cleaned["valid_from"], cleaned["valid_until"]
            draft.message = cleaned["message"]
            drafts.set_properties(draft, cleaned["answers"])
        return SeeOther(state.url_after("properties"))
    return render_step(request, state, "properties", form=form)
