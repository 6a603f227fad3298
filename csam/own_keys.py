"""The keys that a person can use: what is available here, without a code via app that was never activated."""

from csam.keys import DigitalKey, KeyName, available_keys
from csam.models import AppKey
from tenants.models import Person


def keys_of(person: Person) -> list[DigitalKey]:
    """Return the keys with which this person can sign in here. One query where codes via app are in use."""
    keys = available_keys()
    if any(key.name == KeyName.APP for key in keys):
        has_app = AppKey.objects.filter(person=person, activated_at__isnull=False).exists()
        keys = [key for key in keys if has_app or key.name != KeyName.APP]
    return keys
