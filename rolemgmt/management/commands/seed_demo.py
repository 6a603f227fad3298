"""`manage.py seed_demo`: fills the database with the invented organisations and people of the demonstration."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from rolemgmt.demo.seed import seed_demo


class Command(BaseCommand):
    """Add what is missing, and say what that was."""

    help = "Adds what is missing of the demonstration. Run again, it changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed, unless this portal is no demonstration."""
        if not settings.DEMO_INSTANCE:
            raise CommandError("DEMO_INSTANCE is not set: invented people do not belong into this database.")
        report = seed_demo(now=timezone.now())
        if options["verbosity"] == 0:
            return
        if report.did_nothing:
            self.stdout.write("The demonstration was complete: nothing changed.")
            return
        added = ", ".join(f"{count} {what}" for what, count in report.added.items() if count)
        self.stdout.write(f"Added to the demonstration: {added}.")
