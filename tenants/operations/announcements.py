"""Letters before an access manager's last day: nobody finds out on the morning after. A periodic job of the worker."""

from collections import defaultdict
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from outbox.compose import compose
from tenants.models import AccessManagerAppointment, Employment, Person
from tenants.models.appointment import AppointmentKind
from tenants.operations.manager_letters import function_in
from tenants.periods import local_day
from vault import throttle

DAYS_BEFORE = (60, 30, 7)  # DESIGN 7.7
FROM_HOUR = 6  # in Brussels; nobody is woken by it
LOOK_BACK = 7  # days that a worker may have stood still without an announcement being lost
MOST_LINES = 50

_DONE = "tenants.announcements"
_KEPT = timedelta(days=LOOK_BACK + 1)

Told = dict[Person, list[AccessManagerAppointment]]


def announce_ending_appointments(*, now: datetime) -> int:
    """Write the announcements of the day, once, from six o'clock on; return how many people they are for.

    One letter per person, with a line per appointment. It is kept under the person and the day: two workers, or one
    that begins again, write none twice. Days on which no worker ran are made up for.
    """
    today = local_day(now)
    if timezone.localtime(now).hour < FROM_HOUR or _is_done(today, now=now):
        return 0
    told = _people_to_tell(_days_to_announce(today, now=now), today=today)
    for person, rows in told.items():
        with transaction.atomic():
            compose(
                "appointment_ending",
                to=person.email,
                language=person.language,
                context={
                    "receiver": person.full_name,
                    "lines": [_line(row, person) for row in rows[:MOST_LINES]],
                    "more": max(0, len(rows) - MOST_LINES),
                },
                dedup_key=f"appointment_ending:{person.key}:{today.isoformat()}",
                now=now,
            )
    throttle.take(_DONE, today.isoformat(), limit=1, per=_KEPT, now=now)
    return len(told)


def _is_done(day: date, *, now: datetime) -> bool:
    return not throttle.peek(_DONE, day.isoformat(), limit=1, per=_KEPT, now=now).allowed


def _days_to_announce(today: date, *, now: datetime) -> list[date]:
    """Return today and the days since the last run; today alone where there was none lately."""
    days = [today]
    for back in range(1, LOOK_BACK + 1):
        day = today - timedelta(days=back)
        if _is_done(day, now=now):
            return days
        days.append(day)
    return [today]


def _people_to_tell(days: list[date], *, today: date) -> Told:
    """Return what each person is told. Four queries, whatever there is to tell."""
    last_days = {day + timedelta(days=ahead) for day in days for ahead in DAYS_BEFORE}
    ending = list(
        AccessManagerAppointment.objects.live(today)
        .filter(valid_until__in=last_days, valid_from__lt=today)
        .exclude(organisation__status="stopped")
        .for_page()
        .order_by("organisation", "valid_until", "id")
    )
    if not ending:
        return {}
    places = {row.organisation_id for row in ending}
    by_place: dict[int, set[Person]] = defaultdict(set)
    for chief in AccessManagerAppointment.objects.chiefs().live(today).filter(organisation__in=places).for_page():
        by_place[chief.organisation_id].add(chief.person)
    representatives: dict[int, set[Person]] = defaultdict(set)
    for job in (
        Employment.objects.live(today).representatives().filter(organisation__in=places).prefetch_related("person")
    ):
        representatives[job.organisation_id].add(job.person)
    told: Told = defaultdict(list)
    for row in ending:
        readers = {row.person} | by_place[row.organisation_id]
        if row.kind == AppointmentKind.CHIEF:
            readers |= representatives[row.organisation_id]
        for person in readers:
            if person.email and person.is_active:
                told[person].append(row)
    return told


def _line(row: AccessManagerAppointment, reader: Person) -> dict[str, str | bool]:
    """Return what the letter says of one appointment, in the reader's language."""
    return {
        "holder": row.person.full_name,
        "is_own": row.person_id == reader.pk,
        "function": function_in(row, reader.language),
        "is_chief": row.kind == AppointmentKind.CHIEF,
        "organisation": row.organisation.name_in(reader.language),
        "last_on": row.valid_until.isoformat() if row.valid_until else "",
    }
