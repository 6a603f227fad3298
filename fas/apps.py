"""The app's name for Django, and what it listens to."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FasConfig(AppConfig):
    """See DESIGN, section 1, for its floor."""

    name = "fas"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Services that rely on the portal")

    def ready(self) -> None:
        """Listen to the end of sessions of the portal, and to changes of roles."""
        from fas import receivers  # noqa: F401
        from fas.change_triggers import register_change_triggers

        register_change_triggers()
