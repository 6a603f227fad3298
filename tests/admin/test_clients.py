"""Clients in the administration: registered with a secret shown once, checked, switched off, and ready to copy."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.contrib.sessions.models import Session
from django.test import Client as Browser
from django.utils import timezone
from joserfc.jwk import ECKey, OctKey, RSAKey
from pytest_django import Settings

from audit.models import AuditEntry
from csam.models import User
from fas.models import AccessToken, Client, Grant, LogoutDelivery, SignOn
from roles.models import OnlineService
from tests.admin.pages import address
from tests.conftest import Cast
from tests.factories import ServiceFactory
from tests.fas.receiver import receiving
from tests.fas.relying_party import basic
from tests.fas.rows import SECRET, a_client, a_sign_on, one_of_each
from tests.plugins.postgres import free_port

pytestmark = [pytest.mark.django_db, pytest.mark.asvs(59)]

CALLBACK = "https://service.example/callback"
_SHOWN = re.compile(r'<code id="client-secret">([^<]+)</code>')


@pytest.fixture
def service(db: None) -> OnlineService:
    return ServiceFactory()  # type: ignore[return-value]


def values(service: OnlineService, **changed: Any) -> dict[str, Any]:
    return {
        "name": "Energy portal",
        "client_id": "energy",
        "service": service.pk,
        "is_enabled": "on",
        "redirect_uris": CALLBACK,
        "post_logout_redirect_uris": "",
        "request_return_uris": "",
        "backchannel_logout_uri": "",
        "request_jwks": "{}",
        "scopes": ["openid", "roles"],
        "roles_as": "list",
        "minimum_level": "500",
        "requests_per_minute": "600",
        "requires_pkce": "on",
        **changed,
    }


def add(sofie: Browser, service: OnlineService, **changed: Any) -> Any:
    return sofie.post(address(Client, "add"), values(service, **changed))


def change(sofie: Browser, client: Client, **changed: Any) -> Any:
    sent = values(
        client.service, name=client.name, scopes=client.scopes.split(), minimum_level=str(client.minimum_level)
    )
    return sofie.post(address(Client, "change", client.pk), {**sent, **changed})


def page(client: Client, name: str) -> str:
    return f"/admin/fas/client/{client.pk}/{name}/"


def errors(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 200
    return dict(answer.context["adminform"].form.errors)


# --- Registering ----------------------------------------------------------------------------------------------------


def test_a_client_is_registered_and_its_secret_is_shown_once(sofie: Browser, service: OnlineService) -> None:
    answer = add(sofie, service)
    assert answer.status_code == 200
    (secret,) = _SHOWN.findall(answer.content.decode())
    assert "no-store" in answer.headers["Cache-Control"]
    client = Client.objects.get()
    assert (client.client_id, client.service, client.scopes) == ("energy", service, "openid roles")
    assert client.client_secret.startswith("random_sha256$")
    sent = {"token": "x"}
    known = Browser().post("/fas/oauth2/introspect", sent, headers=basic("energy", secret))
    assert known.json() == {"active": False}
    for again in (
        address(Client, "change", client.pk),
        address(Client, "history", client.pk),
        page(client, "settings"),
    ):
        assert secret not in sofie.get(again).content.decode()


def test_the_secret_is_kept_nowhere_in_clear(
    sofie: Browser, service: OnlineService, caplog: pytest.LogCaptureFixture
) -> None:
    (secret,) = _SHOWN.findall(add(sofie, service).content.decode())
    (newer,) = _SHOWN.findall(sofie.post(page(Client.objects.get(), "secret")).content.decode())
    kept = [
        *map(str, AuditEntry.objects.values()),
        *map(str, LogEntry.objects.values()),
        *map(str, Client.objects.values()),
        *(str(session.get_decoded()) for session in Session.objects.all()),
        caplog.text,
    ]
    assert not [text for text in kept if secret in text or newer in text]


def test_registering_is_recorded(sofie: Browser, service: OnlineService, cast: Cast, newest: Callable[[], Any]) -> None:
    add(sofie, service)
    entry = newest()
    assert (entry.event, entry.actor_key, entry.subject_key) == ("client:added", cast.sofie.key, "energy")
    assert entry.data["by_staff"] is True
    assert entry.data["changes"]["redirect_uris"][1] == CALLBACK
    assert "client_secret" not in str(entry.data)


def test_the_same_form_sent_again_registers_nothing_more(sofie: Browser, service: OnlineService) -> None:
    add(sofie, service)
    assert "client_id" in errors(add(sofie, service))
    assert Client.objects.count() == 1


def test_the_form_proposes_a_name_for_the_protocol(sofie: Browser) -> None:
    proposed = sofie.get(address(Client, "add")).context["adminform"].form["client_id"].value()
    assert len(proposed) >= 20


WRONG: list[tuple[str, Any]] = [
    ("redirect_uris", ""),
    ("redirect_uris", "service.example/callback"),
    ("redirect_uris", "http://service.example/callback"),
    ("redirect_uris", "https://service.example/callback#part"),
    ("redirect_uris", "https://*.service.example/callback"),
    ("redirect_uris", "https://user:word@service.example/callback"),
    ("redirect_uris", "https://service.example/a/../callback"),
    ("redirect_uris", "https://service.example/a/%2E%2e/callback"),
    ("redirect_uris", "https://Service.example/callback"),
    ("redirect_uris", "javascript:alert(1)"),
    ("redirect_uris", "https://service.example/`id`"),
    ("redirect_uris", "https://service.example/'$(id)'"),
    ("redirect_uris", 'https://service.example/"quoted"'),
    ("redirect_uris", "https://service.example/${HOME}"),
    ("redirect_uris", "https://service.example\\@evil.example/"),
    ("redirect_uris", "https://service.exämple/"),
    ("redirect_uris", f"{CALLBACK}\n{CALLBACK}"),
    ("redirect_uris", "http://127.0.0.1:8000/anything"),
    ("redirect_uris", "\n".join(f"https://service.example/{number}" for number in range(21))),
    ("redirect_uris", "https://service.example/" + "x" * 500),
    ("post_logout_redirect_uris", "http://service.example/out"),
    ("request_return_uris", "https://service.example/#back"),
    ("backchannel_logout_uri", "http://service.example/logout"),
    ("backchannel_logout_uri", "https://a.example/ https://b.example/"),
    ("client_id", "with space"),
    ("client_id", "é"),
    ("client_id", ""),
    ("name", ""),
    ("scopes", []),
    ("scopes", ["openid", "everything"]),
    ("roles_as", "table"),
    ("minimum_level", "123"),
    ("requests_per_minute", "0"),
    ("requests_per_minute", "-1"),
]


@pytest.mark.parametrize(("field", "value"), WRONG)
def test_what_is_wrong_is_said_at_its_field(sofie: Browser, service: OnlineService, field: str, value: Any) -> None:
    assert set(errors(add(sofie, service, **{field: value}))) == {field}
    assert not Client.objects.exists()


def test_the_title_says_in_its_language_that_something_is_wrong(sofie: Browser, service: OnlineService) -> None:
    sofie.cookies["language"] = "nl"
    assert "<title>Fout: " in add(sofie, service, name="").content.decode()


def test_a_new_client_begins_with_the_usual_scopes(sofie: Browser) -> None:
    form = sofie.get(address(Client, "add")).context["adminform"].form
    ticked = {box.data["value"] for box in form["scopes"] if box.data["selected"]}
    assert ticked == {"openid", "profile", "roles", "enterprise", "citizen"}


def test_staff_read_what_a_scope_brings_about_the_person(sofie: Browser) -> None:
    sofie.cookies["language"] = "en"
    text = sofie.get(address(Client, "add")).content.decode()
    assert "egovnrn – the national register number of the person" in text
    assert "your " not in text.partition('id="id_scopes"')[2].partition("</fieldset>")[0]


def test_the_form_has_words_for_labels_and_moments_as_elsewhere(sofie: Browser, service: OnlineService) -> None:
    sofie.cookies["language"] = "en"
    client = a_client(service)
    Client.objects.update(created=datetime(2026, 7, 1, 22, 30, tzinfo=UTC), updated=datetime(2026, 7, 2, tzinfo=UTC))
    text = sofie.get(address(Client, "change", client.pk)).content.decode()
    assert "<label>Identifier (client_id):</label>" in text
    assert "2 July 2026 at 0:30" in text
    assert "+00:00" not in text
    assert "Identifier (client_id)" in sofie.get(address(Client)).content.decode()
    sofie.cookies["language"] = "fr"
    assert "2 juillet 2026 à 0 h 30" in sofie.get(address(Client, "change", client.pk)).content.decode()


def test_a_client_belongs_to_a_service(sofie: Browser, service: OnlineService) -> None:
    answer = sofie.post(address(Client, "add"), {**values(service), "service": ""})
    assert list(errors(answer)) == ["service"]


def test_an_address_of_the_portal_is_none_of_a_service(
    sofie: Browser, service: OnlineService, settings: Settings
) -> None:
    settings.PORTAL_BASE_URL = "https://roles.example.be"
    for own in ("https://roles.example.be/", "https://roles.example.be:8443/callback"):
        assert "redirect_uris" in errors(add(sofie, service, redirect_uris=own))
    assert _SHOWN.search(add(sofie, service, redirect_uris="https://other.example.be/").content.decode())


def test_this_machine_is_told_nothing_in_production(sofie: Browser, service: OnlineService, settings: Settings) -> None:
    settings.DEMO_INSTANCE = settings.DEBUG = False
    for own in (
        "https://localhost/x",
        "http://127.0.0.1:9000/x",
        "https://[::1]/x",
        "https://[::1]:90/x",
        "https://127.1/x",
    ):
        assert "backchannel_logout_uri" in errors(add(sofie, service, backchannel_logout_uri=own))


PRIVATE = (
    *("10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1"),  # noqa: S104
    *("[fc00::1]", "[fe80::1]", "[::ffff:10.1.2.3]", "[64:ff9b::10.1.2.3]", "[::]"),
    *("10.258", "0x0a010203", "167838211", "012.1.2.3"),
)


@pytest.mark.parametrize("is_demo", [True, False])
@pytest.mark.parametrize("host", PRIVATE)
def test_nothing_is_sent_into_private_networks_and_the_form_says_so(
    sofie: Browser, service: OnlineService, settings: Settings, host: str, is_demo: bool
) -> None:
    settings.DEMO_INSTANCE, settings.DEBUG = is_demo, False
    said = errors(add(sofie, service, backchannel_logout_uri=f"https://{host}/logout"))["backchannel_logout_uri"]
    assert said == ["The portal sends nothing into private networks."]


@pytest.mark.parametrize("host", ["service.example", "93.184.215.14", "[2606:2800:21f::1]", "ten.example"])
def test_public_addresses_and_names_are_taken(
    sofie: Browser, service: OnlineService, settings: Settings, host: str
) -> None:
    settings.DEMO_INSTANCE = settings.DEBUG = False
    page = add(sofie, service, backchannel_logout_uri=f"https://{host}/logout").content.decode()
    assert _SHOWN.search(page), page


def test_in_a_demonstration_this_machine_is_taken(sofie: Browser, service: OnlineService, settings: Settings) -> None:
    settings.DEMO_INSTANCE = True
    page = add(sofie, service, backchannel_logout_uri="http://127.0.0.1:9000/logout").content.decode()
    assert _SHOWN.search(page), page


def keys(*found: Any) -> str:
    return json.dumps({"keys": [key if isinstance(key, dict) else key.as_dict(private=False) for key in found]})


def test_public_keys_are_taken(sofie: Browser, service: OnlineService) -> None:
    rsa, ec = RSAKey.generate_key(2048, {"kid": "a"}), ECKey.generate_key("P-256", {"kid": "b"})
    add(sofie, service, request_jwks=keys(rsa, ec))
    assert [key["kid"] for key in Client.objects.get().request_jwks["keys"]] == ["a", "b"]


@pytest.mark.parametrize(
    "pasted",
    [
        "[]",
        '"x"',
        "{",
        '{"keys": {}}',
        '{"keys": [1]}',
        '{"keys": [{"kty": "RSA", "kid": "a"}]}',
        keys({"kty": "RSA", "kid": "a", "e": "AQAB", "n": "w" * 171}),  # 1024 bits
        keys(ECKey.generate_key("P-384", {"kid": "a"})),
        keys(ECKey.generate_key("P-256")),
        keys(*[ECKey.generate_key("P-256", {"kid": "a"})] * 2),
        keys(ECKey.generate_key("P-256", {"kid": "a"}).as_dict(private=True)),
        keys(OctKey.generate_key(256, {"kid": "a"}).as_dict(private=True)),
    ],
    ids=lambda _pasted: "key",  # they are made anew in each process
)
def test_other_keys_are_refused(sofie: Browser, service: OnlineService, pasted: str) -> None:
    assert list(errors(add(sofie, service, request_jwks=pasted))) == ["request_jwks"]


# --- Changing -------------------------------------------------------------------------------------------------------


def test_a_client_is_changed_and_keeps_its_name_service_and_secret(
    sofie: Browser, service: OnlineService, newest: Callable[[], Any]
) -> None:
    client = a_client(service)
    kept = (client.client_id, client.service, client.client_secret)
    sent = {"client_id": "other", "service": ServiceFactory().pk, "redirect_uris": f"{CALLBACK}\r\n{CALLBACK}2"}
    assert change(sofie, client, **sent).status_code == 302
    client.refresh_from_db()
    assert (client.client_id, client.service, client.client_secret) == kept
    assert client.redirect_uri_allowed(CALLBACK + "2")
    assert newest().event == "client:changed"
    assert "redirect_uris" in newest().data["changes"]


def test_without_pkce_a_warning_stays(sofie: Browser, service: OnlineService) -> None:
    client = a_client(service)
    sent = values(service, name=client.name)
    del sent["requires_pkce"]
    answer = sofie.post(address(Client, "change", client.pk), sent, follow=True)
    assert "ithout PKCE" in answer.content.decode() or "PKCE" in str([str(m) for m in answer.context["messages"]])
    client.refresh_from_db()
    assert not client.requires_pkce


def test_switching_off_takes_effect_at_once(sofie: Browser, cast: Cast, newest: Callable[[], Any]) -> None:
    one_of_each(cast.anna, now=timezone.now())
    LogoutDelivery.objects.all().delete()
    client = Client.objects.get()
    Client.objects.update(backchannel_logout_uri="https://service.example/logout")
    neighbour = a_sign_on(cast.anna, a_client(), now=timezone.now())
    sent = values(client.service, name=client.name, backchannel_logout_uri="https://service.example/logout")
    del sent["is_enabled"]
    assert sofie.post(address(Client, "change", client.pk), sent).status_code == 302
    assert not AccessToken.objects.filter(application=client).exists()
    assert not Grant.objects.filter(application=client, used_at__isnull=True).exists()
    assert SignOn.objects.get(client=client).end_reason == "client_off"
    assert LogoutDelivery.objects.filter(client=client, state="queued").count() == 1
    assert SignOn.objects.open().get() == neighbour
    answer = Browser().post("/fas/oauth2/introspect", {"token": "x"}, headers=basic(client.client_id, SECRET))
    assert answer.status_code == 401
    ended = AuditEntry.objects.get(event="sign_on:ended")
    assert (ended.actor_key, ended.data["reason"]) == ("", "client_off")
    assert AuditEntry.objects.get(event="client:changed").actor_key == cast.sofie.key


def test_a_new_secret_ends_the_old_one(sofie: Browser, cast: Cast, newest: Callable[[], Any]) -> None:
    one_of_each(cast.anna, now=timezone.now())
    client = Client.objects.get()
    where = page(client, "secret")
    assert not _SHOWN.search(sofie.get(where).content.decode())
    assert Client.objects.get().client_secret == client.client_secret
    (secret,) = _SHOWN.findall(sofie.post(where).content.decode())
    for shown, status in ((SECRET, 401), (secret, 200)):
        answer = Browser().post("/fas/oauth2/introspect", {"token": "x"}, headers=basic(client.client_id, shown))
        assert answer.status_code == status
    assert not AccessToken.objects.exists()
    entry = AuditEntry.objects.get(event="client:secret_renewed")
    assert (entry.actor_key, entry.subject_key) == (cast.sofie.key, client.client_id)


# --- Checking the addresses -----------------------------------------------------------------------------------------


def test_the_addresses_are_asked_and_nothing_else_is_told(sofie: Browser, settings: Settings) -> None:
    with receiving(answers=[404], location="https://secret.example/") as alive, receiving(answers=[503]) as ill:
        dead = f"http://127.0.0.1:{free_port()}/dead"
        client = a_client(
            redirect_uris=f"{alive.address}\n{dead}",
            post_logout_redirect_uris="https://10.0.0.1/out",
            backchannel_logout_uri=ill.address,
        )
        where = page(client, "addresses")
        assert alive.address in sofie.get(where).content.decode()
        assert alive.came == []
        sofie.cookies["language"] = "en"
        answer = sofie.post(where)
        rows = {row.address: (row.answers, row.words) for row in answer.context["checked"]}
        assert rows == {
            alive.address: (True, "answers (404), without encryption"),
            dead: (False, "nobody answers there"),
            "https://10.0.0.1/out": (False, "the address is not on the public internet"),
            ill.address: (False, "answers with an error (503)"),
        }
        assert "secret.example" not in answer.content.decode()
        assert [came["method"] for came in alive.came] == ["HEAD"]
        for _time in range(6):
            answer = sofie.post(where)
        assert answer.context["limit"] is True
        assert len(alive.came) == 6


# --- Ready settings -------------------------------------------------------------------------------------------------


def test_the_settings_are_filled_in(sofie: Browser, service: OnlineService) -> None:
    client = a_client(service, client_id="energy", roles_as="string")
    answer = sofie.get(page(client, "settings"))
    ready = answer.context["ready"]
    assert [one.program for one in ready] == [
        "Apache mod_auth_openidc",
        "Authlib (Python)",
        "openid-client (Node.js)",
        "Spring Boot",
        "curl",
    ]
    for one in ready:
        for filled in ("http://127.0.0.1:8000/fas/oauth2", "energy", CALLBACK, "<client_secret>", "openid"):
            assert filled in one.text, (one.program, filled)
        assert "{" not in one.text.split("\n")[0]
    assert "&lt;client_secret&gt;" in answer.content.decode()


# --- Who may --------------------------------------------------------------------------------------------------------


def test_staff_without_the_right_see_and_do_nothing(cast: Cast, sign_in: Callable[..., Browser]) -> None:
    client = a_client()
    user = User.objects.get(person=cast.olivier)
    User.objects.filter(pk=user.pk).update(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_client"))
    olivier = sign_in(cast.olivier)
    assert olivier.get(address(Client, "change", client.pk)).status_code == 200
    for name in ("secret", "addresses", "settings"):
        assert olivier.get(page(client, name)).status_code == 403
        assert olivier.post(page(client, name)).status_code in (403, 405)
    assert Client.objects.get().client_secret == client.client_secret


@pytest.mark.parametrize("name", ["secret", "addresses", "settings"])
def test_for_others_the_pages_do_not_exist(cast: Cast, sign_in: Callable[..., Browser], name: str) -> None:
    client = a_client()
    assert sign_in(cast.jean).get(page(client, name)).status_code == 404
    assert sign_in(cast.jean).post(page(client, name)).status_code == 404
    assert Browser().get(page(client, name)).status_code == 302
    assert Client.objects.get().client_secret == client.client_secret


# --- The log of messages --------------------------------------------------------------------------------------------


def test_messages_are_filtered_and_sent_again(sofie: Browser, cast: Cast) -> None:
    now = timezone.now()
    sign_on = a_sign_on(cast.anna, a_client(), now=now, ended_at=now, end_reason="role_lost")
    row = LogoutDelivery.objects.create(
        sign_on=sign_on, client=sign_on.client, queued_at=now, next_at=now, state="failed", last_answer=400
    )
    where = address(LogoutDelivery)
    for found, expected in (("state__exact=failed", [row]), ("state__exact=delivered", [])):
        assert list(sofie.get(f"{where}?{found}").context["cl"].result_list) == expected
    by_client = sofie.get(f"{where}?client__id__exact={sign_on.client_id}").context["cl"].result_list
    assert list(by_client) == [row]
    assert list(sofie.get(where, {"q": sign_on.sid}).context["cl"].result_list) == [row]
    sofie.post(where, {"action": "put_back", "_selected_action": [row.pk]})
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("queued", 0)
    assert AuditEntry.objects.get(event="logout:sent_again").actor_key == cast.sofie.key


def test_to_look_is_not_to_send_again(cast: Cast, sign_in: Callable[..., Browser]) -> None:
    now = timezone.now()
    sign_on = a_sign_on(cast.anna, a_client(), now=now, ended_at=now, end_reason="role_lost")
    row = LogoutDelivery.objects.create(
        sign_on=sign_on, client=sign_on.client, queued_at=now, next_at=now, state="failed"
    )
    user = User.objects.get(person=cast.olivier)
    User.objects.filter(pk=user.pk).update(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_logoutdelivery"))
    olivier = sign_in(cast.olivier)
    assert olivier.get(address(LogoutDelivery)).status_code == 200
    olivier.post(address(LogoutDelivery), {"action": "put_back", "_selected_action": [row.pk]})
    row.refresh_from_db()
    assert row.state == "failed"
