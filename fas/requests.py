"""A request to sign somebody in, from its arrival until its answer: kept in the portal's session, one for each tab.

What a service sends along stands in no address of the portal: it may hold an e-mail address, and it may be long.
"""

from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from tenants.keys import new_key

_KEPT = "service_requests"
MOST = 5  # tabs
LIVES = timedelta(minutes=30)


@dataclass(frozen=True)
class SignInRequest:
    """What a service asked, once it was found to be in order. `arrived` is in seconds since 1970.

    `level` is the lowest that will do. `after`, where it is not 0, is the moment after which the person has to show
    who they are, in milliseconds since 1970. `chosen` is the key of the organisation that the person chose on the way,
    "self" for none. `asks_organisation` is that the choice of before does not count, `asks_choice` that the person is
    to choose even between one organisation and none.
    """

    key: str
    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    arrived: int
    state: str = ""
    nonce: str = ""
    code_challenge: str = ""
    code_challenge_method: str = ""
    level: int = 0
    after: int = 0
    asks_consent: bool = False
    asks_organisation: bool = False
    asks_choice: bool = False
    hinted_sub: str = ""
    hinted_sid: str = ""
    chosen: str = ""

    @property
    def need(self) -> str:
        """The requirement of a sign-in as it stands in an address: level, and moment where there is one."""
        return f"{self.level}-{self.after:x}"

    @property
    def path(self) -> str:
        """The address at which the sign-on goes on."""
        return reverse("fas:go_on", args=[self.key, self.need])

    @property
    def after_moment(self) -> datetime | None:
        """The moment after which the person has to show who they are, None where any sign-in will do."""
        return datetime.fromtimestamp(self.after / 1000, UTC) if self.after else None

    def answer(self, **values: str) -> str:
        """Return the service's address with an answer: its own values, `state`, and who answers (RFC 9207)."""
        told = {**values, **({"state": self.state} if self.state else {}), "iss": settings.FAS_ISSUER}
        return f"{self.redirect_uri}{'&' if '?' in self.redirect_uri else '?'}{urlencode(told)}"

    def chose(self, organisation_key: str) -> "SignInRequest":
        """Return the request with the person's choice."""
        return replace(self, chosen=organisation_key)


def read_need(need: str) -> tuple[int, datetime | None] | None:
    """Return level and moment from an address, None where it holds something else."""
    level, dash, after = need.partition("-")
    if not (dash and level.isdigit() and len(level) <= 3 and 0 < len(after) <= 11 and after.isalnum()):
        return None
    try:
        moment = int(after, 16)
    except ValueError:
        return None
    return int(level), datetime.fromtimestamp(moment / 1000, UTC) if moment else None


def new_request_key(client_number: int) -> str:
    """Return a key for a request; it stands in addresses of this browser only.

    It ends in the number of the client's row: of a request that is gone, the page still names the service.
    """
    return f"{new_key()}.{client_number}"


def client_number_of(key: str) -> int:
    """Return the number of the client's row from a request's key, 0 where it holds none. It proves nothing."""
    number = key.rpartition(".")[2]
    return int(number) if number.isascii() and number.isdigit() and len(number) <= 9 else 0


def keep(session: Any, request: SignInRequest) -> None:
    """Keep a request in the session; the oldest of too many goes."""
    kept = [row for row in session.get(_KEPT, []) if row["key"] != request.key]
    session[_KEPT] = [*kept, asdict(request)][-MOST:]


def find(session: Any, key: str, *, now: datetime) -> SignInRequest | None:
    """Return the request of this browser with this key; None where it was answered, or came too long ago."""
    for row in session.get(_KEPT, []):
        if row["key"] == key and now.timestamp() - row["arrived"] < LIVES.total_seconds():
            return SignInRequest(**{**row, "scopes": tuple(row["scopes"])})
    return None


def forget(session: Any, key: str) -> None:
    """Drop a request: it has its answer."""
    session[_KEPT] = [row for row in session.get(_KEPT, []) if row["key"] != key]
