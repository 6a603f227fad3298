"""Letters for the tests of the outbox, with a template that only they have."""

from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import pytest
from django.core import mail
from pytest_django import Settings

from outbox.compose import compose
from outbox.models import OutgoingEmail

NOW = datetime(2026, 11, 21, 13, 5, tzinfo=UTC)
TEMPLATES = Path(__file__).parent / "templates"

CONTEXT: dict[str, Any] = {
    "name": "Anna Peeters",
    "organisation": "Boulangerie Dubois SRL",
    "given_at": "2026-11-21T13:05:00+00:00",
    "roles": [{"label": "CCB SAFEONWEBATWORK EDIT", "valid_from_on": "2026-11-21"}],
}


class Write(Protocol):
    """How a test writes a letter."""

    def __call__(self, to: str = ..., **changes: Any) -> OutgoingEmail: ...


@pytest.fixture(autouse=True)
def _test_letter(settings: Settings) -> Generator[None]:
    """Let the worker find `test_letter`, and the mails in `mail.outbox`."""
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [TEMPLATES, *settings.TEMPLATES[0]["DIRS"]]}]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.PORTAL_BASE_URL = "https://roles.example.be"
    settings.DEFAULT_FROM_EMAIL = "no-reply@example.be"
    settings.DEMO_INSTANCE = False
    mail.outbox = []
    yield


@pytest.fixture
def write() -> Write:
    """Return a function that puts a letter into the outbox."""

    def put(to: str = "anna@example.be", **changes: Any) -> OutgoingEmail:
        values: dict[str, Any] = {"language": "fr", "context": CONTEXT, "now": NOW, **changes}
        return compose("test_letter", to=to, **values)

    return put
