"""What is said when a code was not right: one wording for the portal and the identity provider."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def wrong_code(tries_left: int) -> str:
    """Return E35."""
    return ngettext(
        "The code is not correct. You have %(n)d attempt left",
        "The code is not correct. You have %(n)d attempts left",
        tries_left,
    ) % {"n": tries_left}


def expired_code() -> str:
    """Return E36."""
    return _("This code is no longer valid. Ask for a new code")


def clock_is_off(minutes: int) -> str:
    """Say by how much a telephone's clock is wrong; above 0 it is ahead."""
    text = (
        ngettext(
            "The clock of your phone is about %(n)d minute ahead. Set it right, then enter the new code",
            "The clock of your phone is about %(n)d minutes ahead. Set it right, then enter the new code",
            minutes,
        )
        if minutes > 0
        else ngettext(
            "The clock of your phone is about %(n)d minute behind. Set it right, then enter the new code",
            "The clock of your phone is about %(n)d minutes behind. Set it right, then enter the new code",
            -minutes,
        )
    )
    return text % {"n": abs(minutes)}
