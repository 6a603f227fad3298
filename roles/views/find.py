"""The role finder, for everybody: which role for what one wants to do?"""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from roles.finder import by_subject, find_roles, offered_roles
from tenants.http import SeeOther, one_value, refuse_doubles
from tenants.search import LONGEST
from vault.numbers import holds_national_number

SEARCH_WORDS = "role_finder_words"
LONGEST_TYPED = 600  # what the field holds: more than is looked for, so that too much can be shown and shortened


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def role_finder(request: HttpRequest) -> HttpResponse:
    """Show what one can do, by subject, or what fits the words; a POST keeps them in the session, in no address."""
    if request.method != "POST":
        return _show(request, request.session.get(SEARCH_WORDS, ""))
    refuse_doubles(request)
    words = "" if one_value(request, "action") == "all" else " ".join(one_value(request, "q").split())
    if (error := _why_not(words)) is not None:
        return _show(request, words, error)
    if words:
        request.session[SEARCH_WORDS] = words
    else:
        request.session.pop(SEARCH_WORDS, None)
    return SeeOther(reverse("role_finder") + ("#results" if words else ""))


def _why_not(words: str) -> str | None:
    """Say why nothing is looked for by these words, or None."""
    if len(words) > LONGEST:
        limit = {"field": _("What do you want to do?"), "count": LONGEST}
        return _("“%(field)s” can have at most %(count)s characters") % limit
    if holds_national_number(words):
        return _("Take the national register number out of the text")
    return None


def _show(request: HttpRequest, words: str, error: str = "") -> HttpResponse:
    roles = offered_roles()
    is_searching = bool(words) and not error
    context = {
        "words": words[:LONGEST_TYPED],
        "longest_typed": LONGEST_TYPED,
        "answer": find_roles(words, roles) if is_searching else None,
        "subjects": [] if is_searching else by_subject(roles),
        "error_list": [("#id_q", error)] if error else None,
        "back": reverse("help") + "#roles",
    }
    return render(request, "roles/finder.html", context)
