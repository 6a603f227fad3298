"""All addresses. Paths are the same in every language and are never translated."""

from django.contrib import admin
from django.urls import include, path

from fas.api import interface
from rolemgmt.reports import csp_report
from rolemgmt.static_pages import accessibility, help_page, privacy
from roles.views.find import role_finder

urlpatterns = [
    # First, for addresses are tried one after the other: services ask much more often than people.
    path(interface.ROOT, interface.urls()),
    path("admin/", admin.site.urls),
    path("help/", help_page, name="help"),
    path("help/roles/", role_finder, name="role_finder"),
    path("accessibility/", accessibility, name="accessibility"),
    path("privacy/", privacy, name="privacy"),
    path("csp-report/", csp_report, name="csp_report"),
    path("", include("csam.urls")),
    path("", include("csam.idp.urls")),
    path("", include("tenants.urls")),
    path("", include("outbox.urls")),
    path("", include("roles.urls")),
    path("", include("fas.urls")),
]

handler400 = "rolemgmt.errors.bad_request"
handler403 = "rolemgmt.errors.permission_denied"
handler404 = "rolemgmt.errors.page_not_found"
handler500 = "rolemgmt.errors.server_error"
