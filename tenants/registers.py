"""The authentic sources behind one small interface.

The portal asks them, and never assumes what they are: today a table of invented people stands behind the National
Register; a real connection has to offer the same two questions and nothing else changes.
"""

from dataclasses import dataclass
from typing import Protocol

from django.conf import settings

from tenants.models import RegisteredPerson
from tenants.models.person import number_index


@dataclass(frozen=True)
class RegisterRecord:
    """What the National Register tells of one person. The eleven digits do not show in `repr`."""

    digits: str
    given_name: str
    family_name: str
    email: str
    language: str

    def __repr__(self) -> str:
        return f"RegisterRecord({self.given_name} {self.family_name})"


class NationalRegister(Protocol):
    """The questions the portal asks of the National Register."""

    def find(self, digits: str) -> RegisterRecord | None:
        """Return the person with this national register number, or None."""

    def read(self, key: str) -> RegisterRecord | None:
        """Return the person behind a key of the pretend identity provider, or None."""


class PretendNationalRegister:
    """The register of the simulation: `RegisteredPerson` rows."""

    def find(self, digits: str) -> RegisterRecord | None:
        """Return the person with this national register number, or None."""
        return _record(RegisteredPerson.objects.filter(national_number_index=number_index(digits)).first())

    def read(self, key: str) -> RegisterRecord | None:
        """Return the person whose demo card has this key, or None."""
        return _record(RegisteredPerson.objects.filter(key=key).first())


class NoNationalRegister:
    """Where no register is connected: it knows nobody."""

    def find(self, digits: str) -> RegisterRecord | None:
        """Return None."""
        return None

    def read(self, key: str) -> RegisterRecord | None:
        """Return None."""
        return None


def _record(row: RegisteredPerson | None) -> RegisterRecord | None:
    if row is None:
        return None
    return RegisterRecord(row.national_number, row.given_name, row.family_name, row.email, row.language)


def national_register() -> NationalRegister:
    """Return the register that this deployment asks: the pretend one in a simulation."""
    return PretendNationalRegister() if settings.CSAM_MOCK else NoNationalRegister()
