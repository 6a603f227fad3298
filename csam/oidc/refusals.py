"""Why a sign-in with the provider did not come about."""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Why(StrEnum):
    """What is told apart towards people; the audit trail has finer reasons."""

    OVER = "over"
    CANCELLED = "cancelled"
    NOT_DONE = "not_done"
    NOT_FRESH = "not_fresh"
    UNREACHABLE = "unreachable"
    SLOW = "slow"
    UNTRUSTED = "untrusted"
    CLOCKS = "clocks"
    TOO_LOW = "too_low"
    NO_NUMBER = "no_number"
    NO_NAME = "no_name"
    UNKNOWN = "unknown"

    @property
    def status(self) -> int:
        """The status of the page that says it."""
        return _PAGES[self][0]

    @property
    def text(self) -> str:
        """What the page says, in the language of the reader."""
        return str(_PAGES[self][1])


_PAGES: dict[Why, tuple[int, Promise]] = {
    Why.OVER: (400, _("This sign-in attempt is no longer valid. Choose your key again")),
    Why.CANCELLED: (400, _("You cancelled the sign-in. You can choose a key again")),
    Why.NOT_DONE: (400, _("The sign-in service did not sign you in. Try again")),
    Why.NOT_FRESH: (400, _("The sign-in service did not ask again who you are. Sign out there, then try again")),
    Why.UNREACHABLE: (503, _("The sign-in service cannot be reached at the moment. Try again in a few minutes")),
    Why.SLOW: (504, _("The sign-in service takes too long to answer. Try again in a few minutes")),
    Why.UNTRUSTED: (
        502,
        _("The sign-in service sent an answer that we do not trust. Try again, or ask the contact on the help page"),
    ),
    Why.CLOCKS: (
        502,
        _("The clocks of the sign-in service and of this portal differ. Tell the contact on the help page"),
    ),
    Why.TOO_LOW: (
        403,
        _("The key you used does not prove well enough who you are. Sign in again, and choose another key there"),
    ),
    Why.NO_NUMBER: (
        403,
        _("The sign-in service did not send your national register number. Ask the contact on the help page"),
    ),
    Why.NO_NAME: (403, _("The sign-in service did not send your name. Ask the contact on the help page")),
    Why.UNKNOWN: (
        403,
        _("This portal does not know you yet. Ask your access manager, or the contact on the help page"),
    ),
}


class SignInRefused(Exception):
    """The sign-in ends here. `reason` is a short word for the audit trail; it never holds what was sent."""

    def __init__(self, why: Why, reason: str, *, is_foreign: bool = False) -> None:
        super().__init__(reason)
        # An answer that this browser did not ask for: the attempt it has goes on.
        self.is_foreign = is_foreign
        self.why = why
        self.reason = reason
