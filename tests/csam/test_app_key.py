"""The code via app under the profile: shown, activated by its first code, taken away."""

import re
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pyotp
import pytest
from django.test import Client
from django.utils import timezone

from audit.models import AuditEntry
from csam.models import AppKey
from csam.operations.app_keys import activate_app_key, begin_app_key, code_of_step, step_of
from outbox.models import OutgoingEmail
from outbox.rendering import render
from tests.conftest import Cast
from tests.csam.flows import early_in_a_step
from tests.parallel import at_once

pytestmark = pytest.mark.django_db
PAGE = "/profile/app/"


def otpauth(page: str) -> str:
    """Return the address that the page gives to an app."""
    found = re.search(r'href="(otpauth://[^"]+)"', page)
    assert found
    return unescape(found[1])


def code_of(address: str) -> str:
    """Return what an app shows now, and for a little while, that took this address over."""
    early_in_a_step()
    app = pyotp.parse_uri(address)
    assert isinstance(app, pyotp.TOTP)
    return app.now()


def begin(client: Client) -> str:
    """Ask for a secret; return the page that shows it."""
    answer = client.post(PAGE, {"action": "begin"})
    assert (answer.status_code, answer.url) == (303, PAGE)
    return client.get(PAGE).content.decode()


def activate(client: Client, code: str) -> Any:
    return client.post(PAGE, {"action": "activate", "code": code})


def test_a_real_authenticator_takes_the_secret_and_its_first_code_activates(cast: Cast, sign_in: Any) -> None:
    anna = sign_in(cast.anna)
    page = begin(anna)
    # What an app does with the QR code: it parses the address, and computes.
    app = pyotp.parse_uri(otpauth(page))
    assert isinstance(app, pyotp.TOTP)
    assert (app.digits, app.interval) == (6, 30)
    assert AppKey.objects.get().activated_at is None
    answer = activate(anna, code_of(otpauth(page)))
    assert (answer.status_code, answer.url) == (303, "/profile/")
    key = AppKey.objects.get()
    assert key.person == cast.anna and key.activated_at is not None
    assert AuditEntry.objects.get(event="key:enrolled").subject_key == cast.anna.key
    anna.cookies["language"] = "en"
    assert "Active since" in anna.get("/profile/").content.decode()


def test_the_address_follows_the_standard_and_names_nobody_by_number(cast: Cast, sign_in: Any) -> None:
    page = begin(sign_in(cast.anna))
    parts = urlsplit(otpauth(page))
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert len(query["secret"]) == 32 and query["issuer"] in unquote(parts.path)
    assert unquote(parts.path).endswith("Anna Peeters")
    assert cast.anna.national_number not in page
    # The same secret as text, in groups of four.
    groups = " ".join(query["secret"][start : start + 4] for start in range(0, 32, 4))
    assert groups in page
    assert "<svg" in page and "style=" not in page


def test_the_letter_tells_of_it(cast: Cast, sign_in: Any) -> None:
    anna = sign_in(cast.anna)
    activate(anna, code_of(otpauth(begin(anna))))
    letter = OutgoingEmail.objects.get()
    assert (letter.name, letter.to, letter.language) == ("key_activated", cast.anna.email, "nl")
    assert AppKey.objects.get().secret not in render(letter).text


def test_the_first_code_counts_for_activating_only(cast: Cast, now: Any) -> None:
    key = begin_app_key(cast.anna, acting=None, now=now)
    assert activate_app_key(cast.anna, code_of_step(key.secret, step_of(now)), acting=None, now=now).confirmed
    assert AppKey.objects.get().last_step == step_of(now)


@pytest.mark.parametrize(("seconds", "words"), [(600, "10 minutes ahead"), (-600, "10 minutes behind")])
def test_a_clock_ten_minutes_off_is_told(cast: Cast, sign_in: Any, seconds: int, words: str) -> None:
    anna = sign_in(cast.anna)
    anna.cookies["language"] = "en"
    app = pyotp.parse_uri(otpauth(begin(anna)))
    page = activate(anna, app.at(timezone.now() + timedelta(seconds=seconds))).content.decode()
    assert f"The clock of your phone is about {words}" in page
    assert AppKey.objects.get().activated_at is None


def test_wrong_codes_are_counted_and_what_was_shown_stays(cast: Cast, sign_in: Any) -> None:
    anna = sign_in(cast.anna)
    anna.cookies["language"] = "en"
    secret = otpauth(begin(anna))
    assert "Fill in “Code in the app”" in activate(anna, "").content.decode()
    for left in range(9, 0, -1):
        page = activate(anna, "abc").content.decode()
        assert f"You have {left} attempt" in page
        assert otpauth(page) == secret
    activate(anna, "abc")
    assert activate(anna, code_of(secret)).status_code == 429


@pytest.mark.django_db(transaction=True)
def test_of_many_parallel_first_codes_one_activates(cast: Cast, now: Any) -> None:
    key = begin_app_key(cast.anna, acting=None, now=now)
    code = code_of_step(key.secret, step_of(now))
    outcomes = at_once(lambda _n: activate_app_key(cast.anna, code, acting=None, now=now), times=10, threads=5)
    assert sum(outcome.confirmed for outcome in outcomes) == 1
    assert OutgoingEmail.objects.count() == 1
    assert AuditEntry.objects.filter(event="key:enrolled").count() == 1


def test_removing_is_asked_once_told_and_ends_the_codes(cast: Cast, sign_in: Any) -> None:
    anna = sign_in(cast.anna)
    activate(anna, code_of(otpauth(begin(anna))))
    assert anna.get("/profile/app/remove/").status_code == 200
    assert AppKey.objects.exists()
    assert anna.post("/profile/app/remove/").url == "/profile/"
    assert not AppKey.objects.exists()
    assert AuditEntry.objects.filter(event="key:removed").count() == 1
    assert OutgoingEmail.objects.order_by("-id")[0].name == "key_removed"
    # A second press, or another tab: nothing more happens.
    assert anna.post("/profile/app/remove/").url == PAGE
    assert AuditEntry.objects.filter(event="key:removed").count() == 1


def test_an_active_key_is_not_replaced_by_another_tab(cast: Cast, sign_in: Any) -> None:
    anna = sign_in(cast.anna)
    activate(anna, code_of(otpauth(begin(anna))))
    secret = AppKey.objects.get().secret
    page = begin(anna)
    assert "otpauth" not in page and secret not in page
    assert AppKey.objects.get().secret == secret
    assert activate(anna, "123456").url == PAGE


def test_cancelling_forgets_the_secret_without_a_word(cast: Cast, sign_in: Any) -> None:
    anna = sign_in(cast.anna)
    begin(anna)
    assert anna.post(PAGE, {"action": "cancel"}).url == "/profile/"
    assert not AppKey.objects.exists()
    assert not OutgoingEmail.objects.exists()
    assert activate(anna, "123456").url == PAGE


@pytest.mark.asvs(50)
@pytest.mark.parametrize("path", [PAGE, "/profile/app/remove/"])
@pytest.mark.parametrize("how", ["old", "substantial", "low"])
def test_only_a_high_key_shown_lately_opens_the_page(cast: Cast, sign_in: Any, how: str, path: str) -> None:
    old = (timezone.now() - timedelta(minutes=5)).isoformat()
    extra = {"proved_at": old} if how == "old" else {}
    anna = sign_in(cast.anna, level={"old": 500, "substantial": 400, "low": 300}[how], **extra)
    anna.cookies["language"] = "en"
    for answer in (anna.get(path), anna.post(path, {"action": "begin"})):
        page = answer.content.decode()
        assert answer.status_code == 403
        assert ("Show again who you are" if how == "old" else "This page needs a key of a higher level") in page
        assert 'action="/login/eid/"' in page and 'action="/login/itsme/"' in page
        assert 'action="/login/app/"' not in page and 'action="/login/email/"' not in page
        assert f'name="next" value="{path}"' in page
    assert not AppKey.objects.exists()


def test_the_keys_of_others_are_not_within_reach(cast: Cast, sign_in: Any, outsider: Client) -> None:
    anna = sign_in(cast.anna)
    begin(anna)
    secret = AppKey.objects.get().secret
    assert secret not in outsider.get(PAGE).content.decode().replace(" ", "")
    outsider.post(PAGE, {"action": "cancel"})
    outsider.post("/profile/app/remove/")
    assert AppKey.objects.get().secret == secret


def test_without_pretend_keys_the_page_does_not_exist(cast: Cast, sign_in: Any, settings: Any) -> None:
    settings.CSAM_MOCK = False
    anna = sign_in(cast.anna)
    assert anna.get(PAGE).status_code == 404
    assert anna.post(PAGE, {"action": "begin"}).status_code == 404
    assert anna.get("/profile/app/remove/").status_code == 404
