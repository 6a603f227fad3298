"""The project as an app: its commands, template tags and checks."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class RolemgmtConfig(AppConfig):
    """Wiring only: no models live here."""

    default = True
    name = "rolemgmt"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Role management")

    def ready(self) -> None:
        """Register the system checks."""
        from rolemgmt import checks  # noqa: F401


class PortalAdminConfig(admin_apps.AdminConfig):
    """Django's administration, with the portal's own rules of who gets in."""

    default = False
    default_site = "rolemgmt.admin_site.PortalAdminSite"
    verbose_name = _("Administration")
