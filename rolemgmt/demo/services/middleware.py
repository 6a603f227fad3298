"""In which language a page speaks, what every page carries, and who must not keep it."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.utils.cache import patch_vary_headers

from rolemgmt.demo.services.config import config

GetResponse = Callable[[HttpRequest], HttpResponse]

LANGUAGES = {"fr": "Français", "nl": "Nederlands", "de": "Deutsch", "en": "English"}
SESSION_LANGUAGE = "language"  # in which the person left for the portal


class PrivatePagesMiddleware:
    """Keep pages out of caches, and let them load and send nothing but what the policy names."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        portal = urlsplit(config().portal)
        # "Sign in", "sign out" and "ask for this role" send a form here, whose answer leads to the portal.
        self.policy = (
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
            f"form-action 'self' {portal.scheme}://{portal.netloc}"
        )

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers["Content-Security-Policy"] = self.policy
        response.headers["Cache-Control"] = "no-store"
        return response


class LanguageMiddleware:
    """Choose the language: the switch on the page, `ui_locales` of whoever sent the person, that of before.

    The switch (`?language=`) is remembered in a cookie, and leads to the same address without it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.GET.get("language")
        if chosen in LANGUAGES and request.method == "GET":
            return self._choose(request, chosen)
        language = self._language(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ["Accept-Language", "Cookie"])
        return response

    @staticmethod
    def _language(request: HttpRequest) -> str:
        wanted = [
            request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME),
            *request.GET.get("ui_locales", "").split()[:10],
            request.session.get(SESSION_LANGUAGE),
        ]
        return next((tag for tag in wanted if tag in LANGUAGES), None) or translation.get_language_from_request(request)

    @staticmethod
    def _choose(request: HttpRequest, language: str) -> HttpResponse:
        rest = request.GET.copy()
        del rest["language"]
        address = "/" + request.path.lstrip("/")  # "//evil.example" would leave the site
        if rest:
            address += "?" + urlencode(list(rest.lists()), doseq=True)
        response = HttpResponseRedirect(address)
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
        return response


def frame(request: HttpRequest) -> dict[str, Any]:
    """Give each page what its frame shows."""
    return {
        "page_language": translation.get_language(),
        "languages": LANGUAGES,
        "portal": config().portal,
        # What answers a form, or comes with a code, has no address to come back to in another language.
        "here": "" if request.method != "GET" or request.path.endswith("/callback/") else request.path,
    }
