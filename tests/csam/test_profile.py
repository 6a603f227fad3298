"""S21: one's own data, preferences, keys, sign-ins and sessions."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import AuditEntry
from csam.devices import device_of
from csam.models import OpenSession
from tenants.models import Person, RegisteredPerson
from tests.conftest import Cast
from tests.csam.flows import begin, card_of, insert_card, sign_in_with_card

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Mobile Safari/604.1"


def english(client: Client) -> Client:
    client.cookies["language"] = "en"
    return client


def test_it_shows_what_the_portal_knows_and_no_number(cast: Cast, sign_in: Any) -> None:
    page = english(sign_in(cast.jean)).get("/profile/").content.decode()
    assert "<h1>My profile</h1>" in page
    assert "Your name comes from the National Register" in page
    assert cast.jean.email in page
    assert cast.jean.national_number not in page
    assert f"masked number, ends with {cast.jean.national_number[-2:]}" in page
    for key in ("eID with card reader", "itsme", "Security code by e-mail", "Security code via mobile app"):
        assert f"<dt>{key}</dt>" in page
    assert "Not activated" in page


def test_the_header_leads_to_it(cast: Cast, sign_in: Any) -> None:
    assert 'href="/profile/"' in sign_in(cast.anna).get("/my-roles/").content.decode()


def test_preferences_are_saved_and_the_page_changes_its_language(cast: Cast, sign_in: Any) -> None:
    jean = english(sign_in(cast.jean))
    answer = jean.post("/profile/", {"language": "de", "digest": "no"})
    assert (answer.status_code, answer.url) == (303, "/profile/?language=de")
    stored = Person.objects.get(pk=cast.jean.pk)
    assert (stored.language, stored.wants_digest) == ("de", False)
    assert AuditEntry.objects.get(event="person:preferences_changed").actor_key == cast.jean.key
    assert "Ihre Einstellungen sind gespeichert" in jean.get("/profile/?language=de", follow=True).content.decode()


def test_only_access_managers_choose_about_the_daily_message(cast: Cast, sign_in: Any) -> None:
    words = "One daily message about your organisations"
    assert words in english(sign_in(cast.marie)).get("/profile/").content.decode()
    anna = english(sign_in(cast.anna))
    assert words not in anna.get("/profile/").content.decode()
    assert anna.post("/profile/", {"language": "nl", "digest": "no"}).status_code == 303
    assert Person.objects.get(pk=cast.anna.pk).wants_digest


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({}, "Choose a language"),
        ({"language": "xx", "digest": "yes"}, "Choose a language"),
        ({"language": "fr"}, "Choose “Yes” or “No”"),
        ({"language": "fr", "digest": "maybe"}, "Choose “Yes” or “No”"),
    ],
)
def test_bad_preferences_are_explained_and_change_nothing(
    cast: Cast, sign_in: Any, sent: dict[str, str], words: str
) -> None:
    page = english(sign_in(cast.jean)).post("/profile/", sent).content.decode()
    assert words in page and "There is a problem" in page
    assert Person.objects.get(pk=cast.jean.pk).wants_digest
    assert not AuditEntry.objects.filter(event="person:preferences_changed").exists()


def test_a_value_sent_twice_is_refused(cast: Cast, sign_in: Any) -> None:
    assert sign_in(cast.jean).post("/profile/", {"language": ["fr", "nl"], "digest": "yes"}).status_code == 400


def test_the_last_sign_ins_are_listed_with_those_that_failed(client: Client, card: RegisteredPerson) -> None:
    other = Client()
    begin(other, "eid")
    insert_card(other, card, pin="9999")
    sign_in_with_card(client, card)
    page = english(client).get("/profile/").content.decode()
    assert page.count("Failed attempt") == 1
    assert "<strong>Signed in</strong>" in page
    assert "eID with card reader" in page


def test_the_open_sessions_are_listed_this_one_first(card: RegisteredPerson) -> None:
    here, there = Client(HTTP_USER_AGENT=FIREFOX), Client(HTTP_USER_AGENT=SAFARI)
    sign_in_with_card(there, card)
    sign_in_with_card(here, card)
    page = english(here).get("/profile/").content.decode()
    assert page.index("Firefox, Linux") < page.index("Safari, iPhone")
    assert page.count("This session") == 1
    assert page.count("End this session") == 1  # the other one's
    assert OpenSession.objects.count() == 2


@pytest.mark.asvs(49)
def test_one_session_can_be_ended_from_another(card: RegisteredPerson) -> None:
    here, there = Client(), Client()
    sign_in_with_card(there, card)
    sign_in_with_card(here, card)
    other = OpenSession.objects.get(session_id=there.session.session_key)
    assert here.post(f"/profile/sessions/{other.key}/end/").url == "/profile/"
    answer = there.get("/profile/")
    assert answer.status_code == 403 and "Your session has ended" in answer.content.decode()
    assert there.get("/profile/").status_code == 302  # said once
    assert here.get("/profile/").status_code == 200
    assert AuditEntry.objects.filter(event="session:ended").count() == 1
    # Pressed again, in another tab: it is not there any more.
    assert here.post(f"/profile/sessions/{other.key}/end/").status_code == 404


def test_the_sessions_of_others_do_not_exist(card: RegisteredPerson, cast: Cast) -> None:
    lea, olivier = Client(), Client()
    sign_in_with_card(lea, card)
    sign_in_with_card(olivier, card_of(cast.olivier))
    hers = OpenSession.objects.get(user__person__given_name="Léa")
    foreign = olivier.post(f"/profile/sessions/{hers.key}/end/")
    absent = olivier.post("/profile/sessions/no-such-key-anywhere00/end/")
    assert foreign.status_code == absent.status_code == 404
    assert lea.get("/profile/").status_code == 200
    assert hers.key not in olivier.get("/profile/").content.decode()


@pytest.mark.asvs(49)
def test_signing_out_everywhere_ends_every_session_this_one_too(card: RegisteredPerson, cast: Cast) -> None:
    browsers = [Client() for _number in range(3)]
    for browser in browsers:
        sign_in_with_card(browser, card)
    bystander = Client()
    sign_in_with_card(bystander, card_of(cast.olivier))
    answer = browsers[1].post("/profile/sessions/end/")
    assert (answer.status_code, answer.url) == (303, "/logout/")
    assert "3 sessions were ended" in english(browsers[1]).get("/logout/").content.decode()
    assert [browser.get("/profile/").status_code for browser in browsers] == [403, 302, 403]
    assert bystander.get("/profile/").status_code == 200
    assert AuditEntry.objects.filter(event="sign_out:done", data__everywhere=True).count() == 1
    assert OpenSession.objects.count() == 1


def test_a_get_of_the_ending_pages_changes_nothing(client: Client, card: RegisteredPerson) -> None:
    sign_in_with_card(client, card)
    row = OpenSession.objects.get()
    assert client.get("/profile/sessions/end/").url == "/profile/"
    assert client.get(f"/profile/sessions/{row.key}/end/").url == "/profile/"
    assert client.get("/profile/").status_code == 200


def test_a_session_leaves_the_list_when_it_ends_however_it_ends(client: Client, card: RegisteredPerson) -> None:
    sign_in_with_card(client, card)
    client.post("/logout/")
    assert not OpenSession.objects.exists()
    sign_in_with_card(client, card)
    session = client.session
    session["level"] = 300
    session.save()
    sign_in_with_card(client, card, "/my-roles/")  # again in the same browser: a new id, and the old one is gone
    assert OpenSession.objects.count() == Session.objects.count() == 1
    Session.objects.all().delete()
    assert not OpenSession.objects.exists()


def test_sessions_that_were_idle_too_long_are_not_called_open(card: RegisteredPerson) -> None:
    here, there = Client(), Client(HTTP_USER_AGENT=SAFARI)
    sign_in_with_card(there, card)
    session = there.session
    session["seen_at"] = (timezone.now() - timedelta(minutes=31)).isoformat()
    session.save()
    sign_in_with_card(here, card)
    assert "Safari" not in here.get("/profile/").content.decode()


@pytest.mark.parametrize(
    ("said", "words"),
    [(FIREFOX, "Firefox, Linux"), (SAFARI, "Safari, iPhone"), ("", ""), ("curl/8.0", ""), ("x" * 5000, "")],
)
def test_a_browser_is_known_by_two_words(said: str, words: str) -> None:
    assert device_of(said) == words
    assert len(device_of(said)) <= 60


def test_signing_out_everywhere_ends_what_was_begun_too(card: RegisteredPerson) -> None:
    here, pending = Client(), Client()
    begin(pending, "eid")
    insert_card(pending, card)  # confirmed, and not yet back at the portal
    sign_in_with_card(here, card)
    here.post("/profile/sessions/end/")
    assert pending.get("/login/return/").status_code == 400


def test_the_page_takes_the_same_queries_for_any_number_of_sessions(card: RegisteredPerson) -> None:
    here = Client()
    sign_in_with_card(here, card)
    costs = []
    for more in (0, 6):
        for _session in range(more):
            sign_in_with_card(Client(HTTP_USER_AGENT=SAFARI), card)
        with CaptureQueriesContext(connection) as queries:
            assert here.get("/profile/").status_code == 200
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 9
