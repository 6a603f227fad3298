"""S17, step 1: who is invited, written down by the inviter."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import ngettext

from roles.invitations import MOST_INVITEES
from roles.operations import drafts
from roles.wizard.invite.forms import InviteeForm
from roles.wizard.invite.page import InviteState, invite_page, render_step
from roles.wizard.page import seen_version
from tenants.http import SeeOther, one_value, whole_number


@invite_page("people")
def people(request: HttpRequest, state: InviteState) -> HttpResponse:
    """Add, remove, go on. "Next step" adds what is typed, as "Add" does."""
    if request.method != "POST":
        return _show(request, state, InviteeForm(inviter=state.acting.person, listed=state.invitees))
    here = request.get_full_path()
    if "remove" in request.POST:
        with drafts.changing(state.draft, seen_version=seen_version(request), now=state.now) as draft:
            drafts.remove_invitee(draft, whole_number(one_value(request, "remove"), 0, high=10**9 - 1))
        return SeeOther(f"{here}#chosen")
    wants_next = one_value(request, "action") == "next"
    # Reading each name once also refuses the character NUL.
    typed = {name: one_value(request, name) for name in InviteeForm.base_fields}
    form = InviteeForm(typed, inviter=state.acting.person, listed=state.invitees)
    if wants_next and form.is_untouched and state.invitees:
        return SeeOther(state.url_after("people"))
    if not form.is_valid():
        return _show(request, state, form)
    if len(state.invitees) >= MOST_INVITEES:
        return _show(request, state, form, list_error=_too_many())
    with drafts.changing(state.draft, seen_version=seen_version(request), now=state.now) as draft:
        drafts.add_invitee(draft, **form.cleaned_data)
    return SeeOther(state.url_after("people") if wants_next else f"{here}#chosen")


def _too_many() -> str:
    return ngettext(
        "You can invite %(count)s person at once. Send these invitations first",
        "You can invite %(count)s people at once. Send these invitations first",
        MOST_INVITEES,
    ) % {"count": MOST_INVITEES}


def _show(request: HttpRequest, state: InviteState, form: InviteeForm, *, list_error: str = "") -> HttpResponse:
    errors = [("#chosen", list_error)] if list_error else []
    return render_step(request, state, "people", errors=errors, form=form, list_error=list_error)
