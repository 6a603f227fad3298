"""The one settings file. Everything that differs between machines comes from the environment (see env.py)."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from rolemgmt import env

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

# --- What this machine says -------------------------------------------------------------------------------------

SECRET_KEY = env.secret_key("SECRET_KEY")
DEBUG = env.boolean("DEBUG", default=False)
CSAM_MOCK = env.boolean("CSAM_MOCK", default=False)
DEMO_INSTANCE = env.boolean("DEMO_INSTANCE", default=False)
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS")
PORTAL_BASE_URL = env.base_url("PORTAL_BASE_URL")
VAULT_KEYS = env.key_ring("VAULT_KEYS")
VAULT_INDEX_KEY = env.key_bytes("VAULT_INDEX_KEY")

if CSAM_MOCK and not (DEBUG or DEMO_INSTANCE):
    # gunicorn runs no system checks, so this must stop the settings themselves (TRUST, section 4).
    raise env.SettingError(
        "CSAM_MOCK",
        "switches pretend digital keys on, and DEBUG is off",
        "False in production; only a demonstration may set it, together with DEMO_INSTANCE=True",
    )

env.require_host("ALLOWED_HOSTS", ALLOWED_HOSTS, PORTAL_BASE_URL)

SECURE = urlsplit(PORTAL_BASE_URL).scheme == "https"

# A real OpenID Connect provider to sign in with; None where there is none.
OIDC = env.oidc_provider()
if OIDC is not None and CSAM_MOCK and not DEBUG:
    # Everybody reads a demo's mailbox: a code sent there would open the account of a real person to anybody.
    raise env.SettingError(
        "OIDC_ISSUER",
        "names a real provider beside pretend digital keys (CSAM_MOCK=True)",
        "set without CSAM_MOCK; both together are for development only (DEBUG=True)",
    )

# The keys with which the portal signs as a provider itself, the first one signing; none: it is no provider.
FAS_SIGNING_KEYS = env.signing_keys("FAS_SIGNING_KEYS", base=BASE_DIR)
FAS_ISSUER = f"{PORTAL_BASE_URL}/fas/oauth2"

# --- Rules of the portal that an organisation may set -------------------------------------------------------------

PERSON_SEARCH_SCOPE = env.one_of("PERSON_SEARCH_SCOPE", ("register", "colleagues"), default="register")
PERSON_SEARCH_QUOTA = env.whole_number("PERSON_SEARCH_QUOTA", default=60, low=1, high=100_000)  # an hour
NUMBER_LOOKUP_QUOTA = env.whole_number("NUMBER_LOOKUP_QUOTA", default=20, low=1, high=1_000)  # an hour
NUMBER_LOOKUP_MISSES = env.whole_number("NUMBER_LOOKUP_MISSES", default=5, low=1, high=100)
# Messages to the access managers of organisations that one does not belong to: per person, and per organisation.
MANAGER_CONTACT_QUOTA = env.whole_number("MANAGER_CONTACT_QUOTA", default=5, low=1, high=1_000)  # a day
ORGANISATION_CONTACT_QUOTA = env.whole_number("ORGANISATION_CONTACT_QUOTA", default=20, low=1, high=10_000)  # a day
CONFIRM_DAYS = env.whole_number("CONFIRM_DAYS", default=14, low=1, high=365)
UNDO_MINUTES = env.whole_number("UNDO_MINUTES", default=15, low=0, high=24 * 60)  # letters of a grant wait as long
REQUEST_DAYS = env.whole_number("REQUEST_DAYS", default=30, low=1, high=365)
REQUEST_QUOTA = env.whole_number("REQUEST_QUOTA", default=20, low=1, high=10_000)  # sendings, a day and a person
INVITATION_DAYS = env.whole_number("INVITATION_DAYS", default=30, low=1, high=365)
INVITATION_QUOTA = env.whole_number("INVITATION_QUOTA", default=50, low=1, high=10_000)  # a day and a person
INVITATION_QUOTA_PER_ADDRESS = env.whole_number("INVITATION_QUOTA_PER_ADDRESS", default=5, low=1, high=100)  # a day
DRAFT_HOURS = env.whole_number("DRAFT_HOURS", default=24, low=1, high=24 * 30)
# What the provider keeps of sign-ons at services that ended, and of the messages about them.
SIGN_ON_DAYS = env.whole_number("SIGN_ON_DAYS", default=90, low=1, high=3650)
LOGOUT_LOG_DAYS = env.whole_number("LOGOUT_LOG_DAYS", default=90, low=1, high=3650)
REQUIRE_STEP_UP_TO_MANAGE = env.boolean("REQUIRE_STEP_UP_TO_MANAGE", default=True)
SPECIMEN_NATIONAL_NUMBERS = env.national_numbers("SPECIMEN_NATIONAL_NUMBERS")  # of test cards; empty in production

PLANNED_OUTAGE = env.outage("PLANNED_OUTAGE")

SESSION_IDLE = timedelta(minutes=30)
SESSION_ABSOLUTE = timedelta(hours=12)

# What the worker does about every minute, beside sending letters: callables that take `now=`.
PERIODIC_JOBS = [
    "csam.operations.forget_old_attempts",
    "vault.throttle.forget_ended",
    "rolemgmt.jobs.forget_ended_sessions",
    "fas.operations.codes.forget_old_tokens",
    "fas.operations.tidying.forget_old_logouts",
    "fas.operations.tidying.forget_old_sign_ons",
    "fas.operations.changes.seal_changes",
    "fas.operations.changes.forget_old_changes",
    "roles.operations.digest.send_digests",
    "roles.operations.reminders.send_reminders",
    "roles.operations.reminders.send_end_notices",
    "roles.operations.stopped.end_roles_of_stopped",
    "roles.operations.stopped_asking.close_of_stopped",
    "tenants.operations.announcements.announce_ending_appointments",
    "roles.operations.requests.expire_requests",
    "roles.operations.invitations.expire_invitations",
]

# What the worker does all the time, each in a thread of its own: callables of `worker=`, `stop=`, `poll=`, `once=`.
BACKGROUND_LOOPS = ["fas.background.tell_services"]

# --- Django -------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "vault",
    "audit",
    "outbox",
    "tenants",
    "csam",
    "roles",
    "fas",
    "rolemgmt",
    "oauth2_provider",
    "ninja",
    "rolemgmt.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Pages and files to download; it fills each up with bytes at random, so that lengths tell nothing (BREACH).
    "django.middleware.gzip.GZipMiddleware",
    "rolemgmt.middleware.ContentSecurityPolicyMiddleware",
    "fas.api.middleware.ProblemsMiddleware",
    "rolemgmt.middleware.KnownMethodsMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "audit.context.RequestIdMiddleware",
    "rolemgmt.middleware.NoStoreMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "rolemgmt.middleware.LanguageMiddleware",
    "csam.middleware.SessionRulesMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "tenants.middleware.ActingMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "rolemgmt.admin_site.NumbersOutOfAddressesMiddleware",
    "rolemgmt.middleware.WayOutMiddleware",
]

ROOT_URLCONF = "rolemgmt.urls"
WSGI_APPLICATION = "rolemgmt.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FORM_RENDERER = "rolemgmt.forms.PortalFormRenderer"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["tenants.templatetags.days"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "rolemgmt.context_processors.portal",
            ],
        },
    },
]

# --- Database -----------------------------------------------------------------------------------------------------

_database = env.database("DATABASE_URL", base=BASE_DIR)
if _database["ENGINE"] == "django.db.backends.sqlite3":
    if Path(_database["NAME"]).parent == VAR_DIR:
        VAR_DIR.mkdir(mode=0o700, exist_ok=True)
    env.require_folder("DATABASE_URL", Path(_database["NAME"]).parent)
    _database["OPTIONS"] = {
        # A read that turns into a write fails at once without IMMEDIATE; FULL keeps the last commits in a power cut.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
    # On a full disk an open connection still reads, a new one does not.
    _database["CONN_MAX_AGE"] = 600
    _database["TEST"] = {"NAME": f"{_database['NAME']}.test"}
else:
    _database["OPTIONS"] = {
        "connect_timeout": 3,
        "tcp_user_timeout": 4000,
        **_database.get("OPTIONS", {}),
    }
    # A pool in the process (?pool=true in the address), or connections that persist: never both.
    _pool = str(_database["OPTIONS"].pop("pool", "")).lower() in {"true", "1"}
    _database["OPTIONS"].update({"pool": True} if _pool else {})
    _database["CONN_MAX_AGE"] = 0 if _pool else 60
    _database["CONN_HEALTH_CHECKS"] = True
DATABASES = {"default": _database}

# --- Who signs in -------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "csam.User"
LOGIN_URL = "csam:login"
LOGIN_REDIRECT_URL = "roles:home"
LOGOUT_REDIRECT_URL = "roles:home"
AUTHENTICATION_BACKENDS = ["csam.backends.DigitalKeyBackend"]
# The second one is for the secrets of clients, which are random; people have no passwords, codes have the first.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher", "fas.hashers.RandomSecretHasher"]

_cookie_prefix = "__Host-" if SECURE else ""  # browsers accept the prefix over https only
SESSION_ENGINE = "django.contrib.sessions.backends.db"  # in the database, so that it can be revoked
SESSION_SERIALIZER = "django.contrib.sessions.serializers.JSONSerializer"
SESSION_COOKIE_NAME = f"{_cookie_prefix}session"
SESSION_COOKIE_AGE = int(SESSION_ABSOLUTE.total_seconds())
SESSION_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_SAVE_EVERY_REQUEST = False  # a GET must not take SQLite's write lock
CSRF_COOKIE_NAME = f"{_cookie_prefix}csrf"
CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "rolemgmt.errors.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- The services that rely on the portal ---------------------------------------------------------------------------

OAUTH2_PROVIDER_APPLICATION_MODEL = "fas.Client"
OAUTH2_PROVIDER_GRANT_MODEL = "fas.Grant"
OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL = "fas.AccessToken"  # noqa: S105 - the name of a model
OAUTH2_PROVIDER_ID_TOKEN_MODEL = "fas.IDToken"  # noqa: S105
OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL = "fas.RefreshToken"  # noqa: S105
OAUTH2_PROVIDER_DEVICE_GRANT_MODEL = "fas.DeviceGrant"
OAUTH2_PROVIDER: dict[str, Any] = {
    "OIDC_ENABLED": True,
    "OIDC_ISS_ENDPOINT": FAS_ISSUER,
    "OIDC_RSA_PRIVATE_KEY": FAS_SIGNING_KEYS[0] if FAS_SIGNING_KEYS else "",
    "OIDC_RSA_PRIVATE_KEYS_INACTIVE": FAS_SIGNING_KEYS[1:],
    "OIDC_SERVER_CLASS": "fas.server.CodeServer",
    "OAUTH2_VALIDATOR_CLASS": "fas.validator.Validator",
    "OIDC_RESPONSE_TYPES_SUPPORTED": ["code"],
    "OIDC_SUBJECT_TYPES_SUPPORTED": ["pairwise"],
    "AUTHORIZATION_CODE_EXPIRE_SECONDS": 60,
    "ACCESS_TOKEN_EXPIRE_SECONDS": 300,
    "ID_TOKEN_EXPIRE_SECONDS": 300,
    "CLIENT_SECRET_HASHER": "random_sha256",  # noqa: S105 - the name of a hasher
    "CLIENT_SECRET_GENERATOR_LENGTH": 64,
    "SCOPES_BACKEND_CLASS": "fas.scope_rules.ClientScopes",
    "PKCE_REQUIRED": True,  # and per client: fas.validator
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],  # and http to this machine: fas.addresses
    "ALLOW_URI_WILDCARDS": False,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,  # none are given
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "COMPLIANT_BCP_RFC9700_REFRESH_TOKEN": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_SCHEME": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_MATCHING": True,
    "COMPLIANT_BCP_RFC9700_PKCE_REQUIRED": True,
    "APPLICATION_ADMIN_CLASS": "fas.admin.clients.ClientAdmin",
    "GRANT_ADMIN_CLASS": "fas.admin.tokens.GrantAdmin",
    "ACCESS_TOKEN_ADMIN_CLASS": "fas.admin.tokens.AccessTokenAdmin",
    "ID_TOKEN_ADMIN_CLASS": "fas.admin.tokens.IDTokenAdmin",
    "REFRESH_TOKEN_ADMIN_CLASS": "fas.admin.tokens.RefreshTokenAdmin",
}

# --- Web ----------------------------------------------------------------------------------------------------------

SECURE_CSP = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'"],
    "connect-src": ["'self'"],
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
    "object-src": ["'none'"],
    "frame-ancestors": ["'none'"],
    "report-uri": ["/csp-report/"],
}
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_HSTS_PRELOAD = SECURE
SECURE_SSL_REDIRECT = SECURE
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
BEHIND_TLS_PROXY = env.boolean("BEHIND_TLS_PROXY", default=False)
if BEHIND_TLS_PROXY:
    # Only behind a proxy that removes this header from what users send. Where a call comes from: fas.sources.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
USE_X_FORWARDED_HOST = False
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_000
DATA_UPLOAD_MAX_NUMBER_FILES = 5

# --- Languages and formats ------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("fr", _("French")), ("nl", _("Dutch")), ("de", _("German")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_NAME = f"{_cookie_prefix}language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SECURE = SECURE
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_I18N = True
FORMAT_MODULE_PATH = ["rolemgmt.formats"]
TIME_ZONE = "Europe/Brussels"
USE_TZ = True

# --- Static files -------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Hashed names need a collected manifest: tests, which have none, set STATIC_MANIFEST=False.
_hashed = env.boolean("STATIC_MANIFEST", default=not DEBUG)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if _hashed
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# --- Letters ------------------------------------------------------------------------------------------------------

# Letters of a demo may stay in its mailbox; anywhere else a missing mail server must not go unnoticed.
globals().update(env.email("EMAIL_URL", required=not (DEBUG or DEMO_INSTANCE)))
EMAIL_TIMEOUT = 10
EMAIL_USE_LOCALTIME = False
DEFAULT_FROM_EMAIL = env.mail_address("MAIL_FROM", default="no-reply@example.be")
REPLY_TO_EMAIL = env.mail_address("MAIL_REPLY_TO", default=DEFAULT_FROM_EMAIL)
HELP_EMAIL = env.mail_address("HELP_EMAIL", default="")  # on the help page: who answers questions about this portal
SERVER_EMAIL = DEFAULT_FROM_EMAIL
ADMINS: list[tuple[str, str]] = []  # nobody: no traceback ever travels by e-mail

# --- What is written down -------------------------------------------------------------------------------------------

DEFAULT_EXCEPTION_REPORTER_FILTER = "rolemgmt.reports.PrivateReporterFilter"
LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"private": {"()": "rolemgmt.logs.PrivacyFilter"}},
    "formatters": {
        "line": {
            "()": "rolemgmt.logs.PrivateFormatter",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["private"]},
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        # Django's own handlers write elsewhere and unfiltered: everything goes through the root instead.
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": [], "level": "INFO", "propagate": True},
        "django.db.backends": {"level": "WARNING"},
    },
}
