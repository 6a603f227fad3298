"""The cookie that binds a sign-in attempt to one browser."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

# Longer than an attempt: the row decides when it ends, and a new code by e-mail prolongs it.
MAX_AGE_SECONDS = 3600


def ticket_cookie_name() -> str:
    """Return the cookie's name; browsers accept the prefix over https only."""
    return "__Host-ticket" if settings.SECURE else "ticket"


def read_ticket(request: HttpRequest) -> str:
    """Return the secret that this browser holds, or an empty text."""
    return request.COOKIES.get(ticket_cookie_name(), "")


def set_ticket(response: HttpResponse, secret: str) -> None:
    """Give the browser the secret of its attempt; scripts cannot read it, other sites cannot send it in forms."""
    response.set_cookie(
        ticket_cookie_name(),
        secret,
        max_age=MAX_AGE_SECONDS,
        path="/",
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )


def drop_ticket(response: HttpResponse) -> None:
    """Take the secret back."""
    response.delete_cookie(ticket_cookie_name(), path="/", samesite="Lax")
