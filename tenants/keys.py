"""Opaque public keys. What people see in an address is never a counter, so that nobody can walk it."""

import secrets


def new_key() -> str:
    """Return 22 characters of URL-safe base64: 128 random bits (ASVS 11.5.1 asks for that much)."""
    return secrets.token_urlsafe(16)
