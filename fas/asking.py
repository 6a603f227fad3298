"""Reading a request to sign somebody in: in order, told back to the service, or not to be answered at all."""

import json
import re
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from oauth2_provider.exceptions import FatalClientError, OAuthToolkitError
from oauth2_provider.oauth2_backends import get_oauthlib_core

from fas.keys import NotOurs, id_token_hint
from fas.models import Client
from fas.requests import SignInRequest, new_request_key
from fas.scopes import level_asked
from tenants.acting import ActingContext

# What may come once only; oauthlib looks at five of them.
_ONCE = (
    "client_id redirect_uri response_type scope state nonce prompt max_age acr_values code_challenge "
    "code_challenge_method claims id_token_hint login_hint ui_locales response_mode display"
).split()
_NOT_SUPPORTED = {
    "request": "request_not_supported",
    "request_uri": "request_uri_not_supported",
    "registration": "registration_not_supported",
}
_CHALLENGE = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_SHOWN = re.compile(r"[\x20-\x7e]*")
# All of it stands in one line of a request, of which gunicorn reads 8,190 characters at most: there, one character of a
# state takes three, one of a nonce up to twelve.
LONGEST_STATE, LONGEST_NONCE, LONGEST_MAX_AGE = 1_000, 255, 9


class NoAnswer(Exception):
    """A request whose client or address is wrong: nobody is sent anywhere, a page of ours says so."""


class Refused(Exception):
    """A request that the service itself has to mend: it is told at its address."""

    def __init__(self, error: str, description: str, *, redirect_uri: str, state: str) -> None:
        super().__init__(error)
        self.error, self.description, self.redirect_uri, self.state = error, description, redirect_uri, state


def read_request(
    request: HttpRequest, acting: ActingContext | None, *, now: datetime
) -> tuple[SignInRequest, Client, frozenset[str]]:
    """Return what is asked, by which client, and the words of `prompt`. Raises NoAnswer or Refused."""
    query = request.GET
    if not query.get("redirect_uri") or any(len(values) > 1 for name, values in query.lists() if name in _ONCE):
        raise NoAnswer
    if any("\x00" in text for name, values in query.lists() for text in (name, *values)):
        raise NoAnswer
    state = query.get("state", "")
    told_state = state if _is_state(state) else ""
    try:
        scopes, credentials = get_oauthlib_core().validate_authorization_request(request)
    except (FatalClientError, ValueError):  # of a query that is none
        raise NoAnswer from None
    except OAuthToolkitError as error:
        told = error.oauthlib_error
        raise Refused(
            told.error, told.description or "", redirect_uri=query["redirect_uri"], state=told_state
        ) from None
    client: Client = credentials["request"].client
    refuse = _refuser(credentials["redirect_uri"], told_state)
    _check(query, refuse)
    wanted = _wanted_claims(query, refuse)
    hinted_sub, hinted_sid = _hinted(query.get("id_token_hint", ""), client, refuse, now=now)
    prompt = frozenset(query.get("prompt", "").split())
    asked = SignInRequest(
        key=new_request_key(client.pk),
        client_id=client.client_id,
        redirect_uri=credentials["redirect_uri"],
        scopes=tuple(scopes),
        arrived=int(now.timestamp()),
        state=state,
        nonce=query.get("nonce", ""),
        code_challenge=query.get("code_challenge", ""),
        code_challenge_method=query.get("code_challenge_method", ""),
        level=max(client.minimum_level, level_asked(query.get("acr_values", "")), _essential_level(wanted, refuse)),
        after=int(now.timestamp() * 1000) + 1 if _is_too_old(query, prompt, acting, now=now) else 0,
        asks_consent="consent" in prompt,
        asks_choice="select_account" in prompt,
        asks_organisation=bool(prompt & {"select_account", "login"}),
        hinted_sub=_wanted_sub(wanted, hinted_sub, refuse),
        hinted_sid=hinted_sid,
    )
    return asked, client, prompt


def _refuser(redirect_uri: str, state: str) -> Any:
    def refuse(error: str, description: str) -> Refused:
        return Refused(error, description, redirect_uri=redirect_uri, state=state)

    return refuse


def _is_state(state: str) -> bool:
    return len(state) <= LONGEST_STATE and _SHOWN.fullmatch(state) is not None


def _check(query: Any, refuse: Any) -> None:
    """Refuse what oauthlib lets pass."""
    for name, error in _NOT_SUPPORTED.items():
        if name in query:
            raise refuse(error, f"The parameter {name} is not supported.")
    if not _is_state(query.get("state", "")):
        raise refuse("invalid_request", f"The state has at most {LONGEST_STATE} characters of ASCII.")
    if len(query.get("nonce", "")) > LONGEST_NONCE:
        raise refuse("invalid_request", f"The nonce has at most {LONGEST_NONCE} characters.")
    if query.get("response_mode", "query") != "query":
        raise refuse("invalid_request", "Answers are given in the query only.")
    if "code_challenge" in query:
        if query.get("code_challenge_method") != "S256":
            raise refuse("invalid_request", "The code_challenge_method is S256.")
        if not _CHALLENGE.fullmatch(query["code_challenge"]):
            raise refuse("invalid_request", "The code_challenge has 43 to 128 unreserved characters.")
    max_age = query.get("max_age", "0")
    if not (max_age.isascii() and max_age.isdigit() and len(max_age) <= LONGEST_MAX_AGE):
        raise refuse("invalid_request", "The max_age is a number of seconds.")


def _is_too_old(query: Any, prompt: frozenset[str], acting: ActingContext | None, *, now: datetime) -> bool:
    """Say whether the person has to show anew who they are; one who is not signed in does so anyhow."""
    if acting is None:
        return False
    if "login" in prompt:
        return True
    if "max_age" not in query:
        return False
    return acting.proved_at is None or (now - acting.proved_at).total_seconds() > int(query["max_age"])


def _wanted_claims(query: Any, refuse: Any) -> dict[str, dict[str, Any]]:
    """Return what the parameter `claims` says about claims of the ID token (Core, 5.5), by their names."""
    if "claims" not in query:
        return {}
    try:
        wanted = (json.loads(query["claims"]).get("id_token") or {}).items()
    except (ValueError, AttributeError, TypeError, RecursionError):
        raise refuse("invalid_request", "The claims parameter cannot be read.") from None
    return {name: said for name, said in wanted if isinstance(said, dict)}


def _values(said: dict[str, Any]) -> list[str]:
    """Return the values any of which a claim has to have; nothing where any value will do."""
    several = said.get("values")
    values = several if isinstance(several, list) else [said["value"]] if "value" in said else []
    return [str(value) for value in values]


def _essential_level(wanted: dict[str, dict[str, Any]], refuse: Any) -> int:
    """Return the level that the service calls essential, 0 without one. One never reached is refused (5.5.1.1)."""
    said = wanted.get("acr", {})
    values = _values(said)
    if said.get("essential") is not True or not values:
        return 0
    level = level_asked(" ".join(values))
    if not level:
        raise refuse("unmet_authentication_requirements", "None of these levels can be reached here.")
    return level


def _wanted_sub(wanted: dict[str, dict[str, Any]], hinted_sub: str, refuse: Any) -> str:
    """Return who alone may be signed in: as the hint says, or the claim `sub` (Core, 5.5.1). Empty for anybody."""
    values = _values(wanted.get("sub", {}))
    if len(values) > 1 or (hinted_sub and values and values != [hinted_sub]):
        raise refuse("invalid_request", "The request is about one person.")
    return values[0] if values else hinted_sub


def _hinted(hint: str, client: Client, refuse: Any, *, now: datetime) -> tuple[str, str]:
    """Return whom an ID token of ours, for this client, is about, and of which sign-on; it may have run out.

    Nothing without a hint.
    """
    if not hint:
        return "", ""
    try:
        claims = id_token_hint(hint, now=now)
    except NotOurs:
        raise refuse("invalid_request", "The id_token_hint is not an ID token of this provider.") from None
    if claims["aud"] != client.client_id:
        raise refuse("invalid_request", "The id_token_hint was not given to this client.")
    return str(claims["sub"]), str(claims["sid"])
