"""Acts on parties and mandates: load and lock, guard, change, record, in one transaction."""

from tenants.operations.appointable import require_chief_is_linked, require_possible_period
from tenants.operations.appointments import (
    appoint_access_manager,
    end_appointment,
    lock_organisation,
    replace_chief,
    require_appointable,
)
from tenants.operations.contact import Contact, ContactLimitReached, Outcome, write_to_managers
from tenants.operations.persons import (
    change_address,
    change_preferences,
    choose_organisation,
    create_person,
    tell_old_address,
)
from tenants.operations.staff import Described, LookupLimitReached, find_person_by_number, record_staff_change

__all__ = [
    "Contact",
    "ContactLimitReached",
    "Described",
    "LookupLimitReached",
    "Outcome",
    "appoint_access_manager",
    "change_address",
    "change_preferences",
    "choose_organisation",
    "create_person",
    "end_appointment",
    "find_person_by_number",
    "lock_organisation",
    "record_staff_change",
    "replace_chief",
    "require_appointable",
    "require_chief_is_linked",
    "require_possible_period",
    "tell_old_address",
    "write_to_managers",
]
