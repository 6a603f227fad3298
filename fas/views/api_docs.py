"""The look-up interface explained in the browser, to try out: in a demonstration by everyone, elsewhere by staff."""

import json
from functools import cache

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from fas.api.interface import api
from fas.views.gate import View, for_provider
from tenants.http import require_safe


def _for_developers(view: View) -> View:
    def page(request: HttpRequest) -> HttpResponse:
        user = request.user
        is_staff = user.is_authenticated and user.is_active and user.is_staff
        if not (settings.DEBUG or settings.DEMO_INSTANCE or is_staff):
            raise Http404
        return view(request)

    return login_not_required(for_provider(require_safe(page)))


@cache
def _text() -> str:
    return json.dumps(api.get_openapi_schema(), indent=2, ensure_ascii=False) + "\n"


@_for_developers
def page(request: HttpRequest) -> HttpResponse:
    """Show the document with Swagger, whose files come with the portal: nothing is fetched elsewhere."""
    options = {"url": reverse("fas:api_document"), "layout": "BaseLayout", "deepLinking": True}
    return render(request, "fas/api_docs.html", {"options": options})


@_for_developers
def document(request: HttpRequest) -> HttpResponse:
    """Return the OpenAPI document."""
    return HttpResponse(_text(), content_type="application/json; charset=utf-8")
