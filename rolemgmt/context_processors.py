"""What every page knows."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language_info

import rolemgmt

LANGUAGE_NAMES = [(code, get_language_info(code)["name_local"].capitalize()) for code, _name in settings.LANGUAGES]


def portal(request: HttpRequest) -> dict[str, Any]:
    """Return `simulation`, `demo_instance`, `portal_version`, `portal_languages` and `session_ends_at`."""
    return {
        "simulation": settings.CSAM_MOCK,
        "demo_instance": settings.DEMO_INSTANCE,
        "portal_version": rolemgmt.__version__,
        "portal_languages": LANGUAGE_NAMES,
        "session_ends_at": session_ends_at(request, now=timezone.now()),
    }


def session_ends_at(request: HttpRequest, *, now: datetime) -> datetime | None:
    """Return when the session ends if nothing is done from `now` on; None when signed out."""
    acting = getattr(request, "acting", None)
    if acting is None or acting.signed_in_at is None:
        return None
    return min(now + settings.SESSION_IDLE, acting.signed_in_at + settings.SESSION_ABSOLUTE)
