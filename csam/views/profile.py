"""S21: one's own data, keys, sign-ins and sessions; and the page on which a newcomer checks them."""

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from csam.forms import FirstCheckForm, PreferencesForm
from csam.history import recent_sign_ins
from csam.keys import available_keys
from csam.models import AppKey, OpenSession, User
from csam.open_sessions import sessions_of
from csam.operations import end_all_sessions, end_session
from csam.operations.address import ask_address, pending_change
from csam.views.sign_in import way_on, with_next
from tenants.acting import ActingContext, Level
from tenants.days import too_many_attempts
from tenants.folding import fold_email
from tenants.http import SeeOther, one_value
from tenants.identifiers import mask_national_number
from tenants.middleware import acting_of
from tenants.operations import change_preferences
from tenants.paths import local_path


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Show one's own data; store the preferences, which are on this page itself."""
    acting, now = acting_of(request), timezone.now()
    person, is_manager = acting.person, bool(acting.managed)
    form = PreferencesForm(
        request.POST if request.method == "POST" else None,
        initial={"language": person.language, "digest": "yes" if person.wants_digest else "no"},
        is_manager=is_manager,
    )
    if request.method == "POST":
        for name in form.fields:
            one_value(request, name)
        if form.is_valid():
            language = form.cleaned_data["language"]
            digest = form.cleaned_data["digest"] == "yes" if is_manager else person.wants_digest
            change_preferences(person, language=language, wants_digest=digest, acting=acting, now=now)
            with translation.override(language):
                messages.success(request, _("Your preferences are saved."))
            here = reverse("csam:profile")
            return SeeOther(in_language(here, language) if language != get_language() else here)
    context = {
        "form": form,
        **_own_data(acting),
        "pending": pending_change(request.session, person),
        "keys": available_keys(),
        "app_key": AppKey.objects.filter(person=person, activated_at__isnull=False).first(),
        "sign_ins": recent_sign_ins(person),
        "sessions": sessions_of(request, now=now),
        "nav": "profile",
    }
    return render(request, "csam/profile.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def check_profile(request: HttpRequest) -> HttpResponse:
    """The first page of a person the portal has just met: what the register says, and how to reach them."""
    acting, now = acting_of(request), timezone.now()
    person = acting.person
    may_change_email = acting.level >= Level.SUBSTANTIAL and acting.is_fresh(now)
    next_path = local_path(one_value(request, "next") or request.GET.get("next"))
    form = FirstCheckForm(
        request.POST if request.method == "POST" else None,
        initial={"email": person.email, "language": person.language},
        may_change_email=may_change_email,
    )
    if request.method == "POST":
        for name in form.fields:
            one_value(request, name)
    if request.method == "POST" and form.is_valid():
        email, language = form.cleaned_data.get("email", ""), form.cleaned_data["language"]
        goes_to = way_on(request, request.user, next_path, now=now)
        refused = None
        if email and fold_email(email) != person.email_key:
            refused = ask_address(request.session, person, email, acting=acting, now=now)
            goes_to = with_next(reverse("csam:address_code"), next_path)
        if refused is None:
            change_preferences(person, language=language, wants_digest=person.wants_digest, acting=acting, now=now)
            return SeeOther(in_language(goes_to, language) if language != get_language() else goes_to)
        form.add_error("email", too_many_attempts(refused.retry_at or now))
    context = {
        "form": form,
        **_own_data(acting),
        "may_change_email": may_change_email,
        "next": next_path,
        "nav": "profile",
    }
    return render(request, "csam/profile_check.html", context)


def _own_data(acting: ActingContext) -> dict[str, Any]:
    person = acting.person
    return {
        "full_name": person.full_name,
        "email": person.email,
        "masked_number": mask_national_number(person.national_number),
        "number_ends_with": person.national_number[-2:],
    }


def in_language(address: str, language: str) -> str:
    """Return a local address that also sets the language of the browser's pages."""
    parts = urlsplit(address)
    query = [(name, value) for name, value in parse_qsl(parts.query) if name != "language"]
    return parts._replace(query=urlencode([*query, ("language", language)])).geturl()


@require_http_methods(["GET", "HEAD", "POST"])
def end_every_session(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere, here too, by POST. It only takes away: no fresh sign-in is asked for."""
    if request.method != "POST":  # a language chosen on an error page
        return SeeOther(reverse("csam:profile"))
    acting, now = acting_of(request), timezone.now()
    ended = end_all_sessions(User.objects.get(person=acting.person), acting=acting, now=now)
    request.session.flush()
    text = ngettext("%(n)d session was ended.", "%(n)d sessions were ended.", ended)
    messages.success(request, text % {"n": ended})
    return SeeOther(reverse("csam:logout"))


@require_http_methods(["GET", "HEAD", "POST"])
def end_one_session(request: HttpRequest, session: str) -> HttpResponse:
    """End one of one's own other sessions, by POST; anybody else's does not exist (404)."""
    acting = acting_of(request)
    if request.method != "POST":
        return SeeOther(reverse("csam:profile"))
    row = OpenSession.objects.select_related("user__person").filter(key=session, user__person=acting.person).first()
    if row is None:
        raise Http404
    if end_session(row, acting=acting, now=timezone.now()):
        messages.success(request, _("The session was ended."))
    if row.session_id == request.session.session_key:
        request.session.flush()
        return SeeOther(reverse("csam:logout"))
    return SeeOther(reverse("csam:profile"))
