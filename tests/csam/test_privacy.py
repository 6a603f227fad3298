"""No national number outside its column, no password account, no start with pretend keys in production."""

import json

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.test import Client

from audit.models import AuditEntry
from csam.checks import mock_keys_need_a_demo
from csam.models import LoginTicket, User
from outbox.models import OutgoingEmail
from outbox.rendering import render
from tenants.models import Person, RegisteredPerson
from tests.csam.flows import ask_code, begin, code_of, insert_card


@pytest.mark.threat(17)
@pytest.mark.asvs(66)
def test_the_number_stays_in_its_column(client: Client, card: RegisteredPerson, newcomer: RegisteredPerson) -> None:
    texts: list[str] = []

    def keep(answer) -> None:  # type: ignore[no-untyped-def]
        texts.extend([answer.content.decode(), answer.headers.get("Location", ""), str(answer.cookies)])

    for each in (card, newcomer):
        browser = Client()
        keep(begin(browser, "eid", "/profile/"))
        keep(browser.get("/idp/eid/"))
        keep(insert_card(browser, each, "0000"))
        keep(insert_card(browser, each))
        keep(browser.get("/login/return/"))
        keep(browser.get("/profile/"))
        texts.append(str(dict(browser.session)))
    keep(ask_code(client, card.email))
    keep(client.post("/idp/email/code/", {"code": code_of()}))
    keep(client.get("/login/return/"))
    texts += [str(session.get_decoded()) for session in Session.objects.all()]
    texts += [
        json.dumps([entry.event, entry.data, entry.actor_label, entry.subject_label, entry.subject_key])
        for entry in AuditEntry.objects.all()
    ]
    texts += [render(letter).text for letter in OutgoingEmail.objects.all()]
    texts += [str(values) for values in LoginTicket.objects.values_list()]
    texts += [f"{thing!s} {thing!r}" for model in (User, Person, RegisteredPerson) for thing in model.objects.all()]
    for each in (card, newcomer):
        digits = each.national_number
        spellings = {digits, f"{digits[:6]}-{digits[6:9]}-{digits[9:]}", f"{digits[:6]} {digits[6:9]} {digits[9:]}"}
        spellings.add(f"{digits[:2]}.{digits[2:4]}.{digits[4:6]}-{digits[6:9]}.{digits[9:]}")
        assert not [text for text in texts if any(spelling in text for spelling in spellings)]


def test_the_code_stands_nowhere_in_the_clear(client: Client, chief: Person) -> None:
    ask_code(client, chief.email)
    code = code_of()
    client.post("/idp/email/code/", {"code": code})
    client.get("/login/return/")
    rows = [str(values) for model in (LoginTicket, AuditEntry) for values in model.objects.values_list()]
    rows += [str(session.get_decoded()) for session in Session.objects.all()]
    rows += [str(OutgoingEmail.objects.values_list("context", "name", "to").get())]
    assert not [row for row in rows if code in row]


@pytest.mark.asvs(34)
def test_a_superuser_with_a_password_is_refused_with_the_way_that_works(db: None) -> None:
    with pytest.raises(CommandError, match="createadmin"):
        call_command("createsuperuser")
    assert not User.objects.exists()


@pytest.mark.threat(22)
def test_the_check_refuses_pretend_keys_in_production(settings) -> None:  # type: ignore[no-untyped-def]
    settings.CSAM_MOCK, settings.DEBUG, settings.DEMO_INSTANCE = True, False, False
    assert [message.id for message in mock_keys_need_a_demo()] == ["csam.E001"]
    settings.DEMO_INSTANCE = True
    assert mock_keys_need_a_demo() == []
    settings.DEMO_INSTANCE, settings.CSAM_MOCK = False, False
    assert mock_keys_need_a_demo() == []


@pytest.mark.threat(17)
def test_a_number_typed_in_place_of_a_name_is_not_kept(client: Client, card: RegisteredPerson) -> None:
    begin(client, "eid")
    for typed in (card.national_number, "85.07.30-033.28", "850730 033 28"):
        assert client.post("/idp/search/", {"words": typed}).status_code == 303
        assert LoginTicket.objects.get().search_words == ""


@pytest.mark.parametrize("path", ["/idp/phone/%00/", "/profile/sessions/%00/end/", "/assignments/%00/", "/%00"])
def test_an_address_with_a_nul_is_nobodys(client: Client, chief: Person, path: str) -> None:
    assert client.get(path).status_code == 404
    assert client.post(path).status_code == 404


@pytest.mark.parametrize("path", ["/", "/login/", "/profile/", "/idp/eid/", "/login/return/"])
def test_a_cookie_with_a_nul_is_none_of_ours(chief: Person, path: str) -> None:
    browser = Client(HTTP_COOKIE='session="\\000aaaaaaaaaaaaaaa"; ticket="\\000bbbb"; language="\\000"')
    assert browser.get(path).status_code in (200, 302, 400)
