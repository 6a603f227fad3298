"""The product: the catalogue of roles, who holds which, and what is being prepared."""

from roles.models.assignment import ReferenceSeries, RoleAssignment, name_people
from roles.models.catalogue import OnlineService, Role, RoleProperty
from roles.models.draft import AssignmentDraft, DraftPerson, DraftRole
from roles.models.rule import ConfirmationRule

__all__ = [
    "AssignmentDraft",
    "ConfirmationRule",
    "DraftPerson",
    "DraftRole",
    "OnlineService",
    "ReferenceSeries",
    "Role",
    "RoleAssignment",
    "RoleProperty",
    "name_people",
]
