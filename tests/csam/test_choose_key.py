"""S2: the choice of a key."""

import pytest
from django.test import Client

from csam.models import LoginTicket
from tests.csam.flows import begin, sign_in_with_card


def test_the_page_offers_the_four_keys(client: Client, db: None) -> None:
    page = client.get("/login/").content.decode()
    for title in ("eID with card reader", "itsme", "Security code by e-mail", "Security code via mobile app"):
        assert f"{title}</h3>" in page
    for name in ("eid", "itsme", "email", "app"):
        assert f'action="/login/{name}/"' in page
    assert "Federal sign-in service" not in page


def test_the_keys_that_are_not_enough_for_a_page_say_so(client: Client, catalogue: object) -> None:
    words = "Not enough for the page you asked for"
    assert words not in client.get("/login/").content.decode()
    assert words not in client.get("/login/?next=/my-roles/").content.decode()
    assert client.get("/login/?next=/assignments/").content.decode().count(words) == 1  # the code by e-mail
    assert client.get("/login/?next=/profile/app/").content.decode().count(words) == 2  # and the one by app


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


@pytest.mark.parametrize("key", ["eid", "itsme", "email", "app"])
def test_each_key_has_its_page_at_the_identity_provider(client: Client, db: None, key: str) -> None:
    assert client.get(f"/login/{key}/").content.decode().count('<li class="card">') == 1
    answer = begin(client, key)
    assert (answer.status_code, answer.url) == (303, f"/idp/{key}/")
    assert client.get(answer.url).status_code == 200


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
    assert "No digital key is set up on this portal" in page
    assert "eID" not in page
    assert '<button class="button"' not in page
    for key in ("eid", "itsme", "email", "app"):
        assert begin(client, key).status_code == 404
        assert client.get(f"/login/{key}/").status_code == 404
    for path in ("eid", "itsme", "itsme/waiting", "phone/abc", "email", "email/code", "app", "authenticator"):
        assert client.get(f"/idp/{path}/").status_code == 404
    for path in ("cancel", "search", "email/new", "eid", "itsme", "app", "phone/abc"):
        assert client.post(f"/idp/{path}/").status_code == 404
