"""Both demo services, served by a process of their own as in the demonstration, and somebody at a browser."""

import html
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from joserfc.jwk import RSAKey

from tests.demo_services.provider import CLIENTS, ServiceProvider
from tests.plugins.postgres import free_port

BASE_DIR = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def served_provider() -> Iterator[ServiceProvider]:
    """The provider of all tests here."""
    found = ServiceProvider()
    yield found
    found.stop()


@pytest.fixture
def provider(served_provider: ServiceProvider) -> Iterator[ServiceProvider]:
    """A provider that does not lie yet, with a sign-in of its own for each test."""
    served_provider.reset()
    yield served_provider
    served_provider.reset()


@pytest.fixture(scope="session")
def request_key() -> RSAKey:
    """The key with which a service signs its requests for roles."""
    return RSAKey.generate_key(2048, {"kid": "requests-1"})


@pytest.fixture(scope="session")
def config_of(request_key: RSAKey) -> Callable[..., dict[str, Any]]:
    """Return a function that gives what `manage.py demo` would write down."""

    def make(issuer: str, port: int) -> dict[str, Any]:
        return {
            "secret_key": "k" * 50,
            "address": f"http://127.0.0.1:{port}",
            "portal": issuer.removesuffix("/fas/oauth2"),
            "issuer": issuer,
            "registrations": {
                slug: {
                    "client_id": client_id,
                    "client_secret": secret,
                    "request_key": request_key.as_dict(private=True),
                }
                for slug, (client_id, secret) in CLIENTS.items()
            },
            "refetch_seconds": 0,
        }

    return make


@pytest.fixture(scope="session")
def services(served_provider: ServiceProvider, config_of: Any, tmp_path_factory: Any) -> Iterator[str]:
    """The address of both services."""
    port = free_port()
    file = tmp_path_factory.mktemp("services") / "services.json"
    file.write_text(json.dumps(config_of(served_provider.issuer, port)), "utf-8")
    with serve(file, port) as address:
        yield address


class serve:
    """Serve the demo services from a file of settings while the block lasts."""

    def __init__(self, file: Path, port: int) -> None:
        self.file, self.port = file, port

    def __enter__(self) -> str:
        """Start, and wait until they answer."""
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "rolemgmt.demo.services.wsgi:application"),
                *("--bind", f"127.0.0.1:{self.port}", "--workers", "1", "--threads", "4"),
                *("--no-control-socket", "--log-level", "error"),
            ],
            cwd=BASE_DIR,
            env={**os.environ, "DEMO_SERVICES_CONFIG": str(self.file)},
        )
        address = f"http://127.0.0.1:{self.port}"
        for _attempt in range(200):
            assert self.process.poll() is None, "the demo services did not start"
            try:
                requests.get(f"{address}/", timeout=5)
            except requests.ConnectionError:
                time.sleep(0.1)
            else:
                return address
        raise AssertionError("the demo services do not answer")

    def __exit__(self, *_error: object) -> None:
        """Stop them."""
        self.process.terminate()
        self.process.wait(20)


class Surfer:
    """A browser without a screen: keeps cookies, presses buttons, goes to the provider and back."""

    def __init__(self, base: str, provider: ServiceProvider, language: str = "en") -> None:
        self.base, self.provider = base, provider
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Accept-Language"] = language
        self.status, self.page, self.headers = 0, "", requests.structures.CaseInsensitiveDict[str]()

    def open(self, path: str) -> str:
        """Open a page of the services, or follow its redirects among them. Returns an outside address it leads to."""
        return self._after(self.session.get(self._full(path), allow_redirects=False, timeout=20))

    def press(self, action: str, **fields: str) -> str:
        """Send the page's form of an action, with its token. Returns an outside address it leads to."""
        form = next(part for part in self.page.split("<form")[1:] if f'action="{action}"' in part)
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
        data = {"csrfmiddlewaretoken": found[1] if found else "", **fields}
        answer = self.session.post(
            self._full(action), data=data, headers={"Referer": self.base}, allow_redirects=False, timeout=20
        )
        return self._after(answer)

    def sign_in(self, site: str = "fluvius") -> None:
        """Sign in from the start page, all the way."""
        self.open(f"/{site}/")
        self.open(self.provider.visit(self.press(f"/{site}/sign-in/")))

    def _after(self, answer: requests.Response) -> str:
        while answer.is_redirect:
            address = answer.headers["Location"]
            if not self._full(address).startswith(self.base + "/"):
                self.headers = answer.headers
                return address
            answer = self.session.get(self._full(address), allow_redirects=False, timeout=20)
        self.status, self.page, self.headers = answer.status_code, answer.text, answer.headers
        return ""

    def _full(self, path: str) -> str:
        return path if urlsplit(path).netloc else self.base + path

    @property
    def heading(self) -> str:
        """The page's one H1."""
        found = re.findall(r"<h1>(.*?)</h1>", self.page, re.DOTALL)
        assert len(found) == 1
        return html.unescape(found[0]).strip()

    @property
    def words(self) -> str:
        """All the words of the page."""
        body = self.page.partition("<body")[2].partition(">")[2]
        return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", body)))

    @property
    def cookies(self) -> str:
        """Everything that the services keep in this browser."""
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.session.cookies)


@pytest.fixture
def surf(services: str, provider: ServiceProvider) -> Iterator[Callable[..., Surfer]]:
    """Return a function that opens a browser."""
    made: list[Surfer] = []

    def make(language: str = "en") -> Surfer:
        made.append(Surfer(services, provider, language))
        return made[-1]

    yield make
    for surfer in made:
        surfer.session.close()


@pytest.fixture
def jean(surf: Callable[..., Surfer]) -> Surfer:
    """Somebody who has not signed in yet."""
    return surf()
