"""Sealed values (AES-256-GCM) and blind indexes (HMAC-SHA256).

A sealed value is `<key id>:` + 12 bytes nonce + ciphertext with its 16 bytes tag. What it is for (its purpose) is
bound to it: a value sealed for one column does not open in another.
"""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag

from vault import keyring

NONCE_BYTES = 12
TAG_BYTES = 16


class SealBroken(Exception):
    """A sealed value does not open: changed, cut, for another purpose, or its key is gone.

    The text never holds the value.
    """


def seal(text: str, *, purpose: str) -> bytes:
    """Return the text sealed under the current key.

    `purpose` names the use, for example "tenants.person.number", and is needed again to open it.
    """
    key_id = keyring.current_key_id()
    nonce = os.urandom(NONCE_BYTES)
    sealed = keyring.cipher(key_id).encrypt(nonce, text.encode(), purpose.encode())
    return key_id.encode() + b":" + nonce + sealed


def unseal(blob: bytes, *, purpose: str) -> str:
    """Return the text of a sealed value, under whichever key of the ring sealed it.

    Raises SealBroken if it does not open.
    """
    name, colon, rest = bytes(blob).partition(b":")
    if not colon or len(rest) < NONCE_BYTES + TAG_BYTES:
        raise SealBroken("This is not a sealed value")
    try:
        cipher = keyring.cipher(name.decode("ascii"))
        opened = cipher.decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], purpose.encode())
    except (UnicodeDecodeError, keyring.UnknownKey):
        raise SealBroken("The key of a sealed value is not in VAULT_KEYS") from None
    except InvalidTag:
        raise SealBroken(f"A sealed value does not open for the purpose {purpose!r}") from None
    return opened.decode()


def is_current(blob: bytes) -> bool:
    """Say whether a value is sealed under the current key; if not, sealing it again retires the old key."""
    return bytes(blob).startswith(keyring.current_key_id().encode() + b":")


def blind_index(text: str, *, purpose: str) -> str:
    """Return 64 hex characters by which an equal text can be found again without storing it.

    The same text has another index for another purpose. The key is as sensitive as the texts: the set of national
    numbers is small enough to try them all (DOMAIN, section 9).
    """
    # The length keeps ("ab", "c") and ("a", "bc") apart.
    message = f"{len(purpose)}:{purpose}:{text}".encode()
    return hmac.new(keyring.index_key(), message, hashlib.sha256).hexdigest()
