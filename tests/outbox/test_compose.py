"""A letter is a row in the caller's transaction."""

from datetime import date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy
from pytest_django import Settings

from outbox.compose import compose, letter
from outbox.models import OutgoingEmail
from tests.outbox.conftest import NOW, Write


def test_a_letter_waits_from_now_on(db: None, write: Write) -> None:
    write()
    stored = OutgoingEmail.objects.get()
    assert (stored.name, stored.to, stored.language, stored.status) == (
        "test_letter",
        "anna@example.be",
        "fr",
        "queued",
    )
    assert (stored.created_at, stored.not_before, stored.sent_at) == (NOW, NOW, None)
    assert stored.attempts == 0


@pytest.mark.asvs(12)
def test_a_letter_rolls_back_with_the_act(transactional_db: None, write: Write) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        write()
        raise ZeroDivisionError
    assert not OutgoingEmail.objects.exists()


def test_every_letter_has_a_message_id_of_its_own_under_our_host(db: None, write: Write, settings: Settings) -> None:
    settings.PORTAL_BASE_URL = "https://roles.example.be:8443"
    one, two = write(), write()
    assert one.message_id != two.message_id
    assert one.message_id.endswith("@roles.example.be>")


def test_the_same_reminder_is_written_once(db: None, write: Write) -> None:
    first = write(dedup_key="reminder:a-1:3")
    again = write(dedup_key="reminder:a-1:3")
    other = write(dedup_key="reminder:a-1:7")
    assert again.pk == first.pk
    assert other.pk != first.pk
    assert OutgoingEmail.objects.count() == 2


def test_letters_without_such_a_key_are_all_written(db: None, write: Write) -> None:
    write()
    write()
    assert OutgoingEmail.objects.count() == 2


def test_days_and_moments_become_text_and_unknown_things_are_refused(db: None, write: Write) -> None:
    row = write(context={"from_on": date(2026, 11, 21), "given_at": NOW, "list": [{"until_on": None}], "n": (1, 2)})
    assert OutgoingEmail.objects.get(pk=row.pk).context == {
        "from_on": "2026-11-21",
        "given_at": "2026-11-21T13:05:00+00:00",
        "list": [{"until_on": None}],
        "n": [1, 2],
    }


@pytest.mark.parametrize(
    "context",
    [
        {"from": date(2026, 11, 21)},
        {"from_on": "soon"},
        {"from_on": NOW},
        {"given_at": "2026-11-21T13:05:00"},
        {"given_at": datetime(2026, 11, 21)},
        {"nested": [{"given_at": "yesterday"}]},
        {"lazy": gettext_lazy("Role")},
        {"thing": object()},
        {"map": {1: "x"}},
        {"portal_url": "https://evil.example/"},
    ],
)
def test_a_context_that_a_worker_could_not_use_is_refused_at_once(context: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        letter("test_letter", to="anna@example.be", language="fr", context=context, now=NOW)


@pytest.mark.parametrize(
    "to", ["", "anna", "anna@example.be\r\nBcc: all@example.be", "a@b.be, c@d.be", "anna@example.be\n"]
)
@pytest.mark.asvs(6)
def test_what_is_no_single_address_is_refused(to: str) -> None:
    with pytest.raises(ValueError, match="address"):
        letter("test_letter", to=to, language="fr", context={}, now=NOW)


def test_an_unknown_language_or_a_strange_name_is_refused() -> None:
    with pytest.raises(ValueError, match="does not write"):
        letter("test_letter", to="anna@example.be", language="es", context={}, now=NOW)
    with pytest.raises(ValueError, match="letter"):
        letter("../secret", to="anna@example.be", language="fr", context={}, now=NOW)


@pytest.mark.parametrize(("context", "secrets"), [({"code": "x"}, {"code": "1"}), ({}, {"simulation": "1"})])
def test_a_code_cannot_take_the_name_of_something_else(context: dict[str, Any], secrets: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="taken"):
        letter("test_letter", to="anna@example.be", language="fr", context=context, secrets=secrets, now=NOW)


@pytest.mark.asvs(40)
def test_a_code_is_nowhere_in_the_row(db: None, write: Write) -> None:
    row = write(secrets={"code": "K7QD3MXP"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM outbox_outgoingemail WHERE id = %s", [row.pk])
        cells = [bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell) for cell in cursor.fetchone()]
    assert not [cell for cell in cells if ("K7QD3MXP" if isinstance(cell, str) else b"K7QD3MXP") in cell]  # type: ignore[operator]


def test_many_letters_are_saved_in_one_query(db: None, django_assert_num_queries: Any) -> None:
    letters = [
        letter("test_letter", to=f"p{n}@example.be", language="nl", context={"n": n}, now=NOW) for n in range(50)
    ]
    with django_assert_num_queries(1):
        OutgoingEmail.objects.bulk_create(letters)
    assert OutgoingEmail.objects.count() == 50


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"status": "lost"}, "outbox_status_known"),
        ({"status": "sending"}, "outbox_lease_while_sending"),
        ({"lease_until": NOW}, "outbox_lease_while_sending"),
        ({"status": "sent"}, "outbox_moment_when_sent"),
        ({"status": "sent", "sent_at": NOW}, "outbox_codes_wiped"),
        ({"status": "failed"}, "outbox_codes_wiped"),
    ],
)
def test_the_database_refuses_what_cannot_be(db: None, write: Write, wrong: dict[str, Any], constraint: str) -> None:
    write(secrets={"code": "K7QD3MXP"} if "codes" in constraint else None)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        OutgoingEmail.objects.update(**wrong)


def test_compose_says_what_letter_says(db: None) -> None:
    values: dict[str, Any] = {"to": "anna@example.be", "language": "fr", "context": {"n": 1}, "now": NOW}
    row, unsaved = compose("test_letter", **values), letter("test_letter", **values)
    same = ("name", "to", "language", "context", "status", "not_before", "created_at")
    assert [getattr(row, field) for field in same] == [getattr(unsaved, field) for field in same]
    assert unsaved.pk is None
