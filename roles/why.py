"""Why a role works, or does not: the same ordered checks for its holder, the access managers and the admin.

`checks_of` is pure: it reads the facts it is given and nothing else. One of those that are not fulfilled is the
answer to "why is it not active?"; each says what to do about it, as long as something can be done.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Q
from django.utils.translation import gettext as _

from roles.models import RoleAssignment
from roles.models.assignment import Confirmer, EndReason
from roles.reasons import on_day
from roles.rows import confirmer_names
from roles.states import CURRENT
from tenants.models import AccessManagerAppointment, Person
from tenants.periods import live_on, local_day


class Verdict(StrEnum):
    """What a check says."""

    MET = "met"
    WAITS = "waits"
    NOT_MET = "not_met"


@dataclass(frozen=True)
class Check:
    """One condition: its code, whether it is met, the sentence that says so, and what to do if it is not."""

    code: str
    verdict: Verdict
    sentence: str
    advice: str = ""

    @property
    def is_met(self) -> bool:
        """Whether nothing is left to do about it."""
        return self.verdict == Verdict.MET


@dataclass(frozen=True)
class Facts:
    """What the checks need beside the assignment itself.

    `giver_titles` are the functions by which the giver was entitled on the day; `confirmers` are those who may confirm
    now.
    """

    now: datetime
    giver_titles: tuple[str, ...] = ()
    confirmers: tuple[Person, ...] = ()


def facts_of(row: RoleAssignment, *, confirmers: Sequence[Person] = (), now: datetime) -> Facts:
    """Read the facts for `checks_of`. One query."""
    day = local_day(row.assigned_at)
    held = AccessManagerAppointment.objects.filter(
        live_on(day),
        Q(ended_at__isnull=True) | Q(ended_at__gt=row.assigned_at),
        organisation=row.organisation_id,
        person=row.assigned_by_id,
    )
    titles = tuple(own.title for own in held.select_related("domain") if own.covers(row.role.domain_id))
    return Facts(now=now, giver_titles=titles, confirmers=tuple(confirmers))


def checks_of(row: RoleAssignment, facts: Facts) -> list[Check]:
    """Return every condition for a role to work, in the order in which they are looked at."""
    return [
        _organisation(row),
        _giver(row, facts),
        _start(row, facts),
        _confirmation(row, facts),
        _not_ended(row, facts),
        _not_over(row, facts),
    ]


# Which of several unmet checks is the answer: what is final before what can still come, an act before a date.
_WEIGHT = ("organisation", "not_ended", "confirmation", "not_over", "giver", "start")


def first_obstacle(checks: Sequence[Check]) -> Check | None:
    """Return the check that answers "why is it not active?", or None where all are met."""
    unmet = [check for check in checks if not check.is_met]
    weight = {check: (check.verdict == Verdict.WAITS, _WEIGHT.index(check.code)) for check in unmet}
    return min(unmet, key=weight.__getitem__, default=None)


def _is_over(row: RoleAssignment, facts: Facts) -> bool:
    return row.state(now=facts.now) not in CURRENT


def _organisation(row: RoleAssignment) -> Check:
    name = {"organisation": row.organisation.name}
    if row.organisation.is_stopped:
        return Check(
            "organisation",
            Verdict.NOT_MET,
            _("%(organisation)s has stopped, according to the Crossroads Bank for Enterprises.") % name,
            _("Nobody can act for it any more. If this is wrong, its legal representative tells the Crossroads Bank."),
        )
    sentence = _("%(organisation)s is active in the Crossroads Bank for Enterprises.") % name
    return Check("organisation", Verdict.MET, sentence)


def _giver(row: RoleAssignment, facts: Facts) -> Check:
    about = {"name": row.assigned_by.full_name, "function": ", ".join(facts.giver_titles)}
    if facts.giver_titles:
        sentence = _("%(name)s was entitled to assign it: %(function)s.") % about
        return Check("giver", Verdict.MET, sentence)
    return Check(
        "giver",
        Verdict.NOT_MET,
        _("The portal does not know by which function %(name)s assigned it.") % about,
        _("An access manager of the organisation checks it, ends it where it is wrong, and assigns it again."),
    )


def _start(row: RoleAssignment, facts: Facts) -> Check:
    date = {"date": on_day(row.valid_from)}
    if local_day(facts.now) < row.valid_from and _is_over(row, facts):
        return Check("start", Verdict.NOT_MET, _("It was to start on %(date)s.") % date)
    if local_day(facts.now) < row.valid_from:
        waits = row.confirmer != Confirmer.NOBODY and row.confirmed_at is None
        advice = "" if waits else _("You have nothing to do: from that day on it works by itself.")
        return Check("start", Verdict.WAITS, _("It starts on %(date)s.") % date, advice)
    return Check("start", Verdict.MET, _("It started on %(date)s.") % date)


def _confirmation(row: RoleAssignment, facts: Facts) -> Check:
    if row.confirmer == Confirmer.NOBODY:
        return Check("confirmation", Verdict.MET, _("It needs no confirmation."))
    since = {"since": on_day(local_day(row.assigned_at)), "date": on_day(row.confirm_before)}
    if row.confirmed_at is not None and row.confirmed_by is not None:
        about = {"name": row.confirmed_by.full_name, "date": on_day(local_day(row.confirmed_at))}
        return Check("confirmation", Verdict.MET, _("%(name)s confirmed it on %(date)s.") % about)
    if row.refused_at is not None and row.refused_by is not None:
        about = {"name": row.refused_by.full_name, "date": on_day(local_day(row.refused_at))}
        return Check(
            "confirmation",
            Verdict.NOT_MET,
            _("%(name)s refused it on %(date)s.") % about,
            _("If it is needed after all, an access manager assigns it again."),
        )
    if row.end_reason not in (EndReason.NOT_ENDED, EndReason.LAPSED) and _is_over(row, facts):
        return Check("confirmation", Verdict.NOT_MET, _("It was never confirmed."))
    if row.confirm_before is not None and row.confirm_before <= local_day(facts.now):
        return Check(
            "confirmation",
            Verdict.NOT_MET,
            _("Nobody confirmed it before %(date)s.") % since,
            _("An access manager assigns it again; then the confirmation has to come in time."),
        )
    return _waiting(row, facts, since)


def _waiting(row: RoleAssignment, facts: Facts, since: dict[str, str]) -> Check:
    if row.confirmer == Confirmer.ASSIGNEE:
        about = {"name": row.assignee.full_name, **since}
        return Check(
            "confirmation",
            Verdict.WAITS,
            _("%(name)s has to confirm it before %(date)s. It has waited since %(since)s.") % about,
            _("%(name)s signs in, opens “My open tasks” and chooses “Confirm your role”.") % about,
        )
    about = {"name": confirmer_names(list(facts.confirmers)) or _("Another access manager"), **since}
    return Check(
        "confirmation",
        Verdict.WAITS,
        _("%(name)s has to confirm it before %(date)s. It has waited since %(since)s.") % about,
        _("%(name)s signs in, opens “My open tasks” and chooses “Confirm the role of %(holder)s”.")
        % {**about, "holder": row.assignee.full_name},
    )


def _not_ended(row: RoleAssignment, facts: Facts) -> Check:
    if row.ended_at is None or row.end_reason == EndReason.LAPSED:
        return Check("not_ended", Verdict.MET, _("Nobody has ended it."))
    about = {"name": row.ended_by.full_name if row.ended_by else "", "date": on_day(row.last_day)}
    if row.ended_at > facts.now:
        sentence = _("%(name)s has planned its end: %(date)s is its last day.") % about
        return Check("not_ended", Verdict.MET, sentence)
    again = _("If it is needed again, an access manager assigns it again.")
    match row.end_reason:
        case EndReason.EXTENDED:
            sentence = _("It was replaced by an extension on %(date)s.") % about
            return Check("not_ended", Verdict.NOT_MET, sentence, _("Look at the assignment that goes on from it."))
        case EndReason.UNDONE:
            sentence = _("%(name)s undid it on %(date)s.") % about
            return Check("not_ended", Verdict.NOT_MET, sentence, again)
        case EndReason.ORGANISATION_STOPPED:
            sentence = _("It ended on %(date)s, because the organisation has stopped.") % about
            return Check("not_ended", Verdict.NOT_MET, sentence)
        case EndReason.HOLDER:
            return Check("not_ended", Verdict.NOT_MET, _("%(name)s gave it up on %(date)s.") % about, again)
        case _other:
            return Check("not_ended", Verdict.NOT_MET, _("%(name)s ended it on %(date)s.") % about, again)


def _not_over(row: RoleAssignment, facts: Facts) -> Check:
    if row.last_day is None or (row.valid_until is None and _is_over(row, facts)):
        return Check("not_over", Verdict.MET, _("No end date was set."))
    if row.valid_until is None or row.last_day != row.valid_until:
        # An end was chosen since, and the check before this one says which.
        return Check("not_over", Verdict.MET, _("The end date that was set has not passed."))
    date = {"date": on_day(row.valid_until)}
    if row.valid_until < local_day(facts.now):
        return Check(
            "not_over",
            Verdict.NOT_MET if _is_over(row, facts) else Verdict.WAITS,
            _("Its last day was %(date)s.") % date,
            _("If it is needed again, an access manager assigns it again."),
        )
    return Check("not_over", Verdict.MET, _("Its last day is %(date)s.") % date)
