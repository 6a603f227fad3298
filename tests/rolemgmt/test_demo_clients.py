"""The demo services and the portal know each other: the file with secrets, and the clients in the database."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password

from fas.models import Client
from rolemgmt.demo.clients import introduce_services, missing_clients
from rolemgmt.demo.services.config import read_config
from roles.models import Role

pytestmark = pytest.mark.django_db

ADDRESS = "http://127.0.0.1:8001"


@pytest.fixture
def file(tmp_path: Path, catalogue: dict[str, Role]) -> Path:
    """Where the services read what they are registered as."""
    return tmp_path / "private" / "demo-services.json"


def introduced(file: Path, address: str = ADDRESS) -> dict[str, Any]:
    introduce_services(file, address=address)
    return json.loads(file.read_text("utf-8"))


def clients() -> list[dict[str, Any]]:
    return list(Client.objects.order_by("pk").values())


def test_both_services_are_clients_with_their_addresses_to_the_letter(file):
    introduced(file)
    fluvius, safeonweb = Client.objects.order_by("client_id")
    assert (fluvius.client_id, safeonweb.client_id) == ("demo-fluvius", "demo-safeonweb")
    assert (fluvius.service.code, safeonweb.service.code) == ("mijn-fluvius", "safeonweb-at-work")
    assert fluvius.redirect_uris == f"{ADDRESS}/fluvius/callback/"
    assert fluvius.post_logout_redirect_uris == f"{ADDRESS}/fluvius/signed-out/"
    assert fluvius.request_return_uris == f"{ADDRESS}/fluvius/return/"
    assert fluvius.backchannel_logout_uri == f"{ADDRESS}/fluvius/backchannel-logout/"
    assert (fluvius.minimum_level, safeonweb.minimum_level) == (400, 450)
    assert (fluvius.roles_as, safeonweb.roles_as) == ("list", "string")
    assert fluvius.requires_pkce and fluvius.is_enabled and fluvius.may_read_numbers


def test_the_secrets_are_in_the_file_only_and_the_file_is_private(file):
    said = introduced(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    for client in Client.objects.all():
        own = said["registrations"][client.client_id.removeprefix("demo-")]
        assert check_password(own["client_secret"], client.client_secret)
        [published] = client.request_jwks["keys"]
        assert (published["kid"], published["n"]) == (own["request_key"]["kid"], own["request_key"]["n"])
        assert not {"d", "p", "q", "dp", "dq", "qi"} & published.keys()
    assert read_config(file).registrations.keys() == {"fluvius", "safeonweb"}


def test_a_second_run_changes_nothing_of_it(file):
    first, before = introduced(file), clients()
    second = introduced(file)
    assert clients() == before
    assert second["registrations"] == first["registrations"]
    assert missing_clients() == 0


def test_another_port_gives_other_addresses_and_the_same_secrets(file):
    first = introduced(file)
    second = introduced(file, "http://127.0.0.1:9001")
    assert second["registrations"] == first["registrations"]
    assert Client.objects.get(client_id="demo-fluvius").redirect_uris == "http://127.0.0.1:9001/fluvius/callback/"


@pytest.mark.parametrize("left", [None, "", "[]", '{"registrations": {"fluvius": {}}}'])
def test_a_lost_file_is_written_anew_with_other_secrets(file, left):
    first = introduced(file)
    file.unlink() if left is None else file.write_text(left, "utf-8")
    second = introduced(file)
    assert second["registrations"]["fluvius"]["client_secret"] != first["registrations"]["fluvius"]["client_secret"]
    fluvius = Client.objects.get(client_id="demo-fluvius")
    assert check_password(second["registrations"]["fluvius"]["client_secret"], fluvius.client_secret)


def test_what_an_admin_switched_off_stays_off(file):
    introduced(file)
    Client.objects.filter(client_id="demo-fluvius").update(is_enabled=False)
    introduced(file)
    assert not Client.objects.get(client_id="demo-fluvius").is_enabled
