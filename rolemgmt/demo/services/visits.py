"""Who is signed in here. Kept in the memory of this process only; the browser holds a random session key.

A visit is found by site and `sid`, the name the portal gives to this one sign-in: so the portal can end it without
a browser. Of the national register number only the last two digits are ever kept.
"""

import hashlib
import json
import re
import time
from dataclasses import asdict, dataclass, field
from typing import Any

from django.core.cache import cache as memory
from django.http import HttpRequest

from rolemgmt.demo.services.sites import Site
from rolemgmt.demo.services.tokens import LEEWAY, OLDEST, Claims

LIFE = 2 * 3600  # seconds
NUMBER_CLAIM = "egovNRN"

_LEVEL = re.compile(r"urn:be:fedict:iam:fas:(?:citizen:|enterprise:)?Level([0-9]{3})")
_ENTERPRISE = re.compile(r"[0-9]{10}")


@dataclass
class Visit:
    """One person, signed in at one site. Moments are seconds since 1970.

    `told` are the claims of the ID token, `userinfo` those of the last answer of userinfo, both with the number masked.
    `said` is a message for the next page.
    """

    site: str
    sid: str
    subject: str
    id_token: str
    access_token: str
    told: Claims
    userinfo: Claims
    checked_at: float = field(default_factory=time.time)
    said: str = ""

    @property
    def name(self) -> str:
        """Given name and surname."""
        return " ".join(str(self.userinfo[key]) for key in ("givenName", "surname") if self.userinfo.get(key))

    @property
    def level(self) -> int:
        """How sure the key was; 0 where the claim is none we know."""
        return level_of(self.told.get("acr"))

    @property
    def roles(self) -> list[Claims]:
        """The entries of `roles`, whichever way this client gets them."""
        return entries_of(self.userinfo)

    def role(self, code: str) -> Claims | None:
        """Return the entry of a role, or None: not held, or not at the moment."""
        return next((entry for entry in self.roles if entry.get("role") == code), None)

    @property
    def enterprise_number(self) -> str:
        """The organisation for which the person came; empty when nobody said."""
        found = [self.userinfo.get("enterpriseNumber"), self.told.get("enterpriseNumber")]
        found += [entry.get("enterpriseNumber") for entry in self.roles]
        return next((text for text in found if isinstance(text, str) and _ENTERPRISE.fullmatch(text)), "")

    @property
    def enterprise_name(self) -> str:
        """The name of that organisation; empty when nobody said."""
        found = [self.userinfo.get("enterpriseName"), self.told.get("enterpriseName")]
        return next((text for text in found if isinstance(text, str)), "")


def level_of(context_class: object) -> int:
    """Return the number in an `acr` claim of FAS; 0 for anything else."""
    found = _LEVEL.fullmatch(context_class) if isinstance(context_class, str) else None
    return int(found[1]) if found else 0


def entries_of(userinfo: Claims) -> list[Claims]:
    """Return the roles in the format rolemgmt/1, given as a list or as the same JSON in a string."""
    listed = userinfo.get("roles")
    if isinstance(listed, str):
        try:
            listed = json.loads(listed)
        except (ValueError, RecursionError):
            listed = []
    if isinstance(listed, dict):  # the whole document in the string
        listed = listed.get("roles")
    return [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []


def masked(claims: Claims) -> Claims:
    """Return the claims with nothing of the national number but its last two digits."""
    number = claims.get(NUMBER_CLAIM)
    if number is None:
        return claims
    return {**claims, NUMBER_CLAIM: f"•••••••••{number[-2:]}" if isinstance(number, str) else "•••••••••••"}


# --- Keeping and ending ----------------------------------------------------------------------------------------------


def begin(request: HttpRequest, site: Site, visit: Visit) -> bool:
    """Sign the person in at a site. Returns whether they are: the portal may have ended it while it began."""
    keep(visit)
    if _is_over(visit):
        return False
    request.session.cycle_key()
    request.session[site.slug] = visit.sid
    return True


def keep(visit: Visit) -> None:
    """Write a visit down."""
    memory.set(_key(visit.site, visit.sid), asdict(visit), LIFE)


def update(visit: Visit) -> bool:
    """Write a visit down, unless it has ended meanwhile. Returns whether it goes on."""
    if memory.get(_key(visit.site, visit.sid)) is None:
        return False
    keep(visit)
    return not _is_over(visit)


def current(request: HttpRequest, site: Site) -> Visit | None:
    """Return who is signed in at a site in this browser, or None."""
    sid = request.session.get(site.slug)
    kept: dict[str, Any] | None = memory.get(_key(site.slug, sid)) if sid else None
    return Visit(**kept) if kept else None


def was_ended(request: HttpRequest, site: Site) -> bool:
    """Say whether somebody was signed in at a site in this browser until a moment ago, and forget it."""
    return request.session.pop(site.slug, None) is not None


def leave(request: HttpRequest, site: Site) -> Visit | None:
    """Sign out here. Returns the visit that ended."""
    visit = current(request, site)
    sid = request.session.pop(site.slug, None)
    if sid:
        memory.delete(_key(site.slug, sid))
    return visit


def end(site: Site, sid: str, *, issued_at: float) -> None:
    """End a visit because the portal says so, and let none begin that is older than its word."""
    memory.set(_ended_key(site.slug, sid), issued_at, LIFE)
    memory.delete(_key(site.slug, sid))


def is_first(site: Site, jti: str) -> bool:
    """Say whether a logout token comes for the first time; from now on it does not."""
    key = hashlib.sha256("\0".join(("jti", site.slug, jti)).encode()).hexdigest()
    return memory.add(key, 1, OLDEST + 3 * LEEWAY)


def _is_over(visit: Visit) -> bool:
    """Say whether the portal ended a visit between its beginning and our writing it down; then it is gone again."""
    ended_at = memory.get(_ended_key(visit.site, visit.sid))
    if ended_at is None or visit.told["iat"] > ended_at:
        return False
    memory.delete(_key(visit.site, visit.sid))
    return True


def _key(*parts: str) -> str:
    return hashlib.sha256("\0".join(("visit", *parts)).encode()).hexdigest()


def _ended_key(*parts: str) -> str:
    return hashlib.sha256("\0".join(("ended", *parts)).encode()).hexdigest()
