"""The foreign programs: each signs people in with the ready settings of the administration, as they stand there."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.plugins.postgres import free_port
from tests.release.clients.portal import Registered, walk

START_SECONDS = 20


@dataclass(frozen=True)
class Outcome:
    """What a program made of somebody who came: let in or not, by which level, and the roles that it saw."""

    let_in: bool
    sub: str = ""
    acr: str = ""
    roles: tuple[str, ...] = ()


class Program(ABC):
    """One program. `ready` is the name of its settings in the administration."""

    name: str
    ready: str
    # What its client is registered with beside the addresses.
    fields: dict[str, Any] = {}

    def __init__(self) -> None:
        self.port = free_port()
        self.redirect = f"http://127.0.0.1:{self.port}/callback"

    def registration(self) -> dict[str, Any]:
        """Return the fields of its client."""
        return {"redirect_uris": self.redirect, **self.fields}

    @abstractmethod
    def missing(self) -> str:
        """Return what has to be installed, an empty text if nothing."""

    @abstractmethod
    def version(self) -> str:
        """Return which one it is."""

    @abstractmethod
    @contextmanager
    def running(self, client: Registered) -> Iterator[None]:
        """Run the service."""

    @abstractmethod
    def visit(self, page: Page, name: str) -> Outcome:
        """Let somebody come, who may have to sign in."""

    def still_in(self, page: Page) -> bool | None:
        """Say whether somebody who was let in still is; None for a program that keeps no session here."""
        return None


class _Arrivals(BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:  # noqa: N802
        body = b"<!doctype html><title>Arrived</title><p>Arrived."
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Scripted(Program):
    """A program that is asked by lines: where to send the browser, and what became of the address it arrived at."""

    @contextmanager
    def running(self, client: Registered) -> Iterator[None]:
        """Serve the address of arrival, and start the program."""
        server = ThreadingHTTPServer(("127.0.0.1", self.port), _Arrivals)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with tempfile.TemporaryDirectory(prefix="portal-client-") as folder:
            self.prepare(Path(folder), client.settings(self.ready))
            try:
                yield
            finally:
                server.shutdown()
                server.server_close()

    def prepare(self, folder: Path, settings: str) -> None:
        """Write the program into a folder."""
        self.folder = folder

    @abstractmethod
    def command(self) -> list[str]:
        """Return how to start it."""

    def environment(self) -> dict[str, str]:
        """Return its environment."""
        return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}

    def visit(self, page: Page, name: str) -> Outcome:
        """Begin, walk, finish."""
        process = subprocess.Popen(
            self.command(),
            cwd=self.folder,
            env=self.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdin is not None and process.stdout is not None
        try:
            address = process.stdout.readline().strip()
            if not address.startswith("http"):
                raise RuntimeError(f"{self.name} did not begin: {address[:200]!r}")
            page.goto(address)
            walk(page, name, lambda here: here.startswith(self.redirect))
            process.stdin.write(page.url + "\n")
            process.stdin.close()
            said = process.stdout.read()
        finally:
            process.wait(START_SECONDS)
        return self.read(said)

    def read(self, said: str) -> Outcome:
        """Return what the program says at the end."""
        found = json.loads(said.strip().splitlines()[-1])
        return Outcome(
            let_in=found["mayEnter"],
            sub=found["who"]["sub"],
            acr=found["who"]["acr"],
            roles=tuple(entry["role"] for entry in found["claims"]["roles"]),
        )


class Authlib(Scripted):
    """Authlib, in the Python of these tests."""

    name, ready = "Authlib", "Authlib (Python)"

    def missing(self) -> str:
        """It is always here: the portal itself needs it."""
        return ""

    def version(self) -> str:
        """Ask the package."""
        from importlib.metadata import version

        return f"{version('Authlib')}, Python {sys.version.split()[0]}"

    def prepare(self, folder: Path, settings: str) -> None:
        """Write the ready settings, and three lines that use them."""
        super().prepare(folder, settings)
        use = """
import json as j
address, kept = begin()
print(address, flush=True)
who, claims, may_enter = finish(input(), kept)
print(j.dumps({"who": who, "claims": claims, "mayEnter": may_enter}))
"""
        (folder / "service.py").write_text(settings + use, "utf-8")

    def environment(self) -> dict[str, str]:
        """Allow plain http, which Authlib refuses otherwise: the demo is served on this machine."""
        return {**super().environment(), "AUTHLIB_INSECURE_TRANSPORT": "1"}

    def command(self) -> list[str]:
        """Run it."""
        return [sys.executable, "service.py"]


class OpenidClient(Scripted):
    """openid-client in Node.js. `OPENID_CLIENT` names the folder whose node_modules hold it."""

    name, ready = "openid-client", "openid-client (Node.js)"

    def missing(self) -> str:
        """Look for Node.js and the package."""
        if not shutil.which("node"):
            return "Node.js (node)"
        return "" if self._package().is_dir() else "npm install openid-client, and its folder in OPENID_CLIENT"

    @staticmethod
    def _package() -> Path:
        return Path(os.environ.get("OPENID_CLIENT", "/nowhere")) / "node_modules" / "openid-client"

    def version(self) -> str:
        """Ask both."""
        package = json.loads((self._package() / "package.json").read_text("utf-8"))["version"]
        node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
        return f"{package}, Node.js {node}"

    def prepare(self, folder: Path, settings: str) -> None:
        """Write the ready settings, and three lines that use them."""
        super().prepare(folder, settings)
        use = """
import { createInterface } from 'node:readline/promises'
const { address, kept } = await begin()
console.log(address)
const lines = createInterface({ input: process.stdin })
for await (const line of lines) {
  console.log(JSON.stringify(await finish(line, kept)))
  break
}
"""
        (folder / "service.mjs").write_text(settings + use, "utf-8")
        (folder / "node_modules").symlink_to(self._package().parent)

    def command(self) -> list[str]:
        """Run it."""
        return ["node", "service.mjs"]


class CommandLine(Scripted):
    """curl, openssl and jq in a shell."""

    name, ready = "command line", "curl"

    def missing(self) -> str:
        """Look for the programs."""
        return " ".join(name for name in ("bash", "curl", "openssl", "jq", "basenc") if not shutil.which(name))

    def version(self) -> str:
        """Ask curl."""
        said = subprocess.run(["curl", "--version"], capture_output=True, text=True, check=True).stdout
        return " ".join(said.split()[:2])

    def prepare(self, folder: Path, settings: str) -> None:
        """Put the code where the text says that it belongs: the only change to it."""
        super().prepare(folder, settings)
        take = (
            'read ARRIVED; case "$ARRIVED" in *"state=$STATE"*) ;; *) exit 1;; esac; '
            "CODE=${ARRIVED#*code=}; CODE=${CODE%%&*}"
        )
        assert "\nCODE=...\n" in settings
        (folder / "service.sh").write_text("set -e\n" + settings.replace("CODE=...", take), "utf-8")

    def command(self) -> list[str]:
        """Run it."""
        return ["bash", "service.sh"]

    def read(self, said: str) -> Outcome:
        """Read the claims; whether a role is among them is for whoever reads."""
        claims = json.loads(said)
        roles = tuple(entry["role"] for entry in claims["roles"])
        return Outcome(let_in=bool(roles), sub=claims["sub"], roles=roles)


class Apache(Program):
    """Apache with mod_auth_openidc: a page that the server itself lets people see or not."""

    name, ready = "mod_auth_openidc", "Apache mod_auth_openidc"
    fields = {"roles_as": "string"}
    _MODULES = Path("/usr/lib/apache2/modules")

    def registration(self) -> dict[str, Any]:
        """It takes messages that a sign-on is over at an address of its own."""
        return {**super().registration(), "backchannel_logout_uri": f"{self.redirect}?logout=backchannel"}

    def missing(self) -> str:
        """Look for both."""
        here = shutil.which("apache2") and (self._MODULES / "mod_auth_openidc.so").exists()
        return "" if here else "apt-get install apache2 libapache2-mod-auth-openidc"

    def version(self) -> str:
        """Ask the package manager."""
        show = ["dpkg-query", "--show", "--showformat=${Version}"]
        said = [
            subprocess.run([*show, name], capture_output=True, text=True, check=False).stdout
            for name in ("libapache2-mod-auth-openidc", "apache2")
        ]
        return f"{said[0]}, Apache {said[1]}"

    @contextmanager
    def running(self, client: Registered) -> Iterator[None]:
        """Serve one page with the ready settings, on a port of its own."""
        with tempfile.TemporaryDirectory(prefix="portal-apache-") as name:
            folder = Path(name)
            folder.chmod(0o755)
            (folder / "www").mkdir()
            (folder / "www" / "index.html").write_text("<!doctype html><title>Inside</title><p>Inside.", "utf-8")
            ready = client.settings(self.ready).replace("<at least 32 random characters>", "0123456789abcdef" * 2)
            (folder / "apache.conf").write_text(self._basis(folder) + ready, "utf-8")
            process = subprocess.Popen(["apache2", "-f", str(folder / "apache.conf"), "-DFOREGROUND"])
            try:
                self._wait(process)
                yield
            finally:
                process.terminate()
                process.wait(START_SECONDS)
                if process.returncode:
                    print((folder / "error.log").read_text("utf-8"), file=sys.stderr)

    def _basis(self, folder: Path) -> str:
        modules = ("mpm_event", "authn_core", "authz_core", "authz_user", "dir", "mime", "auth_openidc")
        user = "User www-data\nGroup www-data\n" if os.geteuid() == 0 else ""
        return user + "\n".join(
            (
                *(f"LoadModule {module}_module {self._MODULES}/mod_{module}.so" for module in modules),
                f"ServerRoot {folder}",
                f"PidFile {folder}/pid",
                f"DefaultRuntimeDir {folder}",
                f"ErrorLog {folder}/error.log",
                "ServerName 127.0.0.1",
                f"Listen 127.0.0.1:{self.port}",
                f"DocumentRoot {folder}/www",
                "DirectoryIndex index.html",
                "TypesConfig /etc/mime.types",
                "",
            )
        )

    def _wait(self, process: "subprocess.Popen[bytes]") -> None:
        deadline = time.monotonic() + START_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
            try:
                connection.request("GET", "/")
                connection.getresponse()
                return
            except OSError:
                time.sleep(0.2)
            finally:
                connection.close()
        raise RuntimeError("Apache did not start")

    def visit(self, page: Page, name: str) -> Outcome:
        """Open the page, sign in on the way, and see what the server answers at the end."""
        statuses: list[int] = []
        here = f"http://127.0.0.1:{self.port}/"
        page.on("response", lambda answer: statuses.append(answer.status) if answer.url.startswith(here) else None)
        page.goto(here)
        walk(page, name, lambda address: address.startswith(here))
        page.wait_for_load_state()
        return Outcome(let_in=statuses[-1] == 200 and "Inside." in page.content())

    def still_in(self, page: Page) -> bool:
        """Ask for the page anew, as a program would: whoever is out is sent to the portal."""
        answer = page.context.request.get(f"http://127.0.0.1:{self.port}/", max_redirects=0)
        return bool(answer.status == 200)


PROGRAMS: tuple[type[Program], ...] = (Apache, Authlib, OpenidClient, CommandLine)
