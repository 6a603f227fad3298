"""Python's collector of garbage, told that a test run keeps what it has imported.

By default it looks through every module, model and template again and again, for nothing: a tenth of the time. What
there is when the tests begin is left out from then on, and new things are looked through in larger lots.
"""

import gc

import pytest

LOT = 50_000  # new objects; by default 700


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Begin once all test modules are imported."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(LOT, 20, 50)
