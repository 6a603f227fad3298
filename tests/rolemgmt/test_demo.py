"""`manage.py demo` in a copy of the checkout, as somebody who has just cloned it would start it."""

import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection

from rolemgmt.dotenv_file import asked_port, write_if_absent
from rolemgmt.management.commands.demo import commands
from tests.plugins.postgres import free_port

BASE_DIR = Path(__file__).resolve().parents[2]
LEFT_BEHIND = shutil.ignore_patterns(".*", "var", "tests", "__pycache__", "*.sqlite3*")
SETTINGS = [
    *("PORTAL_ENV_FILE", "SECRET_KEY", "VAULT_KEYS", "VAULT_INDEX_KEY", "DEBUG", "CSAM_MOCK", "DEMO_INSTANCE"),
    *("ALLOWED_HOSTS", "PORTAL_BASE_URL", "EMAIL_URL", "STATIC_MANIFEST", "DATABASE_URL"),
]


@pytest.fixture
def checkout(tmp_path) -> Path:
    """Return a copy of the tree without private settings."""
    return Path(shutil.copytree(BASE_DIR, tmp_path / "checkout", ignore=LEFT_BEHIND))


@pytest.fixture
def environment(transactional_db) -> Iterator[dict[str, str]]:
    """Return the variables of a new shell; on PostgreSQL with the address of a database of its own."""
    variables = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    if connection.vendor != "postgresql":
        yield variables
        return
    name = f"demo_{os.getpid()}_{time.monotonic_ns()}"
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    host = connection.settings_dict
    address = f"postgres://{host['USER']}:{host['PASSWORD']}@{host['HOST']}:{host['PORT']}/{name}"
    yield {**variables, "DATABASE_URL": address.replace(":@", "@")}
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def demo(checkout: Path, environment: dict[str, str], port: int) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start it, wait until it says it is ready, yield process and words; stop it as Ctrl-C does."""
    process = subprocess.Popen(
        [sys.executable, "-u", "manage.py", "demo", "--port", str(port)],
        cwd=checkout,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    said = ""
    try:
        for line in process.stdout or ():
            said += line
            if "Stop with Ctrl-C" in line:
                break
        else:
            pytest.fail(f"the demo ended before it was ready:\n{said}")
        yield process, said
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        try:
            process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise


def fetch(address: str) -> tuple[int, str, dict[str, str]]:
    try:
        with urllib.request.urlopen(address, timeout=20) as answer:  # noqa: S310 - our own address
            return answer.status, answer.read().decode(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), dict(error.headers)


def wait_until_closed(port: int) -> bool:
    for _attempt in range(50):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1)  # noqa: S310 - our own address
        except urllib.error.HTTPError:
            pass
        except OSError:
            return True
        time.sleep(0.1)
    return False


def test_a_fresh_checkout_is_served_twice_without_harm(checkout, environment):
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    with demo(checkout, environment, port) as (process, said):
        env_file = checkout / ".env"
        assert stat.S_IMODE(env_file.stat().st_mode) == 0o600
        private = env_file.read_bytes()
        assert b"DEBUG=False" in private
        assert b"DEMO_INSTANCE=True" in private
        for words in (f"{base}/", f"{base}/mailbox/", "Jean Dubois", "Sofie De Smet", "PIN 1234", "What to try first"):
            assert words in said
        services = re.findall(r"http://127\.0\.0\.1:[0-9]+/(?:fluvius|safeonweb)/", said)
        assert len(services) == 2
        status, page, headers = fetch(f"{base}/")
        assert status == 200
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert headers["Cache-Control"] == "no-store"
        assert fetch(f"{base}/mailbox/")[0] == 200
        for service in services:
            assert "This is not the real service." in fetch(service)[1]
        assert stat.S_IMODE((checkout / "var" / "demo-services.json").stat().st_mode) == 0o600
        assert fetch(f"{base}/no-such-page/")[0] == 404
        sheet = page.split('rel="stylesheet"', 1)[1].split('href="', 1)[1].split('"', 1)[0]
        assert sheet.startswith("/static/")
        assert fetch(base + sheet)[0] == 200

        second = subprocess.run(
            [sys.executable, "manage.py", "demo", "--port", str(port)],
            cwd=checkout,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert second.returncode == 1
        assert f"Port {port} cannot be used" in second.stderr
        assert "Traceback" not in second.stderr
        assert second.stderr.strip().count("\n") == 0
    assert process.returncode == 0
    assert wait_until_closed(port)

    counts = row_counts(checkout, environment)
    with demo(checkout, environment, port):
        assert fetch(f"{base}/")[0] == 200
    assert (checkout / ".env").read_bytes() == private
    assert row_counts(checkout, environment) == counts
    uses_a_file = "DATABASE_URL" not in environment
    assert (checkout / "var" / "portal.sqlite3").exists() is uses_a_file


def row_counts(checkout: Path, environment: dict[str, str]) -> str:
    """Return how many rows each table holds, but for sessions and what the worker does."""
    script = (
        "from django.apps import apps\n"
        "for m in apps.get_models():\n"
        "    if m._meta.app_label in ('tenants', 'roles', 'csam', 'auth'):\n"
        "        print(m.__name__, m._base_manager.count())\n"
    )
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", script],
        cwd=checkout,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Person" in done.stdout
    return done.stdout


@pytest.mark.parametrize("port", ["0", "65536", "eighty", "-1", ""])
def test_a_port_that_is_none_gives_one_sentence(port, tmp_path):
    done = subprocess.run(
        [sys.executable, "manage.py", "demo", f"--port={port}"],
        cwd=BASE_DIR,
        env={**os.environ, "PORTAL_ENV_FILE": str(tmp_path / ".env")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == "The port should be a number from 1 to 65535: make demo PORT=8123\n"
    assert not (tmp_path / ".env").exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"DEMO_INSTANCE": "False", "CSAM_MOCK": "False"}, "not set up as a demo"),
        (
            {"PORTAL_BASE_URL": "https://roles.example.be", "ALLOWED_HOSTS": "roles.example.be"},
            "not an http address of this machine",
        ),
    ],
)
def test_a_real_installation_is_never_filled_with_demo_data(changes, words, tmp_path):
    done = subprocess.run(
        [sys.executable, "manage.py", "demo"],
        cwd=BASE_DIR,
        env={
            **os.environ,
            **{"EMAIL_URL": "smtp://mail.example.be", "PORTAL_ENV_FILE": str(tmp_path / ".env")},
            **{"DATABASE_URL": f"sqlite:///{tmp_path}/real.sqlite3", "PORTAL_BASE_URL": "http://127.0.0.1:8000"},
            **changes,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert words in done.stderr
    assert not (tmp_path / "real.sqlite3").exists()


def test_the_private_file_is_written_once(tmp_path):
    path = tmp_path / ".env"
    assert write_if_absent(path)
    first = path.read_text("utf-8")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not write_if_absent(path)
    assert path.read_text("utf-8") == first
    other = tmp_path / "other"
    write_if_absent(other)
    assert other.read_text("utf-8").splitlines()[2:5] != first.splitlines()[2:5]


@pytest.mark.parametrize(
    ("arguments", "port"),
    [
        (["manage.py", "demo"], None),
        (["manage.py", "demo", "--port", "8123"], "8123"),
        (["manage.py", "demo", "--port=8123"], "8123"),
        (["manage.py", "demo", "--port"], ""),
    ],
)
def test_the_port_is_read_from_the_command_line(arguments, port):
    assert asked_port(arguments) == port


def test_the_server_takes_the_longest_line_that_a_service_may_send() -> None:
    server, _worker, services = commands(8000, 8001)
    assert server[server.index("--limit-request-line") + 1] == "8190"
    assert "rolemgmt.demo.services.wsgi:application" in services
