"""When a session ends, and the words for it.

Half an hour of nothing ends it, and everybody may put that off as often as they like (WCAG 2.2.1, by the notice in the
page or by any other press). Twelve hours in all are a limit of security, which the criterion leaves to the service.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from tenants.days import hour


@dataclass(frozen=True)
class SessionEnd:
    """The end of a session as its rules see it now. `is_final`: nothing that is done puts it off any more."""

    at: datetime
    is_final: bool

    def seconds_left(self, now: datetime) -> int:
        """Return whole seconds until the end, 0 when it is over."""
        return max(0, int((self.at - now).total_seconds()))

    @property
    def kept(self) -> str:
        """The sentence for whoever has just put the end off."""
        return _("You stay signed in until %(time)s.") % {"time": hour(self.at)}

    def __str__(self) -> str:
        """Return the sentence of the footer, in the language of the page."""
        if self.is_final:
            return _("Your session ends at %(time)s. After that, you can sign in again") % {"time": hour(self.at)}
        return _("Your session ends at %(time)s if you do nothing") % {"time": hour(self.at)}
