"""Cursors of the feed: opaque texts that mark how far a client has read. Nobody but the portal makes or reads them."""

import base64
import hmac
from dataclasses import dataclass
from datetime import date

from fas.models import Client
from vault.sealing import blind_index

PURPOSE = "fas.cursor"
_SEAL = 32  # characters, of four bits each


class BadCursor(Exception):
    """The text is no cursor that this client was given."""


@dataclass(frozen=True)
class Cursor:
    """Noted changes are read up to `position`; what days brought, up to `day`.

    While the pages of several days are being read, `until` is the last of these days and `row` the last row that was
    given.
    """

    position: int
    day: date
    until: date | None = None
    row: int = 0


def write_cursor(client: Client, cursor: Cursor) -> str:
    """Return the text for a client. It holds for this client and its service only."""
    days = (cursor.day.toordinal(), cursor.until.toordinal() if cursor.until else 0)
    text = ".".join(map(str, (cursor.position, *days, cursor.row)))
    return base64.urlsafe_b64encode(f"{text}.{_seal(client, text)}".encode()).rstrip(b"=").decode("ascii")


def read_cursor(client: Client, opaque: str) -> Cursor:
    """Return what a text marks. Raises BadCursor."""
    try:
        decoded = base64.urlsafe_b64decode(opaque + "=" * (-len(opaque) % 4)).decode("ascii")
        text, _dot, seal = decoded.rpartition(".")
        position, day, until, row = map(int, text.split("."))
    except ValueError:
        raise BadCursor from None
    if not hmac.compare_digest(seal, _seal(client, text)):
        raise BadCursor
    return Cursor(position, date.fromordinal(day), date.fromordinal(until) if until else None, row)


def _seal(client: Client, text: str) -> str:
    return blind_index(f"{client.client_id}|{client.service_id}|{text}", purpose=PURPOSE)[:_SEAL]
