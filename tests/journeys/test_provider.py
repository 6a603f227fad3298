"""Signing in with a real provider in a real browser: over to another site and back, under our own policy."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from csam.oidc import metadata
from csam.oidc.config import Provider
from tenants.models import Person
from tests.csam.oidc_flows import claims_of
from tests.csam.oidc_provider import CLIENT_ID, CLIENT_SECRET, PretendProvider
from tests.journeys.conftest import Visitor

Visit = Callable[..., Visitor]


@pytest.fixture
def provider(portal: str, settings: Any) -> Iterator[PretendProvider]:
    """A provider on another site than the portal, with the mock off."""
    running = PretendProvider()
    running.return_address = f"{portal}/login/oidc/return/"
    metadata.forget()
    settings.OIDC = Provider(running.issuer, CLIENT_ID, CLIENT_SECRET, name="Federal test service")
    settings.CSAM_MOCK = settings.DEMO_INSTANCE = False
    running.person = claims_of(Person.objects.get(given_name="Anna"))
    yield running
    running.stop()
    metadata.forget()


@pytest.mark.parametrize("javascript", [True, False])
def test_over_to_the_provider_and_back(visit: Visit, provider: PretendProvider, javascript: bool) -> None:
    anna = visit(javascript=javascript)
    anna.open("/my-roles/")
    assert "127.0.0.1" not in anna.base  # so the provider is another site, and cookies count as they do there
    anna.press("Sign in")
    anna.page.wait_for_url(f"{anna.base}/my-roles/")
    assert anna.page.get_by_role("link", name="My profile:").count() == 1
    assert len(provider.requests) == 1


def test_whoever_cancels_reads_so_and_can_try_again(visit: Visit, provider: PretendProvider) -> None:
    provider.cancels = True
    anna = visit()
    anna.open("/my-roles/")
    anna.press("Sign in")
    anna.page.wait_for_url("**/login/oidc/return/**")
    assert "You cancelled the sign-in" in anna.text
    provider.cancels = False
    anna.press("Sign in")
    anna.page.wait_for_url(f"{anna.base}/my-roles/")
