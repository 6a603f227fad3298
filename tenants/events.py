"""What this floor writes into the audit trail."""

from enum import StrEnum


class TenantEvent(StrEnum):
    """Events about organisations, persons and access managers."""

    ACTING_CHOSEN = "acting:chosen"
    MANAGER_APPOINTED = "access_manager:appointed"
    MANAGER_ENDED = "access_manager:ended"
    MANAGER_RUN_OUT = "access_manager:run_out"
    MANAGERS_CONTACTED = "access_manager:contacted"
    CONTACT_LIMITED = "access_manager:contact_refused"
    PERSON_CREATED = "person:created"
    PERSON_CONTACT_CHANGED = "person:contact_changed"
    PREFERENCES_CHANGED = "person:preferences_changed"
    CONTACT_REFUSED = "person:contact_refused"
    PERSON_CHANGED = "person:changed"
    PERSON_LOOKED_UP = "person:looked_up"
    LOOKUP_REFUSED = "person:lookup_refused"
    ORGANISATION_ADDED = "organisation:added"
    ORGANISATION_CHANGED = "organisation:changed"
    UNIT_ADDED = "establishment_unit:added"
    UNIT_CHANGED = "establishment_unit:changed"
    EMPLOYMENT_ADDED = "employment:added"
    EMPLOYMENT_CHANGED = "employment:changed"
    DOMAIN_ADDED = "domain:added"
    DOMAIN_CHANGED = "domain:changed"
    REGISTER_ENTRY_ADDED = "register_entry:added"
    REGISTER_ENTRY_CHANGED = "register_entry:changed"
