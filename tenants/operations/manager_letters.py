"""The letters about access managers: one function per occasion. Nobody without an e-mail address gets one.

Texts that depend on the reader's language are taken in that language here; dates stay dates until the letter is
rendered.
"""

from datetime import date, datetime
from typing import Any

from django.utils import translation
from django.utils.text import Truncator

from outbox.compose import compose
from tenants.models import AccessManagerAppointment, Organisation, Person
from tenants.models.appointment import AppointmentKind
from tenants.periods import local_day

SHORT_NAME = 24  # in subjects: a long name must not push the verb out of sixty characters


def about_appointment(row: AccessManagerAppointment, *, by: Person | None, now: datetime) -> None:
    """Tell somebody of the own new function. `by` is who appointed; None stands for the portal's administration."""
    _write(
        "manager_appointed",
        row.person,
        row.organisation,
        now=now,
        by=by.full_name if by else "",
        is_own_act=by == row.person,
        is_chief=row.kind == AppointmentKind.CHIEF,
        appointed_at=now.isoformat(),
        **_function(row, row.person),
    )


def about_end(
    row: AccessManagerAppointment, *, by: Person | None, successor: Person | None = None, now: datetime
) -> None:
    """Tell somebody that the own function has ended; and the chief, where somebody else gave it up."""
    today = local_day(now)
    common: dict[str, Any] = {
        "by": by.full_name if by else "",
        "is_own_act": by == row.person,
        "ended_at": now.isoformat(),
        "successor": successor.full_name if successor and successor != row.person else "",
    }
    _write(
        "manager_ended", row.person, row.organisation, now=now, holder="", **common, **_ended(row, row.person, today)
    )
    if by != row.person:
        return
    chiefs = AccessManagerAppointment.objects.filter(organisation=row.organisation).chiefs().live(today)
    for chief in chiefs.for_page().exclude(person=row.person):
        _write(
            "manager_ended",
            chief.person,
            row.organisation,
            now=now,
            holder=row.person.full_name,
            **common,
            **_ended(row, chief.person, today),
        )


def function_in(row: AccessManagerAppointment, language: str) -> str:
    """Return the function of an appointment in words of this language."""
    with translation.override(language):
        return row.title


def organisation_in(organisation: Organisation, language: str) -> dict[str, str]:
    """Return what every letter says of an organisation."""
    name = organisation.name_in(language)
    return {
        "organisation": name,
        "organisation_short": Truncator(name).chars(SHORT_NAME),
        "organisation_number": organisation.formatted_number,
    }


def _write(name: str, person: Person, organisation: Organisation, *, now: datetime, **context: Any) -> None:
    if person.email:
        compose(
            name,
            to=person.email,
            language=person.language,
            context={"receiver": person.full_name, **organisation_in(organisation, person.language), **context},
            now=now,
        )


def _function(row: AccessManagerAppointment, reader: Person) -> dict[str, Any]:
    """Return what a letter says of an appointment."""
    return {
        "function": function_in(row, reader.language),
        "valid_from_on": row.valid_from.isoformat(),
        "valid_until_on": row.valid_until.isoformat() if row.valid_until else None,
        "never_began": False,
    }


def _ended(row: AccessManagerAppointment, reader: Person, last_day: date) -> dict[str, Any]:
    """Return what a letter says of an appointment that ended on `last_day`, whatever its period was to be."""
    return {
        **_function(row, reader),
        "valid_until_on": last_day.isoformat(),
        "never_began": last_day < row.valid_from,
    }
