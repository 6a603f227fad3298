"""S7: signing out."""

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from audit.models import AuditEntry
from tenants.models import Person, RegisteredPerson
from tests.csam.flows import sign_in_with_card


@pytest.mark.asvs(48)
def test_the_button_ends_the_session_at_once(client: Client, card: RegisteredPerson, chief: Person) -> None:
    sign_in_with_card(client, card)
    old = client.session.session_key
    answer = client.post("/logout/")
    assert (answer.status_code, answer.url) == (303, "/logout/")
    assert not Session.objects.filter(session_key=old).exists()
    thief = Client()
    thief.cookies["session"] = old
    assert thief.get("/profile/").status_code == 403  # its session is no more
    assert AuditEntry.objects.get(event="sign_out:done").actor_key == chief.key


def test_a_link_only_asks(client: Client, card: RegisteredPerson) -> None:
    sign_in_with_card(client, card)
    client.cookies["language"] = "en"
    assert "<h1>Do you want to sign out?</h1>" in client.get("/logout/").content.decode()
    assert client.get("/profile/").status_code == 200


def test_afterwards_the_page_says_so(client: Client, db: None) -> None:
    page = client.get("/logout/").content.decode()
    assert "<h1>You are signed out</h1>" in page
    assert "Close the browser on a shared computer." in page


def test_signing_out_twice_leaves_one_trace(client: Client, card: RegisteredPerson) -> None:
    sign_in_with_card(client, card)
    client.post("/logout/")
    assert client.post("/logout/").status_code == 303
    assert AuditEntry.objects.filter(event="sign_out:done").count() == 1


def test_it_needs_the_browsers_own_form(card: RegisteredPerson) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/logout/").status_code == 403
    assert strict.post("/login/eid/").status_code == 403
    assert strict.post("/idp/eid/").status_code == 403
