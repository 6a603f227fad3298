"""The app's name for Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RolesConfig(AppConfig):
    """See DESIGN, section 1, for its floor."""

    name = "roles"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Roles")
