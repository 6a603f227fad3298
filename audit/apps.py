"""The app's name for Django."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    """See DESIGN, section 1, for its floor."""

    name = "audit"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Audit trail")

    def ready(self) -> None:
        """Name the triggers of the trail, and have all triggers created after each migrate."""
        from audit import triggers

        triggers.append_only("audit_auditentry")
        post_migrate.connect(triggers.install_after_migrate, sender=self, dispatch_uid="audit.triggers")
