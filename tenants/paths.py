"""Where a sign-in may lead: a page of this portal, nothing else (TRUST, threat 29)."""

import re

from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme

MAX_LENGTH = 2000

# What browsers drop, turn round or take for another host: controls, spaces, backslashes, doubled slashes.
_SUSPECT = re.compile(r"[\x00-\x20\x7f\\]|^[^?#]*//|[\u0080-\u00a0\u2028\u2029\ufeff]")

# These would lead round in a circle, or end what has just begun.
_NEVER = ("/login/", "/logout/", "/idp/")


def local_path(candidate: str | None) -> str:
    """Return `candidate` if it is a path of this portal, with its query, else an empty text."""
    path = candidate or ""
    if not path.startswith("/") or len(path) > MAX_LENGTH or _SUSPECT.search(path):
        return ""
    if not url_has_allowed_host_and_scheme(path, allowed_hosts=None):
        return ""
    return "" if path.startswith(_NEVER) or _is_no_page(path) else path


def _is_no_page(path: str) -> bool:
    """Whether the address only takes what a form sends. One that is unknown has a page: it says so."""
    try:
        return getattr(resolve(path.partition("?")[0].partition("#")[0]).func, "is_no_page", False)
    except Resolver404:
        return False
