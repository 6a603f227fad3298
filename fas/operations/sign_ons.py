"""Signing on at a service, and everything that ends it.

A sign-on lives as long as the session of the portal through which it began. A step-up gives that session another id;
the key `SIGN_ONS` in it stays, and by it the sign-ons find their session again.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q

from audit.record import record
from csam.models import OpenSession, User
from fas.events import FasEvent
from fas.models import AccessToken, Client, EndReason, Grant, SignOn
from fas.operations.logouts import queue_logouts
from fas.subjects import subject_of
from tenants.keys import new_key
from tenants.models import Organisation

# The key under which a session of the portal holds the one of its sign-ons.
SIGN_ONS = "sign_ons"


@dataclass(frozen=True)
class Shown:
    """How a person showed who they are: how surely, by what, and when."""

    level: int
    amr: tuple[str, ...]
    auth_time: datetime


def sign_on(
    session: Any,
    user: User,
    client: Client,
    organisation: Organisation | None,
    shown: Shown,
    *,
    scopes: Collection[str],
    now: datetime,
) -> SignOn:
    """Return the sign-on of this browser at `client` for `organisation`: the open one brought up to date, or a new one.

    `session` is that of the request. A new sign-on is written into the trail, an open one goes on under its `sid`.
    """
    browser = session.get(SIGN_ONS)
    if not browser:
        browser = session[SIGN_ONS] = new_key()
    kept = Session.objects.filter(session_key=session.session_key).first()
    told: dict[str, Any] = {
        "level": shown.level,
        "amr": list(shown.amr),
        "auth_time": shown.auth_time,
        "session": kept,
        "last_used_at": now,
    }
    with transaction.atomic():
        # Two tabs at once: the second one waits here, and finds what the first one made.
        User.objects.select_for_update().get(pk=user.pk)
        row = SignOn.objects.open().filter(browser=browser, client=client, organisation=organisation, user=user).first()
        if row is not None:
            SignOn.objects.filter(pk=row.pk).update(**told)
            row.refresh_from_db()
            return row
        row = SignOn.objects.create(
            browser=browser,
            client=client,
            organisation=organisation,
            user=user,
            sub=subject_of(user.person, client),
            started_at=now,
            **told,
        )
        record(
            FasEvent.SIGNED_ON,
            actor=user,
            subject=client,
            now=now,
            # Not as the entry's organisation: its history would fill with who went where.
            acts_for=organisation.key if organisation else "",
            level=shown.level,
            scopes=sorted(scopes),
        )
    return row


def last_choice(session: Any, client: Client) -> SignOn | None:
    """Return the open sign-on of this browser at `client` that was used last, None where there is none."""
    browser = session.get(SIGN_ONS)
    if not browser:
        return None
    rows = SignOn.objects.open().filter(browser=browser, client=client).select_related("organisation")
    return rows.order_by("-last_used_at", "-pk").first()


def sign_on_of_hint(sid: str, client: Client, user: User) -> SignOn | None:
    """Return the sign-on that an ID token of `client` names, None where it is another person's. It may have ended."""
    return SignOn.objects.filter(sid=sid, client=client, user=user).select_related("organisation").first()


def lasts(sign_on: SignOn) -> bool:
    """Say whether a sign-on still counts: not ended, the person not switched off, the portal's session still there."""
    if sign_on.ended_at is not None or not sign_on.user.is_active or not sign_on.user.person.is_active:
        return False
    return sign_on.session_id is not None or find_session(sign_on) is not None


def find_session(sign_on: SignOn) -> Session | None:
    """Return the session of the portal that holds this sign-on's key, after a step-up gave it another id."""
    rows = OpenSession.objects.filter(user=sign_on.user_id).select_related("session")
    return next((row.session for row in rows if row.session.get_decoded().get(SIGN_ONS) == sign_on.browser), None)


def end_sign_ons(rows: Any, *, reason: EndReason, acting: Any, now: datetime) -> int:
    """End these sign-ons with their codes and tokens; return how many were open. Each is written into the trail.

    Services that want to know are told within a minute, by the worker.
    """
    with transaction.atomic():
        found = list(rows.open().select_for_update(of=("self",)).select_related("client", "user__person"))
        ended = [row.pk for row in found]
        SignOn.objects.filter(pk__in=ended, ended_at__isnull=True).update(ended_at=now, end_reason=reason)
        AccessToken.objects.filter(sign_on__in=ended).delete()
        Grant.objects.filter(sign_on__in=ended, used_at__isnull=True).delete()
        for row in found:
            record(
                FasEvent.SIGN_ON_ENDED,
                actor=acting,
                subject=row.client,
                now=now,
                reason=reason.value,
                person=row.user.person.key,
            )
        queue_logouts(found, now=now)
    return len(ended)


def end_of_browser(session: Any, *, acting: Any, now: datetime) -> int:
    """End what somebody is signed in at through this session of the portal: it ends itself now."""
    browser = session.get(SIGN_ONS)
    if not browser:
        return 0
    rows = SignOn.objects.filter(browser=browser)
    return end_sign_ons(rows, reason=EndReason.SIGNED_OUT, acting=acting, now=now)


def end_of_over_sessions(*, now: datetime) -> int:
    """End the sign-ons whose session of the portal is over, however that came; return how many. A job of the worker."""
    over = list(SignOn.objects.open().filter(session__expire_date__lte=now).values_list("pk", flat=True)[:1_000])
    orphans = SignOn.objects.open().filter(session__isnull=True).select_related("user")
    for row in orphans[:1_000]:
        session = find_session(row)
        if session is None:
            over.append(row.pk)
        else:
            SignOn.objects.filter(pk=row.pk).update(session=session)
    if not over:
        return 0
    rows = SignOn.objects.filter(pk__in=over)
    return end_sign_ons(rows, reason=EndReason.SESSION_OVER, acting=None, now=now)


def end_of_switched_off(*, now: datetime) -> int:
    """End the sign-ons of people whose login, or who themselves, were switched off; return how many. A job."""
    rows = SignOn.objects.filter(Q(user__is_active=False) | Q(user__person__is_active=False))
    if not rows.open().exists():
        return 0
    return end_sign_ons(rows, reason=EndReason.PERSON_OFF, acting=None, now=now)


def note_number_given(sign_on: SignOn, *, now: datetime) -> None:
    """Write down, once a sign-on, that the service received the national register number."""
    with transaction.atomic():
        first = SignOn.objects.filter(pk=sign_on.pk, number_given_at__isnull=True).update(number_given_at=now)
        if first:
            record(
                FasEvent.NUMBER_GIVEN,
                actor=None,
                subject=sign_on.user.person,
                now=now,
                client=sign_on.client.name,
            )
