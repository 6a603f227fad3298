"""`request.acting`: who acts, for whom, with what right; read anew for every request (TRUST, threat 4)."""

from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from tenants.acting import ActingContext, Level, acting_context

# What the session keeps of it: keys and numbers, never a right.
LEVEL = "level"
SIGNED_IN_AT = "signed_in_at"
PROVED_AT = "proved_at"  # an empty text where a provider does not tell
ACTING_FOR = "acting_for"


def read_acting(request: HttpRequest) -> ActingContext | None:
    """Return the acting context of a signed-in person, None for anybody else."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    signed_in_at = request.session.get(SIGNED_IN_AT)
    proved_at = request.session.get(PROVED_AT, signed_in_at)
    return acting_context(
        user.person,
        day=timezone.localdate(),
        level=int(request.session.get(LEVEL, Level.LOW)),
        acting_for=request.session.get(ACTING_FOR, ""),
        signed_in_at=datetime.fromisoformat(signed_in_at) if signed_in_at else None,
        proved_at=datetime.fromisoformat(proved_at) if proved_at else None,
    )


class ActingMiddleware:
    """Sets `request.acting`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Read the context, then go on."""
        request.acting = read_acting(request)  # type: ignore[attr-defined]
        return self.get_response(request)


def acting_of(request: HttpRequest) -> ActingContext:
    """Return who acts, on a page that only people who signed in can reach."""
    acting: ActingContext | None = request.acting  # type: ignore[attr-defined]
    if acting is None:
        raise RuntimeError("this page is for people who signed in")
    return acting
