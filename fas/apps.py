"""The app's name for Django, and what it listens to."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FasConfig(AppConfig):
    """See DESIGN, section 1, for its floor."""

    name = "fas"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Services that rely on the portal")

    def ready(self) -> None:
        """Listen to the end of sessions of the portal, and to changes of roles; say what people call a client."""
        from fas import receivers  # noqa: F401
        from fas.change_triggers import register_change_triggers
        from fas.names import service_names
        from roles.sentences import NAMERS

        register_change_triggers()
        NAMERS["client"] = service_names
