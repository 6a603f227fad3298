"""The provider with which one signs in here. Read by the settings, so nothing of Django is imported."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

DEFAULT_SCOPES = "openid profile egovnrn"

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

# Characters that end an attribute or an address; no address of a provider holds one of them unescaped.
_NEVER = frozenset("\"'<>`\\^{|}")


@dataclass(frozen=True)
class Provider:
    """An OpenID provider and what it knows this portal as. The secret does not show in `repr`.

    `issuer` counts to the letter. `name` is shown to people; empty for "Federal sign-in service". Without
    `accepts_new_persons`, only people whom the portal knows already may sign in.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name: str = ""
    scopes: str = DEFAULT_SCOPES
    accepts_new_persons: bool = True


def is_loopback(address: str) -> bool:
    """Say whether an address, already known to be one, leads to this machine itself."""
    return urlsplit(address).hostname in LOOPBACK


def is_safe_address(text: object) -> bool:
    """Say whether a value is an address to which personal data may go: https, or plain http on this machine.

    It holds neither a user name nor a fragment, and only printable ASCII.
    """
    if not isinstance(text, str) or not text.isascii() or any(c <= " " or c == "\x7f" or c in _NEVER for c in text):
        return False
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    if not parts.hostname or port == 0 or "@" in parts.netloc or "#" in text:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
