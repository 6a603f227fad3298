"""Asking again: for a confirmation, when a manager presses the button, and by itself after 3 and after 7 days.

The periodic jobs may run on several machines and be begun again: what was written is known by its key and not
written twice.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from itertools import groupby

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from outbox.models import OutgoingEmail
from roles.errors import NotAllowed, QuotaReached, TooLate
from roles.events import RoleEvent
from roles.models import RoleAssignment, name_people
from roles.models.assignment import Confirmer
from roles.operations import life_letters
from roles.operations.actors import reread
from roles.operations.closing import record_about
from roles.operations.ending import reload_rows
from roles.rules import may_manage_assignment
from roles.states import State
from tenants.acting import ActingContext
from tenants.operations import lock_organisation
from tenants.periods import local_day
from vault import throttle

FROM_HOUR = 6  # in Brussels; nobody is woken by it
DAYS_AFTER = (7, 3)  # SCREENS 6
DAYS_BEFORE = (30, 7)  # SCREENS 8, M8
CATCH_UP = 6  # days for which a notice that no worker wrote is still written
BY_HAND = 3  # letters a day for one assignment

_DAY = timedelta(days=1)


def remind_confirmer(assignment: RoleAssignment, *, acting: ActingContext, now: datetime) -> list[str]:
    """Send the letter that asks for a confirmation again; return the names of those who receive it.

    Raises NotAllowed for anybody but an access manager of the role, TooLate when nothing waits any more or the first
    letter has not left yet, QuotaReached after three a day.
    """
    row = reload_rows([assignment])[0]
    _guard(row, acting=acting, now=now)
    verdict = throttle.take("roles.remind", row.key, limit=BY_HAND, per=_DAY, now=now)
    if not verdict.allowed:
        raise QuotaReached(verdict.retry_at)
    with transaction.atomic():
        lock_organisation(row.organisation_id)
        row = reload_rows([assignment])[0]
        _guard(row, acting=reread(acting, now=now), now=now)
        # Two presses in the same minutes are one letter.
        occasion = f"by-hand-{int(now.timestamp()) // 300}"
        letters = life_letters.about_waiting([row], now=now, dedup=occasion)
        OutgoingEmail.objects.bulk_create(letters, ignore_conflicts=True)
        record_about(RoleEvent.ASSIGNMENT_REMINDED, [row], actor=acting.person, now=now, letters=len(letters))
    return [str(one.context["receiver"]) for one in letters]


def _guard(row: RoleAssignment, *, acting: ActingContext, now: datetime) -> None:
    if (reason := may_manage_assignment(acting, row)) is not None:
        raise NotAllowed(reason, organisation=row.organisation)
    if row.state(now=now) != State.TO_CONFIRM or first_letter_leaves(row, now=now) is not None:
        raise TooLate


def first_letter_leaves(row: RoleAssignment, *, now: datetime) -> datetime | None:
    """Return when the first letter about an assignment leaves, as long as it waits."""
    leaves = row.assigned_at + timedelta(minutes=settings.UNDO_MINUTES)
    return leaves if row.draft_id is not None and now < leaves else None


# --- By themselves ----------------------------------------------------------------------------------------------------


def send_reminders(*, now: datetime) -> int:
    """Ask again for what has waited for three days, and for seven; return how many letters were written now."""
    return _once_a_day("roles.reminders", _reminders, now=now)


def send_end_notices(*, now: datetime) -> int:
    """Tell holders 30 and 7 days before that a role ends (M8); return how many letters were written now."""
    return _once_a_day("roles.end_notices", _end_notices, now=now)


def _once_a_day(job: str, letters_of: Callable[[date, datetime], Iterable[OutgoingEmail]], *, now: datetime) -> int:
    """Write the letters of the day, from six o'clock on. The key of each keeps a second run from writing it twice."""
    day = local_day(now)
    if timezone.localtime(now).hour < FROM_HOUR:
        return 0
    if not throttle.peek(job, day.isoformat(), limit=1, per=2 * _DAY, now=now).allowed:
        return 0
    written = 0
    for letter in letters_of(day, now):
        if not OutgoingEmail.objects.filter(dedup_key=letter.dedup_key).exists():
            # Another machine may write the same one at this moment: the key decides.
            OutgoingEmail.objects.bulk_create([letter], ignore_conflicts=True)
            written += 1
    throttle.take(job, day.isoformat(), limit=1, per=2 * _DAY, now=now)
    return written


def _reminders(day: date, now: datetime) -> Iterable[OutgoingEmail]:
    waiting = RoleAssignment.objects.current(now=now).filter(
        confirmed_at__isnull=True,
        confirm_before__gt=day,
        assigned_at__lt=now - (min(DAYS_AFTER) - 1) * _DAY,
    )
    rows = list(waiting.exclude(confirmer=Confirmer.NOBODY).for_page().order_by("organisation", "id"))
    name_people(rows)

    def occasion(row: RoleAssignment) -> tuple[int, int]:
        waited = (day - local_day(row.assigned_at)).days
        return row.organisation_id, next((days for days in DAYS_AFTER if waited >= days), 0)

    for (_organisation, days), together in groupby(sorted(rows, key=occasion), key=occasion):
        own = list(together)
        if days and not own[0].organisation.is_stopped:
            for act in _acts(own):
                yield from life_letters.about_waiting(act, now=now, dedup=f"remind-{days}")


def _end_notices(day: date, now: datetime) -> Iterable[OutgoingEmail]:
    """Yield the notices that are due, also those of days on which no worker ran."""
    ending = RoleAssignment.objects.in_state(State.ACTIVE, now=now).filter(ended_at__isnull=True)
    # One that goes on, or waits to, is not announced; one whose extension was refused or has lapsed is.
    going_on = RoleAssignment.objects.current(now=now).filter(replaces__isnull=False)
    ending = ending.exclude(pk__in=going_on.values("replaces"))
    for days in DAYS_BEFORE:
        last, first = day + days * _DAY, day + max(days - CATCH_UP, 0) * _DAY
        due = ending.filter(valid_until__lte=last, valid_until__gte=first)
        rows = list(due.for_page().order_by("organisation", "valid_until", "id"))
        name_people(rows)
        for together in _acts(rows):
            # What was given later than that was never to be announced so early.
            told = [row for row in together if _was_due_for_it(row, days)]
            for _last, act in groupby(told, key=lambda row: row.valid_until):
                yield from life_letters.about_last_day(list(act), now=now, dedup=f"ends-{days}")


def _was_due_for_it(row: RoleAssignment, days: int) -> bool:
    """Say whether the role was there on the day of the notice."""
    return row.valid_until is not None and local_day(row.assigned_at) <= row.valid_until - days * _DAY


def _acts(rows: list[RoleAssignment]) -> list[list[RoleAssignment]]:
    """Return the rows by the act in which they were given: what was given together is told together."""
    found: dict[str, list[RoleAssignment]] = {}
    for row in rows:
        found.setdefault(life_letters.pass_of(row), []).append(row)
    return list(found.values())
