"""The settings of a real provider: off by default, refused when wrong; with it on, no trace of the mock."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import get_resolver

from csam.checks import somebody_can_sign_in
from csam.models import LoginTicket
from csam.oidc.config import Provider, is_safe_address
from rolemgmt import env
from rolemgmt.reports import PrivateReporterFilter
from tests.conftest import Cast
from tests.csam.oidc_provider import PretendProvider

BASE_DIR = Path(__file__).resolve().parents[2]
ISSUER = "https://idp.example.be/fas/oauth2"
GOOD = {"OIDC_ISSUER": ISSUER, "OIDC_CLIENT_ID": "portal", "OIDC_CLIENT_SECRET": "s3cret-of-the-portal"}
SignIn = Callable[..., Client]


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Set these variables, and no other OIDC_..."""

    def set_them(**values: str | None) -> None:
        for name in [name for name in os.environ if name.startswith("OIDC_")]:
            monkeypatch.delenv(name)
        for name, value in values.items():
            if value is not None:
                monkeypatch.setenv(name, value)

    return set_them


def test_without_an_issuer_there_is_no_provider(given: Callable[..., None]) -> None:
    given()
    assert env.oidc_provider() is None


def test_a_provider_is_read_to_the_letter(given: Callable[..., None]) -> None:
    given(**GOOD)
    found = env.oidc_provider()
    assert found == Provider(ISSUER, "portal", "s3cret-of-the-portal", "", "openid profile egovnrn", True)
    more = {
        "OIDC_ISSUER": f"{ISSUER}/",
        "OIDC_NAME": "CSAM – Föderal",
        "OIDC_SCOPES": "openid  egovnrn profile citizen",
        "OIDC_NEW_PERSONS": "False",
    }
    given(**{**GOOD, **more})
    found = env.oidc_provider()
    assert found is not None
    assert (found.issuer, found.name) == (f"{ISSUER}/", "CSAM – Föderal")
    assert (found.scopes, found.accepts_new_persons) == ("openid egovnrn profile citizen", False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("OIDC_ISSUER", value) for value in ("idp.example.be", "http://idp.example.be", "ftp://idp.example.be", "")),
        *(("OIDC_ISSUER", f"{ISSUER}{end}") for end in ("?x=1", "?", "#x", "#", " x", '"', "\u00e9")),
        *(("OIDC_ISSUER", value) for value in ("https://a:b@idp.example.be", "https://", "https://h:x", "$ISSUER")),
        *(("OIDC_ISSUER", value) for value in ("http://127.0.0.1.example.be", "http://10.0.0.1", "https://h:0")),
        *(("OIDC_CLIENT_ID", value) for value in (None, "", "two words", "é", "x" * 501)),
        *(("OIDC_CLIENT_SECRET", value) for value in (None, " ", "two words", "pässword")),
        *(("OIDC_NAME", value) for value in ("", "x" * 61, "a\nb", "a\u202eb")),
        *(("OIDC_SCOPES", value) for value in ("", "openid", "openid profile", "egovnrn", 'openid egovnrn "x"')),
        *(("OIDC_NEW_PERSONS", value) for value in ("", "yes", "1")),
    ],
)
def test_a_wrong_setting_stops_the_start_with_its_name_and_without_its_value(
    given: Callable[..., None], name: str, value: str | None
) -> None:
    given(**{**GOOD, name: value})
    with pytest.raises(env.SettingError) as refused:
        env.oidc_provider()
    assert str(refused.value).startswith(f"The setting {name} ")
    assert value not in ("two words", "pässword") or value not in str(refused.value)


@pytest.mark.parametrize("name", ["CLIENT_ID", "CLIENT_SECRET", "NAME", "SCOPES", "NEW_PERSONS"])
def test_a_setting_without_an_issuer_stops_the_start(given: Callable[..., None], name: str) -> None:
    given(**{f"OIDC_{name}": "x"})
    with pytest.raises(env.SettingError, match=f"The setting OIDC_{name} is of no use without OIDC_ISSUER"):
        env.oidc_provider()


@pytest.mark.parametrize("value", [None, 7, ["https://h"], "https://[::1", "https://h/\x7f", "//h", "javascript:1"])
def test_what_is_no_address_is_not_taken_for_one(value: object) -> None:
    assert not is_safe_address(value)


@pytest.mark.parametrize("value", ["https://idp.example.be:8443/x?y=1", "http://127.0.0.1:1/", "http://[::1]:1/"])
def test_safe_addresses(value: str) -> None:
    assert is_safe_address(value)


def test_the_secret_shows_nowhere(settings: Any) -> None:
    settings.OIDC = Provider(ISSUER, "portal", "s3cret-of-the-portal")
    assert "s3cret" not in repr(settings.OIDC)
    assert "s3cret" not in str(PrivateReporterFilter().get_safe_settings())
    done = subprocess.run(  # noqa: S603 -- our own command
        [sys.executable, "manage.py", "diffsettings", "--all"],
        cwd=BASE_DIR,
        env={**os.environ, **GOOD, "CSAM_MOCK": "False", "DEMO_INSTANCE": "False"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ISSUER in done.stdout
    assert "s3cret" not in done.stdout


def test_a_portal_in_which_nobody_can_sign_in_says_so(settings: Any) -> None:
    assert somebody_can_sign_in() == []
    settings.CSAM_MOCK = False
    assert [warning.id for warning in somebody_can_sign_in()] == ["csam.W001"]
    settings.OIDC = Provider(ISSUER, "portal", "secret")
    assert somebody_can_sign_in() == []


# --- Off ----------------------------------------------------------------------------------------------------


def test_without_a_provider_its_pages_do_not_exist(client: Client, db: None) -> None:
    assert "/login/oidc/" not in client.get("/login/").content.decode()
    for path in ("/login/oidc/", "/login/oidc/leave/", "/login/oidc/return/"):
        assert client.get(path).status_code == 404
    assert client.post("/login/oidc/").status_code == 404
    assert not LoginTicket.objects.exists()


# --- On, and the mock off ------------------------------------------------------------------------------------


def pages_of_the_mock() -> list[str]:
    """Return the path of every page of the pretend identity provider."""
    found = [
        "/" + str(pattern.pattern).replace("<str:key>", "abcdefghijklmnopqrstuv")
        for resolver in get_resolver().url_patterns
        if getattr(resolver, "namespace", None) == "idp"
        for pattern in resolver.url_patterns
    ]
    assert len(found) >= 10
    return found


@pytest.mark.asvs(33)
@pytest.mark.threat(22)
def test_with_a_provider_no_trace_of_the_mock_is_reachable(client: Client, provider: PretendProvider, db: None) -> None:
    for path in pages_of_the_mock():
        for method in (client.get, client.head, client.post):
            assert method(path).status_code == 404, path
    for key in ("eid", "itsme", "email", "app"):
        assert client.get(f"/login/{key}/").status_code == 404
        assert client.post(f"/login/{key}/").status_code == 404
    for path in ("/mailbox/", "/mailbox/abc/"):
        assert client.get(path).status_code == 404
    assert not LoginTicket.objects.exists()


def test_an_attempt_of_before_the_mock_went_off_leads_nowhere(client: Client, db: None, settings: Any) -> None:
    client.post("/login/eid/")
    settings.CSAM_MOCK = False
    settings.OIDC = Provider(ISSUER, "portal", "secret")
    assert client.get("/idp/eid/").status_code == 404
    assert client.get("/login/oidc/leave/").status_code == 400


def test_the_login_page_shows_the_provider_only(client: Client, provider: PretendProvider, db: None) -> None:
    for path in ("/login/", "/login/high/", "/login/oidc/", "/login/?next=/my-roles/"):
        page = client.get(path).content.decode()
        assert page.count('<li class="card">') == 1
        assert "Federal test service</h3>" in page
        assert page.count('action="/login/oidc/"') == 1
        for word in ("eID", "itsme", "Security code", "Simulation", "mailbox", "demo"):
            assert word not in page
    assert client.post("/login/oidc/")["Location"] == "/login/oidc/leave/"


def test_a_provider_without_a_name_is_called_federal(
    client: Client, provider: PretendProvider, settings: Any, db: None
) -> None:
    settings.OIDC = Provider(provider.issuer, "portal", "secret")
    assert "Federal sign-in service</h3>" in client.get("/login/").content.decode()


def test_pages_of_signed_in_people_know_no_mock(provider: PretendProvider, cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.jean)
    assert client.get("/profile/app/").status_code == 404
    assert client.post("/profile/app/", {"action": "begin"}).status_code == 404
    for path in ("/", "/profile/", "/help/"):
        page = client.get(path).content.decode()
        assert "Simulation" not in page and "/mailbox/" not in page, path


def test_the_administration_knows_no_mock(
    provider: PretendProvider, cast: Cast, sign_in: SignIn, settings: Any
) -> None:
    client = sign_in(cast.sofie)
    hidden = ("/admin/tenants/registeredperson/", "/admin/csam/mailcode/")
    page = client.get("/admin/").content.decode()
    assert "/admin/tenants/person/" in page
    for path in hidden:
        assert path not in page
        assert client.get(path).status_code == 403
        assert client.get(f"{path}add/").status_code == 403
    assert {"registeredperson", "mailcode"} <= {model._meta.model_name for model in apps.get_models()}
    settings.CSAM_MOCK = True
    page = client.get("/admin/").content.decode()
    for path in hidden:
        assert path in page
        assert client.get(path).status_code == 200


def test_a_real_provider_does_not_stand_beside_pretend_keys() -> None:
    """Everybody reads the mailbox of a demo: a code sent there would open a real person's account."""
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=BASE_DIR,
        env={**os.environ, **GOOD, "CSAM_MOCK": "True", "DEMO_INSTANCE": "True"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "The setting OIDC_ISSUER names a real provider beside pretend digital keys" in done.stderr
