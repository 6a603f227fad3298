"""`manage.py generate_population`: an invented country of any size, to try and to measure the portal with."""

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from rolemgmt.demo.population import Sizes, generate_population, is_generated


class Command(BaseCommand):
    """Generate, unless this portal is no demonstration or has a population already."""

    help = (
        "Adds invented persons, organisations and role assignments. The same sizes give the same rows. One "
        "organisation is large: a tenth of all employees work there."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the sizes."""
        parser.add_argument("--persons", type=int, required=True, help="how many persons; 42 of a hundred are employed")
        parser.add_argument(
            "--organisations", type=int, required=True, help="how many organisations, each with a chief"
        )
        parser.add_argument("--assignments", type=int, required=True, help="how many role assignments")

    def handle(self, *args: Any, **options: Any) -> None:
        """Generate and say how long it took."""
        if not settings.DEMO_INSTANCE:
            raise CommandError("DEMO_INSTANCE is not set: invented people do not belong into this database.")
        if is_generated():
            raise CommandError("This database has a generated population already. Nothing was changed.")
        begun = time.monotonic()
        try:
            sizes = Sizes(options["persons"], options["organisations"], options["assignments"])
            generate_population(sizes, now=timezone.now())
        except ValueError as error:
            raise CommandError(f"{str(error).capitalize()}. Nothing was changed.") from None
        self.stdout.write(
            f"Generated {sizes.persons} persons, {sizes.organisations} organisations and {sizes.assignments} "
            f"assignments in {time.monotonic() - begun:.0f} s."
        )
