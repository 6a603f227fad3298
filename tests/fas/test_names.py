"""People read the name of the service, in their language; what staff have named its client stays with staff."""

from typing import Any

import pytest
from django.utils import timezone

from audit.models import AuditEntry
from audit.record import record
from fas.models import Client
from roles.history import history_rows
from tests.conftest import Cast
from tests.fas.relying_party import RelyingParty
from tests.roles.test_history_page import sentences_on

pytestmark = pytest.mark.django_db

ACTIVITY = "/profile/activity/"


def rename(client: Client, **names: str) -> None:
    """Give its service other names."""
    type(client.service).objects.filter(pk=client.service.pk).update(**names)


def test_my_activity_names_the_service_as_my_profile_does(party: RelyingParty) -> None:
    rename(party.client, name_en="Energy, in English", name_fr="Énergie, en français")
    Client.objects.update(name="Cluster 7 (test)")
    party.sign_on()
    page = party.browser.get(ACTIVITY)
    assert "Anna Peeters signed in at the service Energy, in English" in sentences_on(page)
    assert "Energy, in English" in party.browser.get("/profile/services/").content.decode()
    party.browser.cookies["language"] = "fr"
    in_french = party.browser.get(ACTIVITY).content.decode()
    assert "Énergie, en français" in in_french
    for text in (in_french, page.content.decode()):
        assert "Energy portal" not in text and "Cluster 7" not in text
    party.browser.cookies["language"] = "en"
    file = party.browser.get(f"{ACTIVITY}?format=csv").content.decode("utf-8-sig")
    assert "Energy, in English" in file and "Energy portal" not in file


def test_what_staff_did_to_a_client_names_the_client(client_row: Client, cast: Cast) -> None:
    record("client:changed", actor=cast.sofie, subject=client_row, now=timezone.now())
    record("sign_on:started", actor=cast.anna, subject=client_row, now=timezone.now())
    rename(client_row, name_en="Mijn Fluvius")
    rows = history_rows(AuditEntry.objects.order_by("pk"))
    assert [row.sentence for row in rows][-2:] == [
        "Sofie De Smet changed the client Energy portal",
        "Anna Peeters signed in at the service Mijn Fluvius",
    ]
    assert [row.about for row in rows][-2:] == ["Energy portal", "Mijn Fluvius"]


def test_a_client_that_is_gone_keeps_the_name_of_that_day(client_row: Client, cast: Cast) -> None:
    record("sign_on:started", actor=cast.anna, subject=client_row, now=timezone.now())
    Client.objects.all().delete()
    (row,) = history_rows(AuditEntry.objects.filter(event="sign_on:started"))
    assert row.sentence == "Anna Peeters signed in at the service Energy portal"


def test_the_names_are_read_at_once(client_row: Client, cast: Cast, django_assert_num_queries: Any) -> None:
    for _time in range(5):
        record("sign_on:started", actor=cast.anna, subject=client_row, now=timezone.now())
    entries = list(AuditEntry.objects.filter(event="sign_on:started"))
    with django_assert_num_queries(1):
        history_rows(entries)
