"""The portal's addresses, and two that do nothing: what the server and the middlewares cost by themselves."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import include, path


@login_not_required
def hello(request: HttpRequest) -> HttpResponse:
    """Answer a visitor of whom nothing is known."""
    return HttpResponse("hello")


def signed_in_hello(request: HttpRequest) -> HttpResponse:
    """Answer somebody whose session, login and rights the middlewares have read."""
    return HttpResponse("hello")


urlpatterns = [
    path("hello/", hello),
    path("signed-in-hello/", signed_in_hello),
    path("", include("rolemgmt.urls")),
]

handler404 = "rolemgmt.errors.page_not_found"
handler500 = "rolemgmt.errors.server_error"
