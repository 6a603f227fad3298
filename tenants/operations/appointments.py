"""Acts on access managers: load and lock, guard, change, record, in one transaction."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from audit.record import record
from tenants.events import TenantEvent
from tenants.models import AccessManagerAppointment, Domain, Employment, Organisation, Person
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
    acting: Any,
    now: datetime,
) -> AccessManagerAppointment:
    """Appoint an access manager.

    `acting` is who does it: anything with an `audit_snapshot()`; None stands for the system. Raises ValidationError
    when the chief neither works for the organisation nor represents it (E39), or an appointment of the kind exists.
    """
    with transaction.atomic():
        organisation = lock_organisation(organisation.pk)
        if kind == AccessManagerAppointment.Kind.CHIEF:
            require_chief_is_linked(person, organisation, now=now)
        appointment = AccessManagerAppointment(
            organisation=organisation,
            person=person,
            kind=kind,
            domain=domain,
            valid_from=valid_from,
            valid_until=valid_until,
            appointed_by=getattr(acting, "person", None),
        )
        appointment.full_clean()
        appointment.save()
        record(
            TenantEvent.MANAGER_APPOINTED,
            actor=acting,
            subject=person,
            organisation=organisation,
            now=now,
            kind=kind,
            domain=domain.code if domain else None,
            valid_from=valid_from.isoformat(),
            valid_until=valid_until.isoformat() if valid_until else None,
        )
    return appointment


def require_chief_is_linked(person: Person, organisation: Organisation, *, now: datetime) -> None:
    """Raise ValidationError unless the person works for the organisation today, or represents it (E39)."""
    jobs = Employment.objects.filter(person=person, organisation=organisation)
    if not jobs.live(local_day(now)).exists():
        raise ValidationError(
            _("The chief access manager must be an employee or legal representative of %(organisation)s"),
            code="chief_not_linked",
            params={"organisation": organisation.name},
        )


def replace_chief(
    *,
    organisation: Organisation,
    person: Person,
    valid_from: date,
    valid_until: date | None = None,
    acting: Any,
    now: datetime,
) -> AccessManagerAppointment:
    """End the appointment of the present chief, if there is one, and appoint the next in the same transaction.

    No act leaves an organisation that has a chief without one (DESIGN 7.7): the next one begins today at the latest.
    Raises what `appoint_access_manager` raises, and ValidationError for a gap; then nothing has changed.
    """
    today = local_day(now)
    kind = AccessManagerAppointment.Kind.CHIEF
    with transaction.atomic():
        lock_organisation(organisation.pk)
        present = AccessManagerAppointment.objects.filter(
            organisation=organisation, kind=kind, ended_at__isnull=True
        ).first()
        if present is not None:
            if present.holds_on(today) and not (valid_from <= today and (valid_until is None or today <= valid_until)):
                raise ValidationError(
                    _("The next chief access manager must begin today: the present one ends at once"), code="chief_gap"
                )
            _end(present, acting=acting, now=now)
        return appoint_access_manager(
            organisation=organisation,
            person=person,
            kind=kind,
            valid_from=valid_from,
            valid_until=valid_until,
            acting=acting,
            now=now,
        )


def end_appointment(appointment: AccessManagerAppointment, *, acting: Any, now: datetime) -> bool:
    """End an appointment now. Returns False when it had already ended, and then changes nothing.

    Raises ValidationError for a chief: an organisation that has one is not left without (DESIGN 7.7).
    """
    if appointment.kind == AccessManagerAppointment.Kind.CHIEF and appointment.ended_at is None:
        raise ValidationError(
            _("An organisation keeps a chief access manager. Appoint the next one: that ends this appointment"),
            code="last_chief",
        )
    return _end(appointment, acting=acting, now=now)


def _end(appointment: AccessManagerAppointment, *, acting: Any, now: datetime) -> bool:
    with transaction.atomic():
        lock_organisation(appointment.organisation_id)
        ended = AccessManagerAppointment.objects.filter(pk=appointment.pk, ended_at__isnull=True).update(
            ended_at=now, ended_by=getattr(acting, "person", None)
        )
        if ended:
            record(
                TenantEvent.MANAGER_ENDED,
                actor=acting,
                subject=appointment.person,
                organisation=appointment.organisation,
                now=now,
                kind=appointment.kind,
            )
    return bool(ended)
