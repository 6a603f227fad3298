"""Sealed values open for their purpose and under their key only."""

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from pytest_django import Settings

from vault import blind_index, seal, unseal
from vault.sealing import SealBroken, is_current

NUMBER = "85073003328"
OLD, NEW = b"o" * 32, b"n" * 32


def test_a_sealed_text_opens_again() -> None:
    assert unseal(seal("Müller – 85.07.30", purpose="a"), purpose="a") == "Müller – 85.07.30"
    assert unseal(seal("", purpose="a"), purpose="a") == ""


def test_the_sealed_bytes_hold_neither_text_nor_a_pattern(settings: Settings) -> None:
    settings.VAULT_KEYS = {"k1": NEW}
    one, two = seal(NUMBER, purpose="a"), seal(NUMBER, purpose="a")
    assert one != two
    assert NUMBER.encode() not in one
    assert one.startswith(b"k1:")
    assert len(one) == len(b"k1:") + 39


def test_another_purpose_does_not_open() -> None:
    with pytest.raises(SealBroken):
        unseal(seal(NUMBER, purpose="a"), purpose="b")


def test_a_changed_byte_does_not_open() -> None:
    sealed = seal(NUMBER, purpose="a")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(SealBroken):
            unseal(bytes(changed), purpose="a")


@pytest.mark.parametrize("blob", [b"", b"k1", b"k1:", b"k1:short", b"\xff\xfe:" + b"x" * 40, b"x" * 60])
def test_rubbish_does_not_open(blob: bytes) -> None:
    with pytest.raises(SealBroken):
        unseal(blob, purpose="a")


def test_an_old_key_still_opens_after_rotation(settings: Settings) -> None:
    settings.VAULT_KEYS = {"k0": OLD}
    sealed = seal(NUMBER, purpose="a")
    assert is_current(sealed)
    settings.VAULT_KEYS = {"k1": NEW, "k0": OLD}
    assert unseal(sealed, purpose="a") == NUMBER
    assert not is_current(sealed)
    assert seal(NUMBER, purpose="a").startswith(b"k1:")


def test_a_removed_key_opens_nothing_and_the_error_says_no_value(settings: Settings) -> None:
    settings.VAULT_KEYS = {"k0": OLD}
    sealed = seal(NUMBER, purpose="a")
    settings.VAULT_KEYS = {"k1": NEW}
    with pytest.raises(SealBroken) as caught:
        unseal(sealed, purpose="a")
    assert NUMBER not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_blind_index_is_stable_and_tells_purposes_apart() -> None:
    index = blind_index(NUMBER, purpose="person")
    assert index == blind_index(NUMBER, purpose="person")
    assert len(index) == 64
    assert set(index) <= set("0123456789abcdef")
    assert index != blind_index(NUMBER, purpose="throttle")
    assert blind_index("b:c", purpose="a") != blind_index("c", purpose="a:b")


def test_a_blind_index_depends_on_its_key_alone(settings: Settings) -> None:
    before = blind_index(NUMBER, purpose="person")
    settings.VAULT_KEYS = {"k9": b"9" * 32}
    assert blind_index(NUMBER, purpose="person") == before
    settings.VAULT_INDEX_KEY = b"j" * 32
    assert blind_index(NUMBER, purpose="person") != before


@pytest.mark.parametrize(
    ("keys", "index_key", "expected"),
    [
        ({}, b"i" * 32, "vault.E001"),
        ({"K 1": NEW}, b"i" * 32, "vault.E002"),
        ({"k1": b"short"}, b"i" * 32, "vault.E003"),
        ({"k1": NEW}, b"", "vault.E004"),
        ({"k1": NEW}, NEW, "vault.E005"),
    ],
)
def test_the_check_refuses_to_start_without_right_keys(
    settings: Settings, keys: dict[str, bytes], index_key: bytes, expected: str
) -> None:
    settings.VAULT_KEYS = keys
    settings.VAULT_INDEX_KEY = index_key
    with pytest.raises(SystemCheckError, match=expected) as caught:
        call_command("check", "--tag", "security")
    assert "nnnn" not in str(caught.value)
