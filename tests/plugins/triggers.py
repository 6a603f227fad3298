"""Emptying tables between tests. Append-only triggers refuse it, as they should.

After a test that commits, Django empties all tables. This lifts the triggers for that moment and puts them back.
Production has no such way: nothing outside the tests calls `uninstall`.
"""

from collections.abc import Generator
from typing import Any

import pytest


@pytest.fixture(autouse=True, scope="session")
def _tables_can_be_emptied() -> Generator[None]:
    from django.db import connections
    from django.test import TransactionTestCase

    from audit import triggers

    empty_tables = TransactionTestCase._fixture_teardown

    def without_triggers(self: Any) -> None:
        emptied = [connections[alias] for alias in self._databases_names(include_mirrors=False)]
        for connection in emptied:
            triggers.uninstall(connection)
        try:
            empty_tables(self)
        finally:
            for connection in emptied:
                triggers.install(connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", without_triggers)
        yield
