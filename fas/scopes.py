"""What a service can ask to know, and how surely: the scopes, claims and levels of FAS (DOMAIN 11 and 6)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from csam.keys import KeyName
from tenants.acting import Level


@dataclass(frozen=True)
class Scope:
    """A word of a request, the claims it brings, and what that is; nothing where it brings none.

    `words` are for the person whom it is about, `about` for staff.
    """

    name: str
    claims: tuple[str, ...]
    words: Promise | str = ""
    about: Promise | str = ""


OPENID, PROFILE, NUMBER, ROLES = "openid", "profile", "egovnrn", "roles"
CITIZEN, ENTERPRISE = "citizen", "enterprise"

SCOPES: dict[str, Scope] = {
    scope.name: scope
    for scope in (
        Scope(OPENID, ("sub", "iss", "aud")),
        Scope(
            PROFILE,
            ("givenName", "surname", "mail", "prefLanguage"),
            _("your name, your e-mail address and your language"),
            _("the name, the e-mail address and the language of the person"),
        ),
        Scope(
            NUMBER,
            ("egovNRN",),
            _("your national register number"),
            _("the national register number of the person"),
        ),
        Scope(
            ROLES,
            ("roles", "roles_format", "enterpriseNumber", "enterpriseName"),
            _("the organisation for which you act, and your roles there for this service"),
            _("the organisation for which the person acts, and the roles there for this service"),
        ),
        Scope(
            ENTERPRISE,
            ("enterpriseNumber", "enterpriseName"),
            _("the organisation for which you act"),
            _("the organisation for which the person acts"),
        ),
        Scope(CITIZEN, ()),
    )
}

# The scopes of a token without a person, with which a service asks the look-up interface: who holds which of its roles,
# and what has changed.
LOOKUP, CHANGES = "roles:lookup", "roles:changes"

# Known to the provider, but of a client itself.
SERVICE_SCOPES = (LOOKUP, CHANGES)
ALL_SCOPES = (*SCOPES, *SERVICE_SCOPES)

ACR_PREFIX = "urn:be:fedict:iam:fas:Level"

_AMR = {
    KeyName.EID: "eid",
    KeyName.ITSME: "bmid",
    KeyName.APP: "otp",
    KeyName.EMAIL: "mail",
    KeyName.OIDC: "fed",
}


def acr_of(level: int) -> str:
    """Return the name that FAS gives to a level."""
    return f"{ACR_PREFIX}{int(level)}"


# FAS also names levels in a context, and some in between ours.
_ACR = re.compile(r"urn:be:fedict:iam:fas:(?:citizen:|enterprise:)?Level([0-9]{3})")


def level_of(acr: str) -> int | None:
    """Return the lowest level of ours that reaches the one named; None for a name we do not know or cannot reach."""
    found = _ACR.fullmatch(acr)
    reaching = [int(level) for level in Level if found and level >= int(found[1])]
    return min(reaching, default=None)


def level_asked(acr_values: str) -> int:
    """Return the lowest of the levels that a request names, any of which will do; 0 where it names none we know."""
    known = [level for level in map(level_of, acr_values.split()) if level is not None]
    return min(known, default=0)


def amr_of(key_name: str) -> list[str]:
    """Return the method of a sign-in as FAS names it; nothing for a key that is not known."""
    return [_AMR[KeyName(key_name)]] if key_name in KeyName.values else []


def in_words(scopes: Iterable[str]) -> list[str]:
    """Return what a service receives with these scopes, for people."""
    asked = set(scopes)
    if ROLES in asked:
        asked.discard(ENTERPRISE)  # said with the roles
    return [str(scope.words) for scope in SCOPES.values() if scope.name in asked and scope.words]
