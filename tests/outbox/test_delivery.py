"""Letters that are due are sent once, kept without codes, and tried again when the server is away."""

import smtplib
from collections.abc import Generator
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend as LocMem
from django.db import connection
from pytest_django import Settings

from outbox import delivery
from outbox.compose import compose, letter
from outbox.delivery import LEASE, MAX_ATTEMPTS, claim, deliver_due
from outbox.models import OutgoingEmail, Status
from tests.outbox.conftest import NOW, Write
from tests.parallel import at_once

MINUTE = timedelta(minutes=1)


class Away(LocMem):
    """A server that cannot be reached."""

    opened = 0

    def open(self) -> bool | None:
        type(self).opened += 1
        raise ConnectionRefusedError("smtp.example.be refused anna@example.be")


class Picky(LocMem):
    """A server that hangs up on one receiver."""

    def send_messages(self, messages: Any) -> int:
        if messages[0].to == ["bad@example.be"]:
            raise smtplib.SMTPRecipientsRefused({"bad@example.be": (550, b"no such person")})
        return super().send_messages(messages)


@pytest.fixture
def away(settings: Settings) -> Generator[type[Away]]:
    settings.EMAIL_BACKEND = f"{__name__}.Away"
    Away.opened = 0
    yield Away


def the_letter() -> OutgoingEmail:
    return OutgoingEmail.objects.get()


def sent_message() -> EmailMessage:
    (one,) = mail.outbox
    message: EmailMessage = one.message()
    return message


def test_a_due_letter_is_sent_and_kept(db: None, write: Write) -> None:
    write(language="en")
    assert deliver_due(worker="w1", now=NOW) == 1
    kept = the_letter()
    assert (kept.status, kept.attempts, kept.lease_until) == (Status.SENT, 1, None)
    assert kept.sent_at is not None
    assert timedelta(0) <= kept.sent_at - NOW < MINUTE
    assert kept.kept_subject == "You have been given a role for Boulangerie Dubois SRL"
    assert kept.kept_text == mail.outbox[0].body
    assert kept.demo_text is None
    assert deliver_due(worker="w1", now=NOW) == 0
    assert len(mail.outbox) == 1


def test_the_mail_has_the_headers_of_a_letter_that_a_machine_wrote(db: None, write: Write, settings: Settings) -> None:
    settings.REPLY_TO_EMAIL = "help@example.be"
    row = write()
    deliver_due(worker="w1", now=NOW)
    message = sent_message()
    assert message["Message-ID"] == row.message_id
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["From"].endswith("<no-reply@example.be>")
    assert message["Reply-To"] == "help@example.be"
    assert message["To"] == "anna@example.be"
    assert message["Content-Language"] == "fr"
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]


def test_without_an_address_for_answers_there_is_no_such_header(db: None, write: Write, settings: Settings) -> None:
    settings.REPLY_TO_EMAIL = ""
    write()
    deliver_due(worker="w1", now=NOW)
    assert "Reply-To" not in sent_message()


@pytest.mark.asvs(6)
@pytest.mark.threat(31)
def test_a_name_with_a_line_break_adds_no_header(db: None, write: Write) -> None:
    write(context={"subject": "Hello\r\nBcc: all@example.be\nX-Evil: 1", "name": "A\r\nX-Evil: 2", "given_at": None})
    assert deliver_due(worker="w1", now=NOW) == 1
    message = sent_message()
    assert message["Bcc"] is None
    assert message["X-Evil"] is None
    assert mail.outbox[0].recipients() == ["anna@example.be"]
    assert mail.outbox[0].subject == "Hello Bcc: all@example.be X-Evil: 1"


@pytest.mark.asvs(40)
def test_a_code_is_delivered_and_then_wiped(db: None, write: Write) -> None:
    write(secrets={"code": "K7QD-3MXP"})
    deliver_due(worker="w1", now=NOW)
    assert "K7QD-3MXP" in mail.outbox[0].body
    kept = the_letter()
    assert kept.secrets is None
    assert kept.demo_text is None
    assert "K7QD" not in kept.kept_text + kept.kept_subject
    assert "••••••••" in kept.kept_text


def test_only_a_demo_keeps_the_full_text_and_sealed(db: None, write: Write, settings: Settings) -> None:
    settings.DEMO_INSTANCE = True
    write(secrets={"code": "K7QD-3MXP"})
    deliver_due(worker="w1", now=NOW)
    assert "K7QD-3MXP" in str(the_letter().demo_text)
    with connection.cursor() as cursor:
        cursor.execute("SELECT demo_text FROM outbox_outgoingemail")
        assert b"K7QD" not in bytes(cursor.fetchone()[0])


def test_a_letter_is_not_sent_before_its_time(db: None, write: Write) -> None:
    write(now=NOW + MINUTE)
    assert deliver_due(worker="w1", now=NOW) == 0
    assert deliver_due(worker="w1", now=NOW + MINUTE) == 1


def test_the_oldest_go_first_and_no_more_than_the_limit(db: None, write: Write) -> None:
    for number in range(5):
        write(f"p{number}@example.be")
    assert deliver_due(worker="w1", now=NOW, limit=3) == 3
    assert [message.to[0] for message in mail.outbox] == [f"p{number}@example.be" for number in range(3)]


@pytest.mark.threat(36)
def test_a_server_that_is_away_delays_the_letter_and_the_message_id_stays(
    db: None, write: Write, settings: Settings, away: type[Away]
) -> None:
    row = write(secrets={"code": "K7QD-3MXP"})
    assert deliver_due(worker="w1", now=NOW) == 0
    waiting = the_letter()
    assert (waiting.status, waiting.attempts, waiting.last_error) == (Status.QUEUED, 1, "ConnectionRefusedError")
    assert MINUTE <= waiting.not_before - NOW < MINUTE * 1.5
    assert waiting.secrets
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert deliver_due(worker="w1", now=NOW) == 0
    assert deliver_due(worker="w1", now=NOW + MINUTE * 2) == 1
    assert sent_message()["Message-ID"] == row.message_id
    assert "K7QD-3MXP" in mail.outbox[0].body
    assert the_letter().last_error == ""


def test_a_server_that_is_away_is_asked_once_for_a_batch(db: None, write: Write, away: type[Away]) -> None:
    for number in range(20):
        write(f"p{number}@example.be")
    deliver_due(worker="w1", now=NOW)
    assert away.opened == 1
    assert OutgoingEmail.objects.filter(status=Status.QUEUED, attempts=1).count() == 20


def test_the_waits_grow_and_after_twelve_attempts_the_letter_is_given_up(
    db: None, write: Write, away: type[Away], caplog: pytest.LogCaptureFixture
) -> None:
    write(secrets={"code": "K7QD-3MXP"})
    waits = []
    now = NOW
    for _ in range(MAX_ATTEMPTS):
        assert deliver_due(worker="w1", now=now) == 0
        waits.append(round((the_letter().not_before - now) / MINUTE))
        now = max(the_letter().not_before, now)
    assert waits[:-1] == [1, 5, 15, 60, 120, 240, 480, 480, 480, 480, 480]
    given_up = the_letter()
    assert (given_up.status, given_up.attempts, given_up.lease_until) == (Status.FAILED, 12, None)
    assert given_up.secrets is None
    assert deliver_due(worker="w1", now=now + timedelta(days=9)) == 0
    assert "anna@example.be" not in caplog.text + given_up.last_error
    assert "is given up after 12 attempts" in caplog.text


def test_one_bad_letter_does_not_stop_the_others(db: None, write: Write, settings: Settings) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Picky"
    write("anna@example.be")
    write("bad@example.be")
    write("tom@example.be")
    compose("no_such_letter", to="eve@example.be", language="fr", context={}, now=NOW)
    assert deliver_due(worker="w1", now=NOW) == 2
    errors = dict(OutgoingEmail.objects.filter(status=Status.QUEUED).values_list("to", "last_error"))
    assert errors == {"bad@example.be": "SMTPRecipientsRefused", "eve@example.be": "TemplateDoesNotExist"}


@pytest.mark.threat(35)
def test_the_letter_of_a_dead_worker_is_taken_over_when_its_lease_ends(db: None, write: Write) -> None:
    row = write()
    (claimed,) = claim(worker="dead", now=NOW, limit=20)
    assert (claimed.status, claimed.leased_by, claimed.lease_until) == (Status.SENDING, "dead", NOW + LEASE)
    assert deliver_due(worker="w2", now=NOW + LEASE - MINUTE) == 0
    assert deliver_due(worker="w2", now=NOW + LEASE) == 1
    assert sent_message()["Message-ID"] == row.message_id
    assert the_letter().attempts == 2


def test_a_worker_that_wakes_up_too_late_does_not_undo_what_another_did(
    db: None, write: Write, away: type[Away]
) -> None:
    write()
    (late,) = claim(worker="late", now=NOW, limit=20)
    (taken,) = claim(worker="w2", now=NOW + LEASE, limit=20)
    delivery._postpone(late, TimeoutError(), now=NOW)
    delivery._give_back([late])
    again = the_letter()
    assert (again.status, again.leased_by, again.attempts) == (Status.SENDING, "w2", 2)
    assert taken.pk == late.pk


def test_a_letter_that_kills_its_workers_is_given_up(db: None, write: Write) -> None:
    write(secrets={"code": "K7QD-3MXP"})
    now = NOW
    for number in range(MAX_ATTEMPTS):
        assert len(claim(worker=f"w{number}", now=now, limit=20)) == 1
        now += LEASE
    assert claim(worker="last", now=now, limit=20) == []
    assert (the_letter().status, the_letter().last_error) == (Status.FAILED, "LeaseExpired")


def test_a_worker_told_to_stop_gives_back_what_it_has_not_begun(db: None, write: Write) -> None:
    for number in range(3):
        write(f"p{number}@example.be")
    answers = iter([False, True])
    assert deliver_due(worker="w1", now=NOW, stopping=lambda: next(answers)) == 1
    rest = OutgoingEmail.objects.filter(status=Status.QUEUED)
    assert list(rest.values_list("attempts", "leased_by", "not_before")) == [(0, "", NOW), (0, "", NOW)]
    assert deliver_due(worker="w1", now=NOW) == 2


def test_a_slow_server_does_not_make_a_batch_outlive_its_lease(
    db: None, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        write(f"p{number}@example.be")
    clock = iter(range(0, 10_000, 61))
    monkeypatch.setattr(delivery.time, "monotonic", lambda: float(next(clock)))
    assert deliver_due(worker="w1", now=NOW) == 1
    assert OutgoingEmail.objects.filter(status=Status.QUEUED, attempts=0).count() == 2


def test_an_idle_look_takes_one_query_and_no_transaction(db: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        deliver_due(worker="w1", now=NOW)


@pytest.mark.threat(35)
def test_six_workers_send_300_letters_without_a_duplicate(transactional_db: None) -> None:
    context = {"name": "Anna", "given_at": None}
    OutgoingEmail.objects.bulk_create(
        letter("test_letter", to=f"p{number}@example.be", language="fr", context=context, now=NOW)
        for number in range(300)
    )
    connection.close()

    def work(number: int) -> int:
        total = 0
        while sent := deliver_due(worker=f"w{number}", now=NOW, limit=7):
            total += sent
        return total

    totals = at_once(work, times=6, threads=6)
    receivers = [message.to[0] for message in mail.outbox]
    assert len(receivers) == len(set(receivers)) == 300
    assert sum(totals) == 300
    assert set(OutgoingEmail.objects.values_list("status", "attempts")) == {(Status.SENT, 1)}
