"""What this floor writes into the audit trail."""

from enum import StrEnum


class TenantEvent(StrEnum):
    """Events about organisations and their access managers."""

    ACTING_CHOSEN = "acting:chosen"
    MANAGER_APPOINTED = "access_manager:appointed"
    MANAGER_ENDED = "access_manager:ended"
    PERSON_CREATED = "person:created"
    PERSON_CONTACT_CHANGED = "person:contact_changed"
