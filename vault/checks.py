"""System checks: the vault has its keys."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from vault import keyring

_HINT = "Set it to base64 of 32 random bytes, as `manage.py demo` does in .env."


@register(Tags.security)
def keys_are_configured(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Report missing, short or doubled keys, by name only."""
    keys = getattr(settings, "VAULT_KEYS", None)
    index_key = getattr(settings, "VAULT_INDEX_KEY", None)
    found: list[CheckMessage] = []
    if not isinstance(keys, dict) or not keys:
        found.append(Error("VAULT_KEYS names no key.", hint=_HINT, id="vault.E001"))
        keys = {}
    for key_id, key in keys.items():
        if not keyring.is_key_id(key_id):
            text = f"The key id {key_id!r} in VAULT_KEYS is not 1 to 16 lower-case letters and digits."
            found.append(Error(text, id="vault.E002"))
        if not _is_key(key):
            text = f"The key {key_id!r} in VAULT_KEYS does not have 32 bytes."
            found.append(Error(text, hint=_HINT, id="vault.E003"))
    if not _is_key(index_key):
        found.append(Error("VAULT_INDEX_KEY does not have 32 bytes.", hint=_HINT, id="vault.E004"))
    elif index_key in keys.values():
        found.append(Error("VAULT_INDEX_KEY is also in VAULT_KEYS.", hint=_HINT, id="vault.E005"))
    return found


def _is_key(key: object) -> bool:
    return isinstance(key, bytes) and len(key) == keyring.KEY_BYTES
