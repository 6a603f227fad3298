"""What must be true of sign-in before the portal starts."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register


@register(Tags.security)
def mock_keys_need_a_demo(**_kwargs: Any) -> list[CheckMessage]:
    """Refuse pretend keys in production. The settings refuse them first; this stands where `check` looks."""
    if settings.CSAM_MOCK and not (settings.DEBUG or settings.DEMO_INSTANCE):
        return [
            Error(
                "Pretend digital keys are on, DEBUG is off and this is no demonstration.",
                hint="Set CSAM_MOCK=False. A demonstration sets DEMO_INSTANCE=True as well.",
                id="csam.E001",
            )
        ]
    return []


@register(Tags.security)
def somebody_can_sign_in(**_kwargs: Any) -> list[CheckMessage]:
    """Warn of a portal without any digital key: it starts, and its login page is empty."""
    if not settings.CSAM_MOCK and settings.OIDC is None:
        return [
            Warning(
                "Nobody can sign in: there is no provider, and pretend digital keys are off.",
                hint="Set OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.",
                id="csam.W001",
            )
        ]
    return []
