"""Browsers of the cast, in English."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tenants.models import Person
from tests.roles.pages import in_english

SignIn = Callable[..., Client]


@pytest.fixture
def open_as(sign_in: SignIn) -> SignIn:
    """Return a function that gives a person's browser, in which pages speak English."""

    def make(person: Person, level: int = 500, **extra: Any) -> Client:
        return in_english(sign_in(person, level, **extra))

    return make


@pytest.fixture
def jean(cast: Any, open_as: SignIn) -> Client:
    """Jean's browser: chief of one organisation, signed in with his eID."""
    return open_as(cast.jean)


@pytest.fixture
def tom(cast: Any, open_as: SignIn) -> Client:
    """Tom's browser: co-chief at Dubois, and manager of one domain at Peeters; he acts for Dubois."""
    return open_as(cast.tom, acting_for=cast.dubois.key)
