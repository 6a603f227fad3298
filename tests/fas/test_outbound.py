"""What the portal sends to services: in time, without redirects, and never into its own network."""

import datetime
import ipaddress
import socket
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pytest_django import Settings

from fas.models import Trouble
from fas.outbound import Answer, ask_head, may_reach, post_form
from tests.fas.receiver import receiving
from tests.plugins.postgres import free_port

pytestmark = pytest.mark.threat(42)

NEVER = [
    "10.0.0.1",
    "172.16.3.4",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104
    "224.0.0.1",
    "255.255.255.255",
    "198.18.0.1",
    "203.0.113.9",
    "::",
    "fe80::1",
    "fd00::1",
    "ff02::1",
    "2001:db8::1",
    "::ffff:10.0.0.1",
    "64:ff9b::10.0.0.1",
    "2002:0a00:0001::1",
]


@pytest.mark.parametrize("address", NEVER)
def test_nothing_goes_into_the_own_network(address: str) -> None:
    assert not may_reach(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["193.191.245.244", "2a01:690:35:100::1", "::ffff:193.191.245.244"])
def test_the_public_internet_is_reached(address: str) -> None:
    assert may_reach(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_reached_in_a_demonstration_only(settings: Settings, address: str) -> None:
    assert may_reach(ipaddress.ip_address(address))
    settings.DEMO_INSTANCE = settings.DEBUG = False
    assert not may_reach(ipaddress.ip_address(address))


def names(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Let every name have these addresses; return the list of names that were asked for."""
    asked: list[str] = []

    def look_up(host: str, port: int, **_kwargs: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr("fas.outbound.socket.getaddrinfo", look_up)
    return asked


def test_a_name_that_leads_into_the_own_network_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    names(monkeypatch, "10.0.0.1")
    assert post_form("https://service.example/logout", {}) == Answer(None, Trouble.NOT_PUBLIC)
    names(monkeypatch, "193.191.245.244", "10.0.0.1")  # one of several is enough to refuse
    assert post_form("https://service.example/logout", {}) == Answer(None, Trouble.NOT_PUBLIC)


def test_a_name_is_looked_up_once_so_that_it_cannot_change_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as receiver:
        asked = names(monkeypatch, "127.0.0.1")
        assert post_form(f"http://localhost:{receiver.port}/x", {"a": "b"}).status == 200
    assert asked == ["localhost"]  # and not the address that it has: the connection goes to what was looked at
    assert receiver.came[0]["headers"]["Host"] == f"localhost:{receiver.port}"


@pytest.mark.parametrize(
    "address",
    [
        "ftp://service.example/",
        "http://service.example/",
        "https://u:p@service.example/",
        "https://",
        "x",
        "https://a/#b",
    ],
)
def test_what_is_no_address_is_sent_nothing(address: str) -> None:
    assert post_form(address, {}) == Answer(None, Trouble.NOT_AN_ADDRESS)


def test_a_form_is_posted_whole(settings: Settings) -> None:
    with receiving(answers=[204]) as receiver:
        assert post_form(receiver.address + "?a=1", {"logout_token": "x.y+z"}) == Answer(204)
    (came,) = receiver.came
    assert (came["method"], came["path"]) == ("POST", "/logout?a=1")
    assert came["form"] == {"logout_token": ["x.y+z"]}
    assert came["headers"]["Content-Type"] == "application/x-www-form-urlencoded"


def test_a_redirect_is_not_followed() -> None:
    with receiving() as other, receiving(answers=[302], location=other.address) as receiver:
        assert post_form(receiver.address, {}) == Answer(302)
    assert len(receiver.came) == 1
    assert other.came == []


def test_a_name_that_nobody_has(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_args: Any, **_kwargs: Any) -> Any:
        raise socket.gaierror

    monkeypatch.setattr("fas.outbound.socket.getaddrinfo", nobody)
    assert ask_head("https://nobody.example/") == Answer(None, Trouble.NO_SUCH_HOST)


def test_a_machine_that_does_not_answer() -> None:
    assert ask_head(f"http://127.0.0.1:{free_port()}/") == Answer(None, Trouble.NO_CONNECTION)


@pytest.mark.parametrize("how", [{"slow": 1.5}, {"drips": True}])
def test_nobody_waits_longer_than_the_limit(how: dict[str, Any]) -> None:
    with receiving(**how) as receiver:
        began = time.monotonic()
        assert post_form(receiver.address, {}, seconds=0.4) == Answer(None, Trouble.TOO_SLOW)
        assert time.monotonic() - began < 1


def test_a_look_up_of_a_name_that_takes_long_is_not_waited_for_and_nothing_is_sent_late(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with receiving() as receiver:

        def slowly(*_args: Any, **_kwargs: Any) -> Any:
            time.sleep(0.5)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", receiver.port))]

        monkeypatch.setattr("fas.outbound.socket.getaddrinfo", slowly)
        assert post_form(receiver.address, {}, seconds=0.2) == Answer(None, Trouble.TOO_SLOW)
        time.sleep(0.6)
    assert receiver.came == []


def test_what_does_not_speak_http() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    import threading

    def speak() -> None:
        peer, _address = listener.accept()
        peer.recv(1000)
        peer.sendall(b"220 mail.example ESMTP\r\n\r\n")
        peer.close()

    thread = threading.Thread(target=speak)
    thread.start()
    try:
        assert post_form(f"http://127.0.0.1:{listener.getsockname()[1]}/", {}) == Answer(None, Trouble.NOT_HTTP)
    finally:
        thread.join()
        listener.close()


# --- TLS ------------------------------------------------------------------------------------------------------------


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """Write a certificate that vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain, private = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return chain, private


def test_only_a_certificate_that_is_trusted_and_of_that_name_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = certificate(tmp_path, "service.example")
    with receiving(tls=tls) as receiver:
        names(monkeypatch, "127.0.0.1")
        address = f"https://service.example:{receiver.port}/logout"
        assert post_form(address, {}) == Answer(None, Trouble.NO_TRUST)
        monkeypatch.setenv("SSL_CERT_FILE", str(tls[0]))
        assert post_form(address, {"a": "b"}) == Answer(200)
        assert post_form(address.replace("service", "other"), {}) == Answer(None, Trouble.NO_TRUST)
    assert len(receiver.came) == 1
