"""S2: the choice of a key."""

import pytest
from django.test import Client

from csam.models import LoginTicket
from tests.csam.flows import begin, sign_in_with_card


def test_the_page_offers_what_works_and_says_what_follows(client: Client, db: None) -> None:
    page = client.get("/login/").content.decode()
    for title in ("eID with card reader", "itsme", "Security code by e-mail", "Security code via mobile app"):
        assert f"<h3>{title}</h3>" in page
    assert page.count("This key is not available yet") == 2
    assert 'action="/login/eid/"' in page
    assert 'action="/login/email/"' in page
    assert 'action="/login/itsme/"' not in page
    assert 'action="/login/app/"' not in page


def test_looking_at_the_page_stores_nothing(client: Client, db: None) -> None:
    client.get("/login/?next=/my-roles/")
    client.get("/login/eid/?next=/my-roles/")
    assert not LoginTicket.objects.exists()
    assert "ticket" not in client.cookies


def test_a_key_leads_to_the_identity_provider_with_nothing_in_the_address(client: Client, db: None) -> None:
    answer = begin(client, "eid", "/my-roles/")
    assert (answer.status_code, answer.url) == (303, "/idp/eid/")
    ticket = LoginTicket.objects.get()
    assert ticket.next_path == "/my-roles/"
    cookie = client.cookies["ticket"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["path"] == "/"
    assert cookie.value not in (ticket.secret_hash, str(ticket.pk))


@pytest.mark.parametrize("key", ["itsme", "app"])
def test_a_key_that_is_not_built_starts_nothing(client: Client, db: None, key: str) -> None:
    answer = begin(client, key)
    assert answer.status_code == 200
    assert "This key is not available yet" in answer.content.decode()
    assert not LoginTicket.objects.exists()


def test_an_unknown_key_is_not_found(client: Client, db: None) -> None:
    assert client.get("/login/password/").status_code == 404
    assert client.post("/login/password/").status_code == 404


def test_whoever_is_signed_in_goes_on(client: Client, card) -> None:  # type: ignore[no-untyped-def]
    sign_in_with_card(client, card)
    answer = client.get("/login/?next=/my-roles/")
    assert (answer.status_code, answer.url) == (303, "/my-roles/")
    assert client.get("/login/").url == "/"
    assert begin(client, "eid", "/my-roles/").url == "/my-roles/"


def test_a_value_sent_twice_is_refused(client: Client, db: None) -> None:
    assert client.post("/login/eid/", {"next": ["/my-roles/", "/"]}).status_code == 400


@pytest.mark.asvs(33)
def test_without_pretend_keys_nothing_is_offered(client: Client, db: None, settings) -> None:  # type: ignore[no-untyped-def]
    begin(client, "eid")
    settings.CSAM_MOCK = False
    page = client.get("/login/").content.decode()
    assert page.count("This key is not set up on this portal") == 2
    assert '<button class="button"' not in page
    assert begin(client, "eid").status_code == 200
    for path in ("/idp/eid/", "/idp/email/", "/idp/email/code/"):
        assert client.get(path).status_code == 404
    for path in ("/idp/cancel/", "/idp/eid/search/", "/idp/email/new/", "/idp/eid/"):
        assert client.post(path).status_code == 404
