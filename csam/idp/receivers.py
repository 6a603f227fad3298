"""Who stands behind an e-mail address."""

from dataclasses import dataclass

from audit.record import Snapshot
from csam.operations import RegisterEntry
from tenants.folding import fold_email
from tenants.models import Person, RegisteredPerson

# The index of no number: the question that is asked of unknown addresses, too.
_NOBODY = "0" * 64


@dataclass(frozen=True)
class Receiver:
    """Who gets the code: a person of the portal, or an entry of the register that the portal does not know yet."""

    name: str
    address: str
    language: str
    person: Person | None = None
    register_key: str = ""

    def audit_snapshot(self) -> Snapshot:
        """Return who it is for the audit trail."""
        if self.person is not None:
            return self.person.audit_snapshot()
        return RegisterEntry(self.register_key, self.name).audit_snapshot()


def receiver_of_address(address: str) -> Receiver | None:
    """Return who may sign in with this address; None when nobody, or when it is not clear who.

    An entry of the register counts only while the portal does not know the person: afterwards the address is the
    one the person keeps here. The same three questions are asked whatever the answers (TRUST, threat 16).
    """
    folded = fold_email(address)
    person = Person.objects.filter(email_key=folded).first() if folded else None
    entries = list(RegisteredPerson.objects.filter(email__iexact=address.strip())[:2])
    entry = entries[0] if len(entries) == 1 else None
    index = entry.national_number_index if entry else _NOBODY
    is_known = Person.objects.filter(national_number_index=index).exists()
    if person is not None:
        if not person.is_active:
            return None
        return Receiver(person.full_name, person.email, person.language, person=person)
    if entry is None or not entry.email or is_known:
        return None
    return Receiver(str(entry), entry.email, entry.language, register_key=entry.key)
