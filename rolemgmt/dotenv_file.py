"""The private `.env` of a demo: written once, never overwritten, readable by its owner only.

It runs before Django's settings are loaded, because they are read from what it writes.
"""

import base64
import os
import re
import secrets
import sys
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
DEFAULT_PORT = 8000
DEMO_KEYS = "var/signing-keys"

TEMPLATE = """\
# Private settings of this demo: keep this file to yourself, it is not committed.
# Written once with random keys. Without VAULT_KEYS and VAULT_INDEX_KEY nobody can read the database.
SECRET_KEY={secret_key}
VAULT_KEYS=k1:{vault_key}
VAULT_INDEX_KEY={index_key}
DEBUG=False
CSAM_MOCK=True
DEMO_INSTANCE=True
ALLOWED_HOSTS=127.0.0.1,localhost
PORTAL_BASE_URL=http://127.0.0.1:{port}
DATABASE_URL=sqlite:///var/portal.sqlite3
FAS_SIGNING_KEYS={keys}
"""


def env_file() -> Path:
    """Return where the private settings are: `.env` in the checkout, or the file that PORTAL_ENV_FILE names."""
    return Path(os.environ.get("PORTAL_ENV_FILE") or BASE_DIR / ".env")


def random_key() -> str:
    """Return 32 random bytes in URL-safe base64; it never begins with a dollar sign."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode("ascii")


def write_if_absent(path: Path) -> bool:
    """Write the file with mode 600 and say whether it was written; an existing file stays as it is."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(
            TEMPLATE.format(
                secret_key=secrets.token_urlsafe(50),
                vault_key=random_key(),
                index_key=random_key(),
                port=DEFAULT_PORT,
                keys=DEMO_KEYS,
            )
        )
    return True


def asked_port(arguments: list[str]) -> str | None:
    """Return what follows `--port` on the command line, None when it is absent; nothing is checked yet."""
    for position, argument in enumerate(arguments):
        if argument == "--port":
            return arguments[position + 1] if position + 1 < len(arguments) else ""
        if argument.startswith("--port="):
            return argument.removeprefix("--port=")
    return None


def use_port(text: str) -> None:
    """Let the port of this run win over the one in `.env`: letters must link to where the portal is served."""
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= 65535:
        sys.exit("The port should be a number from 1 to 65535: make demo PORT=8123")
    os.environ["PORTAL_BASE_URL"] = f"http://127.0.0.1:{int(text)}"
