"""What a page asks of a sign-in: how sure a key, and how lately it was shown. Each page declares it once.

A page that is for everybody who signed in declares nothing. The login page reads the declaration of the page somebody
wants to go to, offers the keys that reach it, and leads back there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve

View = TypeVar("View", bound=Callable[..., Any])

_DECLARED = "sign_in_requirement"
_BY_ADDRESS = "sign_in_requirement_by_address"


@dataclass(frozen=True)
class Requirement:
    """The level a session needs, and whether the person must have shown lately who they are, or after a moment.

    `decline` is where somebody goes who would rather not; by default the first page. A page that `asks_organisation`
    itself comes before the portal's own question for whom one acts.
    """

    level: int = 0
    fresh: bool = False
    after: datetime | None = None
    decline: str = "/"
    asks_organisation: bool = False


NOTHING = Requirement()


def requires(level: int | Callable[[], int], *, fresh: bool = False) -> Callable[[View], View]:
    """Declare what a view asks of a sign-in. `level` may be a function, for what depends on a setting.

    It declares and does not hold: the view's own gate answers whoever does not reach it, with a page that says why.
    """

    def declare(view: View) -> View:
        setattr(view, _DECLARED, (level, fresh))
        return view

    return declare


def requires_by_address(requirement: Callable[..., Requirement]) -> Callable[[View], View]:
    """Declare of a view whose requirement stands in its address; `requirement` takes what the address holds."""

    def declare(view: View) -> View:
        setattr(view, _BY_ADDRESS, requirement)
        return view

    return declare


def requirement_of_view(view: Callable[..., Any]) -> Requirement:
    """Return what a view asks."""
    level, fresh = getattr(view, _DECLARED, (0, False))
    return Requirement(int(level() if callable(level) else level), fresh)


def requirement_of_path(path: str) -> Requirement:
    """Return what the page at a local path asks; nothing where there is no page."""
    try:
        found = resolve(urlsplit(path).path)
    except Resolver404:
        return NOTHING
    by_address: Callable[..., Requirement] | None = getattr(found.func, _BY_ADDRESS, None)
    return by_address(**found.kwargs) if by_address else requirement_of_view(found.func)
