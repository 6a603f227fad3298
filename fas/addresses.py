"""The addresses of a client: where a browser or a message may be sent."""

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

MAX_LENGTH = 500
MOST = 20  # addresses of one kind
# Browsers write these otherwise, and settings to copy would have to.
_NEVER = frozenset("\"'<>`\\^{|}")


def why_not_an_address(address: str) -> str:
    """Return in words why nothing can be sent to `address`, an empty text where something can.

    https everywhere; plain http on this machine only, for demonstrations and for those who develop. No fragment, no
    user name, no star, and written as browsers write it: it is compared to the letter.
    """
    if len(address) > MAX_LENGTH or not address.isascii() or not address.isprintable() or _NEVER & set(address):
        return _("This is not an address")
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return _("This is not an address")
    if parts.scheme not in {"https", "http"} or not host or port == 0 or " " in address:
        return _("An address begins with https:// and the name of a host")
    if "#" in address or "@" in parts.netloc or "*" in address:
        return _("An address has no #, no user name and no star")
    if not address.startswith(f"{parts.scheme}://{parts.netloc.lower()}") or _has_dots(parts.path):
        return _("Write the host in small letters, and the path without . and ..")
    if parts.scheme == "http" and not is_this_machine(host):
        return _("Plain http is for this machine only (127.0.0.1)")
    return ""


def why_not_these(addresses: Sequence[str]) -> str:
    """Return in words, beginning with the address, why a client cannot have these of one kind; empty where it can."""
    if len(addresses) > MOST:
        return _("No more than %(n)s addresses") % {"n": MOST}
    for place, address in enumerate(addresses):
        why = why_not_an_address(address)
        if not why and address in addresses[:place]:
            why = _("This address stands here twice")
        if not why and _is_this_portal(address):
            why = _("This is an address of the portal itself")
        if why:
            return f"{address[:100]}: {why}"
    return ""


def is_this_machine(host: str) -> bool:
    """Say whether a host is the machine on which the portal runs."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _has_dots(path: str) -> bool:
    """Say whether a browser would write the path otherwise, encoded dots too."""
    return any(part in {".", ".."} for part in path.lower().replace("%2e", ".").split("/"))


def _is_this_portal(address: str) -> bool:
    own, other = urlsplit(settings.PORTAL_BASE_URL), urlsplit(address)
    if own.hostname != other.hostname:
        return False
    # On this machine services have ports of their own; elsewhere a name is the portal's whatever the port.
    return not is_this_machine(own.hostname or "") or own.port == other.port
