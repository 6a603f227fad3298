"""Who acts, read anew under the lock of an operation: a right or a person switched off a moment ago gives nothing."""

from dataclasses import replace
from datetime import datetime

from roles.errors import NotAllowed
from roles.rules import Reason
from tenants.acting import ActingContext, links_of
from tenants.models import Person
from tenants.periods import local_day


def reread(acting: ActingContext, *, now: datetime) -> ActingContext:
    """Return who acts with the mandates of this moment. Raises NotAllowed for somebody who is no longer active."""
    person = Person.objects.get(pk=acting.person.pk)
    if not person.is_active:
        raise NotAllowed(Reason.PERSON_INACTIVE)
    return replace(acting, person=person, links=links_of(person, local_day(now)))
