"""Staying signed in, for whoever reads or writes longer than half an hour on one page (WCAG 2.2.1)."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from csam.session_end import SessionEnd
from tenants.http import require_POST


@require_POST
def stay(request: HttpRequest) -> HttpResponse:
    """Tell the notice of the page when the session ends now.

    That it was asked for is what keeps the session alive, as any other page would (csam.middleware); nothing lengthens
    it beyond its 12 hours.
    """
    end: SessionEnd = request.session_end  # type: ignore[attr-defined]
    left = end.seconds_left(timezone.now())
    return JsonResponse({"left": left, "final": end.is_final, "text": str(end), "kept": end.kept})
