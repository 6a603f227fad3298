"""What every answer carries, and in which language it speaks."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.http import escape_leading_slashes

from fas.language import language_of_step, stop_speaking
from tenants.models import Person

GetResponse = Callable[[HttpRequest], HttpResponse]


def content_security_policy(directives: dict[str, list[str]]) -> str:
    """Return the header for directives written the way Django 6 writes SECURE_CSP."""
    return "; ".join(" ".join([name, *sources]) for name, sources in directives.items())


class ContentSecurityPolicyMiddleware:
    """Send SECURE_CSP with every answer, error pages included."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.policy = content_security_policy(settings.SECURE_CSP)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self.policy)
        return response


class KnownMethodsMiddleware:
    """Answer 405 to what no page knows, before the check of forms calls it a page that was open too long.

    Endpoints for services say themselves what they take, and in their own words.

    An address with the character NUL is nobody's (404), and a cookie with it none of ours: no text has it, and
    PostgreSQL refuses to look for it.
    """

    METHODS = ("GET", "HEAD", "POST", "OPTIONS")

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in self.METHODS and not _knows_methods(request.path_info):
            return HttpResponseNotAllowed(self.METHODS)
        if "\x00" in request.path:
            raise Http404
        for name in [name for name, value in request.COOKIES.items() if "\x00" in value]:
            del request.COOKIES[name]
        return self.get_response(request)


def _knows_methods(path: str) -> bool:
    try:
        return getattr(resolve(path).func, "knows_methods", False)
    except Resolver404:
        return False


class WayOutMiddleware:
    """Show a page to whoever opens an address that takes another method, such as what a form sends.

    The status stays 405. What services call answers in their words, and is left alone.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and request.method in {"GET", "POST"}:
            page = render(request, "404.html", status=response.status_code)
            page.headers["Allow"] = response.headers["Allow"]
            return page
        return response


class NoStoreMiddleware:
    """Keep pages out of caches and out of the history of a shared computer (ASVS 14.3.2).

    It holds for every page, not only for signed-in ones: whether somebody is signed in would cost a query to know.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "no-store" not in response.headers.get("Cache-Control", ""):
            response.headers["Cache-Control"] = "no-store"
        return response


class LanguageMiddleware:
    """Choose the language: cookie, then the person's own, then what the browser prefers, then English.

    On the steps of a sign-in at a service the language that the service asked for comes first.

    `?language=` on a GET stores the choice (cookie, and on the person when signed in) and leads to the same address
    without the parameter. It is the only change a GET makes (SCREENS, 1.1).
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.known = {code for code, _name in settings.LANGUAGES}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "language" in request.GET and request.method in {"GET", "HEAD"}:
            return self._choose(request, request.GET["language"])
        language = self._language(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ["Accept-Language", "Cookie"])
        return response

    def _language(self, request: HttpRequest) -> str:
        if (asked := language_of_step(request)) in self.known:
            return asked
        cookie = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        if cookie in self.known:
            return cookie
        if request.user.is_authenticated:
            own: str = request.user.person.language
            if own in self.known:
                return own
        return translation.get_language_from_request(request)

    def _choose(self, request: HttpRequest, language: str) -> HttpResponse:
        rest = request.GET.copy()
        del rest["language"]
        address = escape_leading_slashes(request.path)  # "//evil.example" would leave the site
        if rest:
            address += "?" + urlencode(list(rest.lists()), doseq=True)
        response = HttpResponseRedirect(address)
        if language in self.known and request.method == "GET":
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                language,
                max_age=settings.LANGUAGE_COOKIE_AGE,
                path="/",
                secure=settings.LANGUAGE_COOKIE_SECURE,
                httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
                samesite="Lax",
            )
            stop_speaking(request)
            if request.user.is_authenticated and request.user.person.language != language:
                Person.objects.filter(pk=request.user.person.pk).update(language=language)
        return response
