"""The portal behind gunicorn, with the addresses of the benchmarks; one process, so that times are of one request."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.plugins.postgres import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 30

if "BENCHMARK_SERVER" in os.environ:  # in gunicorn, not in the tests
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application

    settings.ROOT_URLCONF = "tests.benchmarks.urls"
    application = get_wsgi_application()


class Server:
    """A running server, asked over a new connection each time, as its synchronous workers want it."""

    def __init__(self, port: int) -> None:
        self.port = port

    def get(self, path: str, cookie: str = "") -> int:
        """Ask for a page, read it whole and return its status."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path, headers={"Cookie": cookie, "Accept-Language": "en"})
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()

    def post(self, path: str, body: Any, headers: dict[str, str]) -> int:
        """Send JSON, read the answer whole and return its status."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("POST", path, json.dumps(body), {**headers, "Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()


@contextmanager
def running(database: str) -> Iterator[Server]:
    """Serve the database of this name of the test server."""
    port = free_port()
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}").geturl()
    environment = {**os.environ, "BENCHMARK_SERVER": "1", "DATABASE_URL": address, "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("GUNICORN_CMD_ARGS", None)
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "tests.benchmarks.server:application"),
            *("--bind", f"127.0.0.1:{port}", "--workers", "1", "--no-control-socket", "--log-level", "error"),
        ],
        cwd=ROOT,
        env={**environment, "DJANGO_SETTINGS_MODULE": "rolemgmt.settings"},
        stderr=subprocess.DEVNULL,
    )
    try:
        server = Server(port)
        _wait(server, process)
        yield server
    finally:
        process.terminate()
        process.wait(10)


def _wait(server: Server, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            assert server.get("/hello/") == 200
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server of the benchmarks did not start")
