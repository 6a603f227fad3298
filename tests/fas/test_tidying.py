"""What is over is forgotten in time, and nothing that is still needed."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone
from django.utils.module_loading import import_string

from fas.models import AccessToken, Client, Consent, Grant, IDToken, LogoutDelivery, RoleChange, SignOn
from fas.operations import tidying
from fas.operations.changes import KEPT, forget_old_changes
from fas.operations.codes import forget_old_tokens
from fas.operations.tidying import forget_old_logouts, forget_old_sign_ons
from rolemgmt import settings as portal_settings
from tests.conftest import Cast
from tests.factories import AssignmentFactory, RoleFactory
from tests.fas.relying_party import BASE, RelyingParty
from tests.fas.rows import CALLBACK, SIGNED_OUT, a_client, a_sign_on

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
DAYS_90 = timedelta(days=90)


@pytest.fixture
def now() -> datetime:
    """A moment."""
    return timezone.now()


def ended(person: Any, client: Client, *, at: datetime, **values: Any) -> SignOn:
    """Return a sign-on that ended."""
    began = at - timedelta(hours=1)
    return a_sign_on(person, client, now=began, **{"ended_at": at, "end_reason": "signed_out", **values})


def a_message(sign_on: SignOn, *, at: datetime, **values: Any) -> LogoutDelivery:
    """Return a message about it, queued and due then."""
    common = {"sign_on": sign_on, "client": sign_on.client, "queued_at": at, "next_at": at}
    return LogoutDelivery.objects.create(**{**common, **values})


def test_the_worker_does_it_with_ninety_days(settings: Any) -> None:
    assert (settings.SIGN_ON_DAYS, settings.LOGOUT_LOG_DAYS) == (90, 90)
    for name in ("forget_old_logouts", "forget_old_sign_ons"):
        job = f"fas.operations.tidying.{name}"
        assert job in portal_settings.PERIODIC_JOBS
        assert import_string(job)(now=timezone.now()) == 0


# --- Sign-ons --------------------------------------------------------------------------------------------------------


def test_a_sign_on_is_kept_for_ninety_days_after_its_end(client_row: Client, cast: Cast, now: datetime) -> None:
    row = ended(cast.anna, client_row, at=now - DAYS_90)
    assert forget_old_sign_ons(now=now) == 0
    assert forget_old_sign_ons(now=now + SECOND) == 1
    assert not SignOn.objects.filter(pk=row.pk).exists()


def test_the_setting_counts(client_row: Client, cast: Cast, now: datetime, settings: Any) -> None:
    settings.SIGN_ON_DAYS = 10
    ended(cast.anna, client_row, at=now - timedelta(days=10, seconds=1))
    ended(cast.anna, client_row, at=now - timedelta(days=10), browser="another")
    assert forget_old_sign_ons(now=now) == 1


def test_an_open_sign_on_stays_however_old(client_row: Client, cast: Cast, now: datetime) -> None:
    a_sign_on(cast.anna, client_row, now=now - 9 * DAYS_90)
    assert forget_old_sign_ons(now=now) == 0


def test_the_last_one_at_a_service_stays_as_long_as_the_agreement(
    client_row: Client, cast: Cast, now: datetime
) -> None:
    row = ended(cast.anna, client_row, at=now - 2 * DAYS_90)
    before = ended(cast.anna, client_row, at=now - 3 * DAYS_90)
    at_other = ended(cast.anna, a_client(), at=now - 2 * DAYS_90)
    of_other = ended(cast.tom, client_row, at=now - 2 * DAYS_90)
    agreement = Consent.objects.create(user=row.user, client=client_row, scopes="openid", given_at=row.started_at)
    assert forget_old_sign_ons(now=now) == 3
    assert SignOn.objects.get() == row
    assert not SignOn.objects.filter(pk__in=[before.pk, at_other.pk, of_other.pk]).exists()
    Consent.objects.filter(pk=agreement.pk).update(ended_at=now)
    assert forget_old_sign_ons(now=now) == 1


def test_one_that_was_used_later_takes_its_place(client_row: Client, cast: Cast, now: datetime) -> None:
    row = ended(cast.anna, client_row, at=now - 2 * DAYS_90)
    Consent.objects.create(user=row.user, client=client_row, scopes="openid", given_at=row.started_at)
    young = a_sign_on(cast.anna, client_row, now=now)
    assert forget_old_sign_ons(now=now) == 1
    assert SignOn.objects.get() == young


def test_what_it_gave_goes_with_it(client_row: Client, cast: Cast, now: datetime) -> None:
    row = ended(cast.anna, client_row, at=now - 2 * DAYS_90)
    common = {"user": row.user, "application": client_row, "expires": row.ended_at, "sign_on": row}
    Grant.objects.create(code="0a" * 32, redirect_uri=CALLBACK, used_at=row.started_at, **common)
    IDToken.objects.create(**common)
    assert forget_old_sign_ons(now=now) == 1  # sign-ons are counted, not what hangs on them
    assert not Grant.objects.exists() and not IDToken.objects.exists()


def test_many_go_in_batches_and_the_rest_the_next_time(
    client_row: Client, cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tidying, "AT_ONCE", 2)
    monkeypatch.setattr(tidying, "MOST", 2)
    for _row in range(5):
        ended(cast.anna, client_row, at=now - 2 * DAYS_90)
    assert [forget_old_sign_ons(now=now) for _run in range(3)] == [4, 1, 0]


# --- Messages --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["delivered", "failed"])
def test_a_message_that_ended_is_kept_for_ninety_days(
    client_row: Client, cast: Cast, now: datetime, state: str
) -> None:
    row = ended(cast.anna, client_row, at=now - DAYS_90)
    done = {"delivered_at": now - DAYS_90} if state == "delivered" else {}
    a_message(row, at=now - DAYS_90, state=state, **done)
    assert forget_old_logouts(now=now) == 0
    assert forget_old_sign_ons(now=now + SECOND) == 0  # as long as there is a message about it
    assert forget_old_logouts(now=now + SECOND) == 1
    assert forget_old_sign_ons(now=now + SECOND) == 1


def test_a_message_that_waits_or_was_put_back_stays_with_its_sign_on(
    client_row: Client, cast: Cast, now: datetime
) -> None:
    old = now - 2 * DAYS_90
    a_message(ended(cast.anna, client_row, at=old), at=old)
    a_message(ended(cast.anna, client_row, at=old), at=old, state="sending", lease_until=now)
    # Sent again yesterday, by hand.
    again = ended(cast.anna, client_row, at=old)
    a_message(again, at=now - timedelta(days=1), state="delivered", delivered_at=now)
    assert (forget_old_logouts(now=now), forget_old_sign_ons(now=now)) == (0, 0)


# --- Codes and tokens ------------------------------------------------------------------------------------------------


def test_a_code_that_nobody_used_goes_when_it_has_run_out(party: RelyingParty) -> None:
    party.sign_on()
    expires = Grant.objects.get().expires
    assert forget_old_tokens(now=expires) == 0
    assert forget_old_tokens(now=expires + SECOND) == 1
    assert not Grant.objects.exists()


def test_a_used_code_stays_for_an_hour_so_that_a_second_use_is_known(party: RelyingParty) -> None:
    party.tokens()
    expires = Grant.objects.get().expires
    forget_old_tokens(now=expires + timedelta(hours=1))
    assert Grant.objects.count() == 1
    assert not AccessToken.objects.exists() and not IDToken.objects.exists()
    forget_old_tokens(now=expires + timedelta(hours=1) + SECOND)
    assert not Grant.objects.exists()


# --- What still has to be right --------------------------------------------------------------------------------------


def leave(browser: Browser, hint: str) -> Any:
    return browser.get(
        f"{BASE}/connect/endSession", {"id_token_hint": hint, "post_logout_redirect_uri": SIGNED_OUT, "state": "x"}
    )


def later(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    """Let the page of the sign-out think that it is then."""
    monkeypatch.setattr("fas.views.end_session.timezone.now", lambda: now)


def test_the_hint_of_a_forgotten_sign_on_still_leads_back(
    party: RelyingParty, cast: Cast, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hint, now = party.tokens()["id_token"], timezone.now()
    party.browser.post("/logout/")
    Consent.objects.update(ended_at=now)
    assert forget_old_sign_ons(now=now + DAYS_90 + timedelta(minutes=1)) == 1
    assert leave(Browser(), hint).status_code == 400  # too young to be forgotten: it never was
    anna = sign_in(cast.anna)
    anna.cookies["language"] = "en"
    later(monkeypatch, now + DAYS_90 + timedelta(minutes=1))
    answer = leave(Browser(), hint)
    assert (answer.status_code, answer.url) == (302, f"{SIGNED_OUT}?state=x")


def test_whoever_is_signed_in_is_asked_for_a_hint_that_is_forgotten(
    party: RelyingParty, cast: Cast, sign_in: Any, settings: Any
) -> None:
    hint, anna = party.tokens()["id_token"], sign_in(cast.anna)
    SignOn.objects.all().delete()
    settings.SIGN_ON_DAYS = -1  # so that it is old enough
    page = leave(anna, hint)
    assert page.status_code == 200
    assert page.context["client"] == party.client
    other = a_client()
    assert (
        anna.get(f"{BASE}/connect/endSession", {"id_token_hint": hint, "client_id": other.client_id}).status_code == 400
    )


def test_no_hole_is_left_in_the_feed(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys of notes need not be in the order of their positions: the oldest positions go first."""
    monkeypatch.setattr(tidying, "AT_ONCE", 1)
    monkeypatch.setattr(tidying, "MOST", 2)
    row = AssignmentFactory(role=RoleFactory())
    RoleChange.objects.all().delete()
    for position in (4, 3, 2, 1):
        RoleChange.objects.create(assignment=row, position=position, sealed_at=now - KEPT - SECOND)
    assert forget_old_changes(now=now) == 2
    assert sorted(RoleChange.objects.values_list("position", flat=True)) == [3, 4]
    assert [forget_old_changes(now=now) for _run in range(2)] == [1, 0]
