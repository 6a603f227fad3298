"""The language that a service asks for (`ui_locales`): for the steps on its way, in this browser, and nothing else.

Neither the cookie of the portal's language nor what the person chose on the profile changes.
"""

from django.conf import settings
from django.http import HttpRequest

_KEPT = "steps_language"
# The steps themselves, and signing in on the way to them.
_STEPS = ("/fas/sign-in/", "/fas/request-role/", "/login/", "/idp/")


def speak(request: HttpRequest) -> None:
    """Let the steps that follow speak the first language of `ui_locales` that the portal knows.

    Without one they speak as the rest of the portal does, whatever a request before this one asked.
    """
    known = {code for code, _name in settings.LANGUAGES}
    wanted = [locale.split("-")[0].lower() for locale in request.GET.get("ui_locales", "").split()]
    language = next((code for code in wanted if code in known), None)
    if language is not None:
        request.session[_KEPT] = language
    else:
        stop_speaking(request)


def stop_speaking(request: HttpRequest) -> None:
    """Let the steps speak as the rest of the portal does: they are over, or the person chose a language there."""
    request.session.pop(_KEPT, None)


def language_of_step(request: HttpRequest) -> str:
    """Return the language that a service asked for; empty on pages that are no step, and where none was asked for."""
    return request.session.get(_KEPT, "") if request.path.startswith(_STEPS) else ""
