"""One sentence per event, in the reader's language. The trail keeps facts; the words are made when it is read."""

from django.utils.translation import gettext as _

from audit.models import AuditEntry
from roles.events import RoleEvent


def event_words(entry: AuditEntry) -> str:
    """Return what happened, as a short title. The name of who did it stands beside it."""
    match entry.event:
        case RoleEvent.ASSIGNMENT_GRANTED if entry.data.get("confirmer") == "assignee":
            return _("Role assigned; the role holder has to confirm")
        case RoleEvent.ASSIGNMENT_GRANTED if entry.data.get("confirmer") == "manager":
            return _("Role assigned; another access manager has to confirm")
        case RoleEvent.ASSIGNMENT_GRANTED:
            return _("Role assigned")
        case RoleEvent.ASSIGNMENT_CONFIRMED:
            return _("Role confirmed")
        case RoleEvent.ASSIGNMENT_REFUSED:
            return _("Role refused")
        case RoleEvent.ASSIGNMENT_LAPSED:
            return _("Not confirmed in time")
        case RoleEvent.INVITATION_SENT:
            return _("Invitation sent")
        case RoleEvent.INVITATION_RESENT:
            return _("Invitation sent again, with a new code")
        case RoleEvent.INVITATION_CANCELLED:
            return _("Invitation cancelled")
        case RoleEvent.INVITATION_ACCEPTED:
            return _("Invitation accepted")
        case RoleEvent.INVITATION_DECLINED:
            return _("Invitation refused")
        case RoleEvent.INVITATION_EXPIRED:
            return _("Invitation expired")
        case RoleEvent.INVITATION_MISMATCH:
            return _("Somebody with another last name typed the code")
        case other:
            return str(other)
