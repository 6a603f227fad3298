"""Django's command, refused: an admin is a person who signs in with a digital key."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """Say how admins are made here."""

    help = "Refused: use createadmin"

    def run_from_argv(self, argv: list[str]) -> None:
        """Refuse whatever options came along."""
        super().run_from_argv(argv[:2])

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse, with the way that works."""
        raise CommandError(
            "Everyone signs in with a digital key, so there is no superuser with a password. "
            "Use `manage.py createadmin` to make a person an admin."
        )
