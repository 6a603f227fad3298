"""A new address for messages: a code to the new one, a word to the old one."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from audit.models import AuditEntry
from csam.models import AddressChange
from csam.operations.address import ask_address, confirm_address
from outbox.models import OutgoingEmail
from outbox.rendering import render
from tenants.models import Person
from tests.conftest import Cast
from tests.csam.flows import another_code, ask_code, code_of
from tests.parallel import at_once

pytestmark = pytest.mark.django_db
NEW = "anna@new.example"
CODE_PAGE = "/profile/email/code/"


@pytest.fixture
def anna(cast: Cast, sign_in: Any) -> Client:
    browser: Client = sign_in(cast.anna)
    browser.cookies["language"] = "en"
    return browser


def ask(client: Client, address: str = NEW, **sent: str) -> Any:
    return client.post("/profile/email/", {"email": address, **sent})


def type_code(client: Client, code: str, **sent: str) -> Any:
    return client.post(CODE_PAGE, {"code": code, **sent})


def address_of(cast: Cast) -> str:
    return Person.objects.get(pk=cast.anna.pk).email


def test_the_code_makes_the_address_ones_own_and_the_old_one_is_told(anna: Client, cast: Cast) -> None:
    answer = ask(anna)
    assert (answer.status_code, answer.url) == (303, CODE_PAGE)
    letter = OutgoingEmail.objects.get()
    assert (letter.name, letter.to, letter.language) == ("security_code", NEW, "nl")
    assert address_of(cast) == cast.anna.email
    page = anna.get(CODE_PAGE).content.decode()
    assert NEW in page and code_of(letter) not in page
    assert type_code(anna, code_of(letter)).url == "/profile/"
    assert address_of(cast) == NEW
    told = OutgoingEmail.objects.order_by("-id")[0]
    assert (told.name, told.to) == ("contact_changed", cast.anna.email)
    assert NEW not in render(told).text
    assert AuditEntry.objects.filter(event="person:contact_changed").count() == 1
    assert f"We now write to you at {NEW}" in anna.get("/profile/").content.decode()


def test_the_letter_says_what_the_code_is_for(anna: Client) -> None:
    ask(anna)
    letter = OutgoingEmail.objects.get()
    letter.language = "en"
    rendered = render(letter)
    assert "You asked that messages come to this address from now on" in rendered.text
    assert "http" not in rendered.text and "Nobody can sign in" not in rendered.text
    assert code_of() in rendered.text and code_of() not in rendered.kept_text


def test_until_the_code_is_typed_the_profile_reminds_of_it(anna: Client, cast: Cast) -> None:
    ask(anna)
    page = anna.get("/profile/").content.decode()
    assert f"A code has been sent to {NEW}" in page
    assert cast.anna.email in page


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("", "Enter an e-mail address like name@example.be"),
        ("anna", "Enter an e-mail address like name@example.be"),
        ("a" * 250 + "@new.example", "Enter an e-mail address like name@example.be"),
        ("ANNA.peeters@boulangerie-dubois.example", "We already write to you at this address"),
    ],
)
def test_a_bad_address_is_explained_and_kept(anna: Client, address: str, words: str) -> None:
    page = ask(anna, address).content.decode()
    assert words in page
    assert f'value="{address}"' in page or not address
    assert not OutgoingEmail.objects.exists()


def test_wrong_codes_are_counted_over_new_codes_too(anna: Client, cast: Cast) -> None:
    ask(anna)
    assert "Fill in “Security code”" in type_code(anna, "").content.decode()
    for left in (4, 3):
        assert f"You have {left} attempts left" in type_code(anna, another_code(code_of())).content.decode()
    assert anna.post("/profile/email/new/").url == CODE_PAGE
    assert OutgoingEmail.objects.count() == 2
    assert "You have 2 attempts left" in type_code(anna, another_code(code_of())).content.decode()
    type_code(anna, another_code(code_of()))
    assert type_code(anna, another_code(code_of())).status_code == 429
    assert type_code(anna, code_of()).status_code == 429
    assert anna.post("/profile/email/new/").status_code == 429
    assert address_of(cast) == cast.anna.email
    assert AuditEntry.objects.filter(event="address_code:refused", subject_key=cast.anna.key).count() == 5
    # Ten minutes later there is nothing left to prolong: one begins anew.
    past = timedelta(minutes=10)
    AddressChange.objects.update(sent_at=F("sent_at") - past, expires_at=F("expires_at") - past)
    assert anna.post("/profile/email/new/").url == "/profile/email/"


@pytest.mark.asvs(42)
def test_a_code_ends_after_ten_minutes(anna: Client, cast: Cast) -> None:
    ask(anna)
    past = timedelta(minutes=10)
    AddressChange.objects.update(sent_at=F("sent_at") - past, expires_at=F("expires_at") - past)
    assert "This code is no longer valid. Ask for a new code" in type_code(anna, code_of()).content.decode()
    anna.post("/profile/email/new/")
    assert type_code(anna, code_of()).url == "/profile/"
    assert address_of(cast) == NEW


@pytest.mark.asvs(43)
def test_the_code_counts_only_in_the_browser_that_asked(anna: Client, cast: Cast, sign_in: Any) -> None:
    ask(anna)
    elsewhere = sign_in(cast.anna)
    assert elsewhere.get(CODE_PAGE).url == "/profile/email/"
    assert type_code(elsewhere, code_of()).url == "/profile/email/"
    assert address_of(cast) == cast.anna.email
    thief = sign_in(cast.olivier, address_change=AddressChange.objects.get().key)
    assert type_code(thief, code_of()).url == "/profile/email/"
    assert type_code(anna, code_of()).url == "/profile/"


@pytest.mark.asvs(39)
def test_a_used_code_does_nothing_more(anna: Client, cast: Cast) -> None:
    ask(anna)
    code = code_of()
    type_code(anna, code)
    assert type_code(anna, code).url == "/profile/email/"
    assert AuditEntry.objects.filter(event="person:contact_changed").count() == 1


@pytest.mark.full_price
@pytest.mark.django_db(transaction=True)
def test_of_many_parallel_right_codes_one_changes_the_address(cast: Cast, now: Any, acting_as: Any) -> None:
    session: dict[str, str] = {}
    acting = acting_as(cast.anna)
    ask_address(session, cast.anna, NEW, acting=acting, now=now)
    change, code = AddressChange.objects.get(), code_of()
    outcomes = at_once(lambda _n: confirm_address(change, code, acting=acting, now=now), times=10, threads=5)
    assert sum(outcome.confirmed for outcome in outcomes) == 1
    assert OutgoingEmail.objects.filter(name="contact_changed").count() == 1


def test_whose_an_address_is_only_its_reader_learns(anna: Client, cast: Cast) -> None:
    free, taken = ask(anna), ask(anna, cast.jean.email.upper())
    assert (free.status_code, free.url) == (taken.status_code, taken.url)
    page = type_code(anna, code_of()).content.decode()
    assert "Somebody else already receives messages at this address" in page
    assert address_of(cast) == cast.anna.email
    assert AuditEntry.objects.filter(event="person:contact_refused").count() == 1
    assert not AuditEntry.objects.filter(event="person:contact_changed").exists()


def test_codes_are_sent_five_times_an_hour(anna: Client) -> None:
    assert [ask(anna, f"anna{number}@new.example").status_code for number in range(6)] == [303] * 5 + [429]
    assert OutgoingEmail.objects.count() == 5


def test_a_second_address_replaces_the_first(anna: Client, cast: Cast) -> None:
    ask(anna)
    first = code_of()
    ask(anna, "other@new.example")
    second = code_of()
    if first != second:
        assert "The code is not correct" in type_code(anna, first).content.decode()
    type_code(anna, second)
    assert address_of(cast) == "other@new.example"


def test_the_way_goes_on_where_one_came_from(anna: Client) -> None:
    assert ask(anna, next="/my-roles/").url == f"{CODE_PAGE}?next=%2Fmy-roles%2F"
    assert type_code(anna, code_of(), next="/my-roles/").url == "/my-roles/"


@pytest.mark.asvs(50)
@pytest.mark.parametrize("path", ["/profile/email/", CODE_PAGE, "/profile/email/new/"])
@pytest.mark.parametrize("how", ["old", "low"])
def test_it_takes_a_sure_key_shown_lately(cast: Cast, sign_in: Any, how: str, path: str) -> None:
    extra = {"proved_at": (timezone.now() - timedelta(minutes=5)).isoformat()} if how == "old" else {}
    browser = sign_in(cast.anna, level=300 if how == "low" else 500, **extra)
    browser.cookies["language"] = "en"
    assert "What you just typed has not been saved" not in browser.get(path).content.decode()
    assert "What you just typed has not been saved" in browser.post(path, {"email": "x"}).content.decode()
    for answer in (browser.get(path), browser.post(path, {"email": "thief@new.example"})):
        assert answer.status_code == 403
        page = answer.content.decode()
        assert ("Show again who you are" if how == "old" else "This page needs a key of a higher level") in page
        assert 'action="/login/eid/"' in page and 'action="/login/email/"' not in page
    assert not OutgoingEmail.objects.exists()


def test_neither_code_nor_address_lie_open_in_the_database(anna: Client) -> None:
    from django.db import connection

    ask(anna)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM csam_addresschange")
        cells = cursor.fetchone()
    stored = b" ".join(bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode() for cell in cells)
    assert NEW.encode() not in stored and code_of().encode() not in stored


def test_what_was_begun_before_to_sign_in_opens_nothing_afterwards(anna: Client, cast: Cast) -> None:
    other = Client()
    ask_code(other, cast.anna.email)
    to_the_old_address = code_of()
    ask(anna)
    type_code(anna, code_of())
    assert other.post("/idp/email/code/", {"code": to_the_old_address}).status_code == 400
    assert other.get("/login/return/").status_code == 400


def test_codes_for_new_addresses_use_up_nobodys_codes_to_sign_in(anna: Client, cast: Cast, sign_in: Any) -> None:
    for person in (cast.anna, cast.tom):
        browser = sign_in(person)
        for _time in range(5):
            ask(browser, cast.jean.email)
    assert ask_code(Client(), cast.jean.email).status_code == 303
