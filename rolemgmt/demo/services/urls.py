"""Addresses of the demo services: the same for both, below the name of each."""

from django.urls import URLPattern, path

from rolemgmt.demo.services.sites import SITES, Site
from rolemgmt.demo.services.views import errors, pages, sign_in, sign_out


def _of(site: Site) -> list[URLPattern]:
    at, given = site.slug, {"site": site}
    return [
        path(f"{at}/", pages.start, given, name=f"{at}-start"),
        path(f"{at}/sign-in/", sign_in.leave, given, name=f"{at}-sign-in"),
        path(f"{at}/callback/", sign_in.come_back, given, name=f"{at}-callback"),
        path(f"{at}/check/", sign_in.check, given, name=f"{at}-check"),
        path(f"{at}/request-role/", pages.request_role, given, name=f"{at}-request-role"),
        path(f"{at}/return/", sign_in.after_request, given, name=f"{at}-return"),
        path(f"{at}/sign-out/", sign_out.sign_out, given, name=f"{at}-sign-out"),
        path(f"{at}/signed-out/", sign_out.signed_out, given, name=f"{at}-signed-out"),
        path(f"{at}/backchannel-logout/", sign_out.backchannel, given, name=f"{at}-backchannel"),
    ]


urlpatterns = [path("", pages.both, name="both"), *(page for site in SITES.values() for page in _of(site))]

handler400 = errors.bad_request
handler404 = errors.not_found
handler500 = errors.broken
