"""What the product writes into the audit trail."""

from enum import StrEnum


class RoleEvent(StrEnum):
    """Events about roles. `noun:verb`, in the past."""

    ASSIGNMENT_GRANTED = "assignment:granted"
    ASSIGNMENT_CONFIRMED = "assignment:confirmed"
    ASSIGNMENT_REFUSED = "assignment:refused"
    ASSIGNMENT_LAPSED = "assignment:lapsed"
    ASSIGNMENT_DENIED = "assignment:denied"
    HISTORY_EXPORTED = "history:exported"
    ACTIVITY_EXPORTED = "activity:exported"
    PERSON_CHOSEN = "person:chosen"
    PERSONS_SEARCHED = "persons:searched"
    NUMBER_LOOKED_UP = "number:looked_up"
    LOOKUP_DENIED = "lookup:denied"
    ACCESS_DENIED = "access:denied"
    DRAFT_STARTED = "draft:started"
    DRAFT_DELETED = "draft:deleted"
    CATALOGUE_LOADED = "catalogue:loaded"
    ROLE_ADDED = "role:added"
    ROLE_CHANGED = "role:changed"
    SERVICE_ADDED = "online_service:added"
    SERVICE_CHANGED = "online_service:changed"
    RULE_CHANGED = "confirmation_rule:changed"
