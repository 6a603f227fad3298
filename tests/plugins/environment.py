"""The settings of a test run, before anything reads them: tests/test.env, and a database file of its own."""

import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest
from dotenv import dotenv_values

TEST_ENV = Path(__file__).resolve().parent.parent / "test.env"


def load_test_environment() -> None:
    """Set every variable of tests/test.env, so that a private `.env` or shell has no influence."""
    for name, value in dotenv_values(TEST_ENV).items():
        os.environ[name] = value or ""


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Generator[None]:
    """Run before pytest-django reads the settings. xdist's workers inherit what the controller has set."""
    load_test_environment()
    if "DATABASE_URL" not in os.environ:
        # A file, not memory: tests of races need several processes. Each run has its own, so runs never meet.
        folder = tempfile.mkdtemp(prefix="portal-tests-")
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/portal.sqlite3"
        os.environ["TEST_DATABASE_FOLDER"] = folder
        _mine.append(folder)
    return (yield)


_mine: list[str] = []


def pytest_unconfigure() -> None:
    """Remove the folder, in the process that made it."""
    for folder in _mine:
        shutil.rmtree(folder, ignore_errors=True)
