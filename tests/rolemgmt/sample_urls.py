"""Addresses of the tests in this folder: public pages that answer, or fail in a chosen way."""

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import include, path
from django.utils.translation import get_language

import rolemgmt.urls

handler400 = rolemgmt.urls.handler400
handler403 = rolemgmt.urls.handler403
handler404 = rolemgmt.urls.handler404
handler500 = rolemgmt.urls.handler500


@login_not_required
def language(request: HttpRequest) -> HttpResponse:
    return HttpResponse(get_language(), content_type="text/plain; charset=utf-8")


@login_not_required
def moved(request: HttpRequest) -> HttpResponse:
    return redirect("/sample/language/")


@login_not_required
def broken(request: HttpRequest) -> HttpResponse:
    number = "85.07.30-033.28"  # a local variable that no report may show
    raise RuntimeError(f"broken for {number}")


@login_not_required
def database_away(request: HttpRequest) -> HttpResponse:
    raise OperationalError("connection refused DETAIL: Key (number)=(85073003328)")


@login_not_required
def connection_lost(request: HttpRequest) -> HttpResponse:
    try:
        raise InterfaceError("connection already closed")
    except InterfaceError as error:
        raise RuntimeError("while reading") from error


@login_not_required
def forbidden(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


urlpatterns = [
    path("sample/language/", language),
    path("sample/moved/", moved),
    path("sample/broken/", broken),
    path("sample/database-away/", database_away),
    path("sample/connection-lost/", connection_lost),
    path("sample/forbidden/", forbidden),
    path("", include("rolemgmt.urls")),
]
