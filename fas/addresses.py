"""The addresses of a client: where a browser or a message may be sent."""

import ipaddress
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

MAX_LENGTH = 500


def why_not_an_address(address: str) -> str:
    """Return in words why nothing can be sent to `address`, an empty text where something can.

    https everywhere; plain http on this machine only, for demonstrations and for those who develop. No fragment, no
    user name, no star: it is compared to the letter.
    """
    if len(address) > MAX_LENGTH or not address.isascii() or not address.isprintable() or "\\" in address:
        return _("This is not an address")
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return _("This is not an address")
    if parts.scheme not in {"https", "http"} or not host or port == 0:
        return _("An address begins with https:// and the name of a host")
    if "#" in address or "@" in parts.netloc or "*" in address:
        return _("An address has no #, no user name and no star")
    if parts.scheme == "http" and not _is_this_machine(host):
        return _("Plain http is for this machine only (127.0.0.1)")
    return ""


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
