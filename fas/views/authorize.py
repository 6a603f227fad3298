"""Where a service sends a browser to have somebody signed in (OpenID Connect Core, 3.1.2)."""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from csam.keys import KeyName, find_key
from fas.asking import NoAnswer, Refused, read_request
from fas.flow import SILENT_ERRORS, Step, standing
from fas.language import speak
from fas.requests import SignInRequest, keep
from fas.views.finish import finish
from fas.views.gate import can_be_read, for_provider
from tenants.acting import ActingContext
from tenants.http import SeeOther

# A request line of 8,190 characters is the most that gunicorn reads; the rest is for the address and the protocol.
LONGEST_QUERY = 8_000


@csrf_exempt
@login_not_required
@for_provider
@require_http_methods(["GET", "HEAD", "POST"])
def authorize(request: HttpRequest) -> HttpResponse:
    """Answer at once where nothing is to be asked, else lead on to the steps.

    A POST comes from the service's page and brings no session along, so it is turned into the same request by GET.
    Nothing happens here that the person has not agreed to before: no token of a form is needed.
    """
    if request.method == "POST":
        query = urlencode(list(request.POST.lists()), doseq=True) if can_be_read(request) else ""
        if not query or len(query) > LONGEST_QUERY:
            return render(request, "fas/refused.html", status=400)
        return SeeOther(f"{request.path}?{query}")
    acting: ActingContext | None = request.acting  # type: ignore[attr-defined]
    now = timezone.now()
    try:
        asked, client, prompt = read_request(request, acting, now=now)
    except NoAnswer:
        return render(request, "fas/refused.html", status=400)
    except Refused as refused:
        values = {"error": refused.error, **({"error_description": refused.description} if refused.description else {})}
        return HttpResponseRedirect(_without_request(refused).answer(**values))
    found = standing(asked, client, acting, request.user, request.session, now=now)  # type: ignore[arg-type]
    if found.step == Step.DONE:
        if request.method == "HEAD":
            return HttpResponse()
        return HttpResponseRedirect(finish(request, asked, client, found.organisation, now=now))
    if "none" in prompt or found.step == Step.OTHER_PERSON:
        return HttpResponseRedirect(asked.answer(error=SILENT_ERRORS[found.step]))
    # A session that ended has no say here: this is the way to a new one.
    request.session_ended = None  # type: ignore[attr-defined]
    keep(request.session, asked)
    speak(request)
    return HttpResponseRedirect(
        asked.path if acting is not None else login_address(asked, request.GET.get("login_hint", ""))
    )


def login_address(asked: SignInRequest, hint: str = "") -> str:
    """Return the portal's login page on the way to this request, at one key where the service named one."""
    names_key = hint in KeyName.values and find_key(hint) is not None
    page = reverse("csam:login_key", args=[hint]) if names_key else resolve_url(settings.LOGIN_URL)
    return f"{page}?{urlencode({'next': asked.path})}"


def _without_request(refused: Refused) -> SignInRequest:
    return SignInRequest("", "", refused.redirect_uri, (), 0, state=refused.state)
