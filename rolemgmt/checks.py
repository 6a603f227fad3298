"""System checks of the whole: what must be true before the portal starts."""

import sqlite3
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connection

MINIMUM_SQLITE = (3, 34)


@register(Tags.security)
def mock_keys_stay_off(**_kwargs: Any) -> list[CheckMessage]:
    """Say again what the settings already refuse: pretend keys belong in a demonstration."""
    if settings.CSAM_MOCK and not (settings.DEBUG or settings.DEMO_INSTANCE):
        return [Error("CSAM_MOCK is on, DEBUG is off and this is no demo.", id="rolemgmt.E001")]
    return []


@register(Tags.database)
def sqlite_is_new_enough(**_kwargs: Any) -> list[CheckMessage]:
    """Ask for the SQLite whose full-text search knows trigrams."""
    if connection.vendor == "sqlite" and sqlite3.sqlite_version_info < MINIMUM_SQLITE:
        return [
            Error(
                f"SQLite {sqlite3.sqlite_version} is too old: 3.34 or later is needed.",
                id="rolemgmt.E002",
            )
        ]
    return []
