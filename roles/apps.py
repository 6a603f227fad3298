"""The app's name for Django, and what must be true of its tables after every migrate."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class RolesConfig(AppConfig):
    """See DESIGN, section 1, for its floor."""

    name = "roles"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Roles")

    def ready(self) -> None:
        """Register the trigger against overlaps, and fill the confirmation table where it is empty."""
        from roles.constraints import register_overlap_triggers

        register_overlap_triggers()
        post_migrate.connect(_fill_confirmation_table, sender=self)


def _fill_confirmation_table(**kwargs: Any) -> None:
    from django.db import connections

    from roles.models import ConfirmationRule
    from roles.models.rule import ensure_confirmation_rules

    # A migration may be going backwards, or stop before the table exists.
    connection = connections[kwargs["using"]]
    if ConfirmationRule._meta.db_table in connection.introspection.table_names():
        ensure_confirmation_rules()
