"""Requests to the provider: in time, of a bounded size, encrypted, without redirects."""

import json
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import Any, TypeVar

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError, ReadTimeoutError

from csam.oidc.config import is_loopback, is_safe_address
from csam.oidc.refusals import SignInRefused, Why

CONNECT_SECONDS = 3.0
READ_SECONDS = 5.0
TOTAL_SECONDS = 10.0  # all requests that one page needs together
LARGEST_ANSWER = 1_000_000  # bytes

_CHUNK = 65_536
_HEADERS = {"User-Agent": "rolemgmt", "Accept-Encoding": "identity", "Connection": "close"}

AnySession = TypeVar("AnySession", bound=requests.Session)


def deadline() -> float:
    """Return the moment, on the clock of `monotonic`, at which all requests of this page have to be done."""
    return monotonic() + TOTAL_SECONDS


def strict_object(text: bytes | str) -> dict[str, Any]:
    """Return the JSON object in `text`. Raises ValueError for all else: also for NaN, or a name that comes twice."""
    try:
        found = json.loads(text, object_pairs_hook=_without_doubles, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(found, dict):
        raise ValueError("not an object")
    # Half a character, which JSON can write and nothing can store: the error it raises is a ValueError.
    json.dumps(found, ensure_ascii=False).encode("utf-8")
    return found


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name comes twice")
    return found


def _no_constant(_name: str) -> float:
    raise ValueError("not a number of JSON")


class NoAuth(AuthBase):
    """Sends no credentials. Without it, `requests` would look for some in ~/.netrc."""

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        """Change nothing."""
        return r


class BearerAuth(AuthBase):
    """Sends an access token."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        """Put the token where RFC 6750 wants it."""
        r.headers["Authorization"] = f"Bearer {self._token}"
        return r


class BoundedAdapter(HTTPAdapter):
    """Reads a whole answer before `ends_at`, or refuses. `step` begins the reason of a refusal.

    The time-outs of `requests` are those of one silence each: a provider that sends a byte now and then would never
    reach them, and neither bounds the look-up of its name. So a thread of its own asks, and nobody waits longer.
    """

    def __init__(self, step: str, ends_at: float) -> None:
        super().__init__(max_retries=0)
        self.step = step
        self.ends_at = ends_at

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send it and return the answer with its body read. Raises SignInRefused."""
        if not is_safe_address(request.url):
            raise SignInRefused(Why.UNTRUSTED, f"{self.step}_address")
        left = self.ends_at - monotonic()
        if left <= 0:
            raise SignInRefused(Why.SLOW, f"{self.step}_slow")
        box: SimpleQueue[requests.Response | Exception] = SimpleQueue()

        def ask() -> None:
            try:
                box.put(self._whole_answer(request, kwargs))
            except Exception as error:  # it belongs to whoever waits
                box.put(error)

        Thread(target=ask, daemon=True).start()
        try:
            found = box.get(timeout=left)
        except Empty:
            raise SignInRefused(Why.SLOW, f"{self.step}_slow") from None
        if isinstance(found, requests.Response):
            return found
        if isinstance(found, SignInRefused):
            raise found
        if isinstance(found, requests.Timeout | ReadTimeoutError):
            raise SignInRefused(Why.SLOW, f"{self.step}_slow") from None
        if isinstance(found, requests.RequestException | HTTPError | OSError):
            raise SignInRefused(Why.UNREACHABLE, f"{self.step}_down") from None
        raise found

    def _whole_answer(self, request: requests.PreparedRequest, kwargs: dict[str, Any]) -> requests.Response:
        left = max(0.001, self.ends_at - monotonic())
        times = (min(CONNECT_SECONDS, left), min(READ_SECONDS, left))
        response = super().send(request, **{**kwargs, "stream": True, "timeout": times})
        try:
            body = self._read(response)
        finally:
            response.close()
        response._content = body
        response._content_consumed = True
        return response

    def _read(self, response: requests.Response) -> bytes:
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise SignInRefused(Why.UNTRUSTED, f"{self.step}_encoding")
        body = bytearray()
        # read1 returns what has come; read would wait for a whole chunk.
        while part := response.raw.read1(_CHUNK, decode_content=False):
            body += part
            if len(body) > LARGEST_ANSWER:
                raise SignInRefused(Why.UNTRUSTED, f"{self.step}_too_large")
            if monotonic() > self.ends_at:
                raise SignInRefused(Why.SLOW, f"{self.step}_slow")
        return bytes(body)


def bounded(session: AnySession, address: str, *, step: str, ends_at: float) -> AnySession:
    """Return the session, bound to send requests in time only. Proxies of the environment do not lead to loopback."""
    adapter = BoundedAdapter(step, ends_at)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.trust_env = not is_loopback(address)
    session.headers.update(_HEADERS)
    return session


def fetch(address: str, *, step: str, accept: str, ends_at: float, bearer: str = "") -> requests.Response:
    """Return the answer 200 to a GET, of a media type in `accept`. Raises SignInRefused for every other."""
    auth: AuthBase = BearerAuth(bearer) if bearer else NoAuth()
    with bounded(requests.Session(), address, step=step, ends_at=ends_at) as session:
        try:
            answer = session.get(address, headers={"Accept": accept}, auth=auth, allow_redirects=False)
        except requests.RequestException:
            raise SignInRefused(Why.UNTRUSTED, f"{step}_address") from None
    require_answer(answer, step=step)
    if media_type(answer) not in accept.split(", "):
        raise SignInRefused(Why.UNTRUSTED, f"{step}_media_type")
    return answer


def require_answer(answer: requests.Response, *, step: str) -> None:
    """Refuse every status but 200. Raises SignInRefused."""
    if answer.status_code >= 500 or answer.status_code == 429:
        raise SignInRefused(Why.UNREACHABLE, f"{step}_down")
    if answer.status_code != 200:
        raise SignInRefused(Why.UNTRUSTED, f"{step}_status")


def media_type(answer: requests.Response) -> str:
    """Return what an answer says to be, without parameters, in lower case."""
    return answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
