"""The app's name for Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VaultConfig(AppConfig):
    """See DESIGN, section 1, for its floor."""

    name = "vault"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Vault")

    def ready(self) -> None:
        """Register the system checks."""
        from vault import checks  # noqa: F401
