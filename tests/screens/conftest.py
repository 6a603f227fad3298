"""One stage for all states of a file."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from tests.screens.stage import Stage


@pytest.fixture(scope="module")
def stage(django_db_setup: None, django_db_blocker: Any) -> Iterator[Stage]:
    """The demo in the database, until the tests of this file are over."""
    quick = override_settings(PASSWORD_HASHERS=["tests.screens.stage.QuickHasher", "fas.hashers.RandomSecretHasher"])
    with django_db_blocker.unblock(), quick:
        block = transaction.atomic()
        block._from_testcase = True  # type: ignore[attr-defined]
        with block:
            yield Stage()
            transaction.set_rollback(True)
