"""Acts on access managers: load and lock, guard, change, record, write the letters, in one transaction.

Who may do what is said in `tenants.mandates`. Staff (`by_staff`) and the portal itself (`acting` None) act outside
those rights, but not outside the rules of the function: one chief, who belongs to the organisation, and no gap.
"""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from audit.record import record
from tenants.acting import ActingContext, links_of
from tenants.events import TenantEvent
from tenants.mandates import NotEntitled, Obstacle, may_appoint, may_end
from tenants.models import AccessManagerAppointment, Domain, Organisation, Person
from tenants.models.appointment import AppointmentKind
from tenants.operations import manager_letters
from tenants.operations.appointable import Wanted, guard, present_chief
from tenants.periods import local_day


def lock_organisation(organisation_id: int) -> Organisation:
    """Return the organisation, locked until the transaction ends.

    Every act that reads rights in an organisation and every act that changes them takes this lock first, so they
    happen one after the other. On SQLite the IMMEDIATE transaction already is that lock.
    """
    return Organisation.objects.select_for_update().get(pk=organisation_id)


def appoint_access_manager(
    *,
    organisation: Organisation,
    person: Person,
    kind: str,
    domain: Domain | None = None,
    valid_from: date,
    valid_until: date | None = None,
    by_staff: bool = False,
    acting: Any,
    now: datetime,
) -> AccessManagerAppointment:
    """Appoint an access manager, or give a longer period to somebody who has the function until a last day.

    `acting` is who does it: anything with an `audit_snapshot()`; None stands for the system. Raises NotEntitled where
    the right is missing; ValidationError when the person has the function already (code `already`), the period
    cannot be, the chief neither works for the organisation nor represents it (E39), or there is another chief.
    """
    with transaction.atomic():
        organisation = lock_organisation(organisation.pk)
        wanted = Wanted(organisation, person, kind, domain, valid_from, valid_until, by_staff, acting, now)
        _require_right_to_appoint(wanted)
        return _write(wanted, guard(wanted))


def replace_chief(
    *,
    organisation: Organisation,
    person: Person,
    valid_from: date,
    valid_until: date | None = None,
    seen: str | None = None,
    by_staff: bool = False,
    acting: Any,
    now: datetime,
) -> AccessManagerAppointment:
    """End the appointment of the present chief, if there is one, and appoint the next in the same transaction.

    No act leaves an organisation that has a chief without one (DESIGN 7.7): the next one begins today at the latest.
    `seen` is the key of the present chief's appointment as the page showed it, empty for none; another one now is a
    ValidationError (code `changed`). Raises what `appoint_access_manager` raises, and ValidationError for a gap (code
    `chief_gap`); then nothing has changed.
    """
    with transaction.atomic():
        organisation = lock_organisation(organisation.pk)
        kind = AppointmentKind.CHIEF
        wanted = Wanted(organisation, person, kind, None, valid_from, valid_until, by_staff, acting, now)
        _require_right_to_appoint(wanted)
        present = present_chief(wanted)
        if present is not None and present.person_id == person.pk:
            present = None  # the same person gets a longer period, or there is nothing to do
        elif seen is not None and seen != (present.key if present else ""):
            raise ValidationError(
                _("Something has changed since you opened this page. Check again, then finish"), code="changed"
            )
        renewed = guard(wanted)
        if present is not None:
            _end(present, successor=person, by_staff=by_staff, acting=acting, now=now)
        return _write(wanted, renewed)


def require_appointable(
    *,
    organisation: Organisation,
    person: Person,
    kind: str,
    domain: Domain | None = None,
    valid_from: date,
    valid_until: date | None = None,
    acting: Any,
    now: datetime,
) -> None:
    """Raise the ValidationError with which the act would answer now, for a page before it. Changes nothing."""
    guard(Wanted(organisation, person, kind, domain, valid_from, valid_until, False, acting, now))


def end_appointment(
    appointment: AccessManagerAppointment, *, by_staff: bool = False, acting: Any, now: datetime
) -> bool:
    """End an appointment now. Returns False when it had ended or run out before, and then changes nothing.

    Raises NotEntitled where the right is missing, with KEEPS_CHIEF for a chief who would leave the organisation
    without one (E38). Staff and the system do not end a chief either: ValidationError, for `replace_chief` does.
    """
    today = local_day(now)
    with transaction.atomic():
        organisation = lock_organisation(appointment.organisation_id)
        row = AccessManagerAppointment.objects.for_page().get(pk=appointment.pk)
        if row.ended_at is not None or (row.valid_until is not None and row.valid_until < today):
            return False
        if (entitled := _with_rights_now(acting, by_staff=by_staff, now=now)) is not None:
            _require(may_end(entitled, row, day=today), organisation)
        elif row.kind == AppointmentKind.CHIEF:
            raise ValidationError(
                _("An organisation keeps a chief access manager. Appoint the next one: that ends this appointment"),
                code="last_chief",
            )
        return _end(row, by_staff=by_staff, acting=acting, now=now)


def _write(wanted: Wanted, renewed: AccessManagerAppointment | None) -> AccessManagerAppointment:
    """Write the appointment, its entry and its letter. The organisation is locked; nothing stands against it."""
    _close_run_out(wanted.organisation, now=wanted.now)
    if renewed is not None:
        ended_by = getattr(wanted.acting, "person", None)
        AccessManagerAppointment.objects.filter(pk=renewed.pk).update(ended_at=wanted.now, ended_by=ended_by)
    if wanted.kind == AppointmentKind.CHIEF and wanted.valid_from <= wanted.today:
        _end_as_co_chief(wanted)
    appointment = AccessManagerAppointment(
        organisation=wanted.organisation,
        person=wanted.person,
        kind=wanted.kind,
        domain=wanted.domain,
        valid_from=wanted.valid_from,
        valid_until=wanted.valid_until,
        appointed_by=getattr(wanted.acting, "person", None),
    )
    appointment.full_clean()
    appointment.save()
    record(
        TenantEvent.MANAGER_APPOINTED,
        actor=wanted.acting,
        subject=wanted.person,
        organisation=wanted.organisation,
        now=wanted.now,
        kind=wanted.kind,
        domain=wanted.domain.code if wanted.domain else None,
        valid_from=wanted.valid_from.isoformat(),
        valid_until=wanted.valid_until.isoformat() if wanted.valid_until else None,
        **({"renews": renewed.key} if renewed else {}),
        **_staff_mark(wanted.by_staff),
    )
    by = _author(wanted.acting, wanted.by_staff)
    manager_letters.about_appointment(appointment, by=by, now=wanted.now)
    return appointment


def _end_as_co_chief(wanted: Wanted) -> None:
    """End what the person was as co-chief: the chief is that too. The letter about the new function is the only one."""
    own = AccessManagerAppointment.objects.filter(organisation=wanted.organisation, person=wanted.person)
    for row in own.filter(kind=AppointmentKind.CO_CHIEF).standing(wanted.today).for_page():
        _end(row, tells=False, by_staff=wanted.by_staff, acting=wanted.acting, now=wanted.now)


def _close_run_out(organisation: Organisation, *, now: datetime) -> None:
    """Mark as ended what ran out in the organisation: the database counts it as open until then."""
    rows = AccessManagerAppointment.objects.filter(organisation=organisation)
    for row in rows.run_out(local_day(now)).for_page():
        AccessManagerAppointment.objects.filter(pk=row.pk).update(ended_at=now)
        record(
            TenantEvent.MANAGER_RUN_OUT,
            actor=None,
            subject=row.person,
            organisation=organisation,
            now=now,
            kind=row.kind,
            domain=row.domain.code if row.domain else None,
            valid_until=row.valid_until.isoformat() if row.valid_until else None,
        )


def _end(
    row: AccessManagerAppointment,
    *,
    successor: Person | None = None,
    tells: bool = True,
    by_staff: bool,
    acting: Any,
    now: datetime,
) -> bool:
    """End a row where it is still open: of two ends at once, one statement wins. `tells` for a letter about it."""
    ended = AccessManagerAppointment.objects.filter(pk=row.pk, ended_at__isnull=True).update(
        ended_at=now, ended_by=getattr(acting, "person", None)
    )
    if ended:
        record(
            TenantEvent.MANAGER_ENDED,
            actor=acting,
            subject=row.person,
            organisation=row.organisation,
            now=now,
            kind=row.kind,
            domain=row.domain.code if row.domain else None,
            **_staff_mark(by_staff),
        )
        if tells:
            manager_letters.about_end(row, by=_author(acting, by_staff), successor=successor, now=now)
    return bool(ended)


def _with_rights_now(acting: Any, *, by_staff: bool, now: datetime) -> ActingContext | None:
    """Return who acts, with the rights of this moment; None for staff and the system, who need none."""
    if by_staff or acting is None:
        return None
    entitled: ActingContext = replace(acting, links=links_of(acting.person, local_day(now)))
    return entitled


def _require_right_to_appoint(wanted: Wanted) -> None:
    if (entitled := _with_rights_now(wanted.acting, by_staff=wanted.by_staff, now=wanted.now)) is not None:
        _require(may_appoint(entitled, wanted.organisation, wanted.kind), wanted.organisation)


def _require(obstacle: Obstacle | None, organisation: Organisation) -> None:
    if obstacle is not None:
        raise NotEntitled(obstacle, organisation)


def _author(acting: Any, by_staff: bool) -> Person | None:
    """Return the access manager or representative whom letters name; nobody for staff and the system."""
    return None if by_staff else getattr(acting, "person", None)


def _staff_mark(by_staff: bool) -> dict[str, bool]:
    return {"by_staff": True} if by_staff else {}
