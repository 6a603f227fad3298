"""The developer's guide: each sample in it runs against a portal that is served, and its tables say what is so."""

import json
import os
import re
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
import requests
from django.conf import settings as django_settings
from django.test import Client as Browser
from django.utils import timezone
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from pytest_django import Settings

from fas.api.problems import KINDS
from fas.keys import key_set, sign
from fas.models import Client, SignOn
from fas.operations.logouts import logout_token
from fas.ready_settings import ready_settings
from fas.scopes import SCOPES, SERVICE_SCOPES, acr_of
from roles.models import Role
from roles.service_view import FORMAT
from tenants.acting import Level
from tests.conftest import Cast
from tests.factories import AssignmentFactory
from tests.fas.relying_party import RelyingParty
from tests.fas.rows import SECRET, a_client, a_sign_on
from tests.plugins.postgres import free_port

SignIn = Callable[..., Browser]
pytestmark = pytest.mark.django_db(transaction=True)

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "services.md"
TEXT = GUIDE.read_text("utf-8")
_SAMPLE = re.compile(r"^ *<!-- sample: (\w+) -->\n *```(\w+)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
SAMPLES = {name: (language, textwrap.dedent(text)) for name, language, text in _SAMPLE.findall(TEXT)}
ENERGY = "FLUVIUS_ENERGY_PORTAL_ADMIN"


def python(name: str) -> dict[str, Any]:
    """Run a sample and return what it defines."""
    language, text = SAMPLES[name]
    assert language == "python"
    found: dict[str, Any] = {}
    exec(compile(text, f"docs/services.md: {name}", "exec"), found)  # noqa: S102 - our own page
    return found


def shell(name: str, **variables: str) -> str:
    """Run a sample in a shell and return what it prints."""
    language, text = SAMPLES[name]
    assert language == "sh"
    environment = {"PATH": os.environ["PATH"], **variables}
    done = subprocess.run(["bash", "-c", text], env=environment, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def portal(live_server: Any, settings: Settings, cast: Cast, catalogue: dict[str, Role]) -> str:
    """The address of a portal that is served, in which Anna has the role for the energy portal."""
    settings.PORTAL_BASE_URL = live_server.url
    settings.FAS_ISSUER = f"{live_server.url}/fas/oauth2"
    AssignmentFactory(
        role=catalogue[ENERGY], assignee=cast.anna, organisation=cast.dubois, assigned_by=cast.jean, properties={}
    )
    return str(live_server.url)


@pytest.fixture
def client_row(portal: str, catalogue: dict[str, Role]) -> Client:
    """The energy portal as a client."""
    scopes = " ".join((*SCOPES, *SERVICE_SCOPES))
    return a_client(catalogue[ENERGY].services.get(), client_id="energy", scopes=scopes)


def token_of_its_own(client: Client, portal: str, scope: str) -> str:
    sent = {"grant_type": "client_credentials", "scope": scope}
    answer = requests.post(f"{portal}/fas/oauth2/access_token", sent, auth=(client.client_id, SECRET), timeout=10)
    return str(answer.json()["access_token"])


# --- Samples ----------------------------------------------------------------------------------------------------------


def test_every_sample_of_a_program_has_a_test_here() -> None:
    blocks = re.findall(r"^ *```(\w+)$", TEXT, re.MULTILINE)
    assert sorted(blocks) == sorted([*(language for language, _text in SAMPLES.values()), "json"])
    own = Path(__file__).read_text("utf-8")
    for name in SAMPLES:
        assert f'python("{name}")' in own or f'shell("{name}"' in own or f'SAMPLES["{name}"]' in own, name


def test_the_description_is_found(portal: str) -> None:
    found = json.loads(shell("discovery", ISSUER=f"{portal}/fas/oauth2"))
    assert found["issuer"] == f"{portal}/fas/oauth2"
    addresses = {urlsplit(value).path for value in found.values() if str(value).startswith("http")}
    named = set(re.findall(r"`(/fas/oauth2/[\w/]+)`", TEXT))
    assert named == addresses - {"/fas/oauth2"}


class Visitor:
    """A browser of few words: it follows redirects and answers the portal's pages, over real connections."""

    def __init__(self, portal: str, browser: Browser, organisation: str) -> None:
        self.portal, self.organisation, self.session = portal, organisation, requests.Session()
        self.session.trust_env = False
        for name, morsel in browser.cookies.items():
            self.session.cookies.set(
                name, morsel.value, domain="localhost.local" if "localhost" in portal else "127.0.0.1"
            )

    def open(self, address: str) -> requests.Response:
        """Open an address; agree to what is asked on the way."""
        answer = self.session.get(address, timeout=10)
        for _page in range(4):
            token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', answer.text)
            if not answer.url.startswith(f"{self.portal}/fas/sign-in/") or not token:
                break
            sent = {"csrfmiddlewaretoken": token[1]}
            sent |= {"organisation": self.organisation} if 'name="organisation"' in answer.text else {"action": "agree"}
            answer = self.session.post(answer.url, sent, headers={"Referer": answer.url}, timeout=10)
            if leave := re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', answer.text):
                answer = self.session.get(urljoin(answer.url, leave[1].replace("&amp;", "&")), timeout=10)
        return answer


@contextmanager
def served(folder: Path, port: int) -> Iterator[None]:
    """Run the program of the first ten minutes."""
    environment = {"PATH": os.environ["PATH"], "AUTHLIB_INSECURE_TRANSPORT": "1"}
    process = subprocess.Popen([sys.executable, "serve.py"], cwd=folder, env=environment, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and process.poll() is None:
            try:
                requests.get(f"http://127.0.0.1:{port}/", timeout=10, allow_redirects=False)
                break
            except requests.ConnectionError:
                time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(10)


@pytest.mark.parametrize("roles_as", ["list", "string"])
def test_the_first_sign_in(
    portal: str, client_row: Client, cast: Cast, sign_in: SignIn, tmp_path: Path, roles_as: str
) -> None:
    port = free_port()
    here = f"http://127.0.0.1:{port}"
    Client.objects.update(redirect_uris=f"{here}/callback", roles_as=roles_as, scopes="openid profile roles")
    client_row.refresh_from_db()
    ready = {one.program: one.text for one in ready_settings(client_row, issuer=django_settings.FAS_ISSUER)}
    (tmp_path / "service.py").write_text(ready["Authlib (Python)"].replace("<client_secret>", SECRET), "utf-8")
    (tmp_path / "serve.py").write_text(SAMPLES["serve"][1], "utf-8")
    with served(tmp_path, port):
        inside = Visitor(portal, sign_in(cast.anna, sign_in_key="eid"), cast.dubois.key).open(here + "/")
        assert inside.text.startswith("Come in, Anna."), inside.text
        outside = Visitor(portal, sign_in(cast.tom, sign_in_key="eid"), cast.dubois.key).open(here + "/")
        assert outside.text.startswith("You lack the role, Tom."), outside.text
        # An answer that another browser was given is none.
        assert "not signed in" in requests.get(inside.url, timeout=10).text


def test_userinfo_is_checked(portal: str, client_row: Client, cast: Cast, sign_in: SignIn) -> None:
    party = RelyingParty(client_row, sign_in(cast.anna, sign_in_key="eid"))
    tokens = party.tokens(organisation=cast.dubois.key)
    sample, keys = python("userinfo"), party.keys()
    subject = SignOn.objects.get().sub
    checked = {"issuer": django_settings.FAS_ISSUER, "client_id": "energy", "subject": subject}
    claims = sample["userinfo"](tokens["access_token"], **checked)
    assert [entry["role"] for entry in claims["roles"]] == [ENERGY]
    assert (claims["surname"], claims["roles_format"]) == ("Peeters", FORMAT)
    answer = party.userinfo(tokens["access_token"]).content.decode()
    for wrong in ({"subject": "x"}, {"client_id": "x"}, {"issuer": "x"}):
        with pytest.raises(JoseError):
            sample["claims_of"](answer, keys=keys, **{**checked, **wrong})


def test_a_look_up(portal: str, client_row: Client, cast: Cast) -> None:
    variables = {
        "ISSUER": f"{portal}/fas/oauth2",
        "PORTAL": portal,
        "CLIENT_ID": "energy",
        "CLIENT_SECRET": SECRET,
        "SSIN": str(cast.anna.national_number),
        "ENTERPRISE": cast.dubois.enterprise_number,
    }
    assert [entry["role"] for entry in json.loads(shell("lookup", **variables))["roles"]] == [ENERGY]
    nobody = {**variables, "SSIN": str(cast.olivier.national_number)}
    assert json.loads(shell("lookup", **nobody)) == {"roles_format": FORMAT, "roles": []}


def test_the_feed(portal: str, client_row: Client) -> None:
    token = token_of_its_own(client_row, portal, "roles:changes")
    changes = python("feed")["changes"]
    found, cursor = changes(portal, token)
    assert found == []
    assert changes(portal, token, cursor)[0] == []


def test_a_logout_token(portal: str, client_row: Client, cast: Cast) -> None:
    session_to_end = python("logout")["session_to_end"]
    row = a_sign_on(cast.anna, client_row, now=timezone.now())
    seen: set[str] = set()
    checked = {"issuer": django_settings.FAS_ISSUER, "client_id": "energy", "keys": key_set(), "seen": seen}
    good = logout_token(row, now=timezone.now())
    assert session_to_end(good, **checked) == row.sid
    claims = dict(jwt.decode(good, RSAKey.import_key(django_settings.FAS_SIGNING_KEYS[0]), algorithms=["RS256"]).claims)
    other = RSAKey.generate_key(2048, {"kid": key_set()["keys"][0]["kid"]})
    header = {"alg": "RS256", "typ": "logout+jwt", "kid": other.kid}
    forged = {
        "again": good,
        "old": logout_token(row, now=timezone.now() - timedelta(minutes=5)),
        "another key": jwt.encode(header, {**claims, "jti": "1"}, other),
        "no type": sign({**claims, "jti": "2"}),
        "with a nonce": sign({**claims, "jti": "3", "nonce": "x"}, kind="logout+jwt"),
        "no event": sign({**claims, "jti": "4", "events": {}}, kind="logout+jwt"),
        "another service": sign({**claims, "jti": "5", "aud": "x"}, kind="logout+jwt"),
        "another issuer": sign({**claims, "jti": "6", "iss": "x"}, kind="logout+jwt"),
        "no session": sign({name: claims[name] for name in claims if name != "sid"}, kind="logout+jwt"),
        "unsigned": "eyJhbGciOiJub25lIn0." + good.split(".")[1] + ".",
    }
    for name, token in forged.items():
        with pytest.raises((JoseError, ValueError)):
            session_to_end(token, **checked)
            pytest.fail(name)


def test_a_link_to_ask_for_a_role(portal: str, client_row: Client, cast: Cast, sign_in: SignIn) -> None:
    key = RSAKey.generate_key(2048, {"kid": "one"})
    back = "https://service.example/return"
    public = {"keys": [key.as_dict(private=False)]}
    Client.objects.update(request_jwks=public, request_return_uris=back)
    asked = {"portal": portal, "client_id": "energy", "role": ENERGY, "return_to": back}
    link = python("request")["link_to_ask"]
    good = link(key, **asked, enterprise_number=cast.dubois.enterprise_number)
    tom = sign_in(cast.tom)
    answer = tom.get(good.removeprefix(portal))
    assert answer.status_code == 303
    assert answer.url.startswith("/fas/request-role/")
    elsewhere = link(key, **{**asked, "return_to": "https://evil.example/"})
    assert tom.get(elsewhere.removeprefix(portal)).status_code == 400


# --- What the tables say ----------------------------------------------------------------------------------------------


def rows(heading: str) -> dict[str, str]:
    """Return the rows of the first table under a heading: the first cell without ticks, and the rest."""
    part = TEXT.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    table = part[part.index("\n|") :].split("\n\n")[0]
    cells = [line.strip("|").split("|", 1) for line in table.strip().splitlines()[2:]]
    return {first.strip().strip("`"): rest for first, rest in cells}


def test_the_scopes_and_claims_are_those_that_there_are() -> None:
    told = rows("Claims")
    assert set(told) == set(SCOPES)
    for name, scope in SCOPES.items():
        if name != "openid":
            assert set(re.findall(r"`([\w]+)`", told[name])) == set(scope.claims), name
    assert all(f"`{scope}`" in TEXT for scope in SERVICE_SCOPES)


def test_the_levels_are_those_that_there_are() -> None:
    assert set(rows("Levels")) == {acr_of(level) for level in Level}


def test_the_example_of_the_format_is_one(portal: str, client_row: Client, cast: Cast, sign_in: SignIn) -> None:
    (block,) = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)
    example = json.loads(block)
    party = RelyingParty(client_row, sign_in(cast.anna, sign_in_key="eid"))
    token = party.tokens(organisation=cast.dubois.key)["access_token"]
    checked = {"issuer": django_settings.FAS_ISSUER, "client_id": "energy", "subject": SignOn.objects.get().sub}
    claims = python("userinfo")["userinfo"](token, **checked)
    assert example["roles_format"] == claims["roles_format"]
    assert list(example["roles"][0]) == list(claims["roles"][0])


def test_the_problems_are_those_that_there_are() -> None:
    words = TEXT.split("compare its `type`:")[1].split("\n## ")[0]
    told = set(re.findall(r"`(\w+)`", words)) - {"type"}
    everywhere = {"resourceNotFound", "methodNotAllowed", "internalServerError", "serviceUnavailable"}
    assert told == {kind.name for kind in KINDS} - everywhere


def test_every_link_within_the_guide_leads_somewhere() -> None:
    names = {
        re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in re.findall(r"^## (.+)$", TEXT, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", TEXT)) <= names
