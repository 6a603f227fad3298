"""Acts on parties and mandates: load and lock, guard, change, record, in one transaction."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from audit.record import record
from tenants.acting import SELF
from tenants.events import TenantEvent
from tenants.middleware import ACTING_FOR
from tenants.models import AccessManagerAppointment, Domain, Employment, Organisation, Person
from tenants.periods import local_day
from tenants.registers import RegisterRecord


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
            linked = Employment.objects.filter(person=person, organisation=organisation).live(local_day(now))
            if not linked.exists():
                raise ValidationError(
                    _("The chief access manager must be an employee or legal representative of %(organisation)s"),
                    code="chief_not_linked",
                    params={"organisation": organisation.name},
                )
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
            kind=kind,
            domain=domain.code if domain else None,
            valid_from=valid_from.isoformat(),
            valid_until=valid_until.isoformat() if valid_until else None,
        )
    return appointment


def end_appointment(appointment: AccessManagerAppointment, *, acting: Any, now: datetime) -> bool:
    """End an appointment now. Returns False when it had already ended, and then changes nothing."""
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
                kind=appointment.kind,
            )
    return bool(ended)


def create_person(source: RegisterRecord, *, now: datetime) -> Person:
    """Make a person of the National Register known to the portal, or return the one who is.

    The e-mail address is left out when somebody else already receives messages there.
    """
    with transaction.atomic():
        known = Person.objects.with_number(source.digits).first()
        if known is not None:
            return known
        person = Person(
            given_name=source.given_name,
            family_name=source.family_name,
            email=source.email,
            language=source.language,
        )
        person.set_national_number(source.digits)
        person.fill_keys()
        if person.email_key and Person.objects.filter(email_key=person.email_key).exists():
            person.email = ""
        person.save()
        record(TenantEvent.PERSON_CREATED, actor=person, subject=person)
    return person


def change_contact(person: Person, *, email: str, language: str, acting: Any, now: datetime) -> None:
    """Set the address for messages and the language. Raises ValidationError when the address is another's."""
    with transaction.atomic():
        person.email, person.language = email, language
        person.fill_keys()
        person.validate_constraints()
        person.save(update_fields=["email", "language"])
        record(TenantEvent.PERSON_CONTACT_CHANGED, actor=acting, subject=person, language=language)


def choose_organisation(session: Any, organisation: Organisation | None, *, acting: Any, now: datetime) -> None:
    """Keep in the session for whom the person acts from now on; None is "in my own name only".

    It gives no right: rights are read anew for every request. The caller checks that the organisation is one of
    the person's.
    """
    with transaction.atomic():
        session[ACTING_FOR] = organisation.key if organisation else SELF
        record(
            TenantEvent.ACTING_CHOSEN,
            actor=acting,
            subject=acting.person,
            organisation=organisation,
            now=now,
            own_name_only=organisation is None,
        )
