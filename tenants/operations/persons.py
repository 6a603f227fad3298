"""Acts on persons: making them known, their address for messages and preferences, for whom they act."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from audit.record import record
from outbox.compose import compose
from tenants.acting import SELF
from tenants.events import TenantEvent
from tenants.folding import fold_email
from tenants.middleware import ACTING_FOR
from tenants.models import Organisation, Person
from tenants.registers import RegisterRecord


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


def change_address(person: Person, *, email: str, acting: Any, now: datetime) -> None:
    """Set the address for messages; the old address is told.

    The caller has made sure that the person reads what is sent to the new one. Raises ValidationError when it is
    somebody else's; then nothing has changed but the trail, which keeps the refusal.
    """
    with transaction.atomic():
        locked = Person.objects.select_for_update().get(pk=person.pk)
        old_email, locked.email = locked.email, email
        try:
            with transaction.atomic():
                locked.save(update_fields=["email"])
        except IntegrityError:  # the database knows whose it is, also when two people are as quick as each other
            is_taken = True
            record(TenantEvent.CONTACT_REFUSED, actor=acting, subject=person, now=now)
        else:
            is_taken = False
            person.email, person.email_key = locked.email, locked.email_key
            record(TenantEvent.PERSON_CONTACT_CHANGED, actor=acting, subject=person, now=now)
            tell_old_address(locked, old_email, now=now)
    if is_taken:
        raise ValidationError("somebody else receives messages there", code="taken")


def tell_old_address(person: Person, old_email: str, *, now: datetime) -> None:
    """Write to the address that a person had until now, unless it only changed its spelling."""
    if old_email and fold_email(old_email) != person.email_key:
        with transaction.atomic():
            compose(
                "contact_changed",
                to=old_email,
                language=person.language,
                context={"receiver": person.full_name, "changed_at": now.isoformat()},
                now=now,
            )


def change_preferences(person: Person, *, language: str, wants_digest: bool, acting: Any, now: datetime) -> None:
    """Set the language of pages and messages, and whether one message a day sums up what waits."""
    if (person.language, person.wants_digest) == (language, wants_digest):
        return
    with transaction.atomic():
        person.language, person.wants_digest = language, wants_digest
        person.save(update_fields=["language", "wants_digest"])
        record(
            TenantEvent.PREFERENCES_CHANGED,
            actor=acting,
            subject=person,
            now=now,
            language=language,
            daily_message=wants_digest,
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
