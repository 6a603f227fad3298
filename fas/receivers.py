"""What happens elsewhere in the portal and ends sign-ons at services."""

from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from fas.operations.sign_ons import end_of_browser


@receiver(user_logged_out)
def end_with_the_session(sender: Any, request: HttpRequest, user: Any, **_kwargs: Any) -> None:
    """End the sign-ons of a session in the transaction in which somebody signs out of it.

    Sessions that end otherwise (by another device, by time) are noticed by the worker, `end_of_over_sessions`.
    """
    if user is not None:
        end_of_browser(request.session, acting=user, now=timezone.now())
