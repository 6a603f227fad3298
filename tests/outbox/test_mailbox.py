"""The demo mailbox (S27): everyone reads every letter of a demo; outside a demo it does not exist."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format
from pytest_django import Settings

from outbox.compose import withdraw
from outbox.delivery import deliver_due
from outbox.models import OutgoingEmail, Status
from tests.outbox.conftest import CONTEXT, NOW, Write

URL = "/mailbox/"


@pytest.fixture
def demo(settings: Settings) -> None:
    settings.DEMO_INSTANCE = True


def page(client: Client, **query: Any) -> str:
    response = client.get(URL, query)
    assert response.status_code == 200
    return str(response.content.decode())


@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_outside_a_demo_it_does_not_exist(db: None, write: Write, client: Client, method: str) -> None:
    write()
    deliver_due(worker="w1", now=NOW)
    assert getattr(client, method)(URL).status_code == 404


def test_a_sent_letter_is_shown_in_full_when_signed_out(db: None, write: Write, client: Client, demo: None) -> None:
    write(secrets={"code": "K7QD-3MXP"})
    deliver_due(worker="w1", now=NOW)
    shown = page(client)
    assert "You have been given a role for Boulangerie Dubois SRL" in shown
    assert "anna@example.be" in shown
    assert "Your code: K7QD-3MXP" in shown
    assert 'lang="fr"' in shown


def test_a_letter_kept_before_the_demo_began_shows_dots(
    db: None, write: Write, client: Client, settings: Settings
) -> None:
    write(secrets={"code": "K7QD-3MXP"})
    deliver_due(worker="w1", now=NOW)
    settings.DEMO_INSTANCE = True
    shown = page(client)
    assert "••••••••" in shown
    assert "K7QD" not in shown


def test_a_letter_on_its_way_is_shown_as_waiting_without_its_code(
    db: None, write: Write, client: Client, demo: None
) -> None:
    write(secrets={"code": "K7QD-3MXP"})
    shown = page(client)
    assert "It leaves in a few seconds." in shown
    assert "••••••••" in shown
    assert "K7QD" not in shown


def test_a_letter_that_waits_for_its_minute_says_which(db: None, write: Write, client: Client, demo: None) -> None:
    row = write(batch="AR-2026-000001")
    leaves = timezone.now() + timedelta(minutes=12)
    OutgoingEmail.objects.filter(pk=row.pk).update(not_before=leaves)
    at = date_format(timezone.localtime(leaves), "TIME_FORMAT")
    assert f"It leaves at {at}. Until then the assignment can be undone." in page(client)
    OutgoingEmail.objects.filter(pk=row.pk).update(attempts=1)
    assert f"It leaves at {at}.</dd>" in page(client)


def test_a_letter_that_was_withdrawn_is_not_in_the_mailbox(db: None, write: Write, client: Client, demo: None) -> None:
    write(batch="AR-2026-000001")
    assert withdraw("AR-2026-000001") == {OutgoingEmail.objects.get().to}
    assert "No message." in page(client)
    assert deliver_due(worker="w1", now=NOW) == 0


def test_a_letter_given_up_says_so(db: None, write: Write, client: Client, demo: None) -> None:
    write()
    OutgoingEmail.objects.update(status=Status.FAILED)
    assert "This message could not be sent" in page(client)


def test_an_empty_mailbox_says_so(db: None, client: Client, demo: None) -> None:
    assert "No message." in page(client)


@pytest.mark.threat(28)
def test_what_a_person_typed_is_escaped(db: None, write: Write, client: Client, demo: None) -> None:
    write(context={**CONTEXT, "name": "<script>alert(1)</script>", "organisation": "<img src=x>"})
    deliver_due(worker="w1", now=NOW)
    shown = page(client)
    assert "<script>alert" not in shown
    assert "<img src=x" not in shown
    assert "&lt;script&gt;" in shown


def test_a_receiver_is_chosen_by_post_and_stays_chosen(db: None, write: Write, client: Client, demo: None) -> None:
    write("anna@example.be", context={**CONTEXT, "subject": "For Anna"})
    write("tom@example.be", context={**CONTEXT, "subject": "For Tom"})
    deliver_due(worker="w1", now=NOW)
    assert 'value="tom@example.be"' in page(client)
    answer = client.post(URL, {"receiver": "tom@example.be"})
    assert (answer.status_code, answer.headers["Location"]) == (303, URL)
    shown = page(client)
    assert "For Tom" in shown
    assert "For Anna" not in shown
    client.post(URL, {"receiver": ""})
    assert "For Anna" in page(client)


def test_thirty_receivers_can_be_chosen(db: None, write: Write, client: Client, demo: None) -> None:
    for number in range(31):
        write(f"p{number}@example.be")
    shown = page(client)
    assert [f'value="p{number}@example.be"' in shown for number in (0, 1, 30)] == [False, True, True]


def test_a_receiver_of_withdrawn_letters_only_is_not_offered(
    db: None, write: Write, client: Client, demo: None
) -> None:
    for receiver in ("anna@example.be", "tom@example.be"):
        write(receiver, batch=receiver)
    withdraw("tom@example.be")
    shown = page(client)
    assert 'value="anna@example.be"' in shown and 'value="tom@example.be"' not in shown


def test_choosing_a_receiver_needs_the_csrf_token(db: None, demo: None) -> None:
    assert Client(enforce_csrf_checks=True).post(URL, {"receiver": "tom@example.be"}).status_code == 403


def test_newest_come_first_25_a_page(db: None, write: Write, client: Client, demo: None) -> None:
    for number in range(60):
        write(context={**CONTEXT, "subject": f"Letter {number:02}"})
    while deliver_due(worker="w1", now=NOW):
        pass
    keys = list(OutgoingEmail.objects.order_by("-id").values_list("pk", flat=True))
    first, second, third = (page(client, **query) for query in ({}, {"after": keys[24]}, {"after": keys[49]}))
    assert [f"Letter {n:02}" in first for n in (59, 35, 34)] == [True, True, False]
    assert [f"Letter {n:02}" in second for n in (35, 34, 10, 9)] == [False, True, True, False]
    assert [f"Letter {n:02}" in third for n in (10, 9, 0)] == [False, True, True]
    assert f"?after={keys[24]}" in first
    assert f"?after={keys[49]}" in second
    assert "Older messages" not in third


@pytest.mark.parametrize("after", ["x", "-1", "0", "²", "9" * 40, str(2**63)])
def test_a_strange_key_shows_the_first_page(db: None, write: Write, client: Client, demo: None, after: str) -> None:
    write()
    deliver_due(worker="w1", now=NOW)
    assert "Boulangerie Dubois SRL" in page(client, after=after)


def test_the_number_of_queries_does_not_grow(
    db: None, write: Write, client: Client, demo: None, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        write(f"p{number}@example.be", secrets={"code": "1234"})
    deliver_due(worker="w1", now=NOW)
    client.post(URL, {"receiver": ""})
    with django_assert_max_num_queries(3):  # session, letters, receivers
        page(client)
