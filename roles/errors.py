"""What an operation refuses, as exceptions with one parent; `roles.refusals` turns them into pages."""

from dataclasses import dataclass, field
from typing import Any

from roles.rules import Reason


class DomainError(Exception):
    """An act that the rules do not allow, or that came too late."""


class NotAllowed(DomainError):
    """The person has not (or no longer) the right; `reason` says why."""

    def __init__(self, reason: Reason, **about: Any) -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.about = about


class DraftChanged(DomainError):
    """Somebody changed the draft since the page was shown: another tab, or a second press (E27)."""


class DraftFinished(DomainError):
    """The work of this draft has been done already; its done page shows it."""


class QuotaReached(DomainError):
    """Too many look-ups; `retry_at` is the moment from which it works again (E08)."""

    def __init__(self, retry_at: Any) -> None:
        super().__init__("quota")
        self.retry_at = retry_at


class AlreadyAnswered(DomainError):
    """The assignment was confirmed, refused or ended before, or its time is over."""


class TooLate(DomainError):
    """Somebody was faster, or the time for it is over; nothing was written. The page shows what is true now."""


class AddressedToAnother(DomainError):
    """The `invitation`, as it was read, names somebody with another family name; the refusal is recorded."""

    def __init__(self, invitation: Any) -> None:
        super().__init__("addressed to another")
        self.invitation = invitation


class OwnInvitation(DomainError):
    """Nobody answers an invitation that they sent, or sends again one to themselves."""


@dataclass(frozen=True)
class Objection:
    """One thing that stands in the way of an order: where it is mended, and what it is about."""

    step: str
    code: str
    about: dict[str, Any] = field(default_factory=dict)


class CannotAssign(DomainError):
    """The order cannot be carried out as the page showed it; nothing was written."""

    def __init__(self, objections: list[Objection]) -> None:
        super().__init__(", ".join(objection.code for objection in objections))
        self.objections = objections
