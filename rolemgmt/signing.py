"""The key with which a demo, or a test, signs as a provider: a file of its own, made once.

It runs before Django's settings are loaded, because they read it. In production somebody makes keys by hand.
"""

import os
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from rolemgmt.dotenv_file import BASE_DIR, DEMO_KEYS

BITS = 2048
NAME = "FAS_SIGNING_KEYS"


def write_key_if_absent(path: Path) -> bool:
    """Write a new RSA key, readable by its owner only, and say whether it was written. Two at once agree on one."""
    if path.exists():
        return False
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    descriptor, draft = tempfile.mkstemp(dir=path.parent)  # mode 600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text)
        os.link(draft, path)  # fails where somebody else was first
    except FileExistsError:
        return False
    finally:
        os.unlink(draft)
    return True


def use_demo_key() -> None:
    """Let the demo sign: with the keys that its settings name, made where they are the demo's own and missing."""
    named = os.environ.setdefault(NAME, DEMO_KEYS)
    if named == DEMO_KEYS:
        folder = BASE_DIR / DEMO_KEYS
        if not any(folder.glob("*.pem")):
            write_key_if_absent(folder / "1.pem")
