"""Keeps an SQLite database with all migrations, for the runs that follow: making one takes longer than most tests.

It is copied only as long as nothing changes that a schema is made of. Django still runs `migrate` over the copy, which
finds nothing left to do. PostgreSQL has no such copy: its server begins anew with each run.
"""

import hashlib
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

BASE = Path(__file__).resolve().parents[2]
FOLDER = BASE / "var" / "test-database"
MADE_OF = ("*/migrations/*.py", "*/models/*.py", "*/models.py", "*/apps.py", "*/fields.py", "*/constraints.py")
ALSO = ("audit/triggers.py", "rolemgmt/settings.py", "requirements.txt")


def kept_file() -> Path:
    """Return where the database is kept that fits the files as they are now."""
    digest = hashlib.sha256()
    for file in sorted(
        {*(path for pattern in MADE_OF for path in BASE.glob(pattern)), *(BASE / name for name in ALSO)}
    ):
        digest.update(f"{file.relative_to(BASE)}\n".encode() + file.read_bytes())
    return FOLDER / f"{digest.hexdigest()[:24]}.sqlite3"


def keep(database: sqlite3.Connection) -> None:
    """Keep a copy, in place of those that no longer fit. Several workers may do so at once: each copy is whole."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    kept, draft = kept_file(), FOLDER / f"{os.getpid()}.draft"
    with closing(sqlite3.connect(draft)) as copy:
        database.backup(copy)
    for old in FOLDER.glob("*.sqlite3"):
        old.unlink(missing_ok=True)
    draft.replace(kept)


class MigratedDatabase:
    """A fixture of pytest-django, changed. Registered late, because the plugin registered last wins."""

    @pytest.fixture(scope="session")
    @classmethod
    def django_db_keepdb(cls, django_db_modify_db_settings: None) -> bool:
        """Put the copy where the test database is looked for, if there is one."""
        from django.db import connection

        if connection.vendor != "sqlite":
            return False
        try:
            Path(connection.settings_dict["TEST"]["NAME"]).write_bytes(kept_file().read_bytes())
        except FileNotFoundError:
            return False
        return True


def pytest_configure(config: pytest.Config) -> None:
    """Put our fixture over the one of pytest-django."""
    config.pluginmanager.register(MigratedDatabase(), "migrated-database")
