"""Looking people up: audited, counted, and slowed after misses, because a name shown confirms that someone exists."""

from datetime import datetime, timedelta
from typing import NoReturn

from django.conf import settings
from django.db import transaction

from audit.record import record
from roles.errors import NotAllowed, QuotaReached
from roles.events import RoleEvent
from roles.rules import Reason, may_manage
from tenants.acting import ActingContext
from tenants.identifiers import looks_like_national_number
from tenants.mandates import may_appoint_anybody
from tenants.models import Organisation, Person
from tenants.periods import local_day
from tenants.search import Found, search_persons
from vault import throttle
from vault.numbers import holds_national_number

HOUR = timedelta(hours=1)


def _take(scope: str, limit: int, *, acting: ActingContext, now: datetime) -> None:
    """Count one look-up. The count is committed on its own, so that no rollback gives it back."""
    verdict = throttle.take(scope, acting.person.key, limit=limit, per=HOUR, now=now)
    if not verdict.allowed:
        _deny(scope, verdict, acting=acting, now=now)


def _deny(scope: str, verdict: throttle.Verdict, *, acting: ActingContext, now: datetime) -> NoReturn:
    """Record that a look-up was refused, and refuse it."""
    with transaction.atomic():
        record(RoleEvent.LOOKUP_DENIED, actor=acting.person, organisation=acting.organisation, now=now, scope=scope)
    raise QuotaReached(verdict.retry_at)


def count_search(words: str, *, acting: ActingContext, now: datetime) -> Found:
    """Search persons for an access manager, count it and record it.

    Raises NotAllowed for anybody else, QuotaReached when the hour's searches are used up. The words are recorded: they
    are the manager's own, and the person found may ask who looked. A national number never gets this far.
    """
    if (reason := may_manage(acting)) is not None:
        raise NotAllowed(reason)
    if looks_like_national_number(words) or holds_national_number(words):
        raise ValueError("a national register number is not searched for by name")
    _take("person_search", settings.PERSON_SEARCH_QUOTA, acting=acting, now=now)
    found = search(words, acting=acting, now=now)
    with transaction.atomic():
        record(
            RoleEvent.PERSONS_SEARCHED,
            actor=acting.person,
            organisation=acting.organisation,
            now=now,
            words=words,
            found=len(found.ids),
            more=found.has_more,
        )
    return found


def scope_is_colleagues() -> bool:
    """Say whether this deployment searches only the people of the manager's organisations."""
    return bool(settings.PERSON_SEARCH_SCOPE == "colleagues")


def search(words: str, *, acting: ActingContext, now: datetime) -> Found:
    """Search within the scope of this deployment: showing again what was searched is not counted."""
    within = acting.managed if scope_is_colleagues() else None
    return search_persons(words, within=within, day=local_day(now))


def look_up_number(digits: str, *, acting: ActingContext, now: datetime) -> Person | None:
    """Return the person with eleven checked digits, or None. Counted, recorded, never with the number.

    Raises NotAllowed for anybody but an access manager; QuotaReached after too many look-ups, or too many misses, in
    an hour.
    """
    if (reason := may_manage(acting)) is not None:
        raise NotAllowed(reason)
    return _look_up(digits, acting=acting, now=now)


def look_up_future_manager(
    digits: str, *, organisation: Organisation, acting: ActingContext, now: datetime
) -> Person | None:
    """Do the same for whoever may appoint an access manager of the organisation: a legal representative, or the chief.

    Raises NotAllowed for anybody else, and QuotaReached as `look_up_number`; both count in the same hour.
    """
    if (obstacle := may_appoint_anybody(acting, organisation)) is not None:
        raise NotAllowed(Reason(obstacle.value), organisation=organisation)
    return _look_up(digits, acting=acting, now=now)


def _look_up(digits: str, *, acting: ActingContext, now: datetime) -> Person | None:
    # Counted as a miss before anybody is looked for, and given back for a hit: of many at once none slips through.
    misses = throttle.take("number_miss", acting.person.key, limit=settings.NUMBER_LOOKUP_MISSES, per=HOUR, now=now)
    if not misses.allowed:
        _deny("number_miss", misses, acting=acting, now=now)
    _take("number_lookup", settings.NUMBER_LOOKUP_QUOTA, acting=acting, now=now)
    person = Person.objects.with_number(digits).filter(is_active=True).first()
    if person is not None:
        throttle.give_back("number_miss", acting.person.key)
    with transaction.atomic():
        record(
            RoleEvent.NUMBER_LOOKED_UP,
            actor=acting.person,
            subject=person,
            organisation=acting.organisation,
            now=now,
            found=person is not None,
        )
    return person
