"""Requests from the portal to services: in time, without redirects, and nowhere into the portal's own network.

Staff type the addresses, and whoever owns a name decides what it leads to. So every address that a name has is looked
at, and the connection goes to one of those that were looked at: a second look-up could give another (SSRF, TRUST 42).
There are no proxies in between, for behind one nobody could look.
"""

import ipaddress
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from urllib.parse import urlencode, urlsplit

from django.conf import settings

from fas.addresses import why_not_an_address
from fas.models import Trouble

TOTAL_SECONDS = 5.0  # from looking up the name to the first line of the answer
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Answer:
    """The status of an answer, or the trouble for which there is none. What else it says is not read."""

    status: int | None
    trouble: Trouble = Trouble.NONE


class _Troubled(Exception):
    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble


@dataclass
class _Call:
    """One request. `opened` is the socket, which whoever waits may close."""

    address: str
    body: bytes | None
    ends_at: float
    opened: list[socket.socket] = field(default_factory=list)

    def left(self) -> float:
        """Return the seconds that are left. Raises _Troubled when there are none: nothing is sent late."""
        seconds = self.ends_at - monotonic()
        if seconds <= 0:
            raise _Troubled(Trouble.TOO_SLOW)
        return seconds

    def close(self) -> None:
        for opened in self.opened:
            with suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)
            opened.close()


def post_form(address: str, values: dict[str, str], *, seconds: float = TOTAL_SECONDS) -> Answer:
    """POST a form. Never raises for what the other side does."""
    return _within(_Call(address, urlencode(values).encode(), monotonic() + seconds))


def ask_head(address: str, *, seconds: float = TOTAL_SECONDS) -> Answer:
    """Ask whether something answers there, with HEAD."""
    return _within(_Call(address, None, monotonic() + seconds))


def may_reach(found: Address) -> bool:
    """Say whether something may be sent there: the public internet, and in a demonstration this machine itself."""
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return may_reach(found.ipv4_mapped)
        if found in _NAT64:
            return may_reach(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF))
        if found.sixtofour is not None or found.teredo is not None:
            return False
    if found.is_loopback:
        return bool(settings.DEMO_INSTANCE or settings.DEBUG)
    return found.is_global and not found.is_multicast


def literal_of(host: str) -> Address | None:
    """Return the address that a host is written as, in any spelling that a look-up takes; None for a name."""
    if host.rstrip(".") == "localhost" or host.rstrip(".").endswith(".localhost"):
        return ipaddress.IPv4Address("127.0.0.1")
    with suppress(ValueError):
        return ipaddress.ip_address(host.partition("%")[0])
    with suppress(OSError):  # 127.1, 0x7f000001, 2130706433
        return ipaddress.IPv4Address(socket.inet_aton(host))
    return None


def _within(call: _Call) -> Answer:
    """Wait for the answer as long as there is time. A thread of its own asks: a look-up of a name has no time-out."""
    box: SimpleQueue[Answer] = SimpleQueue()
    Thread(target=lambda: box.put(_answer(call)), daemon=True).start()
    try:
        return box.get(timeout=max(0.0, call.ends_at - monotonic()))
    except Empty:
        call.close()
        return Answer(None, Trouble.TOO_SLOW)


def _answer(call: _Call) -> Answer:
    try:
        return Answer(_status(call))
    except _Troubled as found:
        return Answer(None, found.trouble)
    except TimeoutError:
        return Answer(None, Trouble.TOO_SLOW)
    except ssl.SSLError:
        return Answer(None, Trouble.NO_TRUST)
    except OSError:
        return Answer(None, Trouble.NO_CONNECTION)
    except (HTTPException, ValueError):
        return Answer(None, Trouble.NOT_HTTP)
    finally:
        call.close()


def _status(call: _Call) -> int:
    if why_not_an_address(call.address):
        raise _Troubled(Trouble.NOT_AN_ADDRESS)
    parts = urlsplit(call.address)
    host = parts.hostname or ""
    opened = _connect(host, parts.port or (443 if parts.scheme == "https" else 80), call)
    if parts.scheme == "https":
        opened.settimeout(call.left())
        opened = ssl.create_default_context().wrap_socket(opened, server_hostname=host)
        call.opened.append(opened)
    opened.settimeout(call.left())
    connection = HTTPConnection(host)
    connection.sock = opened
    headers = {"Host": parts.netloc, "User-Agent": "rolemgmt", "Accept": "*/*", "Connection": "close"}
    if call.body is not None:
        headers |= {"Content-Type": "application/x-www-form-urlencoded", "Cache-Control": "no-store"}
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection.request("HEAD" if call.body is None else "POST", target, body=call.body, headers=headers)
    return connection.getresponse().status


def _connect(host: str, port: int, call: _Call) -> socket.socket:
    """Connect to the first address of the host that answers, if all of them may be reached."""
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise _Troubled(Trouble.NO_SUCH_HOST) from None
    if not all(may_reach(ipaddress.ip_address(str(row[4][0]).partition("%")[0])) for row in rows):
        raise _Troubled(Trouble.NOT_PUBLIC)
    last: OSError = OSError()
    for family, kind, protocol, _name, place in rows:
        opened = socket.socket(family, kind, protocol)
        call.opened.append(opened)
        opened.settimeout(call.left())
        try:
            opened.connect(place)
        except OSError as error:
            last = error
            continue
        return opened
    raise last
