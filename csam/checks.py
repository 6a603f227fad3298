"""What must be true of sign-in before the portal starts."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


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
