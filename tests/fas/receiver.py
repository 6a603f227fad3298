"""A service's address for back-channel logout, on this machine: it keeps what it is told, and answers as wished."""

import ssl
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs


@dataclass
class Receiver:
    """What came, and how it answers: the first of `answers` each time, the last one from then on."""

    port: int
    answers: list[int] = field(default_factory=lambda: [200])
    slow: float = 0.0  # seconds before an answer
    drips: bool = False
    location: str = ""
    came: list[dict[str, Any]] = field(default_factory=list)
    moments: list[float] = field(default_factory=list)
    together: int = 0
    most_together: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/logout"

    @property
    def tokens(self) -> list[str]:
        return [row["form"]["logout_token"][0] for row in self.came]


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

        def do_HEAD(self) -> None:  # noqa: N802
            self.answer(b"")

        def do_GET(self) -> None:  # noqa: N802
            self.answer(b"")

        def do_POST(self) -> None:  # noqa: N802
            self.answer(self.rfile.read(int(self.headers["Content-Length"])))

        def answer(self, body: bytes) -> None:
            with receiver.lock:
                receiver.moments.append(time.monotonic())
                receiver.came.append(
                    {
                        "method": self.command,
                        "path": self.path,
                        "headers": dict(self.headers),
                        "form": parse_qs(body.decode()),
                    }
                )
                receiver.together += 1
                receiver.most_together = max(receiver.most_together, receiver.together)
                status = receiver.answers.pop(0) if len(receiver.answers) > 1 else receiver.answers[0]
            try:
                time.sleep(receiver.slow)
                if receiver.drips:
                    self.drip()
                    return
                self.send_response(status)
                if receiver.location:
                    self.send_header("Location", receiver.location)
                self.send_header("Content-Length", "0")
                self.end_headers()
            except OSError:
                pass  # the portal has gone away
            finally:
                with receiver.lock:
                    receiver.together -= 1

        def drip(self) -> None:
            """Send a byte now and then: no single silence is long."""
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
            for _byte in range(200):
                self.wfile.write(b"x")
                time.sleep(0.05)

    return Handler


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a portal that hangs up is what some tests are about."""


@contextmanager
def receiving(*, tls: tuple[Path, Path] | None = None, **values: Any) -> Generator[Receiver]:
    """Serve one on a free port; `tls` names a certificate and its key."""
    receiver = Receiver(0, **values)
    server = _Quiet(("127.0.0.1", 0), _handler(receiver))
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
