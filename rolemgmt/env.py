"""Each setting is read once from the environment, by a reader that refuses nonsense at start.

A refusal names the setting and says what it should look like. It never repeats the value, which may be a secret.
"""

import base64
import binascii
import ipaddress
import os
import re
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import environ
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.core.exceptions import ImproperlyConfigured

from csam.oidc.config import DEFAULT_SCOPES, Provider, is_safe_address
from rolemgmt.outage import Outage

_env = environ.Env()

BELGIUM = ZoneInfo("Europe/Brussels")
MINIMUM_SECRET_LENGTH = 50
MINIMUM_RSA_BITS = 2048
KEY_BYTES = 32


class SettingError(ImproperlyConfigured):
    """A setting is missing or malformed. The text is one paragraph for the person who starts the portal."""

    def __init__(self, name: str, problem: str, expected: str) -> None:
        self.name = name
        super().__init__(f"The setting {name} {problem}. It should be {expected}.")


def _raw(name: str, expected: str) -> str | None:
    """Return the text of the variable, None if it is absent; refuse what django-environ would misread."""
    value = os.environ.get(name)
    if value is None:
        return None
    value = value.strip()
    if not value:
        raise SettingError(name, "is empty", expected)
    if value.startswith("$"):  # django-environ would take it as the name of another variable
        raise SettingError(name, "must not begin with a dollar sign", expected)
    return value


def _required(name: str, expected: str) -> str:
    value = _raw(name, expected)
    if value is None:
        raise SettingError(name, "is missing", expected)
    return value


def boolean(name: str, *, default: bool) -> bool:
    """Return True or False; any word but True and False is refused, because a typing error must not switch."""
    expected = f"True or False (without it, {default} counts)"
    value = _raw(name, expected)
    if value is None:
        return default
    if value.lower() not in {"true", "false"}:
        raise SettingError(name, "is neither True nor False", expected)
    return _env.bool(name)


def whole_number(name: str, *, default: int, low: int, high: int) -> int:
    """Return a whole number between `low` and `high`, both included."""
    expected = f"a whole number from {low} to {high} (without it, {default} counts)"
    value = _raw(name, expected)
    if value is None:
        return default
    if not re.fullmatch(r"[0-9]{1,9}", value) or not low <= int(value) <= high:
        raise SettingError(name, "is not a whole number in this range", expected)
    return _env.int(name)


def one_of(name: str, choices: tuple[str, ...], *, default: str) -> str:
    """Return one of a few words."""
    expected = f"one of {', '.join(choices)} (without it, {default} counts)"
    value = _raw(name, expected)
    if value is None:
        return default
    if value not in choices:
        raise SettingError(name, "is not one of the known words", expected)
    return _env.str(name)


def national_numbers(name: str) -> frozenset[str]:
    """Return the bare numbers of specimen cards that are accepted although their digits are impossible."""
    expected = "numbers of eleven bare digits, separated by commas (without it, none)"
    value = _raw(name, expected)
    if value is None:
        return frozenset()
    numbers = [part.strip() for part in value.split(",")]
    if not all(re.fullmatch(r"[0-9]{11}", number) for number in numbers):
        raise SettingError(name, "holds something that is not eleven digits", expected)
    return frozenset(numbers)


def secret_key(name: str) -> str:
    """Return Django's signing key: at least 50 characters, at least 5 different ones, not a sample."""
    expected = f"a random secret of at least {MINIMUM_SECRET_LENGTH} letters, digits, hyphens and underscores"
    value = _required(name, expected)
    if len(value) < MINIMUM_SECRET_LENGTH:
        raise SettingError(name, "is too short", expected)
    if len(set(value)) < 5 or value.startswith("django-insecure-"):
        raise SettingError(name, "is not random", expected)
    return _env.str(name)


def hosts(name: str) -> list[str]:
    """Return the host names the portal answers to. A lone star is refused: the list must be explicit."""
    expected = "the host names of the portal, separated by commas, without scheme, port or star"
    names = [part.strip() for part in _required(name, expected).split(",")]
    if not all(_is_host(part.removeprefix(".")) for part in names):
        raise SettingError(name, "holds something that is not a host name", expected)
    return names


def require_host(name: str, names: list[str], base_url: str) -> None:
    """Refuse a list of hosts without the one that people type: every link in a letter would lead nowhere."""
    host = urlsplit(base_url).hostname or ""
    if not any(host == known.strip("[]") or (known.startswith(".") and host.endswith(known)) for known in names):
        raise SettingError(name, "does not hold the host of PORTAL_BASE_URL", f"a list with {host} in it")


def require_folder(name: str, folder: Path) -> None:
    """Refuse a database file in a folder that does not exist: a typing error must not open an empty portal."""
    if not folder.is_dir():
        raise SettingError(name, "names a file in a folder that does not exist", "a file in a folder that is there")


def _is_host(text: str) -> bool:
    try:
        ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return re.fullmatch(r"(?=.{1,253}$)[a-zA-Z0-9-]{1,63}(\.[a-zA-Z0-9-]{1,63})*", text) is not None
    return True


def database(name: str, *, base: Path) -> dict[str, Any]:
    """Return Django's description of the database; a relative SQLite file counts from `base`."""
    expected = "sqlite:///var/portal.sqlite3 (a file), or postgres://user:password@host:5432/name"
    value = _required(name, expected)
    if urlsplit(value).scheme not in {"sqlite", "postgres", "postgresql"}:
        raise SettingError(name, "is the address of neither SQLite nor PostgreSQL", expected)
    try:
        found: dict[str, Any] = dict(_env.db_url(name))
    except (ImproperlyConfigured, ValueError, KeyError):
        raise SettingError(name, "cannot be read", expected) from None
    if found.get("ENGINE") == "django.db.backends.sqlite3":
        file = str(found["NAME"])
        if not re.match(r"sqlite:///.", value) or file in {"", ":memory:"}:
            raise SettingError(name, "names no database file", expected)
        found["NAME"] = str(base / file)
    elif not found.get("NAME"):
        raise SettingError(name, "names no database", expected)
    return found


def email(name: str, *, required: bool) -> dict[str, Any]:
    """Return Django's e-mail settings. Not required only where letters stay in the demo mailbox."""
    expected = "smtp://user:password@host:25, smtp+tls://... (STARTTLS, usually port 587) or smtp+ssl://..."
    value = _required(name, expected) if required else _raw(name, expected)
    if value is None:
        return {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
    try:
        parts = urlsplit(value)
        if parts.scheme not in {"smtp", "smtp+tls", "smtp+ssl", "consolemail", "dummymail"}:
            raise SettingError(name, "is not the address of a mail server", expected)
        if parts.scheme.startswith("smtp") and not (parts.hostname and parts.port != 0):
            raise SettingError(name, "names no mail server", expected)
        found: dict[str, Any] = dict(_env.email_url(name))
    except (ImproperlyConfigured, ValueError, KeyError) as error:
        if isinstance(error, SettingError):
            raise
        raise SettingError(name, "cannot be read", expected) from None
    if parts.scheme.startswith("smtp"):
        found["EMAIL_PORT"] = parts.port or {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}[parts.scheme]
    return {key: value for key, value in found.items() if key.startswith("EMAIL_")}


def mail_address(name: str, *, default: str) -> str:
    """Return the address letters come from."""
    expected = f"an e-mail address such as {default}"
    value = _raw(name, expected)
    if value is None:
        return default
    if not re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;]+", value):
        raise SettingError(name, "is not an e-mail address", expected)
    return _env.str(name)


def outage(name: str) -> Outage | None:
    """Return when the portal will not be there, None without it. Times are those of Belgium."""
    expected = "like 2026-12-05T20:00/2026-12-05T22:00: start and end, Belgian time"
    value = _raw(name, expected)
    if value is None:
        return None
    try:
        start, end = (datetime.fromisoformat(part).replace(tzinfo=BELGIUM) for part in value.split("/"))
    except ValueError:
        raise SettingError(name, "is not two moments", expected) from None
    if start >= end:
        raise SettingError(name, "ends before it begins", expected)
    return Outage(start, end)


def base_url(name: str) -> str:
    """Return scheme, host and port of the portal, without slash at the end.

    Plain http is accepted on loopback only: anywhere else cookies and personal data would travel in clear.
    """
    expected = "the address people use, such as https://roles.example.be, without path; http:// only on 127.0.0.1"
    value = _required(name, expected).removesuffix("/")
    try:
        parts = urlsplit(value)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        raise SettingError(name, "is not an address", expected) from None
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https"} or not _is_host(host) or not port_is_fine:
        raise SettingError(name, "is not an address", expected)
    if parts.path or parts.query or parts.fragment or "@" in parts.netloc or "?" in value or "#" in value:
        raise SettingError(name, "holds more than scheme, host and port", expected)
    if parts.scheme == "http" and not is_loopback(host):
        raise SettingError(name, "is plain http outside this machine", expected)
    return value


def is_loopback(host: str) -> bool:
    """Say whether the host is this machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def oidc_provider() -> Provider | None:
    """Return the OpenID provider to sign in with, from the settings OIDC_...; None without OIDC_ISSUER."""
    expected = (
        "the issuer of the provider to the letter, such as https://idp.example.be/oauth2; http:// only on 127.0.0.1"
    )
    issuer = _raw("OIDC_ISSUER", expected)
    if issuer is None:
        for name in _OIDC_SETTINGS:
            if name in os.environ:
                raise SettingError(name, "is of no use without OIDC_ISSUER", "absent where there is no provider")
        return None
    if not is_safe_address(issuer) or "?" in issuer:
        raise SettingError("OIDC_ISSUER", "is not the address of a provider", expected)
    return Provider(
        issuer=issuer,
        client_id=_oidc_word("OIDC_CLIENT_ID", "the name under which the provider knows this portal"),
        client_secret=_oidc_word("OIDC_CLIENT_SECRET", "the secret that the provider gave to this portal"),
        name=_oidc_name("OIDC_NAME"),
        scopes=_oidc_scopes("OIDC_SCOPES"),
        accepts_new_persons=boolean("OIDC_NEW_PERSONS", default=True),
    )


_OIDC_SETTINGS = ("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_NAME", "OIDC_SCOPES", "OIDC_NEW_PERSONS")


def _oidc_word(name: str, meaning: str) -> str:
    expected = f"{meaning}, without spaces"
    value = _required(name, expected)
    if not re.fullmatch(r"[!-~]{1,500}", value):
        raise SettingError(name, "holds spaces, characters outside ASCII, or too many characters", expected)
    return value


def _oidc_name(name: str) -> str:
    expected = "what people call the provider, at most 60 characters (without it, the portal's own words count)"
    value = _raw(name, expected)
    if value is None:
        return ""
    if len(value) > 60 or not value.isprintable():
        raise SettingError(name, "is no name", expected)
    return value


def _oidc_scopes(name: str) -> str:
    expected = f"scopes divided by spaces, openid and egovnrn among them (without it, {DEFAULT_SCOPES})"
    scopes = (_raw(name, expected) or DEFAULT_SCOPES).split()
    if not all(re.fullmatch(r"[!#-\[\]-~]+", scope) for scope in scopes):
        raise SettingError(name, "holds something that is not a scope", expected)
    if not {"openid", "egovnrn"} <= set(scopes):
        raise SettingError(name, "lacks openid or egovnrn", expected)
    return " ".join(scopes)


def key_ring(name: str) -> dict[str, bytes]:
    """Return the sealing keys by id, the current one first."""
    expected = f"k1:<{KEY_BYTES} random bytes in URL-safe base64>, older keys after it, separated by commas"
    ring: dict[str, bytes] = {}
    for part in _required(name, expected).split(","):
        identity, colon, text = part.strip().partition(":")
        if not colon or not re.fullmatch(r"[a-z0-9]{1,8}", identity):
            raise SettingError(name, "has a key without an id of letters and digits", expected)
        if identity in ring:
            raise SettingError(name, "has the same key id twice", expected)
        ring[identity] = _key_bytes(name, text, expected)
    return ring


def key_bytes(name: str) -> bytes:
    """Return one key of 32 bytes."""
    expected = f"{KEY_BYTES} random bytes in URL-safe base64"
    return _key_bytes(name, _required(name, expected), expected)


def _key_bytes(name: str, text: str, expected: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise SettingError(name, "is not URL-safe base64", expected) from None
    if len(key) != KEY_BYTES or len(set(key)) < 5:
        raise SettingError(name, f"does not hold {KEY_BYTES} random bytes", expected)
    return key


def signing_keys(name: str, *, base: Path) -> list[str]:
    """Return the private RSA keys of the provider as PEM texts, the one that signs first; none without the setting.

    The setting names files, or one folder: of its `*.pem` the last by name signs, so that a file named after its day
    takes over. Relative paths count from `base`.
    """
    expected = (
        f"PEM files of RSA keys of at least {MINIMUM_RSA_BITS} bits, separated by commas, the one that signs first; "
        "or a folder of them, of which the last by name signs"
    )
    value = _raw(name, expected)
    if value is None:
        return []
    paths = [base / part.strip() for part in value.split(",")]
    if len(paths) == 1 and paths[0].is_dir():
        paths = sorted(paths[0].glob("*.pem"), reverse=True)
        if not paths:
            raise SettingError(name, "names a folder without a key", expected)
    return [_signing_key(name, path, expected) for path in paths]


def _signing_key(name: str, path: Path, expected: str) -> str:
    try:
        text = path.read_text("ascii")
    except (OSError, UnicodeDecodeError):
        raise SettingError(name, "names a file that cannot be read", expected) from None
    try:
        key = load_pem_private_key(text.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise SettingError(name, "names a file that holds no private key without a password", expected) from None
    if not isinstance(key, RSAPrivateKey) or key.key_size < MINIMUM_RSA_BITS:
        raise SettingError(name, f"names a key that is not RSA of at least {MINIMUM_RSA_BITS} bits", expected)
    return text
