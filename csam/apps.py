"""The app's name for Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CsamConfig(AppConfig):
    """See DESIGN, section 1, for its floor."""

    name = "csam"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Sign-in")

    def ready(self) -> None:
        """Register the system checks."""
        from csam import checks  # noqa: F401
