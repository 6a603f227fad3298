"""Entries of the audit trail as people read them: rows of a history, lines of its file, titles on one's own page."""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.models import AuditEntry
from roles.about import reference_and_code
from roles.events import RoleEvent
from roles.reasons import on_day
from roles.sentences import actor_name, event_sentence, names_for, role_names, subject_name

# A reason is kept with these; other notes are letters to somebody.
_WITH_REASON = ("assignment:", "request:")
# The page of what an entry is about, by its kind.
_PAGES = {"assignment": "roles:assignment", "role_request": "roles:request", "invitation": "roles:invitation"}


@dataclass(frozen=True)
class HistoryRow:
    """One entry in words. `organisation` is its name; `url` leads to what it is about, where the reader may open it."""

    at: datetime
    actor: str
    sentence: str
    about: str
    organisation: str
    reference: str
    url: str
    reason: str


def history_rows(entries: Iterable[AuditEntry], *, linked: Container[str] | None = ()) -> list[HistoryRow]:
    """Return entries in the language of the page, in their order. At most four queries.

    `linked` holds the keys of the assignments, requests and invitations that the reader may open; None stands for all.
    """
    entries = list(entries)
    names = names_for(entries)
    return [
        HistoryRow(
            at=entry.occurred_at,
            actor=actor_name(entry),
            sentence=event_sentence(entry, names),
            about=subject_name(entry, names) or role_names(entry, names),
            organisation=names.organisations.get(entry.organisation_key, ""),
            reference=reference_and_code(entry)[0],
            url=_url(entry, linked),
            reason=_reason(entry),
        )
        for entry in entries
    ]


def file_head() -> list[str]:
    """Return the names of the columns of a history as a file."""
    return [_("Moment"), _("Who"), _("What"), _("About whom"), _("Organisation"), _("Reference")]


def file_line(row: HistoryRow) -> list[str]:
    """Return a row as a line of the file. The moment is written so that spreadsheets sort it in every language."""
    moment = timezone.localtime(row.at).strftime("%Y-%m-%d %H:%M")
    return [moment, row.actor, row.sentence, row.about, row.organisation, row.reference]


def event_words(entry: AuditEntry) -> str:
    """Return what happened to an assignment, as a short title on its own page, which names role and holder."""
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
        case RoleEvent.ASSIGNMENT_ENDED if entry.data.get("reason") == "holder":
            return _("Role given up")
        case RoleEvent.ASSIGNMENT_ENDED:
            return _("Role ended")
        case RoleEvent.ASSIGNMENT_END_PLANNED if entry.data.get("last_day"):
            return _("Last day chosen: %(date)s") % {"date": on_day(date.fromisoformat(entry.data["last_day"]))}
        case RoleEvent.ASSIGNMENT_EXTENDED if entry.data.get("by"):
            return _("Role extended: %(reference)s") % {"reference": entry.data["by"]}
        case RoleEvent.ASSIGNMENT_UNDONE:
            return _("Assignment undone")
        case RoleEvent.ASSIGNMENT_REMINDED:
            return _("Confirmation e-mail sent again")
        case RoleEvent.ASSIGNMENT_STOPPED:
            return _("Ended: the organisation has stopped")
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
        case _other:
            return event_sentence(entry)


def _url(entry: AuditEntry, linked: Container[str] | None) -> str:
    page = _PAGES.get(entry.subject_type)
    if page is None or not (linked is None or entry.subject_key in linked):
        return ""
    return reverse(page, args=[entry.subject_key])


def _reason(entry: AuditEntry) -> str:
    note = entry.data.get("note")
    return note if isinstance(note, str) and entry.event.startswith(_WITH_REASON) else ""
