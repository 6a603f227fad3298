"""S2b and S2c: itsme, in the browser that signs in and on the simulated phone."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from audit.models import AuditEntry
from csam.idp.operations import answer_phone, ask_phone, finish_phone, refuse_phone
from csam.models import PhoneRequest, User
from tenants.models import Person, RegisteredPerson
from tests.csam.flows import attempt_with, begin, card_of, sign_in_with_card
from tests.factories import PersonFactory
from tests.parallel import at_once

CODE = "12345"


def ask(client: Client, card: RegisteredPerson, next_path: str = "") -> PhoneRequest:
    """Choose itsme and a person; return the request that reaches the phone."""
    begin(client, "itsme", next_path)
    answer = client.post("/idp/itsme/", {"card": card.key})
    assert (answer.status_code, answer.url) == (303, "/idp/itsme/waiting/")
    return PhoneRequest.objects.latest("id")


def approve(phone: Client, request: PhoneRequest, *, number: int = 0, code: str = CODE) -> Any:
    """Confirm on the phone, with the right number unless another is given."""
    sent = {"number": str(number or request.number), "code": code, "answer": "approve"}
    return phone.post(f"/idp/phone/{request.key}/", sent)


def another_number(request: PhoneRequest) -> int:
    return int(next(number for number in request.choices if number != request.number))


def done(client: Client) -> Any:
    return client.post("/idp/itsme/waiting/")


def set_back(request: PhoneRequest, by: timedelta) -> None:
    PhoneRequest.objects.filter(pk=request.pk).update(sent_at=F("sent_at") - by, expires_at=F("expires_at") - by)


def test_approving_on_the_phone_signs_in_with_a_high_level(
    client: Client, chief: Person, card: RegisteredPerson
) -> None:
    request = ask(client, card, "/my-roles/")
    assert approve(Client(), request).status_code == 200
    assert done(client).url == "/login/return/"
    assert client.get("/login/return/").url == "/my-roles/"
    assert (client.session["level"], client.session["sign_in_key"]) == (450, "itsme")
    assert User.objects.get().person == chief
    entry = AuditEntry.objects.get(event="sign_in:succeeded")
    assert (entry.data["key"], entry.data["level"]) == ("itsme", 450)


def test_the_waiting_page_shows_the_number_and_the_way_to_the_phone(client: Client, card: RegisteredPerson) -> None:
    request = ask(client, card)
    page = client.get("/idp/itsme/waiting/").content.decode()
    assert f'<p class="compare-number" aria-describedby="number-label">{request.number}</p>' in page
    assert f'href="/idp/phone/{request.key}/"' in page
    assert "<svg aria-hidden" in page and "style=" not in page
    assert request.expires_at - request.sent_at == timedelta(minutes=3)


def test_the_phone_shows_who_asks_and_three_numbers_without_telling_the_right_one(
    client: Client, card: RegisteredPerson
) -> None:
    request = ask(client, card)
    page = Client().get(f"/idp/phone/{request.key}/").content.decode()
    assert "Léa Marchal" in page and "Role management" in page
    numbers = [int(number) for number in re.findall(r'name="number" value="(\d+)"', page)]
    assert numbers == request.choices
    assert len(set(numbers)) == 3 and request.number in numbers
    assert "checked" not in page


def test_before_the_phone_has_answered_nobody_is_signed_in(client: Client, card: RegisteredPerson) -> None:
    request = ask(client, card)
    assert done(client).url == "/idp/itsme/not-yet/"
    assert "Not confirmed yet" in client.get("/idp/itsme/not-yet/").content.decode()
    assert client.get("/login/return/").status_code == 400
    request.refresh_from_db()
    assert request.is_open(timezone.now())
    approve(Client(), request)
    assert "Not confirmed yet" not in client.get("/idp/itsme/not-yet/").content.decode()


@pytest.mark.threat(21)
@pytest.mark.asvs(43)
def test_approving_the_request_of_one_browser_never_signs_another_in(card: RegisteredPerson) -> None:
    first, second, phone = Client(), Client(), Client()
    ask(first, card)
    of_second = ask(second, card)
    approve(phone, of_second)
    assert done(first).url == "/idp/itsme/not-yet/"
    assert first.get("/login/return/").status_code == 400
    # The phone itself, and whoever knows its address, is not signed in either.
    assert done(phone).status_code == 400
    assert phone.get("/login/return/").status_code == 400
    assert done(second).status_code == 303
    assert second.get("/login/return/").status_code == 303
    assert User.objects.count() == 1
    assert "_auth_user_id" not in first.session


def test_a_wrong_number_ends_the_request_in_both_windows(client: Client, card: RegisteredPerson) -> None:
    request = ask(client, card)
    phone = Client()
    page = approve(phone, request, number=another_number(request)).content.decode()
    assert "That was not the right number" in page
    page = done(client).content.decode()
    assert "Another number was chosen on the phone" in page
    assert "That was not the right number" in approve(phone, request).content.decode()
    assert client.get("/login/return/").status_code == 400


def test_a_refusal_ends_the_request_in_both_windows_and_takes_no_code(client: Client, card: RegisteredPerson) -> None:
    request = ask(client, card)
    page = Client().post(f"/idp/phone/{request.key}/", {"answer": "refuse"}).content.decode()
    assert "<h1>Refused</h1>" in page
    page = client.get("/idp/itsme/waiting/").content.decode()
    assert "Refused on the phone" in page
    # From there a new request begins with one press.
    assert f'name="card" value="{card.key}"' in page
    assert client.post("/idp/itsme/", {"card": card.key}).url == "/idp/itsme/waiting/"
    assert AuditEntry.objects.filter(event="phone_request:refused", data__reason="refused").count() == 1


def test_after_three_minutes_the_request_has_ended_in_both_windows(client: Client, card: RegisteredPerson) -> None:
    request = ask(client, card)
    set_back(request, timedelta(minutes=3))
    assert "This request has ended" in approve(Client(), request).content.decode()
    assert "The request has expired" in done(client).content.decode()
    assert client.get("/login/return/").status_code == 400


def test_an_approval_in_the_last_second_still_counts_a_little_later(client: Client, card: RegisteredPerson) -> None:
    request = ask(client, card)
    approve(Client(), request)
    set_back(request, timedelta(minutes=4))
    assert done(client).status_code == 303


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({}, ["Choose the number that the other screen shows", "Fill in “itsme code”"]),
        ({"number": "5", "code": CODE}, ["Choose the number that the other screen shows"]),
        ({"number": "x", "code": CODE}, ["Choose the number that the other screen shows"]),
    ],
)
def test_what_is_missing_on_the_phone_is_explained(
    client: Client, card: RegisteredPerson, sent: dict[str, str], words: list[str]
) -> None:
    request = ask(client, card)
    page = Client().post(f"/idp/phone/{request.key}/", {**sent, "answer": "approve"}).content.decode()
    for line in words:
        assert page.count(line) == 2  # in the summary and at the field
    request.refresh_from_db()
    assert request.is_open(timezone.now())


def test_three_wrong_codes_block_itsme_for_an_hour_and_leave_other_keys(client: Client, card: RegisteredPerson) -> None:
    request, phone = ask(client, card), Client()
    assert "You have 2 attempts left" in approve(phone, request, code="54321").content.decode()
    assert "You have 1 attempt left" in approve(phone, request, code="1234").content.decode()
    assert "Fill in “itsme code”" in approve(phone, request, code="").content.decode()  # counts for nothing
    assert "itsme is blocked for an hour" in approve(phone, request, code="00000").content.decode()
    assert "itsme is blocked" in done(client).content.decode()
    answer = client.post("/idp/itsme/", {"card": card.key})
    assert answer.status_code == 429
    assert "This key is blocked until" in answer.content.decode()
    assert AuditEntry.objects.filter(event="key:blocked", data__key="itsme").count() == 1
    assert sign_in_with_card(Client(), card).status_code == 303


@pytest.mark.asvs(44)
@pytest.mark.threat(21)
def test_a_person_is_asked_five_times_in_ten_minutes_whoever_asks(card: RegisteredPerson, chief: Person) -> None:
    for _time in range(5):
        ask(Client(), card)
    sixth = Client()
    begin(sixth, "itsme")
    answer = sixth.post("/idp/itsme/", {"card": card.key})
    assert answer.status_code == 429
    assert "This key is blocked until" in answer.content.decode()
    assert PhoneRequest.objects.count() == 5
    ask(Client(), card_of(PersonFactory()))
    assert AuditEntry.objects.filter(event="sign_in:failed", data__reason="too_many_requests").count() == 1


@pytest.mark.threat(21)
def test_three_refusals_within_an_hour_stop_the_requests(card: RegisteredPerson) -> None:
    for _time in range(3):
        request = ask(Client(), card)
        Client().post(f"/idp/phone/{request.key}/", {"answer": "refuse"})
    later = Client()
    begin(later, "itsme")
    assert later.post("/idp/itsme/", {"card": card.key}).status_code == 429


def test_an_unknown_phone_is_not_found_and_looking_changes_nothing(client: Client, card: RegisteredPerson) -> None:
    assert client.get("/idp/phone/no-such-phone/").status_code == 404
    assert client.post("/idp/phone/no-such-phone/", {"answer": "refuse"}).status_code == 404
    request = ask(client, card)
    for _time in range(3):
        Client().get(f"/idp/phone/{request.key}/")
        Client().head(f"/idp/phone/{request.key}/")
    request.refresh_from_db()
    assert request.is_open(timezone.now())


def test_the_way_back_stands_on_the_phone_of_the_same_browser_only(client: Client, card: RegisteredPerson) -> None:
    request = ask(client, card)
    assert "Back to signing in" in approve(client, request).content.decode()
    assert "Back to signing in" not in Client().get(f"/idp/phone/{request.key}/").content.decode()


def test_the_waiting_page_without_a_request_leads_to_the_choice(client: Client, card: RegisteredPerson) -> None:
    begin(client, "itsme")
    assert client.get("/idp/itsme/waiting/").url == "/idp/itsme/"
    assert "Choose a person" in client.post("/idp/itsme/", {}).content.decode()
    assert "Choose a person" in client.post("/idp/itsme/", {"card": "nobody"}).content.decode()


def test_an_approval_is_used_once(client: Client, card: RegisteredPerson) -> None:
    request = ask(client, card)
    approve(Client(), request)
    assert done(client).status_code == 303
    assert done(client).status_code == 400
    assert client.get("/login/return/").status_code == 303
    assert client.get("/login/return/").status_code == 302  # Back: home, nothing new
    assert AuditEntry.objects.filter(event="sign_in:succeeded").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_answers_at_once_one_counts(card: RegisteredPerson) -> None:
    now = timezone.now()
    ticket = attempt_with("itsme", now=now)
    assert ask_phone(ticket, card, now=now) is None
    request = PhoneRequest.objects.get()

    def answer(number: int) -> bool:
        if number % 2:
            return refuse_phone(request, now=now)
        return answer_phone(request, chosen=request.number, code=CODE, now=now).confirmed

    said = at_once(answer, times=12, threads=6)
    assert sum(said) == 1
    request.refresh_from_db()
    assert finish_phone(ticket, now=now) == (request.answer == "approved")
    assert AuditEntry.objects.filter(event="phone_request:refused").count() == (request.answer == "refused")


def test_a_cancelled_attempt_has_ended_on_the_phone_too(client: Client, card: RegisteredPerson) -> None:
    request = ask(client, card, "/my-roles/")
    assert client.post("/idp/cancel/").url == "/login/?next=%2Fmy-roles%2F"
    for page in (Client().get(f"/idp/phone/{request.key}/"), approve(Client(), request)):
        assert "This request has ended" in page.content.decode()
    assert client.get("/login/return/").status_code == 400


def test_whoever_asks_and_refuses_alone_blocks_nobody(card: RegisteredPerson) -> None:
    for _time in range(4):
        browser = Client()
        request = ask(browser, card)
        browser.post(f"/idp/phone/{request.key}/", {"answer": "refuse"})
    assert not AuditEntry.objects.filter(event="key:blocked").exists()
