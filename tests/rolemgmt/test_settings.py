"""A missing or malformed setting stops the start: with its name, what it should look like, and no traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rolemgmt import env
from tests.plugins.environment import TEST_ENV

BASE_DIR = Path(__file__).resolve().parents[2]

REFUSED = [
    ("SECRET_KEY", None, "is missing"),
    ("SECRET_KEY", "short", "is too short"),
    ("DEBUG", "yes please", "neither True nor False"),
    ("DEBUG", "", "is empty"),
    ("ALLOWED_HOSTS", None, "is missing"),
    ("ALLOWED_HOSTS", "*", "not a host name"),
    ("DATABASE_URL", None, "is missing"),
    ("DATABASE_URL", "portal.sqlite3", "neither SQLite nor PostgreSQL"),
    ("DATABASE_URL", "mysql://a:b@c/d", "neither SQLite nor PostgreSQL"),
    ("EMAIL_URL", "mail.example.be:25", "not the address of a mail server"),
    ("EMAIL_URL", "smtp://mail.example.be:port", "cannot be read"),
    ("CSAM_MOCK", "1", "neither True nor False"),
    ("DEMO_INSTANCE", "maybe", "neither True nor False"),
    ("PORTAL_BASE_URL", None, "is missing"),
    ("PORTAL_BASE_URL", "http://roles.example.be", "plain http outside this machine"),
    ("PORTAL_BASE_URL", "https://roles.example.be/portal", "more than scheme, host and port"),
    ("PLANNED_OUTAGE", "tomorrow", "is not two moments"),
    ("PLANNED_OUTAGE", "2026-12-05T22:00/2026-12-05T20:00", "ends before it begins"),
    ("HELP_EMAIL", "somebody", "is not an e-mail address"),
    ("VAULT_KEYS", None, "is missing"),
    ("VAULT_KEYS", "k1:c2hvcnQ=", "32 random bytes"),
    ("VAULT_INDEX_KEY", None, "is missing"),
    ("VAULT_INDEX_KEY", "not base64!", "not URL-safe base64"),
    ("OIDC_ISSUER", "http://idp.example.be", "not the address of a provider"),
    ("OIDC_CLIENT_ID", "portal", "of no use without OIDC_ISSUER"),
    ("OIDC_NEW_PERSONS", "False", "of no use without OIDC_ISSUER"),
    ("FAS_SIGNING_KEYS", "", "is empty"),
    ("FAS_SIGNING_KEYS", "var/no-such-file.pem", "names a file that cannot be read"),
    ("FAS_SIGNING_KEYS", "tests/test.env", "holds no private key without a password"),
    ("FAS_SIGNING_KEYS", "tests/words", "names a folder without a key"),
]


def manage(*arguments: str, **changes: str | None) -> subprocess.CompletedProcess[str]:
    """Run manage.py with the settings of the tests and these changes; None takes a variable away."""
    environment = {**os.environ, **{name: value for name, value in changes.items() if value is not None}}
    for name, value in changes.items():
        if value is None:
            environment.pop(name, None)
    return subprocess.run(
        [sys.executable, *arguments], cwd=BASE_DIR, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(("name", "value", "problem"), REFUSED)
def test_a_bad_setting_stops_every_command_with_one_paragraph(name, value, problem):
    done = manage("manage.py", "check", **{name: value})
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("The portal does not start. ")
    assert done.stderr.count("\n") == 1
    assert f"The setting {name} " in done.stderr
    assert problem in done.stderr
    assert "It should be " in done.stderr


def test_a_refusal_does_not_repeat_a_secret():
    done = manage("manage.py", "check", SECRET_KEY="my-little-secret", DATABASE_URL="x://u:hidden@h/d")
    assert "my-little-secret" not in done.stderr + done.stdout
    assert "hidden" not in done.stderr + done.stdout


def test_good_settings_start():
    done = manage("manage.py", "check")
    assert done.returncode == 0, done.stderr


def test_letters_need_a_mail_server_outside_a_demo():
    done = manage("manage.py", "check", EMAIL_URL=None, CSAM_MOCK="False", DEMO_INSTANCE="False")
    assert done.returncode == 1
    assert "The setting EMAIL_URL is missing" in done.stderr


@pytest.mark.parametrize("command", ["check", "migrate", "runserver", "worker", "createadmin"])
def test_mock_keys_do_not_start_in_production(command):
    done = manage("manage.py", command, DEMO_INSTANCE="False", EMAIL_URL="smtp://mail.example.be")
    assert done.returncode == 1
    assert "The setting CSAM_MOCK " in done.stderr


@pytest.mark.parametrize("change", [{"DEMO_INSTANCE": "False"}, {"VAULT_KEYS": "nonsense"}, {"SECRET_KEY": None}])
def test_gunicorn_refuses_as_well(change):
    done = manage(*("-m", "gunicorn", "--check-config", "--no-control-socket", "rolemgmt.wsgi:application"), **change)
    assert done.returncode != 0
    assert f"The setting {'CSAM_MOCK' if 'DEMO_INSTANCE' in change else next(iter(change))} " in done.stderr


def test_production_settings_pass_the_deployment_check():
    values = dict(
        line.split("=", 1)
        for line in (TEST_ENV.parent / "production.env").read_text("utf-8").splitlines()
        if line and not line.startswith("#")
    )
    done = manage("manage.py", "check", "--deploy", "--fail-level", "WARNING", **values)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("value", ["$OTHER", "  ", "", "aaaa" * 20, "django-insecure-" + "abcdefgh" * 8])
def test_secret_keys_that_are_none(monkeypatch, value):
    monkeypatch.setenv("SECRET_KEY", value)
    with pytest.raises(env.SettingError, match="SECRET_KEY"):
        env.secret_key("SECRET_KEY")


@pytest.mark.parametrize(
    "value",
    [
        *("sqlite://", "sqlite:///", "sqlite://:memory:", "postgres://host", "postgres://", "postgres://h:port/d"),
        *("$DB", "oracle://a:b@c/d", "just text", ":memory:"),
    ],
)
def test_database_addresses_that_are_none(monkeypatch, tmp_path, value):
    monkeypatch.setenv("DATABASE_URL", value)
    with pytest.raises(env.SettingError, match="DATABASE_URL"):
        env.database("DATABASE_URL", base=tmp_path)


def test_a_relative_database_file_counts_from_the_checkout(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", "sqlite:///var/portal.sqlite3")
    assert env.database("DATABASE_URL", base=tmp_path)["NAME"] == str(tmp_path / "var" / "portal.sqlite3")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/x.sqlite3")
    assert env.database("DATABASE_URL", base=Path("/elsewhere"))["NAME"] == f"{tmp_path}/x.sqlite3"


@pytest.mark.parametrize(
    ("value", "port", "tls", "ssl"),
    [
        ("smtp://127.0.0.1:1025", 1025, None, None),
        ("smtp://mail.example.be", 25, None, None),
        ("smtp+tls://user:p%40ss@mail.example.be", 587, True, None),
        ("smtp+ssl://user:pw@mail.example.be", 465, None, True),
    ],
)
def test_mail_servers(monkeypatch, value, port, tls, ssl):
    monkeypatch.setenv("EMAIL_URL", value)
    found = env.email("EMAIL_URL", required=True)
    assert found["EMAIL_PORT"] == port
    assert found.get("EMAIL_USE_TLS") is tls
    assert found.get("EMAIL_USE_SSL") is ssl
    assert found["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend"
    assert found.get("EMAIL_HOST_PASSWORD") in (None, "", "p@ss", "pw")


@pytest.mark.parametrize("value", ["smtp://", "http://mail.example.be", "me@example.be", "smtp://h:70000", "$M"])
def test_mail_servers_that_are_none(monkeypatch, value):
    monkeypatch.setenv("EMAIL_URL", value)
    with pytest.raises(env.SettingError, match="EMAIL_URL"):
        env.email("EMAIL_URL", required=False)


@pytest.mark.parametrize(
    "value",
    ["http://127.0.0.1:8000", "http://localhost:8123", "http://[::1]:8000", "https://roles.example.be"],
)
def test_addresses_of_the_portal(monkeypatch, value):
    monkeypatch.setenv("PORTAL_BASE_URL", value + "/")
    assert env.base_url("PORTAL_BASE_URL") == value


@pytest.mark.parametrize(
    "value",
    [
        *("roles.example.be", "ftp://roles.example.be", "https://", "https://a:b@roles.example.be", "https://x y"),
        *("https://roles.example.be?", "https://roles.example.be/#x", "https://h:0", "https://h:99999"),
        *("http://127.0.0.1.example.be", "http://10.0.0.1:8000", "https://roles.example.be//"),
    ],
)
def test_addresses_that_are_none(monkeypatch, value):
    monkeypatch.setenv("PORTAL_BASE_URL", value)
    with pytest.raises(env.SettingError, match="PORTAL_BASE_URL"):
        env.base_url("PORTAL_BASE_URL")


KEY = "MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY="


def test_the_first_key_of_the_ring_is_the_current_one(monkeypatch):
    monkeypatch.setenv("VAULT_KEYS", f"k2:{KEY}, k1:{KEY}")
    assert list(env.key_ring("VAULT_KEYS")) == ["k2", "k1"]


@pytest.mark.parametrize(
    "value", [KEY, f"k1:{KEY},k1:{KEY}", f"k1:{KEY},", f"K!:{KEY}", "k1:" + "A" * 43 + "=", "k1:", ":", "k1:é"]
)
def test_key_rings_that_are_none(monkeypatch, value):
    monkeypatch.setenv("VAULT_KEYS", value)
    with pytest.raises(env.SettingError, match="VAULT_KEYS"):
        env.key_ring("VAULT_KEYS")


def test_numbers_words_and_specimens_are_checked(monkeypatch):
    monkeypatch.setenv("CONFIRM_DAYS", "two weeks")
    with pytest.raises(env.SettingError, match="a whole number from 1 to 365"):
        env.whole_number("CONFIRM_DAYS", default=14, low=1, high=365)
    monkeypatch.setenv("CONFIRM_DAYS", "366")
    with pytest.raises(env.SettingError, match="CONFIRM_DAYS"):
        env.whole_number("CONFIRM_DAYS", default=14, low=1, high=365)
    monkeypatch.setenv("PERSON_SEARCH_SCOPE", "everybody")
    with pytest.raises(env.SettingError, match="register, colleagues"):
        env.one_of("PERSON_SEARCH_SCOPE", ("register", "colleagues"), default="register")
    monkeypatch.setenv("SPECIMEN_NATIONAL_NUMBERS", "123")
    with pytest.raises(env.SettingError, match="eleven"):
        env.national_numbers("SPECIMEN_NATIONAL_NUMBERS")
    monkeypatch.setenv("MAIL_FROM", "nobody")
    with pytest.raises(env.SettingError, match="MAIL_FROM"):
        env.mail_address("MAIL_FROM", default="no-reply@example.be")


def test_absent_switches_are_off_and_absent_limits_have_their_default(monkeypatch):
    monkeypatch.delenv("DEBUG", raising=False)
    monkeypatch.delenv("CONFIRM_DAYS", raising=False)
    assert env.boolean("DEBUG", default=False) is False
    assert env.whole_number("CONFIRM_DAYS", default=14, low=1, high=365) == 14


def test_loopback_cookies_have_plain_names_and_others_the_host_prefix():
    script = (
        "from rolemgmt import settings as s;"
        "print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.LANGUAGE_COOKIE_NAME, s.SESSION_COOKIE_SECURE)"
    )
    assert manage("-c", script).stdout.split() == ["session", "csrf", "language", "False"]
    secure = manage(
        "-c", script, PORTAL_BASE_URL="https://roles.example.be", ALLOWED_HOSTS="roles.example.be"
    ).stdout.split()
    assert secure == ["__Host-session", "__Host-csrf", "__Host-language", "True"]


def test_hosts_without_the_one_people_type_are_refused():
    said = manage("manage.py", "check", ALLOWED_HOSTS="other.example.be")
    assert said.returncode == 1
    assert "The setting ALLOWED_HOSTS does not hold the host of PORTAL_BASE_URL." in said.stderr


def test_a_database_file_in_a_folder_that_is_not_there_is_refused(tmp_path):
    said = manage("manage.py", "check", DATABASE_URL=f"sqlite:///{tmp_path}/typo/portal.sqlite3")
    assert said.returncode == 1
    assert "The setting DATABASE_URL names a file in a folder that does not exist." in said.stderr
    assert not (tmp_path / "typo").exists()
