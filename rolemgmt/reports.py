"""Reports about errors and about what browsers refused, without anybody's data."""

import json
import logging
from collections.abc import ItemsView
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.debug import SafeExceptionReporterFilter
from django.views.decorators.csrf import csrf_exempt

from tenants.http import require_POST

logger = logging.getLogger("rolemgmt.csp")

LONGEST_REPORT = 10_000


class PrivateReporterFilter(SafeExceptionReporterFilter):
    """Hide what people sent and what functions held: both may be a national number or a code."""

    def is_active(self, request: HttpRequest | None) -> bool:
        """Hide always, with DEBUG on as well."""
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        """Return the names of the fields only."""
        if request is None:
            return {}
        return {name: self.cleansed_substitute for name in request.POST}

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: Any) -> ItemsView[str, Any]:
        """Return the names of the local variables only."""
        return dict.fromkeys(tb_frame.f_locals, self.cleansed_substitute).items()

    def get_safe_cookies(self, request: HttpRequest | None) -> dict[str, Any]:
        """Return the names of the cookies only."""
        if request is None:
            return {}
        return {name: self.cleansed_substitute for name in request.COOKIES}


@csrf_exempt
@login_not_required
@require_POST
def csp_report(request: HttpRequest) -> HttpResponse:
    """Take a browser's report and log what was refused, never the page's address nor a sample of its text."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > LONGEST_REPORT:
        return HttpResponse(status=413)
    try:
        report = json.loads(request.body)["csp-report"]
        directive = str(report.get("effective-directive") or report.get("violated-directive", ""))[:50]
        blocked = str(report.get("blocked-uri", "")).split("?")[0][:200]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return HttpResponse(status=400)
    logger.warning("The browser refused %s because of %s", blocked, directive)
    return HttpResponse(status=204)
