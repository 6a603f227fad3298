"""What is said when a code was not right: one wording for the portal and the identity provider."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tenants.days import written


def hour(moment: datetime) -> str:
    """Return the hour and minute of a moment as the reader writes it."""
    return date_format(timezone.localtime(moment), "TIME_FORMAT")


def too_many(retry_at: datetime) -> str:
    """Return E08, with the day where it is not today."""
    if timezone.localdate(retry_at) != timezone.localdate():
        day = written(timezone.localdate(retry_at))
        return _("Too many attempts. Try again on %(date)s at %(time)s") % {"date": day, "time": hour(retry_at)}
    return _("Too many attempts. Try again at %(time)s") % {"time": hour(retry_at)}


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
