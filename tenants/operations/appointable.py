"""What an appointment asks for before it is written: a possible period, a chief who belongs there, no gap, no double.

All of it is read under the lock that the act took (`lock_organisation`), or by a page that says beforehand what the
act would answer.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tenants.days import written
from tenants.mandates import wrong_period
from tenants.models import AccessManagerAppointment, Domain, Employment, Organisation, Person
from tenants.models.appointment import AppointmentKind
from tenants.periods import local_day

# By which functions somebody has the rights of another one already.
_WIDER: dict[str, tuple[str, ...]] = {
    AppointmentKind.CO_CHIEF: (AppointmentKind.CHIEF,),
    AppointmentKind.DOMAIN: (AppointmentKind.CHIEF, AppointmentKind.CO_CHIEF),
}


@dataclass(frozen=True)
class Wanted:
    """An appointment as somebody wants it, who that is, and when."""

    organisation: Organisation
    person: Person
    kind: str
    domain: Domain | None
    valid_from: date
    valid_until: date | None
    by_staff: bool
    acting: Any
    now: datetime

    @property
    def today(self) -> date:
        """The day of the act."""
        return local_day(self.now)


def guard(wanted: Wanted) -> AccessManagerAppointment | None:
    """Raise ValidationError for what cannot be; return the person's present row where the new one prolongs it."""
    if not (wanted.by_staff or wanted.acting is None):
        require_possible_period(wanted.valid_from, wanted.valid_until, today=wanted.today)
    if not wanted.person.is_active:
        raise ValidationError(_("This person is no longer active."), code="inactive")
    if wanted.kind == AppointmentKind.CHIEF:
        require_chief_is_linked(wanted.person, wanted.organisation, now=wanted.now)
        present = present_chief(wanted)
        if present is not None and present.person_id != wanted.person.pk:
            _require_no_day_without_chief(present, wanted)
    _require_not_covered(wanted)
    return _row_to_prolong(wanted)


def present_chief(wanted: Wanted) -> AccessManagerAppointment | None:
    """Return the chief's appointment that stands in the organisation, begun or to come."""
    chiefs = AccessManagerAppointment.objects.filter(organisation=wanted.organisation).chiefs()
    return chiefs.standing(wanted.today).for_page().first()


def require_possible_period(valid_from: date, valid_until: date | None, *, today: date) -> None:
    """Raise ValidationError for a period that nobody can be given today (E16 to E18)."""
    match wrong_period(valid_from, valid_until, day=today):
        case "starts_in_the_past" as code:
            raise ValidationError(_("The start date cannot be before today"), code=code)
        case "ends_in_the_past" as code:
            params = {"date": written(today)}
            raise ValidationError(_("The end date must be after today, %(date)s"), code=code, params=params)
        case "ends_before_start" as code:
            raise ValidationError(_("The end date cannot be before the start date"), code=code)


def require_chief_is_linked(person: Person, organisation: Organisation, *, now: datetime) -> None:
    """Raise ValidationError unless the person works for the organisation today, or represents it (E39)."""
    jobs = Employment.objects.filter(person=person, organisation=organisation)
    if not jobs.live(local_day(now)).exists():
        raise ValidationError(
            _("The chief access manager must be an employee or legal representative of %(organisation)s"),
            code="chief_not_linked",
            params={"organisation": organisation.name},
        )


def _require_not_covered(wanted: Wanted) -> None:
    """Raise ValidationError where another function of the person gives the same rights for the whole period."""
    wider = _WIDER.get(wanted.kind, ())
    own = AccessManagerAppointment.objects.filter(organisation=wanted.organisation, person=wanted.person)
    for row in own.filter(kind__in=wider).standing(wanted.today).for_page():
        lasts = row.valid_until is None or (wanted.valid_until is not None and wanted.valid_until <= row.valid_until)
        if lasts and row.valid_from <= max(wanted.valid_from, wanted.today):
            params = {"name": wanted.person.full_name, "function": row.title}
            raise ValidationError(
                _("%(name)s is %(function)s already: that covers all domains"), code="covered", params=params
            )


def _row_to_prolong(wanted: Wanted) -> AccessManagerAppointment | None:
    """Return what the person holds already in the same function, where the new period lasts longer.

    Raises ValidationError where it does not (code `already`), or where a day would be left between the two.
    """
    same = AccessManagerAppointment.objects.filter(
        organisation=wanted.organisation, person=wanted.person, kind=wanted.kind, domain=wanted.domain
    )
    present = same.standing(wanted.today).for_page().first()
    if present is None:
        return None
    last = present.valid_until
    if last is None or (wanted.valid_until is not None and wanted.valid_until <= last):
        params = {"name": wanted.person.full_name, "function": present.title}
        raise ValidationError(_("%(name)s already has this function: %(function)s"), code="already", params=params)
    if wanted.valid_from > max(wanted.today, present.valid_from):
        raise ValidationError(
            _("The new period must begin today: it takes the place of the present one"), code="renewal_gap"
        )
    return present


def _require_no_day_without_chief(present: AccessManagerAppointment, wanted: Wanted) -> None:
    """Raise ValidationError where the present chief would go before the next one holds."""
    today, last = wanted.today, wanted.valid_until
    if present.holds_on(today) and not (wanted.valid_from <= today and (last is None or today <= last)):
        raise ValidationError(
            _("The next chief access manager must begin today: the present one ends at once"), code="chief_gap"
        )
