"""The real way of a letter: a mail server on loopback takes it."""

import email
import email.policy
import re
import socket
import time
from collections.abc import Generator
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import connection
from pytest_django import Settings

from outbox.compose import letter
from outbox.delivery import deliver_due
from outbox.models import OutgoingEmail, Status
from tests.outbox.conftest import NOW, Write
from tests.parallel import at_once
from tests.plugins.postgres import free_port


class Keeper:
    """A server that keeps what it gets, and counts who came."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.receivers: list[str] = []
        self.visits = 0
        self.refuse_next = 0

    async def handle_EHLO(  # noqa: N802 - the name of aiosmtpd
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.visits += 1
        session.host_name = hostname
        return responses

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.refuse_next:
            self.refuse_next -= 1
            return "451 try again later"
        content = envelope.content
        assert isinstance(content, bytes)
        message = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        self.receivers += envelope.rcpt_tos
        return "250 OK"


@pytest.fixture
def server(settings: Settings) -> Generator[Keeper]:
    keeper = Keeper()
    controller = Controller(keeper, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    yield keeper
    controller.stop()


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert isinstance(part, EmailMessage)
    text: str = part.get_content()
    return text


def test_the_server_gets_the_letter_in_text_and_html_with_its_headers(db: None, write: Write, server: Keeper) -> None:
    row = write(secrets={"code": "K7QD-3MXP"}, context={"name": "Zoë Müller", "given_at": None})
    assert deliver_due(worker="w1", now=NOW) == 1
    (message,) = server.messages
    assert server.receivers == ["anna@example.be"]
    assert message["Message-ID"] == row.message_id
    assert message["Auto-Submitted"] == "auto-generated"
    for kind in ("plain", "html"):
        assert "Zoë Müller" in body(message, kind)
        assert "K7QD-3MXP" in body(message, kind)
    html_words = re.sub(r"<[^>]+>", " ", body(message, "html")).split()
    assert html_words == re.sub(r"^\d\. ", "", body(message, "plain"), flags=re.MULTILINE).split()


def test_a_batch_is_one_visit(db: None, write: Write, server: Keeper) -> None:
    for number in range(5):
        write(f"p{number}@example.be")
    assert deliver_due(worker="w1", now=NOW) == 5
    assert server.visits == 1


def test_a_refused_letter_comes_again_with_the_same_message_id(db: None, write: Write, server: Keeper) -> None:
    row = write("anna@example.be")
    write("tom@example.be")
    server.refuse_next = 1
    assert deliver_due(worker="w1", now=NOW) == 1
    waiting = OutgoingEmail.objects.get(pk=row.pk)
    assert (waiting.status, waiting.last_error) == (Status.QUEUED, "SMTPDataError")
    assert deliver_due(worker="w1", now=NOW + timedelta(minutes=2)) == 1
    assert [message["Message-ID"] for message in server.messages][1] == row.message_id


@pytest.mark.threat(36)
def test_no_server_at_all_leaves_the_letter_waiting(db: None, write: Write, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    write()
    assert deliver_due(worker="w1", now=NOW) == 0
    assert OutgoingEmail.objects.get().last_error == "ConnectionRefusedError"


@pytest.mark.threat(36)
def test_a_server_that_never_answers_is_left_after_the_time_out(
    db: None, write: Write, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("outbox.delivery.SMTP_TIMEOUT", 0.2)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    write()
    with socket.socket() as black_hole:
        black_hole.bind(("127.0.0.1", 0))
        black_hole.listen()
        settings.EMAIL_HOST, settings.EMAIL_PORT = black_hole.getsockname()
        began = time.monotonic()
        assert deliver_due(worker="w1", now=NOW) == 0
    assert time.monotonic() - began < 5
    assert OutgoingEmail.objects.get().status == Status.QUEUED
    assert OutgoingEmail.objects.get().last_error == "SMTPServerDisconnected"  # smtplib's word for it


@pytest.mark.threat(35)
def test_six_workers_and_one_server_meet_without_a_duplicate(transactional_db: None, server: Keeper) -> None:
    context: dict[str, Any] = {"name": "Anna", "given_at": None}
    OutgoingEmail.objects.bulk_create(
        letter("test_letter", to=f"p{number}@example.be", language="nl", context=context, now=NOW)
        for number in range(60)
    )
    connection.close()

    def work(number: int) -> None:
        while deliver_due(worker=f"w{number}", now=NOW, limit=5):
            pass

    at_once(work, times=6, threads=6)
    assert len(server.receivers) == len(set(server.receivers)) == 60
    assert len({message["Message-ID"] for message in server.messages}) == 60
