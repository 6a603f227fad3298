"""S3: for which organisation one acts."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tenants.acting import SELF, ActingContext, OrganisationLink
from tenants.folding import fold
from tenants.http import SeeOther, one_value, require_POST
from tenants.operations import choose_organisation
from tenants.paths import local_path

SEARCH_ABOVE = 10
SHOW_AT_MOST = 20
MAX_WORDS_LENGTH = 100
SEARCH_WORDS = "acting_for_words"


@require_http_methods(["GET", "HEAD", "POST"])
def acting_for(request: HttpRequest) -> HttpResponse:
    """Show one's organisations; keep the chosen one for this session."""
    acting: ActingContext = request.acting  # type: ignore[attr-defined]
    next_path = local_path(one_value(request, "next") or request.GET.get("next"))
    if next_path.startswith(reverse("tenants:acting_for")):
        next_path = ""  # it would come round to this page again
    way_on = next_path or resolve_url(settings.LOGIN_REDIRECT_URL)
    if not acting.can_change:
        return SeeOther(way_on)
    if request.method == "POST":
        chosen = one_value(request, "organisation")
        mine = {link.organisation.key: link.organisation for link in acting.links}
        organisation = mine.get(chosen)
        if chosen == SELF or (organisation is not None and not organisation.is_stopped):
            choose_organisation(request.session, organisation, acting=acting, now=timezone.now())
            return SeeOther(way_on)
    words = request.session.get(SEARCH_WORDS, "") if len(acting.links) > SEARCH_ABOVE else ""
    found = [link for link in acting.links if matches(link, words)]
    shown = found[:SHOW_AT_MOST]
    first = next((link.organisation.key for link in shown if not link.organisation.is_stopped), SELF)
    current = (acting.organisation.key if acting.organisation else SELF) if acting.has_chosen else ""
    context = {
        "links": shown,
        "more": len(found) - len(shown),
        "may_search": len(acting.links) > SEARCH_ABOVE,
        "words": words,
        "current": current,
        "self": SELF,
        "next": next_path,
        "is_choosing": acting.must_choose,
        "error_list": [(f"#organisation-{first}", _("Choose an organisation"))] if request.method == "POST" else None,
    }
    return render(request, "tenants/acting_for.html", context)


@require_POST
def acting_for_search(request: HttpRequest) -> HttpResponse:
    """Keep the search words in the session, never in an address."""
    next_path = local_path(one_value(request, "next"))
    request.session[SEARCH_WORDS] = one_value(request, "words").strip()[:MAX_WORDS_LENGTH]
    query = "?" + urlencode({"next": next_path}) if next_path else ""
    return SeeOther(reverse("tenants:acting_for") + query + "#organisations")


def matches(link: OrganisationLink, words: str) -> bool:
    """Say whether every word stands in a name, or all that was typed in the number of the organisation."""
    organisation = link.organisation
    names = fold(" ".join((organisation.name_fr, organisation.name_nl, organisation.name_de, organisation.name_en)))
    number = "".join(words.replace(".", "").split())
    is_number = number.isascii() and number.isdigit() and number in organisation.enterprise_number
    return is_number or all(word in names for word in fold(words).split())
