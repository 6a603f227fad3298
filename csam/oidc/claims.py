"""What the claims of FAS say: who it is, and how surely (DOMAIN, sections 6 and 11)."""

import re
from collections.abc import Collection
from datetime import UTC, date, datetime
from typing import Any

from csam.oidc.refusals import SignInRefused, Why
from csam.oidc.tokens import LEEWAY, is_moment
from tenants.acting import Level
from tenants.folding import clean_name
from tenants.identifiers import IdentifierError, parse_national_number
from tenants.models.person import Language
from tenants.registers import RegisterRecord
from vault.numbers import holds_national_number

_CONTEXT_CLASS = re.compile(r"urn:be:fedict:iam:fas:(?:citizen:|enterprise:)?Level([0-9]{3})")
_ELEVEN_DIGITS = re.compile(r"[0-9]{11}")

LONGEST_NAME = 100
LONGEST_ADDRESS = 254


def context_classes(minimum: int) -> str:
    """Return the levels to ask for in `acr_values`: those that reach `minimum`, the highest first."""
    levels = sorted((level.value for level in Level if level >= minimum), reverse=True)
    return " ".join(f"urn:be:fedict:iam:fas:Level{level}" for level in levels)


def level_of(context_class: Any) -> int:
    """Return the level that an `acr` claim stands for. Raises SignInRefused where it is none the portal knows.

    FAS knows levels in between (350); they count as the next lower one.
    """
    found = _CONTEXT_CLASS.fullmatch(context_class) if isinstance(context_class, str) else None
    if found is None:
        raise SignInRefused(Why.UNTRUSTED, "level_unknown")
    said = int(found[1])
    if said in (Level.HIGH, Level.ITSME):
        return said
    if Level.SUBSTANTIAL <= said < Level.ITSME:
        return Level.SUBSTANTIAL.value
    if Level.LOW <= said < Level.SUBSTANTIAL:
        return Level.LOW.value
    raise SignInRefused(*((Why.TOO_LOW, "level_too_low") if said < Level.LOW else (Why.UNTRUSTED, "level_unknown")))


def proved_at(claims: dict[str, Any], *, not_before: datetime | None, now: datetime) -> datetime | None:
    """Return when the person showed who they are, never after `now`; None where a provider does not tell.

    `not_before` is the beginning of an attempt that asked to show it anew. Raises SignInRefused when that did not
    happen, or lies in the future.
    """
    said: Any = claims.get("auth_time")
    if not is_moment(said):
        if not_before is not None:
            raise SignInRefused(Why.UNTRUSTED, "id_token_auth_time")
        return None
    if said > now.timestamp() + LEEWAY:
        raise SignInRefused(Why.CLOCKS, "id_token_clocks")
    if not_before is not None and said < not_before.timestamp() - LEEWAY:
        raise SignInRefused(Why.NOT_FRESH, "not_fresh")
    return min(datetime.fromtimestamp(said, UTC), now)


def record_of(claims: dict[str, Any], *, today: date, specimens: Collection[str] = ()) -> RegisterRecord:
    """Return whom verified userinfo is about. Its names may be empty: they are needed for a new person only.

    Raises SignInRefused without a national register number: by nothing else is a person recognised.
    """
    number = claims.get("egovNRN")
    if not isinstance(number, str) or not _ELEVEN_DIGITS.fullmatch(number):
        raise SignInRefused(Why.NO_NUMBER, "number_missing")
    try:
        digits = parse_national_number(number, today=today, specimens=specimens).digits
    except IdentifierError:
        raise SignInRefused(Why.NO_NUMBER, "number_wrong") from None
    address = _text(claims.get("mail"))
    language = _text(claims.get("prefLanguage"))[:2].lower()
    return RegisterRecord(
        digits=digits,
        given_name=_name(claims.get("givenName")),
        family_name=_name(claims.get("surname")),
        email=address if len(address) <= LONGEST_ADDRESS else "",
        language=language if language in Language.values else Language.FR.value,
    )


def _text(value: Any) -> str:
    return clean_name(value) if isinstance(value, str) else ""


def _name(value: Any) -> str:
    """Return a name as it can be stored; nothing for what is no name."""
    text = _text(value)[:LONGEST_NAME].strip()
    return "" if holds_national_number(text) else text
