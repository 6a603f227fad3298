"""The administration with the whole demonstration in it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from audit.models import AuditEntry
from rolemgmt.demo.seed import seed_demo
from tenants.models import Person
from tests.conftest import Cast
from tests.kept_rows import make_or_write


@pytest.fixture
def demo(db: None, now: datetime) -> None:
    """All of the demonstration."""
    make_or_write(seed_demo, now=now)


@pytest.fixture
def sofie_in_demo(demo: None, sign_in: Callable[..., Client]) -> Client:
    """Sofie's browser, with the demonstration."""
    return sign_in(Person.objects.get(given_name="Sofie", family_name="De Smet"))


@pytest.fixture
def sofie(cast: Cast, sign_in: Callable[..., Client]) -> Client:
    """Sofie's browser, with the cast only."""
    return sign_in(cast.sofie)


@pytest.fixture
def newest() -> Callable[[], Any]:
    """Return a function that gives the newest audit entry."""

    def read() -> Any:
        return AuditEntry.objects.order_by("-id").first()

    return read
