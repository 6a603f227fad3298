"""A sign-on at a service lives as long as the session of the portal through which it began, however that ends."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client as Browser
from django.utils import timezone
from django.utils.module_loading import import_string

from audit.models import AuditEntry
from csam.models import User
from csam.operations import end_all_sessions
from fas.background import LOOKS
from fas.models import Client, SignOn
from fas.operations.sign_ons import end_of_over_sessions
from tenants.models import RegisteredPerson
from tests.conftest import LOW, Cast
from tests.csam.flows import begin, card_of, insert_card, sign_in_with_card
from tests.fas.relying_party import RelyingParty

pytestmark = pytest.mark.django_db


@pytest.fixture
def real(client_row: Client, cast: Cast) -> RelyingParty:
    """Anna signed in with her card, not by the short way of the tests."""
    browser = Browser()
    sign_in_with_card(browser, card_of(cast.anna))
    return RelyingParty(client_row, browser)


def test_the_worker_does_it() -> None:
    job = "fas.operations.codes.forget_old_tokens"
    assert job in settings.PERIODIC_JOBS
    assert import_string(job)(now=timezone.now()) == 0
    assert settings.BACKGROUND_LOOPS == ["fas.background.tell_services"]
    assert end_of_over_sessions in LOOKS
    assert end_of_over_sessions(now=timezone.now()) == 0


def test_signing_out_of_the_portal_ends_it_at_once(real: RelyingParty) -> None:
    token = real.tokens()["access_token"]
    real.browser.post("/logout/")
    assert SignOn.objects.get().end_reason == "signed_out"
    assert real.userinfo(token).status_code == 401


def test_signing_out_everywhere_from_another_browser_counts_at_once_and_is_written_down(
    real: RelyingParty, cast: Cast
) -> None:
    token = real.tokens()["access_token"]
    user, now = User.objects.get(person=cast.anna), timezone.now()
    end_all_sessions(user, acting=user, now=now)
    assert real.userinfo(token).status_code == 401
    assert end_of_over_sessions(now=now) == 1
    assert SignOn.objects.get().end_reason == "session_over"
    entry = AuditEntry.objects.filter(event="sign_on:ended").get()
    assert entry.data == {"reason": "session_over", "person": cast.anna.key}
    assert end_of_over_sessions(now=now) == 0


def test_a_step_up_gives_the_session_another_id_and_keeps_the_sign_on(real: RelyingParty, cast: Cast) -> None:
    token = real.tokens()["access_token"]
    before = Session.objects.get().session_key
    session = real.browser.session
    session["level"] = LOW
    session.save()
    assert begin(real.browser, "eid", "/assignments/new/").status_code == 303
    insert_card(real.browser, RegisteredPerson.objects.get(given_name="Anna"))
    real.browser.get("/login/return/")
    assert Session.objects.get().session_key != before
    assert SignOn.objects.get().session is None
    assert real.userinfo(token).status_code == 200
    assert end_of_over_sessions(now=timezone.now()) == 0
    assert SignOn.objects.get().session == Session.objects.get()


def test_another_person_in_the_same_browser_ends_the_first_ones_sign_ons(real: RelyingParty, cast: Cast) -> None:
    token = real.tokens()["access_token"]
    real.browser.post("/logout/")
    sign_in_with_card(real.browser, card_of(cast.jean))
    assert real.userinfo(token).status_code == 401
    real.sign_on()
    assert SignOn.objects.open().get().user == User.objects.get(person=cast.jean)


def test_a_session_that_was_tidied_away_ends_it(real: RelyingParty) -> None:
    real.sign_on()
    later = timezone.now() + timedelta(hours=13)
    Session.objects.all().delete()
    assert end_of_over_sessions(now=later) == 1
