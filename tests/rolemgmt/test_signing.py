"""Keys with which the portal signs: made for a demo, read from files or a folder, refused where they are weak."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from rolemgmt import dotenv_file, env, signing

PEM, PKCS8 = Encoding.PEM, PrivateFormat.PKCS8


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    """A key that is strong enough."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def written(path: Path, text: bytes) -> str:
    path.write_bytes(text)
    return str(path)


def test_files_are_read_in_their_order(tmp_path: Path, key: rsa.RSAPrivateKey, monkeypatch: pytest.MonkeyPatch) -> None:
    text = key.private_bytes(PEM, PKCS8, NoEncryption())
    one, two = written(tmp_path / "one.pem", text), written(tmp_path / "two.pem", text + b"\n")
    monkeypatch.setenv("FAS_SIGNING_KEYS", f"{two}, {one}")
    found = env.signing_keys("FAS_SIGNING_KEYS", base=tmp_path)
    assert found == [text.decode() + "\n", text.decode()]
    monkeypatch.setenv("FAS_SIGNING_KEYS", "one.pem")
    assert env.signing_keys("FAS_SIGNING_KEYS", base=tmp_path) == [text.decode()]


def test_of_a_folder_the_last_by_name_signs(
    tmp_path: Path, key: rsa.RSAPrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = key.private_bytes(PEM, PKCS8, NoEncryption())
    for number, name in enumerate(("2026-01.pem", "2027-01.pem", "notes.txt")):
        written(tmp_path / name, text + b"\n" * number)
    monkeypatch.setenv("FAS_SIGNING_KEYS", str(tmp_path))
    assert env.signing_keys("FAS_SIGNING_KEYS", base=tmp_path) == [text.decode() + "\n", text.decode()]


def test_without_the_setting_there_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FAS_SIGNING_KEYS", raising=False)
    assert env.signing_keys("FAS_SIGNING_KEYS", base=tmp_path) == []


def test_a_key_that_is_none_stops_the_start(
    tmp_path: Path, key: rsa.RSAPrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - that is the point
    curve = ec.generate_private_key(ec.SECP256R1())
    wrong = {
        "not RSA of at least 2048 bits": [
            weak.private_bytes(PEM, PKCS8, NoEncryption()),
            curve.private_bytes(PEM, PKCS8, NoEncryption()),
        ],
        "no private key without a password": [
            key.private_bytes(PEM, PKCS8, BestAvailableEncryption(b"secret")),
            key.public_key().public_bytes(PEM, PublicFormat.SubjectPublicKeyInfo),
            b"no key",
        ],
        "cannot be read": ["é".encode("latin-1")],
    }
    for problem, texts in wrong.items():
        for text in texts:
            monkeypatch.setenv("FAS_SIGNING_KEYS", written(tmp_path / "key.pem", text))
            with pytest.raises(env.SettingError, match=f"The setting FAS_SIGNING_KEYS .*{problem}"):
                env.signing_keys("FAS_SIGNING_KEYS", base=tmp_path)


def test_a_demo_makes_its_key_once_and_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "BASE_DIR", tmp_path)
    monkeypatch.delenv("FAS_SIGNING_KEYS", raising=False)
    signing.use_demo_key()
    made = tmp_path / dotenv_file.DEMO_KEYS / "1.pem"
    text = made.read_text()
    signing.use_demo_key()
    assert made.read_text() == text
    assert env.signing_keys("FAS_SIGNING_KEYS", base=tmp_path) == [text]


def test_a_demo_with_keys_of_its_own_makes_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "BASE_DIR", tmp_path)
    monkeypatch.setenv("FAS_SIGNING_KEYS", "elsewhere.pem")
    signing.use_demo_key()
    assert list(tmp_path.iterdir()) == []
