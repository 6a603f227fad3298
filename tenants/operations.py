"""Acts on parties and mandates: load and lock, guard, change, record, in one transaction."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from audit.record import Auditable, Snapshot, record
from outbox.compose import compose
from tenants.acting import SELF
from tenants.events import TenantEvent
from tenants.folding import fold_email
from tenants.middleware import ACTING_FOR
from tenants.models import AccessManagerAppointment, Domain, Employment, Organisation, Person
from tenants.periods import local_day
from tenants.registers import RegisterRecord
from vault import throttle

CONTACT_CHANGES = 5
HOUR = timedelta(hours=1)


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


def create_person(source: RegisterRecord, *, now: datetime) -> Person:
    """Make a person of the National Register known to the portal, or return the one who is.

    The e-mail address is left out when nobody can be written to there, or somebody else already is.
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
        if not _is_address(person.email) or Person.objects.filter(email_key=person.email_key).exists():
            person.email = ""
        person.save()
        record(TenantEvent.PERSON_CREATED, actor=person, subject=person, now=now)
    return person


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


class TooManyChanges(Exception):
    """The address was tried too often; `retry_at` is the moment from which it works again."""

    def __init__(self, retry_at: datetime | None) -> None:
        super().__init__("too many changes")
        self.retry_at = retry_at


def change_contact(person: Person, *, email: str, language: str, acting: Any, now: datetime) -> None:
    """Set the address for messages and the language; the old address is told.

    Raises ValidationError when the address is another's, TooManyChanges after five tries in an hour: the answer tells
    whether somebody uses an address, so it is counted, and a refusal is recorded.
    """
    old_email = person.email
    if fold_email(email) != person.email_key:
        verdict = throttle.take("contact_change", person.key, limit=CONTACT_CHANGES, per=HOUR, now=now)
        if not verdict.allowed:
            raise TooManyChanges(verdict.retry_at)
    try:
        _store_contact(person, email=email, language=language, old_email=old_email, acting=acting, now=now)
    except ValidationError:
        with transaction.atomic():
            record(TenantEvent.CONTACT_REFUSED, actor=acting, subject=person, now=now)
        raise


def _store_contact(person: Person, *, email: str, language: str, old_email: str, acting: Any, now: datetime) -> None:
    with transaction.atomic():
        person.email, person.language = email, language
        person.fill_keys()
        person.validate_constraints()
        person.save(update_fields=["email", "language"])
        record(TenantEvent.PERSON_CONTACT_CHANGED, actor=acting, subject=person, now=now, language=language)
        if old_email and fold_email(old_email) != person.email_key:
            compose(
                "contact_changed",
                to=old_email,
                language=language,
                context={"receiver": person.full_name, "changed_at": now.isoformat()},
                now=now,
            )


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


@dataclass(frozen=True)
class Described:
    """What the audit trail keeps of a thing that has no snapshot of its own."""

    type: str
    key: str
    label: str

    def audit_snapshot(self) -> Snapshot:
        """Return kind, key and label."""
        return Snapshot(self.type, self.key, self.label)


def record_staff_change(
    event: StrEnum, subject: Auditable, *, acting: Any, now: datetime, organisation: Any = None, changes: Any
) -> None:
    """Write into the trail what somebody of the staff has just stored in the administration, in its transaction.

    `changes` maps the name of each field to its old and new value, or to None where the trail keeps no value.
    """
    with transaction.atomic():
        record(event, actor=acting, subject=subject, organisation=organisation, now=now, by_staff=True, changes=changes)


def find_person_by_number(digits: str, *, acting: Any, now: datetime) -> Person | None:
    """Return the person with eleven checked digits, for staff. Counted by the hour and recorded, without the number.

    Raises LookupLimitReached when the look-ups of the hour are used up.
    """
    verdict = throttle.take(
        "staff_number_lookup",
        acting.person.key,
        limit=settings.NUMBER_LOOKUP_QUOTA,
        per=timedelta(hours=1),
        now=now,
    )
    if not verdict.allowed:
        with transaction.atomic():
            record(TenantEvent.LOOKUP_REFUSED, actor=acting, now=now, by_staff=True)
        raise LookupLimitReached(verdict.retry_at)
    person = Person.objects.with_number(digits).first()
    with transaction.atomic():
        record(
            TenantEvent.PERSON_LOOKED_UP, actor=acting, subject=person, now=now, by_staff=True, found=person is not None
        )
    return person


class LookupLimitReached(Exception):
    """There were as many look-ups as an hour allows."""

    def __init__(self, retry_at: datetime | None) -> None:
        super().__init__("the look-ups of this hour are used up")
        self.retry_at = retry_at
