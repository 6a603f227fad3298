"""Settings of the two demo services. They share nothing with those of the portal but its translations."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from rolemgmt.demo.services.config import config

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[2]

_config = config()
SECURE = urlsplit(_config.address).scheme == "https"

SECRET_KEY = _config.secret_key
DEBUG = False
ALLOWED_HOSTS = [_config.host]
INSTALLED_APPS = ["django.contrib.staticfiles"]
DATABASES: dict[str, Any] = {}
ROOT_URLCONF = "rolemgmt.demo.services.urls"
WSGI_APPLICATION = "rolemgmt.demo.services.wsgi.application"

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "rolemgmt.demo.services.middleware.PrivatePagesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "rolemgmt.demo.services.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "rolemgmt.demo.services.middleware.frame",
            ],
            "libraries": {"services": "rolemgmt.demo.services.tags"},
        },
    },
]

# --- Sessions: in the memory of this one process, so that no cookie holds anything about a person ------------------

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.cache"
SESSION_COOKIE_AGE = 2 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

# Cookies do not know ports: with the portal's names each would sign people out of the other.
SESSION_COOKIE_NAME = "services_session"
CSRF_COOKIE_NAME = "services_csrf"
LANGUAGE_COOKIE_NAME = "services_language"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
CSRF_FAILURE_VIEW = "rolemgmt.demo.services.views.errors.csrf_failure"

# --- Web -----------------------------------------------------------------------------------------------------------

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 100_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 50

STATIC_URL = "/static/"
STATICFILES_DIRS = [HERE / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

# --- Languages: the portal's catalogues, because its translators write these texts, too ---------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("fr", _("French")), ("nl", _("Dutch")), ("de", _("German")), ("en", _("English"))]
LOCALE_PATHS = [REPOSITORY / "locale"]
USE_I18N = True
TIME_ZONE = "Europe/Brussels"
USE_TZ = True

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # Authlib writes codes and verifiers at the level DEBUG.
    "loggers": {"authlib": {"level": "WARNING"}, "django.request": {"level": "ERROR"}},
}
