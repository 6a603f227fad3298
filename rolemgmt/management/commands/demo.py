"""`manage.py demo`: everything a person needs to try the portal on this machine. `make demo` calls it."""

import contextlib
import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from rolemgmt.demo.clients import introduce_services
from rolemgmt.demo.services.config import VARIABLE
from rolemgmt.dotenv_file import DEFAULT_PORT
from rolemgmt.env import is_loopback

HOST = "127.0.0.1"
WEB_PROCESSES = 2
START_SECONDS = 30
STOP_SECONDS = 10
SERVICES_FILE = settings.VAR_DIR / "demo-services.json"

# DESIGN, section 6: the standing cast, and what each of them can show.
CAST = (
    ("Jean Dubois", "chief access manager of Boulangerie Dubois SRL: gives every role there"),
    ("Tom Janssens", "manages at two organisations: chooses for which one to act"),
    ("Marie Claes", "manages the domain Finances only"),
    ("Anna Peeters", "employee without a role: receives one, and confirms it if asked"),
    ("Carine Peeters", "chief at Peeters & Fils SA: sees nothing of Boulangerie Dubois"),
    ("Ingrid Schmitz", "chief of a new organisation: what she gives must be confirmed"),
    ("Klaus Lennertz", "her co-chief: confirms what she gives herself"),
    ("Olivier Lambert", "no organisation and no role: the outsider"),
    ("Sofie De Smet", "admin of the portal: /admin/"),
)


class Command(BaseCommand):
    """Migrate, load the demo, start the server, the worker and the demo services; stop them on Ctrl-C."""

    help = "Serves the portal with its demo on this machine. It can be run again without harm."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the port; manage.py has read it already, because the settings depend on it."""
        parser.add_argument("--port", type=int, help=f"the port on {HOST} (default: the one in .env)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare, start, wait, stop."""
        port = self._port()
        self._refuse_what_is_no_demo()
        self._refuse_busy(port)
        call_command("migrate", verbosity=0, interactive=False)
        call_command("seed_demo", verbosity=options["verbosity"])
        collect_static()
        services_port = port_after(port)
        introduce_services(SERVICES_FILE, address=f"http://{HOST}:{services_port}")
        with running(commands(port, services_port)) as processes:
            for each in (port, services_port):
                self._wait_until_it_answers(each, processes)
            self._tell(services_port)
            wait_for_the_end(processes)

    @staticmethod
    def _port() -> int:
        parts = urlsplit(settings.PORTAL_BASE_URL)
        if parts.scheme != "http" or not is_loopback(parts.hostname or ""):
            raise CommandError(
                "PORTAL_BASE_URL in your settings is not an http address of this machine, and a demo serves no other. "
                "Run the command in another checkout, or set it to http://127.0.0.1:8000."
            )
        return parts.port or DEFAULT_PORT

    @staticmethod
    def _refuse_what_is_no_demo() -> None:
        if not (settings.DEMO_INSTANCE and settings.CSAM_MOCK):
            raise CommandError(
                "This checkout is not set up as a demo: DEMO_INSTANCE and CSAM_MOCK must both be True. "
                "Nothing was changed."
            )

    @staticmethod
    def _refuse_busy(port: int) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError as error:
                raise CommandError(
                    f"Port {port} cannot be used on this machine ({error.strerror}). "
                    f"Choose another one: make demo PORT={port + 1 if port < 65535 else DEFAULT_PORT}"
                ) from None

    @staticmethod
    def _wait_until_it_answers(port: int, processes: list[subprocess.Popen[bytes]]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if any(process.poll() is not None for process in processes):
                break
            with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
                return
            time.sleep(0.1)
        raise CommandError("The server, the worker or the services did not start; the lines above say why.")

    def _tell(self, services_port: int) -> None:
        base, services = settings.PORTAL_BASE_URL, f"http://{HOST}:{services_port}"
        width = max(len(name) for name, _what in CAST)
        people = "\n".join(f"  {name:<{width}}  {what}" for name, what in CAST)
        self.stdout.write(
            f"""
The portal is ready:  {base}/
The e-mails it sends: {base}/mailbox/

Two services that rely on it, which let in whoever holds their role:
  Mijn Fluvius    {services}/fluvius/
  Safeonweb@work  {services}/safeonweb/

People you can be (every card has PIN 1234):
{people}

What to try first: sign in as Jean Dubois with the eID card, choose "Assign a role to a user", and give
Anna Peeters a role. Read her e-mail in the mailbox, then sign in as Anna: "My role assignments" shows it.
Then go to the service of that role: it lets her in. End the role: it lets her in no more.

Everything here is invented. Stop with Ctrl-C; run the command again whenever you like."""
        )
        self.stdout.flush()


def port_after(port: int) -> int:
    """Return the port for the demo services: the next one that is free on this machine."""
    for candidate in (*range(port + 1, min(port + 50, 65536)), 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind((HOST, candidate))
                return int(probe.getsockname()[1])
    raise CommandError("No port is free on this machine for the demo services.")


def commands(port: int, services_port: int) -> list[list[str]]:
    """Return the command lines of the server, the worker, and the demo services."""
    return [
        [
            *(sys.executable, "-m", "gunicorn", "rolemgmt.wsgi:application"),
            # Threads: browsers open connections ahead and say nothing on them for a while.
            *("--bind", f"{HOST}:{port}", "--workers", str(WEB_PROCESSES), "--threads", "4"),
            # What a service asks stands in one line, longer than gunicorn takes by default; this is its most.
            *("--limit-request-line", "8190"),
            *("--no-control-socket", "--log-level", "warning"),
        ],
        [sys.executable, str(settings.BASE_DIR / "manage.py"), "worker"],
        [
            *(sys.executable, "-m", "gunicorn", "rolemgmt.demo.services.wsgi:application"),
            # One process: who is signed in there is in its memory.
            *("--bind", f"{HOST}:{services_port}", "--workers", "1", "--threads", "4"),
            *("--no-control-socket", "--log-level", "warning"),
        ],
    ]


@contextlib.contextmanager
def running(lines: list[list[str]]) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Start the processes; stop them all when the block is left, however that happens."""
    environment = {name: value for name, value in os.environ.items() if name != "GUNICORN_CMD_ARGS"}
    environment[VARIABLE] = str(SERVICES_FILE)
    processes: list[subprocess.Popen[bytes]] = []
    # Ctrl-C by name: whoever starts this in the background of a script has it ignored otherwise.
    former = {number: signal.signal(number, _leave) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        for line in lines:
            # A session of their own: Ctrl-C reaches this process only, which then stops them in order.
            processes.append(
                subprocess.Popen(line, cwd=settings.BASE_DIR, env=environment, start_new_session=True)  # noqa: S603
            )
        yield processes
    except KeyboardInterrupt:
        pass  # Ctrl-C is how a demo ends
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
        stop(processes)


def _leave(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def wait_for_the_end(processes: list[subprocess.Popen[bytes]]) -> None:
    """Wait until a process ends by itself, which it should not: then the demo ends with an error."""
    while all(process.poll() is None for process in processes):
        time.sleep(0.3)
    raise CommandError("The server, the worker or the services have stopped; the lines above say why.")


def stop(processes: list[subprocess.Popen[bytes]]) -> None:
    """Ask each process to finish, and end the one that does not."""
    for process in processes:
        if process.poll() is None:
            process.terminate()
    for process in processes:
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def collect_static() -> None:
    """Collect the static files, unless they are the ones collected last time."""
    stamp = Path(f"{settings.STATIC_ROOT}.stamp")
    now = static_fingerprint()
    if stamp.exists() and stamp.read_text("utf-8") == now and Path(settings.STATIC_ROOT).exists():
        return
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(now, "utf-8")


def static_fingerprint() -> str:
    """Return a digest of the names, sizes and times of all static files, and of Django's version."""
    digest = hashlib.sha256(django.get_version().encode())
    for finder in get_finders():
        for name, storage in finder.list(None):
            found = os.stat(storage.path(name))
            digest.update(f"{name}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    return digest.hexdigest()
