"""Where a call comes from, for counting: the address that is connected, or the one that our own proxy saw."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

_HOME = 64  # bits of an IPv6 address that one connection to the internet has for itself


def source_of(request: HttpRequest) -> str:
    """Return the network that a request comes from: an IPv4 address, or the /64 of an IPv6 one; empty: not known.

    Behind a proxy it is what the proxy has added at the end of X-Forwarded-For. What stands before is anybody's word.
    """
    text = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_TLS_PROXY:
        text = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip() or text
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is None:
            return str(ipaddress.ip_network((int(found), _HOME), strict=False))
        found = found.ipv4_mapped
    return str(found)
