"""The app's name for Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OutboxConfig(AppConfig):
    """See DESIGN, section 1, for its floor."""

    name = "outbox"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Outgoing e-mails")
