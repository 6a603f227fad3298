"""Nobody who reads the feed misses a change, in whatever order transactions come to their end."""

import os
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from fas.feed import read_changes
from fas.models import Client, RoleChange
from fas.operations.changes import seal_changes
from roles.models import RoleAssignment
from tests.factories import AssignmentFactory, OrganisationFactory, PersonFactory, RoleFactory
from tests.fas.rows import a_client

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.asvs(72)]
WRITERS, EACH = 4, int(os.environ.get("RACE_ROUNDS", "8"))


@pytest.fixture
def client() -> Client:
    """A client that reads the feed."""
    return a_client(RoleFactory().services.get(), client_id="reader", scopes="roles:changes")


def new_row(client: Client, **values: Any) -> RoleAssignment:
    """Give somebody new a role of the service, somewhere new."""
    person = PersonFactory()
    common = {"role": client.service.roles.get(), "assignee": person, "organisation": OrganisationFactory()}
    given: RoleAssignment = AssignmentFactory(**{**common, "properties": {}, **values})
    return given


def beginning(client: Client) -> str:
    """Return a cursor that marks this moment."""
    return read_changes(client, "", limit=1, now=timezone.now()).cursor


def test_what_commits_last_is_read_last_although_it_began_first(client: Client) -> None:
    """The order of ids is that of the beginnings; a reader that trusted it would pass the slow one by."""
    if connection.vendor != "postgresql":
        assert connection.vendor == "sqlite"  # where a second writer has to wait: no two are ever open together
        return
    slow = [new_row(client, ended_at=None) for _number in range(2)]
    RoleChange.objects.all().delete()
    cursor = beginning(client)
    noted, may_commit = threading.Event(), threading.Event()

    def linger() -> None:
        try:
            with transaction.atomic():
                RoleAssignment.objects.filter(pk=slow[0].pk).update(valid_until=timezone.localdate())
                noted.set()
                may_commit.wait(10)
        finally:
            connections.close_all()

    thread = threading.Thread(target=linger)
    thread.start()
    assert noted.wait(10)
    RoleAssignment.objects.filter(pk=slow[1].pk).update(valid_until=timezone.localdate())
    assert seal_changes(now=timezone.now()) == 1
    page = read_changes(client, cursor, limit=10, now=timezone.now())
    assert [entry["reference"] for entry in page.entries] == [slow[1].reference]
    may_commit.set()
    thread.join()
    assert seal_changes(now=timezone.now()) == 1
    page = read_changes(client, page.cursor, limit=10, now=timezone.now())
    assert [entry["reference"] for entry in page.entries] == [slow[0].reference]
    ids = list(RoleChange.objects.order_by("position").values_list("id", flat=True))
    assert ids == sorted(ids, reverse=True)  # so it was a case that ids would have lost


def test_writers_sealers_and_a_reader_at_once_lose_nothing(client: Client) -> None:
    cursor, now = beginning(client), timezone.now()
    written: list[str] = []
    read: list[str] = []
    done = threading.Event()
    problems: list[BaseException] = []

    def guarded(act: Any) -> None:
        try:
            act()
        except BaseException as error:
            problems.append(error)
        finally:
            connections.close_all()

    def write() -> None:
        for number in range(EACH):
            with transaction.atomic():
                row = new_row(client)
                threading.Event().wait(0.002 * (number % 3))  # transactions that overlap
            written.append(row.reference)

    def seal() -> None:
        while not done.is_set():
            seal_changes(now=now + timedelta(seconds=1))
            done.wait(0.005)

    def pages(after: str) -> Iterator[str]:
        """Read on and on, until a page after the end of all writing is empty."""
        while True:
            is_last = done.is_set()
            page = read_changes(client, after, limit=3, now=timezone.now())
            after = page.cursor
            yield from (entry["reference"] for entry in page.entries)
            if is_last and not page.has_more:
                return

    writers = [threading.Thread(target=guarded, args=(write,)) for _number in range(WRITERS)]
    sealers = [threading.Thread(target=guarded, args=(seal,)) for _number in range(2)]
    reader = threading.Thread(target=guarded, args=(lambda: read.extend(pages(cursor)),))
    for thread in (*writers, *sealers, reader):
        thread.start()
    for thread in writers:
        thread.join()
    seal_changes(now=timezone.now())
    done.set()
    for thread in (*sealers, reader):
        thread.join()
    assert problems == []
    assert len(written) == WRITERS * EACH
    assert set(written) <= set(read)
    positions = list(RoleChange.objects.order_by("position").values_list("position", flat=True))
    assert positions == list(range(1, len(positions) + 1))


def test_an_act_that_is_taken_back_is_not_told(client: Client) -> None:
    cursor = beginning(client)
    with transaction.atomic():
        new_row(client)
        transaction.set_rollback(True)
    assert seal_changes(now=timezone.now()) == 0
    assert read_changes(client, cursor, limit=10, now=timezone.now()).entries == []


def test_a_thousand_rows_of_one_statement_are_all_noted(client: Client) -> None:
    rows = [new_row(client) for _number in range(3)]
    RoleChange.objects.all().delete()
    RoleAssignment.objects.filter(pk__in=[row.pk for row in rows]).update(valid_until=timezone.localdate())
    noted = RoleChange.objects.order_by("id").values_list("assignment_id", flat=True)
    assert list(noted) == [row.pk for row in rows]
