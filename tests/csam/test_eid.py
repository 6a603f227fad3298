"""S2a: the eID card."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import AuditEntry
from csam.idp.cards import describe, find_cards
from csam.idp.operations import card_block_end, check_pin
from csam.models import LoginTicket, User
from csam.operations import start_attempt
from csam.operations.blocks import unblock_keys_of
from tenants.models import Person, RegisteredPerson
from tests.csam.flows import ask_code, begin, card_of, code_of, insert_card, key_named, sign_in_with_card
from tests.factories import AppointmentFactory, EmploymentFactory, PersonFactory
from tests.parallel import at_once
from vault import throttle


def test_the_card_and_its_pin_sign_in_with_a_high_level(client: Client, card: RegisteredPerson, chief: Person) -> None:
    answer = sign_in_with_card(client, card, "/my-roles/?status=past")
    assert (answer.status_code, answer.url) == (303, "/my-roles/?status=past")
    session = client.session
    assert session["level"] == 500
    assert session["sign_in_key"] == "eid"
    assert User.objects.get().person == chief
    entry = AuditEntry.objects.get(event="sign_in:succeeded")
    assert (entry.actor_key, entry.subject_key, entry.data["level"]) == (chief.key, chief.key, 500)


def test_the_card_shows_what_its_holder_is(client: Client, card: RegisteredPerson) -> None:
    begin(client, "eid")
    page = client.get("/idp/eid/").content.decode()
    assert "Léa Marchal" in page
    assert "chief access manager, Atelier Marchal SRL" in page
    assert "All demo cards: 1234" in page
    assert "You are signing in to: Role management" in page


def test_without_a_card_nothing_is_counted(client: Client, card: RegisteredPerson) -> None:
    begin(client, "eid")
    page = client.post("/idp/eid/", {"pin": "0000"}).content.decode()
    assert page.count("Choose a person") == 2  # the summary, and beside the field
    page = client.post("/idp/eid/", {"card": "nobody", "pin": "0000"}).content.decode()
    assert "Choose a person" in page
    page = client.post("/idp/eid/", {"card": card.key}).content.decode()
    assert "Fill in “PIN code”" in page
    assert insert_card(client, card).status_code == 303


def test_a_wrong_pin_says_how_many_tries_are_left_and_keeps_the_choice(client: Client, card: RegisteredPerson) -> None:
    begin(client, "eid")
    page = insert_card(client, card, "0000").content.decode()
    assert "The code is not correct. You have 2 attempts left" in page
    assert f'value="{card.key}" id="card-{card.key}" aria-describedby="card-{card.key}-hint" checked' in page
    assert "0000" not in page
    assert "You have 1 attempt left" in insert_card(client, card, "0001").content.decode()
    failures = AuditEntry.objects.filter(event="sign_in:failed")
    assert [entry.data["reason"] for entry in failures] == ["wrong_pin"] * 2
    assert not any(entry.actor_key for entry in failures)


@pytest.mark.asvs(32)
@pytest.mark.threat(18)
def test_the_third_wrong_pin_blocks_the_card_for_an_hour(client: Client, card: RegisteredPerson, chief: Person) -> None:
    begin(client, "eid")
    for _try in range(2):
        insert_card(client, card, "0000")
    answer = insert_card(client, card, "0000")
    assert answer.status_code == 429
    assert "This card is blocked until" in answer.content.decode()
    assert "Choose another key" in answer.content.decode()
    # The right PIN does not help, in another browser neither.
    assert insert_card(client, card).status_code == 429
    other = Client()
    begin(other, "eid")
    assert insert_card(other, card).status_code == 429
    now = timezone.now()
    block_end = card_block_end(card, now=now)
    assert block_end is not None
    assert timedelta(minutes=59) < block_end - now <= timedelta(hours=1)
    assert card_block_end(card, now=now + timedelta(minutes=61)) is None
    assert AuditEntry.objects.filter(event="key:blocked", subject_key=chief.key).count() == 1


def test_another_card_and_another_key_still_work(client: Client, card: RegisteredPerson, chief: Person) -> None:
    neighbour = card_of(PersonFactory())
    begin(client, "eid")
    for _try in range(3):
        insert_card(client, card, "0000")
    assert insert_card(client, neighbour).status_code == 303
    by_mail = Client()
    ask_code(by_mail, chief.email)
    assert by_mail.post("/idp/email/code/", {"code": code_of()}).url == "/login/return/"


def test_a_right_pin_gives_the_tries_back(client: Client, card: RegisteredPerson) -> None:
    for _round in range(2):
        browser = Client()
        begin(browser, "eid")
        insert_card(browser, card, "0000")
        insert_card(browser, card, "0000")
        assert insert_card(browser, card).status_code == 303


def test_an_hour_later_there_are_three_tries_again(card: RegisteredPerson) -> None:
    now = timezone.now()

    def attempt(pin: str, minutes: int):  # type: ignore[no-untyped-def]
        moment = now + timedelta(minutes=minutes)
        ticket, _secret = start_attempt(key_named("eid"), next_path="", minimum_level=0, purpose="sign_in", now=moment)
        return check_pin(ticket, card, pin, now=moment)

    assert attempt("0", 0).tries_left == 2
    assert attempt("0", 50).tries_left == 1
    assert attempt("0", 55).retry_at == now + timedelta(minutes=115)  # an hour from the third on
    assert attempt("1234", 70).retry_at is not None
    assert attempt("1234", 116).confirmed


def test_a_hundred_wrong_pins_in_a_row_need_an_admin(card: RegisteredPerson, chief: Person) -> None:
    now = timezone.now()
    for _try in range(100):
        throttle.take("csam.pin_row", card.key, limit=100, per=timedelta(days=3650), now=now)
    ticket, _secret = start_attempt(key_named("eid"), next_path="", minimum_level=0, purpose="sign_in", now=now)
    assert check_pin(ticket, card, "1234", now=now).is_locked
    unblock_keys_of(chief, acting=chief, now=now)
    assert check_pin(ticket, card, "1234", now=now).confirmed
    assert AuditEntry.objects.filter(event="key:unblocked", actor_key=chief.key).exists()


@pytest.mark.threat(18)
@pytest.mark.django_db(transaction=True)
def test_at_most_three_of_many_parallel_pins_are_compared(card: RegisteredPerson) -> None:
    now = timezone.now()
    ticket, _secret = start_attempt(key_named("eid"), next_path="", minimum_level=0, purpose="sign_in", now=now)
    outcomes = at_once(lambda number: check_pin(ticket, card, f"{number:04d}", now=now), times=24, threads=6)
    assert not any(outcome.confirmed for outcome in outcomes)
    assert AuditEntry.objects.filter(event="sign_in:failed").count() == 3
    assert AuditEntry.objects.filter(event="key:blocked").count() == 1
    assert sum(outcome.tries_left is not None for outcome in outcomes) == 2


def test_search_goes_by_post_and_finds_without_accents(client: Client, card: RegisteredPerson) -> None:
    card_of(PersonFactory(given_name="Noël", family_name="Zoete"))
    begin(client, "eid")
    answer = client.post("/idp/search/", {"words": "lea march"})
    assert (answer.status_code, answer.url) == (303, "/idp/eid/#cards")
    page = client.get("/idp/eid/").content.decode()
    assert "Léa Marchal" in page
    assert "Zoete" not in page
    client.post("/idp/search/", {"words": "x%_'\"<script>"})
    page = client.get("/idp/eid/").content.decode()
    assert "Nobody has this name" in page
    assert "<script>" not in page


def test_ten_cards_a_page_the_cast_first(client: Client, card: RegisteredPerson) -> None:
    for number in range(12):
        card_of(PersonFactory(family_name=f"Aerts{number:02d}"), position=1000)
    begin(client, "eid")
    first = client.get("/idp/eid/").content.decode()
    assert first.count('name="card"') == 10
    assert first.index("Léa Marchal") < first.index("Aerts00")
    second = client.get("/idp/eid/?page=2").content.decode()
    assert second.count('name="card"') == 3
    assert client.get("/idp/eid/?page=99").status_code == 200
    assert client.get("/idp/eid/?page=x²").status_code == 200
    # The page stays when the PIN was wrong.
    last = find_cards("").last()
    assert last is not None
    wrong = client.post("/idp/eid/?page=2", {"card": last.key, "pin": "1"}).content.decode()
    assert "checked" in wrong


@pytest.mark.parametrize("people", [2, 9])
def test_the_list_takes_the_same_queries_for_any_number_of_people(
    client: Client, card: RegisteredPerson, chief: Person, people: int, django_assert_num_queries
) -> None:  # type: ignore[no-untyped-def]
    organisation = chief.appointments.get().organisation
    for _number in range(people):
        person = PersonFactory()
        EmploymentFactory(person=person, organisation=organisation)
        AppointmentFactory(person=person, organisation=organisation, kind="co_chief")
        card_of(person)
    entries = list(find_cards(""))
    with django_assert_num_queries(3):
        cards = describe(entries, day=timezone.localdate())
    assert len(cards) == people + 1
    begin(client, "eid")
    with django_assert_num_queries(6):  # the ticket, the count, the page, and the three
        client.get("/idp/eid/")


def test_cancel_goes_back_to_the_keys_and_ends_the_attempt(client: Client, card: RegisteredPerson) -> None:
    begin(client, "eid", "/my-roles/")
    answer = client.post("/idp/cancel/")
    assert (answer.status_code, answer.url) == (303, "/login/?next=%2Fmy-roles%2F")
    assert LoginTicket.objects.get().expires_at <= timezone.now()
    assert insert_card(client, card).status_code == 400
    assert client.get("/idp/cancel/").status_code == 405
