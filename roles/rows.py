"""An assignment as pages show it: its state, the words for it, and its bar."""

from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from roles.models import RoleAssignment
from roles.models.assignment import Confirmer, EndReason
from roles.reasons import on_day
from roles.rules import Deciders
from roles.states import COLOURS, CURRENT, State, ends_soon_words
from tenants.models import Person
from tenants.periods import local_day


def names_in_a_row(people: list[Person]) -> str:
    """Return "Anna Peeters, Tom Janssens and Marie Claes"."""
    names = [person.full_name for person in people]
    if len(names) < 2:
        return "".join(names)
    return _("%(names)s and %(last)s") % {"names": ", ".join(names[:-1]), "last": names[-1]}


def first_names_in_a_row(people: list[Person], most: int) -> str:
    """Return the names of all people up to `most`; of more the first, then how many others."""
    more = len(people) - most
    if more <= 0:
        return names_in_a_row(people)
    names = ", ".join(person.full_name for person in people[:most])
    return ngettext("%(names)s and %(count)s other person", "%(names)s and %(count)s other people", more) % {
        "names": names,
        "count": more,
    }


def confirmer_names(people: list[Person]) -> str:
    """Return "Klaus Lennertz or Anna Peeters": any one of them is enough."""
    names = [person.full_name for person in people]
    if len(names) < 2:
        return "".join(names)
    return _("%(names)s or %(last)s") % {"names": ", ".join(names[:-1]), "last": names[-1]}


class AssignmentRow:
    """One assignment at one moment, with everything a template prints of it."""

    def __init__(self, assignment: RoleAssignment, *, now: datetime) -> None:
        self.assignment = assignment
        self.today: date = local_day(now)
        self.state = assignment.state(now=now)
        self.confirmers = assignment.assignee.full_name if assignment.confirmer == Confirmer.ASSIGNEE else ""

    @property
    def label(self) -> str:
        """The state in one word."""
        return str(self.state.label)

    @property
    def colour(self) -> str:
        """The colour of its tag."""
        return COLOURS[self.state]

    @property
    def is_current(self) -> bool:
        """Whether it still counts: something can be done with it."""
        return self.state in CURRENT

    @property
    def ends_soon(self) -> str:
        """The second label of an active role in its last 30 days."""
        if self.state != State.ACTIVE:
            return ""
        return ends_soon_words(self.assignment.last_day, today=self.today)

    @property
    def bar_end(self) -> date | None:
        """The last day the bar shows: the last one before the end, where there was one or will be.

        What never worked has no such day: its period is shown as it was meant.
        """
        if self.state == State.CANCELLED and self.assignment.end_reason != EndReason.UNDONE:
            return self.assignment.valid_until
        last = self.assignment.last_day
        return max(last, self.assignment.valid_from) if last else None

    def name_confirmers(self, deciders: Deciders) -> None:
        """Fill in who can confirm, where another manager has to."""
        row = self.assignment
        if row.confirmer == Confirmer.MANAGER and self.state == State.TO_CONFIRM:
            self.confirmers = confirmer_names(deciders.for_assignment(row))

    @property
    def meaning(self) -> str:
        """The state in a sentence: who has to do what until when, or what happened."""
        row = self.assignment
        match self.state:
            case State.TO_CONFIRM:
                who = self.confirmers or _("Another access manager")
                return _("%(name)s must confirm before %(date)s") % {"name": who, "date": on_day(row.confirm_before)}
            case State.SCHEDULED:
                return _("Starts on %(date)s") % {"date": on_day(row.valid_from)}
            case State.ACTIVE if row.ended_at is not None:
                return _("Can be used until %(date)s") % {"date": on_day(row.last_day)}
            case State.ACTIVE:
                return _("Can be used now")
            case State.EXPIRED if row.confirmer != Confirmer.NOBODY and row.confirmed_at is None:
                return _("Not confirmed before %(date)s") % {"date": on_day(row.confirm_before)}
            case State.EXPIRED:
                return _("The end date has passed")
            case State.ENDED if row.end_reason == EndReason.EXTENDED and row.last_day is not None:
                return _("Replaced by an extension on %(date)s") % {"date": on_day(row.last_day)}
            case State.CANCELLED if row.end_reason == EndReason.UNDONE and row.ended_by is not None:
                about = {"name": row.ended_by.full_name, "date": on_day(row.last_day)}
                return _("%(name)s undid it on %(date)s") % about
            case State.ENDED if row.ended_by is not None and row.ended_at is not None:
                about = {"name": row.ended_by.full_name, "date": on_day(row.last_day)}
                return _("%(name)s ended it on %(date)s") % about
            case State.ENDED if row.ended_at is not None:
                return _("Ended on %(date)s") % {"date": on_day(row.last_day)}
            case State.REFUSED if row.refused_by is not None and row.refused_at is not None:
                about = {"name": row.refused_by.full_name, "date": on_day(local_day(row.refused_at))}
                return _("%(name)s refused this role on %(date)s") % about
            case _other if row.ended_by is not None and row.last_day is not None:
                about = {"name": row.ended_by.full_name, "date": on_day(row.last_day)}
                return _("%(name)s cancelled it on %(date)s, before it ever worked") % about
            case _other:
                return _("Cancelled before it ever worked")

    @property
    def validity(self) -> str:
        """The dates in words: to the day of the end where there was one or will be."""
        return period_words(self.assignment.valid_from, self.bar_end)


def period_words(valid_from: date, valid_until: date | None) -> str:
    """Return "From 21 November 2026 to 31 December 2027", or without an end date."""
    if valid_until is None:
        return _("From %(start)s, no end date") % {"start": on_day(valid_from)}
    return _("From %(start)s to %(end)s") % {"start": on_day(valid_from), "end": on_day(valid_until)}


def explained_states() -> list[tuple[str, str, str]]:
    """Return every state as (label, colour, what it means in general), for the list under the table."""
    meanings = {
        State.TO_CONFIRM: _("Somebody must still confirm it. The role does not work yet."),
        State.SCHEDULED: _("The start date is still to come."),
        State.ACTIVE: _("The role works now."),
        State.EXPIRED: _("The end date has passed, or nobody confirmed in time."),
        State.ENDED: _("Somebody ended it."),
        State.REFUSED: _("The person who had to confirm refused."),
        State.CANCELLED: _("It was withdrawn before it ever worked."),
    }
    return [(str(state.label), COLOURS[state], meaning) for state, meaning in meanings.items()]
