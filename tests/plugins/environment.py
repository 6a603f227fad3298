"""The settings of a test run, before anything reads them: tests/test.env, and a database file of its own."""

import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest
from dotenv import dotenv_values

from rolemgmt.signing import write_key_if_absent

TEST_ENV = Path(__file__).resolve().parent.parent / "test.env"
# Made once in a checkout: it takes longer than most tests.
SIGNING_KEY = TEST_ENV.parent.parent / "var" / "test-keys" / "signing.pem"

IN_MEMORY = Path("/dev/shm")  # noqa: S108 - each run makes a private folder there
ROOM = 1_000_000_000  # bytes; a run takes a fifth of it


def temporary_folder(prefix: str) -> str:
    """Make a folder for databases of this run: in memory where there is room, as no disk has to keep them."""
    roomy = os.access(IN_MEMORY, os.W_OK) and shutil.disk_usage(IN_MEMORY).free > ROOM
    return tempfile.mkdtemp(prefix=prefix, dir=IN_MEMORY if roomy else None)


def load_test_environment() -> None:
    """Set every variable of tests/test.env, so that a private `.env` or shell has no influence."""
    for name, value in dotenv_values(TEST_ENV).items():
        os.environ[name] = value or ""


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Generator[None]:
    """Run before pytest-django reads the settings. xdist's workers inherit what the controller has set."""
    load_test_environment()
    write_key_if_absent(SIGNING_KEY)
    os.environ["FAS_SIGNING_KEYS"] = str(SIGNING_KEY)
    if "DATABASE_URL" not in os.environ:
        # A file, not memory: tests of races need several processes. Each run has its own, so runs never meet.
        folder = temporary_folder("portal-tests-")
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/portal.sqlite3"
        os.environ["TEST_DATABASE_FOLDER"] = folder
        _mine.append(folder)
    return (yield)


_mine: list[str] = []


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    """Look for collected files where none are: WhiteNoise reads the whole folder for each new test client."""
    from django.conf import settings

    settings.STATIC_ROOT = TEST_ENV.parent / "no-collected-files"


def pytest_unconfigure() -> None:
    """Remove the folder, in the process that made it."""
    for folder in _mine:
        shutil.rmtree(folder, ignore_errors=True)
