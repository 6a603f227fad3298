"""`manage.py load_catalogue`: brings the roles in the database to what roles/catalogue_data says."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from roles.catalogue import CATALOGUE_FOLDER, CatalogueError, read_catalogue
from roles.operations.catalogue import load_catalogue


class Command(BaseCommand):
    """Read, check, then write what differs."""

    help = "Loads the catalogue of domains, services and roles. It adds and changes, and never deletes."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take another folder of files."""
        parser.add_argument("--folder", type=Path, default=CATALOGUE_FOLDER, help="where the TOML files are")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load it and say what changed."""
        try:
            catalogue = read_catalogue(options["folder"])
        except CatalogueError as error:
            raise CommandError(f"Nothing was loaded.\n{error}") from None
        report = load_catalogue(catalogue, now=timezone.now())
        if options["verbosity"] > 1:
            for word, codes in (("created", report.created), ("changed", report.changed)):
                for code in codes:
                    self.stdout.write(f"{word} {code}")
        for code in report.left_over:
            self.stdout.write(f"{code} stands in no file; it stays as it is")
        if report.did_nothing:
            self.stdout.write("The catalogue was up to date: nothing changed.")
        else:
            self.stdout.write(f"Catalogue: {len(report.created)} created, {len(report.changed)} changed.")
