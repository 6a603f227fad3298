"""What a page asks of a sign-in: how sure a key, and how lately it was shown. Each page declares it once.

A page that is for everybody who signed in declares nothing. The login page reads the declaration of the page somebody
wants to go to, offers the keys that reach it, and leads back there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve

View = TypeVar("View", bound=Callable[..., Any])

_DECLARED = "sign_in_requirement"


@dataclass(frozen=True)
class Requirement:
    """The level a session needs, and whether the person must have shown lately who they are."""

    level: int = 0
    fresh: bool = False


NOTHING = Requirement()


def requires(level: int | Callable[[], int], *, fresh: bool = False) -> Callable[[View], View]:
    """Declare what a view asks of a sign-in. `level` may be a function, for what depends on a setting.

    It declares and does not hold: the view's own gate answers whoever does not reach it, with a page that says why.
    """

    def declare(view: View) -> View:
        setattr(view, _DECLARED, (level, fresh))
        return view

    return declare


def requirement_of_view(view: Callable[..., Any]) -> Requirement:
    """Return what a view asks."""
    level, fresh = getattr(view, _DECLARED, (0, False))
    return Requirement(int(level() if callable(level) else level), fresh)


def requirement_of_path(path: str) -> Requirement:
    """Return what the page at a local path asks; nothing where there is no page."""
    try:
        return requirement_of_view(resolve(urlsplit(path).path).func)
    except Resolver404:
        return NOTHING
