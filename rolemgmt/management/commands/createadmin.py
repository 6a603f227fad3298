"""`manage.py createadmin`: the first admin. Everyone after that can be made one in the administration."""

import sys
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.utils import timezone

from rolemgmt.operations import make_admin
from tenants.identifiers import IdentifierError, parse_national_number
from tenants.models import Person
from tenants.operations import create_person
from tenants.registers import RegisterRecord, national_register


class Command(BaseCommand):
    """Ask who it is, then make that person an admin."""

    help = (
        "Makes a person an admin. The national register number is asked, or read from standard input, "
        "never taken from the command line, where other users of the machine could read it."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Find or create the person, then give the right."""
        now = timezone.now()
        person = self._person(now=now)
        if make_admin(person, now=now):
            self.stdout.write(f"{person.full_name} is an admin now. Sign in with a digital key, then open /admin/.")
        else:
            self.stdout.write(f"{person.full_name} is an admin already. Nothing was changed.")

    def _person(self, *, now: datetime) -> Person:
        try:
            number = parse_national_number(
                self._ask("National register number"),
                today=timezone.localdate(now),
                specimens=settings.SPECIMEN_NATIONAL_NUMBERS,
            )
        except IdentifierError as error:
            raise CommandError(f"This is not a national register number: {error}.") from None
        known = Person.objects.with_number(number.digits).first()
        if known is not None:
            return known
        source = national_register().find(number.digits) or self._described(number.digits)
        return create_person(source, now=now)

    def _described(self, digits: str) -> RegisterRecord:
        self.stdout.write("The portal does not know this person yet.")
        given_name = self._ask("First name")
        family_name = self._ask("Last name")
        email = self._ask("E-mail address")
        language = self._ask("Language (fr, nl, de or en)").lower()
        if not given_name or not family_name:
            raise CommandError("A person has a first name and a last name. Nothing was changed.")
        try:
            validate_email(email)
        except ValidationError:
            raise CommandError("This is not an e-mail address. Nothing was changed.") from None
        if language not in Person.Language.values:
            raise CommandError("The language should be fr, nl, de or en. Nothing was changed.")
        return RegisterRecord(digits, given_name, family_name, email, language)

    def _ask(self, question: str) -> str:
        if sys.stdin.isatty():
            self.stdout.write(f"{question}: ", ending="")
            self.stdout.flush()
        line = sys.stdin.readline()
        if not line:
            raise CommandError(f"{question} is missing. Nothing was changed.")
        return line.strip()
