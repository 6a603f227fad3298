"""Everything that can stand in the way of signing in: what the page says, and what one can do about it."""

from dataclasses import dataclass
from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Words:
    """A page about one problem. `advice` is what to do; `again` is whether signing in anew may help."""

    heading: Promise
    text: Promise
    advice: Promise
    status: int = 400
    again: bool = True


class Problem(Enum):
    """Why nobody was let in."""

    CANCELLED = Words(
        _("You did not finish signing in"),
        _("You chose to stop, or did not agree. Nothing was sent to this service."),
        _("Sign in again when you are ready."),
    )
    TOO_LOW = Words(
        _("This service needs a surer digital key"),
        _("The digital key that you used is not sure enough for this service."),
        _("Sign in again and choose your eID or itsme."),
        403,
    )
    CLOCKS = Words(
        _("Two clocks do not agree"),
        _("The federal service and this one differ about what time it is. So you were not let in."),
        _("Try again in some minutes. If it goes on, tell the help desk of this service."),
        502,
    )
    FORGED = Words(
        _("This sign-in did not begin here"),
        _("The answer belongs to no sign-in of this browser, or it was used before. Nobody was signed in."),
        _(
            "Did you press Back, or wait for more than an hour? Then sign in again. "
            "Did you follow a link in a message? Do not use it any more."
        ),
    )
    UNTRUSTED = Words(
        _("The answer could not be trusted"),
        _("What the federal service answered did not pass our checks. Nobody was signed in."),
        _("Try again. If it goes on, tell the help desk of this service."),
        502,
    )
    UNREACHABLE = Words(
        _("The federal service does not answer"),
        _("We cannot ask it who you are at the moment. Your roles have not changed."),
        _("Try again in some minutes."),
        503,
    )
    NOT_DONE = Words(
        _("You could not be signed in"),
        _("The federal service ended the sign-in without saying who you are."),
        _("Try again. If it goes on, tell the help desk of this service."),
    )
    ENDED = Words(
        _("You were signed out"),
        _("The portal ended your sign-in here: your session there is over, or your roles have changed."),
        _("Sign in again to see what you may do now."),
        200,
    )
    TOO_OLD = Words(
        _("The page was open too long"),
        _("What you pressed belongs to a page that is no longer good. Nothing was done."),
        _("Open the page again and press once more."),
        403,
        False,
    )


class Refused(Exception):
    """Nobody is let in. `reason` is for the log: what exactly was wrong, never anything of a person."""

    def __init__(self, problem: Problem, reason: str) -> None:
        super().__init__(reason)
        self.problem = problem
        self.reason = reason
