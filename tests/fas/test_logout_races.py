"""Messages to services under way: many at once, several workers, slow and dead services, workers that are killed."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone
from joserfc import jwt
from joserfc.jwk import KeySet

from fas import background
from fas.keys import key_set
from fas.models import Client, EndReason, LogoutDelivery, SignOn
from fas.operations.logouts import claim
from fas.operations.lost_roles import mark_of
from fas.operations.sign_ons import end_sign_ons
from roles.models import Role, RoleAssignment
from roles.operations.ending import end_assignments
from roles.service_view import entries
from tenants.acting import ActingContext
from tenants.models import Person
from tests.conftest import Cast
from tests.factories import AssignmentFactory, UserFactory
from tests.fas.receiver import Receiver, receiving
from tests.fas.rows import a_client, a_sign_on
from tests.parallel import at_once
from tests.plugins.postgres import free_port

pytestmark = pytest.mark.django_db(transaction=True)

ENDS = 16
PATIENCE = 30.0  # seconds
PROMISED = 60.0
ROOT = Path(__file__).resolve().parents[2]


def signed_on(client: Client, people: list[Person], now: datetime, **values: Any) -> list[SignOn]:
    """Sign people on at a client, as if each had a browser whose session lasts."""
    kept, _made = Session.objects.get_or_create(
        session_key="k" * 32, defaults={"expire_date": now + timedelta(hours=1), "session_data": ""}
    )
    return [
        a_sign_on(person, client, now=now, sub=f"{client.pk}-{person.key}", browser=person.key, session=kept, **values)
        for person in people
    ]


def people(count: int) -> list[Person]:
    return [UserFactory().person for _number in range(count)]


def end(rows: list[SignOn], number: int) -> int:
    one = SignOn.objects.filter(pk=rows[number].pk)
    return end_sign_ons(one, reason=EndReason.SIGNED_OUT, acting=None, now=timezone.now())


@contextmanager
def workers(count: int) -> Generator[None]:
    """Run the loop of `count` workers in threads of this process."""
    stop = threading.Event()
    threads = [
        threading.Thread(target=background.tell_services, kwargs={"worker": f"w{number}", "stop": stop, "poll": 0.05})
        for number in range(count)
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def until(condition: Callable[[], bool], *, patience: float = PATIENCE) -> None:
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def subjects(receiver: Receiver) -> Counter[str]:
    """Return how often each session was told about; every message has to be ours, and for this service."""
    keys = KeySet.import_key_set(key_set())  # type: ignore[arg-type]
    return Counter(str(jwt.decode(token, keys, algorithms=["RS256"]).claims["sid"]) for token in receiver.tokens)


def test_sixteen_ends_at_once_are_each_told_once(now: datetime) -> None:
    with receiving() as receiver, workers(3):
        rows = signed_on(a_client(backchannel_logout_uri=receiver.address), people(ENDS), now)
        assert sum(at_once(lambda number: end(rows, number), times=ENDS, threads=4)) == ENDS
        until(lambda: not LogoutDelivery.objects.exclude(state="delivered").exists())
    assert subjects(receiver) == Counter(row.sid for row in rows)


def test_one_end_by_sixteen_is_told_once(now: datetime) -> None:
    with receiving() as receiver, workers(2):
        rows = signed_on(a_client(backchannel_logout_uri=receiver.address), people(1), now)
        assert sum(at_once(lambda _number: end(rows, 0), times=ENDS, threads=4)) == 1
        until(lambda: LogoutDelivery.objects.filter(state="delivered").exists())
        time.sleep(0.3)
    assert subjects(receiver) == Counter([rows[0].sid])


def test_dead_slow_and_redirecting_services_hold_up_nobody(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fas.outbound.post_form.__kwdefaults__", {"seconds": 1.0})
    dead = f"http://127.0.0.1:{free_port()}/logout"
    with receiving() as quick, receiving(slow=5) as slow, receiving(answers=[302], location=quick.address) as away:
        everybody = people(ENDS)
        bad = [a_client(backchannel_logout_uri=where) for where in (dead, slow.address, away.address)]
        good = a_client(backchannel_logout_uri=quick.address)
        rows = [row for client in (*bad, good) for row in signed_on(client, everybody, now)]
        ids = [row.pk for row in rows]
        end_sign_ons(SignOn.objects.filter(pk__in=ids), reason=EndReason.SIGNED_OUT, acting=None, now=timezone.now())
        began = time.monotonic()
        with workers(1):
            until(lambda: LogoutDelivery.objects.filter(client=good, state="delivered").count() == ENDS)
            assert time.monotonic() - began < 5
            under_way = LogoutDelivery.objects.filter(client=bad[1], state="sending")
            for _look in range(30):
                assert under_way.count() <= background.SENDERS_PER_CLIENT
                time.sleep(0.02)
            until(lambda: not LogoutDelivery.objects.filter(attempts=0).exists())
    assert len(quick.came) == ENDS  # and none by a redirect
    left = LogoutDelivery.objects.exclude(client=good)
    assert not left.filter(state__in=["delivered", "failed"]).exists()
    troubles = set(left.values_list("client__backchannel_logout_uri", "last_trouble"))
    assert troubles == {
        (dead, "no_connection"),
        (slow.address, "too_slow"),
        (away.address, "other_answer"),
    }


def test_a_service_that_comes_back_is_told_what_it_missed(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fas.operations.logouts.WAITS", [timedelta(seconds=0.2)] * 9)
    with receiving(answers=[503, 500, 404, 200]) as receiver, workers(1):
        rows = signed_on(a_client(backchannel_logout_uri=receiver.address), people(1), now)
        end(rows, 0)
        until(lambda: LogoutDelivery.objects.filter(state="delivered").exists())
    assert LogoutDelivery.objects.get().attempts == 4


def test_of_many_who_take_messages_each_gets_another(now: datetime) -> None:
    client = a_client(backchannel_logout_uri="https://service.example/")
    rows = signed_on(client, people(ENDS), now)
    for number in range(ENDS):
        end(rows, number)

    def take(number: int) -> int:
        row = claim(client.pk, worker=f"w{number}", now=timezone.now())
        return row.pk if row else 0

    taken = at_once(take, times=ENDS + 4, threads=4)
    assert Counter(taken)[0] == 4
    assert len(set(taken)) == ENDS + 1


# --- The worker itself ------------------------------------------------------------------------------------------------


def database_url() -> str:
    """Return the address of the database of this test."""
    found = settings.DATABASES["default"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{connection.settings_dict['NAME']}"
    user, password = quote(found["USER"]), quote(found["PASSWORD"])
    host = quote(found["HOST"], safe="")
    return f"postgres://{user}:{password}@{host}:{found['PORT']}/{connection.settings_dict['NAME']}"


@contextmanager
def worker() -> Generator["subprocess.Popen[bytes]"]:
    """Run `manage.py worker` as an organisation would, at its own pace."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "worker"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_url()},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


def test_what_a_killed_worker_had_taken_is_sent_by_the_next(now: datetime) -> None:
    with receiving(slow=2) as receiver:
        rows = signed_on(a_client(backchannel_logout_uri=receiver.address), people(ENDS), now)
        for number in range(ENDS):
            end(rows, number)
        with worker() as first:
            until(lambda: len(receiver.came) >= 1)
            first.send_signal(signal.SIGKILL)
            first.wait(10)
        taken = LogoutDelivery.objects.filter(state="sending")
        orphans = set(taken.values_list("sign_on__sid", flat=True))
        assert 1 <= len(orphans) <= background.SENDERS_PER_CLIENT
        receiver.slow = 0
        with worker():
            until(lambda: LogoutDelivery.objects.filter(state="delivered").count() == ENDS - len(orphans))
            assert set(taken.values_list("sign_on__sid", flat=True)) == orphans  # whose lease nobody broke
            taken.update(lease_until=timezone.now())
            until(lambda: not LogoutDelivery.objects.exclude(state="delivered").exists())
    told = subjects(receiver)
    assert set(told) == {row.sid for row in rows}
    # Those under way when it died may have come twice, and only those.
    assert {sid for sid, times in told.items() if times > 1} <= orphans
    assert max(told.values()) <= 2


@pytest.mark.threat(42)
def test_a_service_knows_within_a_minute_that_a_role_is_ended(
    cast: Cast, catalogue: dict[str, Role], acting_as: Callable[..., ActingContext], now: datetime
) -> None:
    """Sixteen roles end at once while the real worker runs at its own pace; the longest wait is printed."""
    role = catalogue["FLUVIUS_ENERGY_PORTAL_ADMIN"]
    everybody = people(ENDS)
    held: list[RoleAssignment] = [
        AssignmentFactory(role=role, assignee=person, organisation=cast.dubois, assigned_by=cast.jean, properties={})  # type: ignore[misc]
        for person in everybody
    ]
    with receiving() as receiver:
        client = a_client(role.services.get(), backchannel_logout_uri=receiver.address)
        rows = signed_on(client, everybody, now, organisation=cast.dubois)
        for row, assignment in zip(rows, held, strict=True):
            SignOn.objects.filter(pk=row.pk).update(told_roles=[mark_of(entry) for entry in entries([assignment])])
        acting = acting_as(cast.jean, cast.dubois)
        with worker():
            time.sleep(3)
            assert receiver.came == []
            began = time.monotonic()
            at_once(lambda n: end_assignments([held[n]], acting=acting, now=timezone.now()), times=ENDS, threads=4)
            until(lambda: len(receiver.came) >= ENDS, patience=PROMISED)
    waited = max(receiver.moments) - began
    print(f"\nthe last of {ENDS} was told after {waited:.1f} s")
    assert waited < PROMISED
    assert subjects(receiver) == Counter(row.sid for row in rows)
