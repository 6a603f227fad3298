"""The keys of the vault, as the settings name them. The first key seals; every key opens."""

from functools import lru_cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

KEY_BYTES = 32
ID_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
LONGEST_ID = 16


class UnknownKey(Exception):
    """A value was sealed under a key that the settings no longer (or not yet) hold."""


def key_ids() -> list[str]:
    """Return the ids of all keys, the current one first."""
    return list(settings.VAULT_KEYS)


def current_key_id() -> str:
    """Return the id under which new values are sealed."""
    return key_ids()[0]


def cipher(key_id: str) -> AESGCM:
    """Return the cipher of one key.

    Raises UnknownKey if the settings hold no such key.
    """
    try:
        key = settings.VAULT_KEYS[key_id]
    except KeyError:
        raise UnknownKey(key_id) from None
    return _cipher(key)


@lru_cache(maxsize=16)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


def index_key() -> bytes:
    """Return the key of the blind indexes. It never changes: every stored index would be lost."""
    return settings.VAULT_INDEX_KEY


def is_key_id(key_id: object) -> bool:
    """Say whether a key may be called this: 1 to 16 lower-case letters and digits."""
    return isinstance(key_id, str) and 0 < len(key_id) <= LONGEST_ID and ID_CHARACTERS.issuperset(key_id)
