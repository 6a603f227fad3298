"""What every page knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language_info

import rolemgmt
from csam.session_end import SessionEnd
from rolemgmt.outage import announced

LANGUAGE_NAMES = [(code, get_language_info(code)["name_local"].capitalize()) for code, _name in settings.LANGUAGES]


def portal(request: HttpRequest) -> dict[str, Any]:
    """Return what the frame of a page needs.

    `simulation`, `demo_instance`, `help_email`, `outage`, `portal_version`, `portal_languages`, `session_end`,
    `session_seconds`.
    """
    end: SessionEnd | None = getattr(request, "session_end", None)
    return {
        "simulation": settings.CSAM_MOCK,
        "demo_instance": settings.DEMO_INSTANCE,
        "help_email": settings.HELP_EMAIL,
        "outage": announced(settings.PLANNED_OUTAGE, now=timezone.now()),
        "portal_version": rolemgmt.__version__,
        "portal_languages": LANGUAGE_NAMES,
        "session_end": end,
        "session_seconds": end.seconds_left(timezone.now()) if end else 0,
    }
