"""S2d: the security code by e-mail."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import AuditEntry
from csam.idp.operations import check_code, send_code
from csam.models import LoginTicket, MailCode, User
from csam.operations import start_attempt
from outbox.models import OutgoingEmail
from outbox.rendering import render
from tenants.models import Person, RegisteredPerson
from tests.csam.flows import another_code, ask_code, begin, card_of, code_of, key_named, sign_in_with_card
from tests.factories import PersonFactory
from tests.parallel import at_once

SENT = "If this address is known, a code has been sent."


def type_code(client: Client, code: str):  # type: ignore[no-untyped-def]
    return client.post("/idp/email/code/", {"code": code})


def test_the_code_signs_in_with_a_low_level(client: Client, chief: Person) -> None:
    answer = ask_code(client, "  LEA@atelier.example ", "/my-roles/")
    assert (answer.status_code, answer.url) == (303, "/idp/email/code/")
    assert SENT in client.get("/idp/email/code/").content.decode()
    code = code_of()
    assert type_code(client, f" {code[:4]} {code[4:]} ").url == "/login/return/"
    assert client.get("/login/return/").url == "/my-roles/"
    assert client.session["level"] == 300
    assert client.session["sign_in_key"] == "email"
    assert User.objects.get().person == chief


def test_the_letter_is_in_the_persons_language_and_holds_no_link(client: Client, db: None) -> None:
    person = PersonFactory(language="nl", email="els@post.example")
    ask_code(client, person.email)
    letter = OutgoingEmail.objects.get()
    assert (letter.name, letter.to, letter.language) == ("security_code", "els@post.example", "nl")
    code = code_of(letter)
    assert code not in str(letter.context)
    assert len(code) == 8 and code.isdigit()
    rendered = render(letter)
    assert code in rendered.text
    assert code not in rendered.kept_text
    assert code not in rendered.subject
    assert "http" not in rendered.text
    assert "href" not in rendered.html


@pytest.mark.full_price
def test_guessing_a_stored_code_takes_its_time_and_memory(client: Client, chief: Person) -> None:
    ask_code(client, chief.email)
    assert MailCode.objects.get().code_hash.startswith("argon2$argon2id$v=19$m=102400,t=2,p=8$")
    assert type_code(client, code_of()).status_code == 303


@pytest.mark.asvs(39)
def test_a_code_works_once(client: Client, chief: Person) -> None:
    ask_code(client, chief.email)
    code = code_of()
    assert type_code(client, code).status_code == 303
    # The attempt is confirmed: the identity provider knows nothing of it any more.
    assert type_code(client, code).status_code == 400
    client.get("/login/return/")
    assert type_code(client, code).status_code == 400


@pytest.mark.asvs(39)
@pytest.mark.full_price
@pytest.mark.django_db(transaction=True)
def test_of_many_parallel_right_codes_one_is_accepted(chief: Person) -> None:
    now = timezone.now()
    ticket, _secret = start_attempt(key_named("email"), next_path="", minimum_level=0, purpose="sign_in", now=now)
    send_code(ticket, chief.email, now=now)
    code = code_of()
    outcomes = at_once(lambda _number: check_code(ticket, code, now=now), times=12, threads=6)
    assert sum(outcome.confirmed for outcome in outcomes) == 1


@pytest.mark.threat(19)
@pytest.mark.full_price
@pytest.mark.django_db(transaction=True)
def test_of_many_parallel_wrong_codes_five_are_compared(chief: Person) -> None:
    now = timezone.now()
    ticket, _secret = start_attempt(key_named("email"), next_path="", minimum_level=0, purpose="sign_in", now=now)
    send_code(ticket, chief.email, now=now)
    wrong = another_code(code_of())
    outcomes = at_once(lambda _number: check_code(ticket, wrong, now=now), times=12, threads=6)
    assert not any(outcome.confirmed for outcome in outcomes)
    assert AuditEntry.objects.filter(event="sign_in:failed", subject_key=chief.key).count() == 5
    assert MailCode.objects.get().tries == 5


def test_a_wrong_code_says_how_many_tries_are_left(client: Client, chief: Person) -> None:
    ask_code(client, chief.email)
    wrong = another_code(code_of())
    assert "The code is not correct. You have 4 attempts left" in type_code(client, wrong).content.decode()
    assert "You have 3 attempts left" in type_code(client, "abc").content.decode()
    assert "Fill in “Security code”" in type_code(client, "").content.decode()
    assert type_code(client, code_of()).status_code == 303
    assert AuditEntry.objects.filter(event="sign_in:failed", subject_key=chief.key).count() == 2


@pytest.mark.threat(19)
def test_a_new_code_replaces_the_old_one_and_keeps_the_count(client: Client, chief: Person) -> None:
    ask_code(client, chief.email)
    old = code_of()
    for _try in range(3):
        type_code(client, another_code(old))
    assert client.post("/idp/email/new/").status_code == 303
    new = code_of()
    assert OutgoingEmail.objects.count() == 2
    page = type_code(client, old if old != new else another_code(new)).content.decode()
    assert "You have 1 attempt left" in page
    answer = type_code(client, another_code(new))
    assert answer.status_code == 429
    assert "Too many attempts. Try again" in answer.content.decode()
    assert type_code(client, new).status_code == 429
    answer = client.post("/idp/email/new/")
    assert answer.status_code == 429
    assert OutgoingEmail.objects.count() == 2
    assert AuditEntry.objects.filter(event="key:blocked", subject_key=chief.key).count() == 1


def test_another_address_in_the_same_attempt_keeps_the_count_too(client: Client, chief: Person) -> None:
    other = PersonFactory()
    ask_code(client, chief.email)
    for _try in range(4):
        type_code(client, another_code(code_of()))
    client.post("/idp/email/", {"address": other.email})
    assert type_code(client, another_code(code_of())).status_code == 429


@pytest.mark.asvs(42)
def test_a_code_ends_after_ten_minutes(client: Client, chief: Person) -> None:
    ask_code(client, chief.email)
    row = MailCode.objects.get()
    assert row.expires_at - row.sent_at == timedelta(minutes=10)
    ticket = LoginTicket.objects.get()
    assert check_code(ticket, code_of(), now=row.expires_at).is_expired
    before = timedelta(minutes=10)
    MailCode.objects.update(sent_at=F("sent_at") - before, expires_at=timezone.now())
    assert "This code is no longer valid. Ask for a new code" in type_code(client, code_of()).content.decode()
    assert client.post("/idp/email/new/").status_code == 303
    assert type_code(client, code_of()).status_code == 303


@pytest.mark.asvs(43)
def test_the_code_of_one_browser_does_nothing_in_another(client: Client, chief: Person) -> None:
    ask_code(client, chief.email)
    code = code_of()
    other = Client()
    assert type_code(other, code).status_code == 400
    ask_code(other, chief.email)
    assert "The code is not correct" in type_code(other, code).content.decode()
    assert other.get("/login/return/").status_code == 400


@pytest.mark.asvs(37)
@pytest.mark.threat(16)
def test_an_unknown_address_gets_the_same_answer_and_no_letter(client: Client, chief: Person) -> None:
    known, unknown = Client(), Client()
    answers = [ask_code(known, chief.email), ask_code(unknown, "who@nowhere.example")]
    assert [(answer.status_code, answer.url) for answer in answers] == [(303, "/idp/email/code/")] * 2
    assert [letter.to for letter in OutgoingEmail.objects.all()] == [chief.email]
    pages = [
        browser.get("/idp/email/code/").content.decode().replace(address, "")
        for browser, address in ((known, chief.email), (unknown, "who@nowhere.example"))
    ]
    without_tokens = [[line for line in page.splitlines() if "csrf" not in line] for page in pages]
    assert without_tokens[0] == without_tokens[1]
    wrong = another_code(code_of())
    words = "The code is not correct. You have 4 attempts left"
    assert words in type_code(known, wrong).content.decode()
    assert words in type_code(unknown, wrong).content.decode()
    # Both did the slow part: a hash of a code stands in both rows.
    assert MailCode.objects.filter(code_hash__startswith="argon2").count() == 2


@pytest.mark.asvs(37)
@pytest.mark.threat(16)
def test_a_known_and_an_unknown_address_cost_the_database_the_same(chief: Person) -> None:
    counts = []
    for address in (chief.email, "who@nowhere.example"):
        browser = Client()
        begin(browser, "email")
        with CaptureQueriesContext(connection) as queries:
            browser.post("/idp/email/", {"address": address})
        counts.append([query["sql"].split()[0] for query in queries])
        with CaptureQueriesContext(connection) as queries:
            type_code(browser, "abc")
        counts[-1] += [str(len(queries))]
    assert [verb for verb in counts[0] if verb not in ("RELEASE", "ROLLBACK")] == [
        verb for verb in counts[1] if verb not in ("RELEASE", "ROLLBACK")
    ]
    assert OutgoingEmail.objects.count() == 1


def test_no_code_signs_in_an_unknown_address(client: Client, db: None, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("csam.operations.mail_codes.secrets.randbelow", lambda _bound: 7)
    ask_code(client, "who@nowhere.example")
    assert "The code is not correct" in type_code(client, "00000007").content.decode()
    assert client.get("/login/return/").status_code == 400


def test_an_address_is_written_to_ten_times_a_day(chief: Person) -> None:
    def ask(address: str) -> int:
        return int(ask_code(Client(), address).status_code)

    assert [ask(chief.email) for _time in range(10)] == [303] * 10
    assert ask(chief.email.upper()) == 429
    assert [ask("who@nowhere.example") for _time in range(11)] == [303] * 10 + [429]
    assert OutgoingEmail.objects.count() == 10
    assert ask(PersonFactory().email) == 303


def test_an_attempt_gets_five_codes(client: Client, chief: Person) -> None:
    ask_code(client, chief.email)
    assert [client.post("/idp/email/new/").status_code for _time in range(5)] == [303] * 4 + [429]
    assert OutgoingEmail.objects.count() == 5


@pytest.mark.parametrize("address", ["", "lea", "lea@", "a" * 250 + "@post.example"])
def test_what_is_no_address_is_explained(client: Client, db: None, address: str) -> None:
    page = ask_code(client, address).content.decode()
    assert "Enter an e-mail address like name@example.be" in page
    assert not MailCode.objects.exists()


def test_the_address_in_the_register_counts_until_the_portal_knows_the_person(
    client: Client, newcomer: RegisteredPerson
) -> None:
    ask_code(client, "NOOR@post.example")
    letter = OutgoingEmail.objects.get()
    assert (letter.to, letter.language) == ("noor@post.example", "nl")
    assert type_code(client, code_of()).status_code == 303
    assert client.get("/login/return/").url == "/profile/check/"
    person = Person.objects.get(given_name="Noor")
    person.email = "noor@elsewhere.example"
    person.save()
    ask_code(Client(), "noor@post.example")
    assert OutgoingEmail.objects.count() == 1
    ask_code(Client(), "noor@elsewhere.example")
    assert OutgoingEmail.objects.count() == 2


def test_somebody_switched_off_gets_no_letter(client: Client, db: None) -> None:
    person = PersonFactory(is_active=False)
    assert ask_code(client, person.email).status_code == 303
    assert not OutgoingEmail.objects.exists()


def test_a_demo_names_people_beside_the_field(client: Client, card: RegisteredPerson, settings) -> None:  # type: ignore[no-untyped-def]
    begin(client, "email")
    assert (
        "lea@atelier.example<br>chief access manager, Atelier Marchal SRL" in client.get("/idp/email/").content.decode()
    )
    settings.DEMO_INSTANCE = False
    assert "lea@atelier.example" not in client.get("/idp/email/").content.decode()


def test_the_ticket_of_one_key_opens_no_page_of_another(client: Client, card: RegisteredPerson) -> None:
    begin(client, "email")
    assert client.get("/idp/eid/").status_code == 400
    assert client.post("/idp/eid/", {"card": card.key, "pin": "1234"}).status_code == 400
    begin(client, "eid")
    assert client.get("/idp/email/").status_code == 400
    assert client.get("/idp/email/code/").status_code == 400


def test_the_code_page_without_an_address_leads_to_the_first_part(client: Client, db: None) -> None:
    begin(client, "email")
    assert client.get("/idp/email/code/").url == "/idp/email/"
    assert client.post("/idp/email/new/").url == "/idp/email/"
    assert client.get("/idp/email/new/").url == "/idp/email/code/"  # a language chosen on an error page


def test_a_low_session_steps_up_with_the_card(client: Client, chief: Person) -> None:
    ask_code(client, chief.email)
    type_code(client, code_of())
    client.get("/login/return/")
    before = client.session.session_key
    page = client.get("/login/?next=/assignments/").content.decode()
    assert "needs a key of a higher level" in page
    assert 'action="/login/eid/"' in page
    assert "/login/email/" not in page
    assert begin(client, "email", "/assignments/").status_code == 200  # no lower key
    answer = sign_in_with_card(client, card_of(chief), "/assignments/")
    assert answer.url == "/assignments/"
    assert client.session["level"] == 500
    assert client.session.session_key != before
    assert not client.session.exists(before)
    assert LoginTicket.objects.get(purpose="step_up").minimum_level == 400
    assert client.get("/login/?next=/assignments/").url == "/assignments/"


def test_a_limit_of_a_day_names_the_day(client: Client, chief: Person) -> None:
    client.cookies["language"] = "en"
    for _time in range(10):
        ask_code(Client(), chief.email)
    page = ask_code(client, chief.email).content.decode()
    tomorrow = timezone.localtime(timezone.now() + timedelta(days=1))
    assert f"Too many attempts. Try again on {tomorrow.day} {tomorrow:%B} {tomorrow.year} at" in page
