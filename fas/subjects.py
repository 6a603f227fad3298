"""By what a service knows a person: an opaque value of its own, so that two services cannot compare (pairwise)."""

import base64

from fas.models import Client
from tenants.models import Person
from vault.sealing import blind_index

PURPOSE = "fas.subject"


def subject_of(person: Person, client: Client) -> str:
    """Return the same 43 characters for a person at a client each time. Nobody without the index key can make them.

    They lead back to nobody, and change when a service is registered anew, under another client_id.
    """
    digest = bytes.fromhex(blind_index(f"{client.client_id}|{person.key}", purpose=PURPOSE))
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
