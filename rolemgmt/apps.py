"""The project as an app: its commands, template tags and checks."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RolemgmtConfig(AppConfig):
    """Wiring only: no models live here."""

    name = "rolemgmt"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Role management")

    def ready(self) -> None:
        """Register the system checks."""
        from rolemgmt import checks  # noqa: F401
